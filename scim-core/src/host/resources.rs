//! The resources of one type, for host code.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::Serialize;
use serde_json::{Map, Value};

use super::document::{check_edited, check_new, deactivate, detach_members, edited};
use super::pages::{first, Pages};
use super::{PrincipalResources, Stored};
use crate::compat::CompatProfile;
use crate::context::Context;
use crate::error::{quoted, ErrorKind, ScimError};
use crate::filter::{CompareOperator, Filter, FilterError, Literal};
use crate::provisioning::unknown_policy;
use crate::resource::{Attributes, ResourceId};
use crate::schema::{AttributePath, AttributeType, ResourceType};
use crate::store::{Fetch, NewResource, PageRequest, Query, ResourceStore, StoreError, Update};

/// How often something is tried that meets with other changes.
const ATTEMPTS: usize = 16;

/// The resources of one type that a principal sees, as [`User`](crate::User)s, [`Group`](crate::Group)s or a type of the
/// host's own. See [`PrincipalResources`].
///
/// The schema and the store judge what is written: no policy is asked and no observer is told, for it is the host that
/// acts. All of it is outside of the unit of work that an [atomic Bulk](crate::ScimServerBuilder::atomic_bulk) is.
///
/// Whatever fails in the backend fails here, as what [`StoreError`] is to clients.
pub struct Resources<T> {
    place: Result<Place, Fault>,
    /// What to load, where the host says so.
    fetch: Option<Fetch>,
    view: PhantomData<fn() -> T>,
}

/// Where the resources of a type are.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) cx: Context,
    /// The resource type as the product declares it.
    pub(super) declared: Arc<ResourceType>,
    pub(super) store: Arc<dyn ResourceStore>,
}

/// Why there is no such place.
#[derive(Clone, Debug)]
pub(super) enum Fault {
    UnknownPolicy,
    NoServer,
    UnknownType(Arc<str>),
}

impl<T> Resources<T> {
    pub(super) fn new(place: Result<Place, Fault>) -> Self {
        Self { place, fetch: None, view: PhantomData }
    }

    /// The same, of which no more needs to be loaded than this: `Fetch::only(["members"])` for a group's members. Everything
    /// else of the view may be empty then.
    #[must_use]
    pub fn fetching(mut self, fetch: Fetch) -> Self {
        self.fetch = Some(fetch);
        self
    }

    /// The circumstances in which host code may call the store by itself, for what has no method here.
    ///
    /// # Errors
    ///
    /// Those of [`PrincipalResources`].
    pub fn context(&self) -> Result<Context, ScimError> {
        self.place().map(|place| place.cx.clone())
    }

    /// Deletes a resource for good.
    ///
    /// # Errors
    ///
    /// 404 if there is none of this id.
    pub async fn delete(&self, id: &ResourceId) -> Result<(), ScimError> {
        let Place { cx, store, .. } = self.place()?;
        store.delete(cx, id, None).await.map_err(|error| with_id(error, id))
    }

    /// Deletes all of them for good, save for what was [removed](PrincipalResources::removed) from them. Returns how many
    /// there were.
    ///
    /// Requests of a connection that come meanwhile are served: pause it before, or
    /// [disconnect](crate::ScimServer::disconnect) it.
    ///
    /// # Errors
    ///
    /// Those of the backend. What is deleted by then stays deleted, and the call may be repeated.
    pub async fn delete_all(&self) -> Result<usize, ScimError> {
        let Place { cx, store, .. } = self.place()?;
        let mut done: usize = 0;
        loop {
            let found = first(store, cx, Fetch::only(["id"])).await?;
            if found.is_empty() {
                return Ok(done);
            }
            for resource in found {
                match store.delete(cx, &resource.id, None).await {
                    Ok(()) | Err(StoreError::NotFound) => done = done.saturating_add(1),
                    Err(error) => return Err(error.into()),
                }
            }
        }
    }

    /// Makes `active` false in all of them. They stay readable, and whoever sees them later can make them active again.
    /// Returns how many there are.
    ///
    /// Requests of a connection that come meanwhile are served: pause it before, or
    /// [disconnect](crate::ScimServer::disconnect) it.
    ///
    /// # Errors
    ///
    /// 400 for a resource type without `active`, as groups are. What is done by then stays done, and the call may be
    /// repeated.
    pub async fn deactivate_all(&self) -> Result<usize, ScimError> {
        let Place { cx, store, .. } = self.place()?;
        if !self.has_active() {
            let name = cx.resource_type.name();
            return Err(ScimError::invalid_value(format!("The schema of {name} has no attribute active")));
        }
        let sees_everybody = store.capabilities(&cx.resource_type).cursor;
        for _ in 0..ATTEMPTS {
            let (mut present, mut changed): (usize, usize) = (0, 0);
            let mut pages = Pages::new(&**store, cx, Fetch::only(["active"]));
            loop {
                let batch = pages.next().await?;
                if batch.is_empty() {
                    break;
                }
                present = present.saturating_add(batch.len());
                for resource in batch.iter().filter(|found| found.attributes.boolean("active") != Some(false)) {
                    changed = changed.saturating_add(1);
                    self.deactivate(&resource.id).await?;
                }
            }
            // Without cursors a page begins elsewhere when somebody leaves, and passes over somebody else.
            if sees_everybody || changed == 0 {
                return Ok(present);
            }
        }
        Err(StoreError::unavailable(1, "the resources kept changing while they were to be deactivated").into())
    }

