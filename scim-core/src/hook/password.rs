//! Passwords: RFC 7643 s4.1.1, RFC 7644 s7.8.

use async_trait::async_trait;

use crate::context::Context;
use crate::error::ScimError;

/// Turns a password into what may be stored. Without one, passwords that clients send are dropped, and named among what
/// the request ignores.
///
/// A password is never stored, answered, filtered on or logged by this library. What the hasher returns reaches the
/// store as `password` in [`NewResource::write_only`](crate::NewResource::write_only) and
/// [`Update::write_only`](crate::Update::write_only), or `null` where a PATCH removes the password. The store must keep
/// it and say so by [`Capabilities::write_only`](crate::Capabilities::write_only), as
/// [`MemoryStore`](crate::MemoryStore) does; otherwise the server is not built.
#[async_trait]
pub trait PasswordHasher: Send + Sync + 'static {
    /// The hash of a password, in the notation of the host's own login.
    ///
    /// # Errors
    ///
    /// A password that the host's rules do not allow, as 400 `invalidValue` with a detail that does not repeat it.
    async fn hash(&self, cx: &Context, password: &str) -> Result<String, ScimError>;
}
