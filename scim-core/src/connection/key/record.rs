//! What is kept of an API key.

use std::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::auth::Scopes;
use crate::resource::{ConnectionId, DateTime, KeyId};

/// What can be known of a key once it has been shown: everything but the key.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyInfo {
    /// The public part of the key.
    pub id: KeyId,
    /// The connection that it is a key of.
    pub connection: ConnectionId,
    /// What it is good for.
    pub scopes: Scopes,
    /// When it was issued.
    pub created: DateTime,
    /// From when on it is not accepted; `None` for never.
    pub expires: Option<DateTime>,
    /// When it was revoked, and from then on is not accepted.
    pub revoked: Option<DateTime>,
    /// When it was last accepted, to the minute.
    pub last_used: Option<DateTime>,
}

impl KeyInfo {
    /// A key without limits that has never been used.
    #[must_use]
    pub fn new(id: KeyId, connection: ConnectionId, created: DateTime) -> Self {
        Self { id, connection, scopes: Scopes::all(), created, expires: None, revoked: None, last_used: None }
    }

    /// Whether it is accepted at this time, if its connection is.
    #[must_use]
    pub fn is_live(&self, now: DateTime) -> bool {
        self.revoked.is_none() && self.expires.is_none_or(|expires| now < expires)
    }
}

/// A key as a store keeps it: with its hash, and without the key.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredKey {
    /// What may be shown of it.
    pub info: KeyInfo,
    /// What the key is compared by.
    pub hash: KeyHash,
}

impl StoredKey {
    /// A key and its hash.
    #[must_use]
    pub fn new(info: KeyInfo, hash: KeyHash) -> Self {
        Self { info, hash }
    }
}

/// The SHA-256 of a key. A key is 256 random bits, so nothing slower and no salt is needed to make it of no use to
/// whoever reads the database.
#[derive(Clone)]
pub struct KeyHash([u8; 32]);

impl KeyHash {
    /// A hash as it was stored.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes to store.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The hash of a key as it is shown.
    pub(crate) fn of(text: &[u8]) -> Self {
        Self(Sha256::digest(text).into())
    }
}

/// Compares in constant time.
impl PartialEq for KeyHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for KeyHash {}

impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyHash(..)")
    }
}
