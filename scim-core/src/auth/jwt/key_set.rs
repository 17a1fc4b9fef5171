//! Where keys come from.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;

use super::key::{JwtKey, JwtKeyError};
use super::KeysError;

/// Has the keys of an issuer: [`JwtKeySet`], or the host's own that loads them from the issuer from time to time.
#[async_trait]
pub trait JwtKeys: Send + Sync + 'static {
    /// The key of this id, the `kid` of a token; `None` for none. The id is what anybody may have sent, at most 256
    /// bytes: one that is unknown should not make the host ask the issuer each time.
    ///
    /// # Errors
    ///
    /// If keys cannot be had right now, which is answered with 503.
    async fn key(&self, key_id: Option<&str>) -> Result<Option<Arc<JwtKey>>, KeysError>;
}

/// Keys that are known beforehand.
///
/// A token without a `kid` is verified with the only key, if there is just one.
#[derive(Clone, Debug, Default)]
pub struct JwtKeySet(Vec<(String, Arc<JwtKey>)>);

impl JwtKeySet {
    /// No key, so nobody is let in yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with a key of this id.
    #[must_use]
    pub fn with(mut self, key_id: impl Into<String>, key: JwtKey) -> Self {
        self.0.push((key_id.into(), Arc::new(key)));
        self
    }

    /// The public keys of a JSON Web Key Set (RFC 7517 s5). What is for encryption, or of a kind that is not known here,
    /// is left out.
    ///
    /// # Errors
    ///
    /// For what is no key set, or has no key that could be used.
    pub fn from_jwks(text: &str) -> Result<Self, JwtKeyError> {
        let document: Value = serde_json::from_str(text).map_err(|_| JwtKeyError::NotAKey)?;
        let keys = document.get("keys").and_then(Value::as_array).ok_or(JwtKeyError::NotAKey)?;
        let mut set = Self::new();
        for jwk in keys.iter().filter(|jwk| jwk.get("use").is_none_or(|purpose| purpose == "sig")) {
            if let Ok(key) = JwtKey::jwk(jwk) {
                set = set.with(jwk.get("kid").and_then(Value::as_str).unwrap_or_default(), key);
            }
        }
        if set.0.is_empty() {
            return Err(JwtKeyError::NotAKey);
        }
        Ok(set)
    }
}

#[async_trait]
impl JwtKeys for JwtKeySet {
    async fn key(&self, key_id: Option<&str>) -> Result<Option<Arc<JwtKey>>, KeysError> {
        let found = match (key_id, self.0.as_slice()) {
            (None, [(_, only)]) => Some(only),
            (None, _) => None,
            (Some(wanted), keys) => keys.iter().find(|(key_id, _)| key_id == wanted).map(|(_, key)| key),
        };
        Ok(found.map(Arc::clone))
    }
}