    /// Hands a resource over to another principal of the tenant, a connection for the most part, which from then on sees
    /// and changes it, and finds it by its `userName`. Its id and everything stored of it stay; its memberships end, for
    /// groups and their members belong to one connection.
    ///
    /// This is for an administrator of the product to decide: whoever administers the identity provider decides about the
    /// account after it.
    ///
    /// ```
    /// use scim_core::{Connection, Principal, ResourceId, ScimError, ScimServer};
    ///
    /// async fn hand_over(server: &ScimServer, id: &ResourceId, okta: &Connection) -> Result<(), ScimError> {
    ///     let by_hand = server.resources_of(Principal::new(okta.tenant.clone(), "the product"));
    ///     by_hand.users().migrate_to(id, &server.resources_of(okta)).await
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// 404 if there is none of this id; 409 if the other one has a resource with the same `userName` already; 400 for
    /// another tenant.
    pub async fn migrate_to(&self, id: &ResourceId, target: &PrincipalResources) -> Result<(), ScimError> {
        let Place { cx, store, .. } = self.place()?;
        let there = target.place(cx.resource_type.name()).map_err(ScimError::from)?.cx;
        if there.tenant() != cx.tenant() {
            return Err(ScimError::invalid_value("A resource stays with its tenant"));
        }
        // What is unique of it from now on is what the policy of the other one says.
        let cx = cx.for_type(Arc::clone(&there.resource_type));
        let moved = store.update(&cx, id, Update::moving(there.partition().clone())).await;
        moved.map(drop).map_err(|error| with_id(error, id))
    }

    /// Whether resources of the type can be active or not.
    pub(super) fn has_active(&self) -> bool {
        self.place.as_ref().is_ok_and(|place| {
            let active = place.cx.resource_type.schema().attributes.get("active");
            active.is_some_and(|active| active.attribute_type == AttributeType::Boolean)
        })
    }

