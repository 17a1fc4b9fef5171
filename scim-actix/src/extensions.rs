//! What a host's middleware knows, on its way to the store.

use actix_web::HttpMessage;

/// Values for [`Context::extensions`](scim_core::Context::extensions), left in the extensions of the request by the
/// host's middleware. The extensions of actix-web are of a type of their own and may hold what cannot be sent to
/// another thread, so that they do not go along by themselves.
///
/// ```
/// use actix_web::dev::Service as _;
/// use actix_web::App;
/// # use scim_core::{BearerTokens, MemoryStore, ScimServer, TenantId};
/// use scim_actix::ScimExtensions;
///
/// # let server = ScimServer::builder()
/// #     .base_url("https://example.com/scim/v2")
/// #     .store(MemoryStore::new())
/// #     .authenticator(BearerTokens::new().token("secret", TenantId::new("acme")))
/// #     .build()?;
/// /// The store finds it with `cx.extensions.get::<Region>()`.
/// #[derive(Clone)]
/// struct Region(String);
///
/// let app = App::new().service(scim_actix::scope("/{region}/scim/v2", server).wrap_fn(|request, next| {
///     let region = Region(request.match_info().query("region").to_owned());
///     ScimExtensions::insert(&request, region);
///     next.call(request)
/// }));
/// # Ok::<(), scim_core::BuildError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct ScimExtensions(pub http::Extensions);

impl ScimExtensions {
    /// Leaves a value for the store in a request, and returns the value of this type that was there.
    ///
    /// # Panics
    ///
    /// As [`HttpMessage::extensions_mut`] does: if the caller holds a borrow of the request's extensions.
    pub fn insert<T: Clone + Send + Sync + 'static>(request: &impl HttpMessage, value: T) -> Option<T> {
        let mut extensions = request.extensions_mut();
        if let Some(Self(present)) = extensions.get_mut() {
            return present.insert(value);
        }
        let mut first = Self::default();
        first.0.insert(value);
        extensions.insert(first);
        None
    }

    /// Takes what was left in a request.
    pub(crate) fn take(request: &impl HttpMessage) -> http::Extensions {
        request.extensions_mut().remove().map_or_else(http::Extensions::new, |Self(left)| left)
    }
}
