//! A key that has just been made.

use std::fmt;

use zeroize::Zeroizing;

use super::{KeyInfo, KeyOptions, StoredKey};
use crate::connection::key::record::KeyHash;
use crate::connection::key::text::{compose, RANDOM_BYTES};
use crate::resource::{ConnectionId, DateTime};

/// A key that has just been made. This is the one chance to see it: [`reveal`](Self::reveal) gives it away, and nobody
/// can tell it from what is stored. `Debug` does not show it, and its memory is overwritten when it is dropped.
#[must_use = "the key cannot be shown later"]
pub struct IssuedKey {
    info: KeyInfo,
    text: Zeroizing<String>,
}

impl IssuedKey {
    /// Makes a key of random bytes, which are zero afterwards.
    pub(in crate::connection) fn new(
        prefix: &str,
        random: &mut [u8; RANDOM_BYTES],
        connection: ConnectionId,
        options: &KeyOptions,
        now: DateTime,
    ) -> Self {
        let (id, text) = compose(prefix, random);
        let mut info = KeyInfo::new(id, connection, now);
        info.scopes = options.scopes.clone();
        info.expires = options.lifetime.map(|lifetime| now.after(lifetime));
        Self { info, text }
    }

    /// What is to be stored of it.
    pub(in crate::connection) fn stored(&self) -> StoredKey {
        StoredKey::new(self.info.clone(), KeyHash::of(self.text.as_bytes()))
    }

    /// Everything that may be known of it.
    #[must_use]
    pub fn info(&self) -> &KeyInfo {
        &self.info
    }

    /// The key, to be shown once to the administrator who asked for it.
    #[must_use]
    pub fn reveal(mut self) -> String {
        std::mem::take(&mut *self.text)
    }
}

impl fmt::Debug for IssuedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuedKey").field("info", &self.info).finish_non_exhaustive()
    }
}