    /// Deactivates a resource, unless it is gone by now.
    async fn deactivate(&self, id: &ResourceId) -> Result<(), ScimError> {
        let documents: Resources<Map<String, Value>> = Resources::new(self.place.clone()).fetching(Fetch::only(["id"]));
        match documents.edit(id, deactivate).await {
            Err(error) if *error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn place(&self) -> Result<&Place, ScimError> {
        self.place.as_ref().map_err(|fault| fault.clone().into())
    }

    fn fetch_or(&self, default: impl FnOnce() -> Fetch) -> Fetch {
        self.fetch.clone().unwrap_or_else(default)
    }
}

impl<T: DeserializeOwned> Resources<T> {
    /// The resource of this id, with its members and groups; `None` if there is none.
    ///
    /// # Errors
    ///
    /// 500 for a document that does not fit the type.
    pub async fn get(&self, id: &ResourceId) -> Result<Option<Stored<T>>, ScimError> {
        let Place { cx, store, .. } = self.place()?;
        store.get(cx, id, &self.fetch_or(Fetch::all)).await?.map(Stored::of).transpose()
    }

    /// The resource that has this value of an attribute, compared as the schema says: the user of a `userName`, for
    /// instance. Of several it is the one that the store lists first. The members of a group are not loaded, unless they
    /// are [asked for](Self::fetching).
    ///
    /// # Errors
    ///
    /// 400 for an attribute that the resource type does not have or that is no text, and 500 for a document that does not
    /// fit the type.
    pub async fn find(&self, attribute: &str, value: &str) -> Result<Option<Stored<T>>, ScimError> {
        let Place { cx, store, .. } = self.place()?;
        let path = AttributePath::split(attribute)
            .ok_or_else(|| ScimError::invalid_path(format!("{} is no attribute", quoted(attribute))))?;
        let filter = Filter::Compare(path, CompareOperator::Equal, Literal::String(value.into()));
        let filter =
            filter.resolve(&cx.resource_type, &CompatProfile::STRICT).map_err(FilterError::into_filter_error)?;
        let query = Query {
            filter: Some(filter),
            page: PageRequest::Index { start_index: 1, count: 1 },
            fetch: self.fetch_or(without_members),
            ..Query::default()
        };
        store.list(cx, &query).await?.resources.into_iter().next().map(Stored::of).transpose()
    }

    /// All of them, in the order of the store; without the `groups` of each, which are as many again, unless they are
    /// [asked for](Self::fetching). They are read page by page and all of them are returned, so this is for a page of the
    /// host or an export, and not for each sign-in.
    ///
    /// Where the store has cursors, a resource that comes or goes meanwhile hides no other. Where it has none, it may.
    ///
    /// # Errors
    ///
    /// 500 for a document that does not fit the type.
    pub async fn all(&self) -> Result<Vec<Stored<T>>, ScimError> {
        let Place { cx, store, .. } = self.place()?;
        let mut pages = Pages::new(&**store, cx, self.fetch_or(|| Fetch::without(["groups"])));
        let mut all = Vec::new();
        loop {
            let batch = pages.next().await?;
            if batch.is_empty() {
                return Ok(all);
            }
            for resource in batch {
                all.push(Stored::of(resource)?);
            }
        }
    }
}

impl<T: Serialize + DeserializeOwned + Send + Sync> Resources<T> {
    /// Makes a resource.
    ///
    /// # Errors
    ///
    /// 400 for what does not fit the schema or is not in it, or if something required is missing; 409 for a value that is
    /// taken.
    pub async fn create(&self, value: &T) -> Result<Stored<T>, ScimError> {
        let Place { cx, declared, store } = self.place()?;
        let mut attributes = Attributes::from_view(&cx.resource_type, value)?;
        check_new(declared, &attributes)?;
        let is_detached = store.capabilities(&cx.resource_type).detached_members;
        let members = if is_detached { detach_members(&mut attributes) } else { Vec::new() };
        let fetch = self.fetch_or(Fetch::all);
        Stored::of(store.create(cx, NewResource { attributes, members, fetch, ..NewResource::default() }).await?)
    }

    /// Changes a resource. What the view does not show stays as it is, and so do the members of a group, which are not
    /// loaded where the store keeps them apart. An edit that meets with another change is done again on what came of
    /// that, so that neither is lost.
    ///
    /// # Errors
    ///
    /// 404 if there is none of this id; 400 for what does not fit the schema or is not in it, if something required is
    /// taken away, or for members where they are kept apart; 409 for a value that is taken.
    pub async fn edit(&self, id: &ResourceId, edit: impl Fn(&mut T) + Send + Sync) -> Result<Stored<T>, ScimError> {
        let Place { cx, declared, store } = self.place()?;
        let is_detached = store.capabilities(&cx.resource_type).detached_members;
        let read = if is_detached { Fetch::without(["members", "groups"]) } else { Fetch::without(["groups"]) };
        for _ in 0..ATTEMPTS {
            let found = store.get(cx, id, &read).await?;
            let current = found.ok_or_else(|| ScimError::resource_not_found(id.as_str()))?;
            let mut value: T = current.attributes.view().map_err(ScimError::internal)?;
            let before = Attributes::from_view(&cx.resource_type, &value)?;
            edit(&mut value);
            let after = Attributes::from_view(&cx.resource_type, &value)?;
            let document = edited(&current.attributes, &before, &after);
            check_edited(declared, &current.attributes, &document)?;
            if is_detached && document.get("members").is_some() {
                return Err(ScimError::invalid_value("An edit cannot change members, for it does not see them"));
            }
            let fetch = self.fetch_or(without_members);
            let update = Update { fetch, ..Update::document(document).expecting(current.meta.version) };
            match store.update(cx, id, update).await {
                Err(StoreError::VersionMismatch) => {}
                result => return Stored::of(result.map_err(|error| with_id(error, id))?),
            }
        }
        Err(StoreError::unavailable(1, "the resource kept changing while it was to be edited").into())
    }
}

impl<T> Clone for Resources<T> {
    fn clone(&self) -> Self {
        Self { place: self.place.clone(), fetch: self.fetch.clone(), view: PhantomData }
    }
}

impl<T> fmt::Debug for Resources<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Resources");
        match &self.place {
            Ok(Place { cx, .. }) => {
                debug.field("partition", cx.partition()).field("resource_type", &cx.resource_type.name())
            }
            Err(fault) => debug.field("fault", fault),
        };
        debug.finish_non_exhaustive()
    }
}

impl From<Fault> for ScimError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::UnknownPolicy => unknown_policy(),
            Fault::NoServer => Self::internal("a context of Context::new has no server to take resource types from"),
            Fault::UnknownType(name) => Self::internal(format!("the server has no resource type {name}")),
        }
    }
}

fn without_members() -> Fetch {
    Fetch::without(["members"])
}

fn with_id(error: StoreError, id: &ResourceId) -> ScimError {
    match error {
        StoreError::NotFound => ScimError::resource_not_found(id.as_str()),
        error => error.into(),
    }
}
