//! API keys of connections.

mod record;

pub use record::{KeyHash, KeyInfo, StoredKey};
