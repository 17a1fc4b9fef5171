//! The routes of a SCIM server, for a host's application.

use actix_web::{web, Scope};
use scim_core::ScimServer;

use crate::spelling::Spelling;
use crate::ScimService;

/// The server at a path, to be registered in an application or in another scope: `"/scim/v2"`, `"/"`, or with
/// parameters as actix-web writes them, such as `"/t/{tenant}/scim/v2"`.
///
/// Everything at and below the path is answered by the server, also the path itself, with and without a trailing slash,
/// and what no endpoint is at. Routes of the host win over it if they are registered before it. The path that the server
/// sees is what follows the mount path, byte for byte as it was sent; so don't wrap the application in `NormalizePath`,
/// which changes paths before they get here. The mount path itself must be sent as it is written here: a request with
/// percent-encoding in it, such as `/sc%69m/v2`, is none for this scope.
///
/// The scope takes middleware, guards and data of the host as any other does.
///
/// Where clients reach the mount path is the server's configured base URL, and none of the adapter's business.
///
/// # Panics
///
/// As [`web::scope`] does, when the application starts: if the path is none that actix-web understands.
///
/// ```
/// # use scim_core::{BearerTokens, MemoryStore, ScimServer, TenantId};
/// # let server = ScimServer::builder()
/// #     .base_url("https://example.com/scim/v2")
/// #     .store(MemoryStore::new())
/// #     .authenticator(BearerTokens::new().token("secret", TenantId::new("acme")))
/// #     .build()?;
/// use actix_web::{web, App};
///
/// struct AppState;
///
/// let app = App::new().app_data(web::Data::new(AppState)).service(scim_actix::scope("/scim/v2", server));
/// # Ok::<(), scim_core::BuildError>(())
/// ```
pub fn scope(path: &str, server: ScimServer) -> Scope {
    let path = path.trim_matches('/');
    let prefix = if path.is_empty() { String::new() } else { format!("/{path}") };
    let scope = web::scope(&prefix).default_service(ScimService::new(server));
    match Spelling::of(path) {
        Some(spelling) => scope.guard(spelling),
        None => scope,
    }
}
