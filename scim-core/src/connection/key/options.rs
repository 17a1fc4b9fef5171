//! What a key is to be like.

use std::time::Duration;

use crate::auth::Scopes;

/// How long a key is good for unless something else is said: 365 days.
const LIFETIME: Duration = Duration::from_secs(365 * 86_400);

/// What a key is to be like. By default it is good for everything, for 365 days.
///
/// ```
/// use std::time::Duration;
/// use scim_core::{KeyOptions, Scopes};
///
/// let options = KeyOptions::new().expires_after(Duration::from_secs(30 * 86_400)).scopes(Scopes::all().reading_only());
/// # drop(options);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct KeyOptions {
    pub(in crate::connection) lifetime: Option<Duration>,
    pub(in crate::connection) scopes: Scopes,
}

impl KeyOptions {
    /// A key for everything, for 365 days.
    pub fn new() -> Self {
        Self { lifetime: Some(LIFETIME), scopes: Scopes::all() }
    }

    /// The key is good for this long.
    pub fn expires_after(mut self, lifetime: Duration) -> Self {
        self.lifetime = Some(lifetime);
        self
    }

    /// The key is good until it is revoked.
    pub fn never_expires(mut self) -> Self {
        self.lifetime = None;
        self
    }

    /// What the key is good for.
    pub fn scopes(mut self, scopes: Scopes) -> Self {
        self.scopes = scopes;
        self
    }
}

impl Default for KeyOptions {
    fn default() -> Self {
        Self::new()
    }
}

/// What becomes of the other keys of a connection when a new one takes their place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// They are revoked at once: the answer to a lost or leaked key.
    AtOnce,
    /// They are good for this much longer, so that there is time to paste the new one.
    Overlap(Duration),
}
