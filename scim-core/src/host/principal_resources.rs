//! What a principal sees, for host code.

use std::sync::Arc;

use super::resources::{Fault, Place};
use super::{Resources, StoredTypes};
use crate::context::Context;
use crate::resource::{Group, User};

/// All resources that a principal sees, for a product's own code: those that one connection provisioned, or those that a
/// tenant has by itself. A clone is the same.
///
/// What the policy of the principal makes unique is unique for the product too. Everything else that it says is about
/// provisioning: what it leaves out for clients is here, and what it requires of them is not required. It comes from
/// [`ScimServer::resources_of`](crate::ScimServer::resources_of), or, where an observer or a policy acts, from
/// [`Context::resources`].
///
/// ```
/// use scim_core::{BearerTokens, MemoryStore, Principal, ScimError, ScimServer, TenantId, User};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let server = ScimServer::builder()
///     .store(MemoryStore::new())
///     .authenticator(BearerTokens::new().token("secret", TenantId::new("acme")))
///     .build()
///     .unwrap();
/// let users = server.resources_of(Principal::new(TenantId::new("acme"), "the product")).users();
///
/// let made = users.create(&User::new("bjensen@example.com")).await?;
/// users.edit(&made.id, |user| user.title = Some("Guide".to_owned())).await?;
///
/// let found = users.find("userName", "BJensen@example.com").await?.unwrap();
/// assert_eq!(found.title.as_deref(), Some("Guide"));
/// assert_eq!(users.all().await?, [found]);
/// # Ok::<(), ScimError>(())
/// # }).unwrap();
/// ```
///
/// # Errors
///
/// Nothing here fails before something is read or written. That fails with 403 if the principal names a policy that the
/// server does not have, and with 500 if the server has no such resource type.
#[derive(Clone, Debug)]
pub struct PrincipalResources {
    /// Where they are; `None` if the principal names a policy that is not there.
    cx: Option<Context>,
}

impl PrincipalResources {
    pub(crate) fn new(cx: Option<Context>) -> Self {
        Self { cx }
    }

    /// The users.
    #[must_use]
    pub fn users(&self) -> Resources<User> {
        self.of_type("User")
    }

    /// The groups.
    #[must_use]
    pub fn groups(&self) -> Resources<Group> {
        self.of_type("Group")
    }

    /// The resources of the type of this name, such as `Device`, as a type of the host's own. `serde_json::Map` takes any
    /// of them.
    #[must_use]
    pub fn of_type<T>(&self, name: &str) -> Resources<T> {
        Resources::new(self.place(name))
    }

    /// The resources that were [removed](crate::Partition::removed) from these and are kept.
    #[must_use]
    pub fn removed(&self) -> Self {
        Self { cx: self.cx.as_ref().map(|cx| cx.within(cx.partition().removed())) }
    }

    /// The names of the resource types, in the order in which they are served.
    ///
    /// # Errors
    ///
    /// Those of every call.
    pub(super) fn type_names(&self) -> Result<Vec<&str>, Fault> {
        Ok(self.types()?.1.names().collect())
    }

    pub(super) fn place(&self, name: &str) -> Result<Place, Fault> {
        let (cx, types) = self.types()?;
        let found = types.get(name).ok_or_else(|| Fault::UnknownType(name.into()))?;
        Ok(Place {
            cx: cx.for_type(Arc::clone(&found.stored)),
            declared: Arc::clone(&found.declared),
            store: Arc::clone(&found.store),
        })
    }

    fn types(&self) -> Result<(&Context, &StoredTypes), Fault> {
        let cx = self.cx.as_ref().ok_or(Fault::UnknownPolicy)?;
        let types = cx.stored_types.as_ref().ok_or(Fault::NoServer)?;
        Ok((cx, types))
    }
}
