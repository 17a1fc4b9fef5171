//! What a JWT says (RFC 7519 s4).

use std::fmt;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::resource::DateTime;

/// The claims of a JWT that has been found good. `Debug` shows their names.
#[derive(Clone, PartialEq)]
pub struct JwtClaims(Map<String, Value>);

impl JwtClaims {
    pub(super) fn new(claims: Map<String, Value>) -> Self {
        Self(claims)
    }

    /// A claim.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// A claim that is a string.
    #[must_use]
    pub fn string(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// Whether a scope is among those of the token: in `scope`, apart by blanks (RFC 8693 s4.2), or in the list `scp`.
    #[must_use]
    pub fn has_scope(&self, scope: &str) -> bool {
        let is_it = |claim: &Value| match claim {
            Value::String(scopes) => scopes.split(' ').any(|one| one == scope),
            Value::Array(scopes) => scopes.iter().any(|one| one == scope),
            _ => false,
        };
        ["scope", "scp"].into_iter().filter_map(|name| self.0.get(name)).any(is_it)
    }

    /// Whether it was issued by this one (s4.1.1).
    pub(super) fn is_of(&self, issuer: &str) -> bool {
        self.string("iss") == Some(issuer)
    }

    /// Whether it is meant for this one (s4.1.3).
    pub(super) fn is_for(&self, audience: &str) -> bool {
        match self.0.get("aud") {
            Some(Value::String(one)) => one == audience,
            Some(Value::Array(list)) => list.iter().any(|one| one == audience),
            _ => false,
        }
    }

    /// Whether it has not expired, and is not for later (s4.1.4, s4.1.5).
    pub(super) fn is_current(&self, now: DateTime, leeway: Duration) -> bool {
        let now = now.as_micros() as f64 / 1e6;
        let leeway = leeway.as_secs_f64();
        let is_alive = self.0.get("exp").and_then(Value::as_f64).is_some_and(|expires| now < expires + leeway);
        let has_begun = match self.0.get("nbf") {
            None => true,
            Some(begins) => begins.as_f64().is_some_and(|begins| begins <= now + leeway),
        };
        is_alive && has_begun
    }
}

impl fmt::Debug for JwtClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("JwtClaims").field(&self.0.keys().collect::<Vec<_>>()).finish()
    }
}
