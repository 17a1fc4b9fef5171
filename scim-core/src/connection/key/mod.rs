//! API keys of connections.

mod base62;
mod issued;
mod options;
mod record;
pub(super) mod text;

pub use issued::IssuedKey;
pub use options::{KeyOptions, Rotation};
pub use record::{KeyHash, KeyInfo, StoredKey};
pub use text::KEY_PATTERN;
pub(super) use text::RANDOM_BYTES;
