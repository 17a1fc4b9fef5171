//! What host code does with the resources of a store by itself.

use serde::de::DeserializeOwned;
use serde::Serialize;

use super::{Fetch, MembersUpdate, NewResource, PageRequest, Query, ResourceStore, StoreError, Update};
use crate::compat::CompatProfile;
use crate::context::Context;
use crate::error::ScimError;
use crate::filter::{CompareOperator, Filter, FilterError, Literal};
use crate::resource::{Attributes, Member, Resource, ResourceId};
use crate::schema::AttributePath;

/// How often an edit is tried that meets with other changes.
const ATTEMPTS: usize = 16;

/// How many resources are read at once.
const BATCH: usize = 200;

/// Makes a resource of a [`User`](crate::User), a [`Group`](crate::Group) or a type of the host's own, in the partition
/// of the context.
///
/// The store alone judges it: no policy is asked and no observer is told, for it is the host that acts. The
/// resource type of the context says what the document may hold and what of it is unique.
///
/// ```
/// use scim_core::{create_resource, edit_resource, find_resource};
/// use scim_core::{Context, MemoryStore, Principal, ResourceType, ScimError, TenantId, User};
/// use std::sync::Arc;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let store = MemoryStore::new();
/// let cx = Context::new(Principal::new(TenantId::new("acme"), "the product"), Arc::new(ResourceType::user()));
/// let made = create_resource(&store, &cx, &User::new("bjensen@example.com")).await?;
///
/// let found = find_resource(&store, &cx, "userName", "BJensen@example.com").await?;
/// assert_eq!(found.as_ref(), Some(&made));
///
/// let edited = edit_resource(&store, &cx, &made.id, |user: &mut User| user.title = Some("Guide".to_owned())).await?;
/// assert_eq!(edited.attributes.string("title"), Some("Guide"));
/// # Ok::<(), ScimError>(())
/// # }).unwrap();
/// ```
///
/// # Errors
///
/// 400 for what does not fit the schema, 409 for a value that is taken, and what the backend fails with.
pub async fn create_resource<T>(store: &dyn ResourceStore, cx: &Context, value: &T) -> Result<Resource, ScimError>
where
    T: Serialize + Sync + ?Sized,
{
    let attributes = Attributes::from_view(&cx.resource_type, value)?;
    let (attributes, members) = detached(store, cx, attributes);
    let new = NewResource { attributes, members, fetch: Fetch::all(), ..NewResource::default() };
    Ok(store.create(cx, new).await?)
}

/// The resource in the partition of the context that has this value of an attribute, compared as the schema says: the
/// user of a `userName`, for instance. Of several it is the one that the store lists first.
///
/// # Errors
///
/// 400 for an attribute that the resource type does not have or that is no text, and what the backend fails with.
pub async fn find_resource(
    store: &dyn ResourceStore,
    cx: &Context,
    attribute: &str,
    value: &str,
) -> Result<Option<Resource>, ScimError> {
    let path = AttributePath::split(attribute)
        .ok_or_else(|| ScimError::invalid_path(format!("{} is no attribute", crate::error::quoted(attribute))))?;
    let filter = Filter::Compare(path, CompareOperator::Equal, Literal::String(value.into()));
    let filter = filter.resolve(&cx.resource_type, &CompatProfile::STRICT).map_err(FilterError::into_filter_error)?;
    let page = store.list(cx, &Query { filter: Some(filter), ..Query::default() }).await?;
    Ok(page.resources.into_iter().next())
}

/// All resources in the partition of the context, in the order of the store, each as a [`User`](crate::User), a
/// [`Group`](crate::Group) or a type of the host's own; without `groups`, which are as many again. They are read page by
/// page and all of them are returned, so this is for a page of the host or an export, and not for each sign-in.
///
/// Where the store has cursors, a resource that comes or goes meanwhile hides no other. Where it has none, it may.
///
/// ```
/// use scim_core::{all_resources, create_resource};
/// use scim_core::{Context, MemoryStore, Principal, ResourceType, ScimError, TenantId, User};
/// use std::sync::Arc;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let store = MemoryStore::new();
/// let cx = Context::new(Principal::new(TenantId::new("acme"), "the product"), Arc::new(ResourceType::user()));
/// let made = create_resource(&store, &cx, &User::new("bjensen@example.com")).await?;
///
/// for (id, user) in all_resources::<User>(&store, &cx).await? {
///     assert_eq!((id, user.user_name.as_str()), (made.id.clone(), "bjensen@example.com"));
/// }
/// # Ok::<(), ScimError>(())
/// # }).unwrap();
/// ```
///
/// # Errors
///
/// 500 for a document that does not fit the type, and what the backend fails with.
pub async fn all_resources<T>(store: &dyn ResourceStore, cx: &Context) -> Result<Vec<(ResourceId, T)>, ScimError>
where
    T: DeserializeOwned,
{
    let mut all = Vec::new();
    let mut page = if store.capabilities(&cx.resource_type).cursor {
        PageRequest::Cursor { position: None, count: BATCH }
    } else {
        PageRequest::Index { start_index: 1, count: BATCH }
    };
    loop {
        let query = Query { page, fetch: Fetch::without(["groups"]), ..Query::default() };
        let found = store.list(cx, &query).await?;
        let is_full = found.resources.len() >= BATCH;
        for resource in found.resources {
            all.push((resource.id, resource.attributes.view().map_err(ScimError::internal)?));
        }
        page = match (query.page, found.next) {
            (PageRequest::Cursor { .. }, Some(next)) => PageRequest::Cursor { position: Some(next), count: BATCH },
            (PageRequest::Index { .. }, _) if is_full => {
                PageRequest::Index { start_index: all.len().saturating_add(1), count: BATCH }
            }
            _ => return Ok(all),
        };
    }
}

/// Changes the document of a resource in the partition of the context, and leaves the members of a group alone. An edit
/// that meets with another change is done again on what came of that, so that neither is lost.
///
/// As with [`create_resource`], the store alone judges it.
///
/// # Errors
///
/// 404 if there is no such resource, 400 for what does not fit the schema, 409 for a value that is taken, and what the
/// backend fails with.
pub async fn edit_resource<T>(
    store: &dyn ResourceStore,
    cx: &Context,
    id: &ResourceId,
    edit: impl Fn(&mut T) + Send + Sync,
) -> Result<Resource, ScimError>
where
    T: Serialize + DeserializeOwned + Send + Sync,
{
    let read = document_of(store, cx);
    for _ in 0..ATTEMPTS {
        let found = store.get(cx, id, &read).await?;
        let current = found.ok_or_else(|| ScimError::resource_not_found(id.as_str()))?;
        let mut value: T = current.attributes.view().map_err(ScimError::internal)?;
        edit(&mut value);
        let (attributes, _) = detached(store, cx, Attributes::from_view(&cx.resource_type, &value)?);
        let update =
            Update { fetch: Fetch::all(), ..Update::document(attributes).expecting(current.meta.version.clone()) };
        match store.update(cx, id, update).await {
            Err(StoreError::VersionMismatch) => {}
            result => return Ok(result?),
        }
    }
    Err(StoreError::unavailable(1, "the resource kept changing while it was to be edited").into())
}

/// What of a resource is its document: not what follows from others, or is kept apart.
fn document_of(store: &dyn ResourceStore, cx: &Context) -> Fetch {
    if store.capabilities(&cx.resource_type).detached_members {
        Fetch::without(["members", "groups"])
    } else {
        Fetch::without(["groups"])
    }
}

/// The document, and the members where the store keeps them apart from it, none of them twice.
fn detached(store: &dyn ResourceStore, cx: &Context, mut attributes: Attributes) -> (Attributes, Vec<Member>) {
    if attributes.get("members").is_none() || !store.capabilities(&cx.resource_type).detached_members {
        return (attributes, Vec::new());
    }
    let mut update = MembersUpdate::default();
    update.set(attributes.values("members").iter().filter_map(Member::from_value));
    attributes.make_mut().remove("members");
    match update {
        MembersUpdate::Set(members) => (attributes, members),
        MembersUpdate::Keep | MembersUpdate::Delta { .. } => (attributes, Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::error::ErrorKind;
    use crate::store::{BeginUnitOfWork, Capabilities, Page};
    use crate::{Group, MemoryStore, Principal, ResourceReference, ResourceType, TenantId, User, Version};

    use super::*;

    fn context(resource_type: ResourceType) -> Context {
        Context::new(Principal::new(TenantId::new("acme"), "the product"), Arc::new(resource_type))
    }

    #[tokio::test]
    async fn a_resource_is_found_by_its_value_however_it_is_written() {
        let (store, cx) = (MemoryStore::new(), context(ResourceType::user()));
        let mut babs = User::new("b\"j\\ensen");
        babs.external_id = Some("E1".to_owned());
        let made = create_resource(&store, &cx, &babs).await.unwrap();
        create_resource(&store, &cx, &User::new("other")).await.unwrap();

        let found = |attribute, value| find_resource(&store, &cx, attribute, value);
        assert_eq!(found("userName", "B\"J\\ENSEN").await.unwrap().unwrap().id, made.id);
        assert_eq!(found("externalId", "E1").await.unwrap().unwrap().id, made.id);
        assert_eq!(found("externalId", "e1").await.unwrap(), None, "externalId compares with case");
        assert_eq!(found("userName", "x\" or userName pr or userName eq \"").await.unwrap(), None);
        assert_eq!(found("user name", "x").await.unwrap_err().status(), 400);
        let error = create_resource(&store, &cx, &babs).await.unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::Uniqueness);
    }

    #[tokio::test]
    async fn an_edit_leaves_everything_else_as_it_is() {
        let store = MemoryStore::new();
        let (users, groups) = (context(ResourceType::user()), context(ResourceType::group()));
        let user = create_resource(&store, &users, &User::new("babs")).await.unwrap();
        let mut guides = Group::new("Guides");
        guides.members.push(ResourceReference::new(user.id.as_str()));
        guides.members.push(ResourceReference::new(user.id.as_str()));
        let group = create_resource(&store, &groups, &guides).await.unwrap();
        assert_eq!(group.attributes.values("members").len(), 1);

        let rename = |group: &mut Group| group.display_name = "Tour Guides".to_owned();
        let renamed = edit_resource(&store, &groups, &group.id, rename).await.unwrap();
        assert_eq!(renamed.attributes.string("displayName"), Some("Tour Guides"));
        assert_eq!(renamed.attributes.values("members"), group.attributes.values("members"));

        let entitle = |user: &mut User| user.title = Some("Guide".to_owned());
        let entitled = edit_resource(&store, &users, &user.id, entitle).await.unwrap();
        assert_eq!(entitled.attributes.values("groups").len(), 1);
        let again = edit_resource(&store, &users, &user.id, entitle).await.unwrap();
        assert_eq!(again.meta.version, entitled.meta.version, "an edit that changes nothing is no change");
        let nobody = edit_resource(&store, &users, &ResourceId::new("nobody"), entitle).await.unwrap_err();
        assert_eq!(nobody.kind(), &ErrorKind::NotFound);
    }

    /// A store that lists by index alone.
    struct WithoutCursors(MemoryStore);

    #[async_trait::async_trait]
    impl ResourceStore for WithoutCursors {
        fn capabilities(&self, resource_type: &ResourceType) -> Capabilities {
            Capabilities { cursor: false, ..self.0.capabilities(resource_type) }
        }

        async fn create(&self, cx: &Context, new: NewResource) -> Result<Resource, StoreError> {
            self.0.create(cx, new).await
        }

        async fn get(&self, cx: &Context, id: &ResourceId, fetch: &Fetch) -> Result<Option<Resource>, StoreError> {
            self.0.get(cx, id, fetch).await
        }

        async fn list(&self, cx: &Context, query: &Query) -> Result<Page, StoreError> {
            assert!(matches!(query.page, PageRequest::Index { .. }), "this store has no cursors");
            self.0.list(cx, query).await
        }

        async fn update(&self, cx: &Context, id: &ResourceId, update: Update) -> Result<Resource, StoreError> {
            self.0.update(cx, id, update).await
        }

        async fn delete(&self, cx: &Context, id: &ResourceId, expect: Option<&Version>) -> Result<(), StoreError> {
            self.0.delete(cx, id, expect).await
        }

        fn unit_of_work(&self) -> Option<&dyn BeginUnitOfWork> {
            None
        }
    }

    #[tokio::test]
    async fn all_resources_are_read_over_several_pages_with_and_without_cursors() {
        for count in [0, 1, BATCH - 1, BATCH, BATCH + 1, BATCH * 2] {
            let (store, users) = (MemoryStore::new(), context(ResourceType::user()));
            for number in 0..count {
                create_resource(&store, &users, &User::new(format!("user{number}"))).await.unwrap();
            }
            let by_cursor = all_resources::<User>(&store, &users).await.unwrap();
            let mut names: Vec<&str> = by_cursor.iter().map(|(_, user)| user.user_name.as_str()).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), count, "every user once");
            assert_eq!(all_resources::<User>(&WithoutCursors(store), &users).await.unwrap(), by_cursor);
        }
    }

    #[tokio::test]
    async fn all_resources_are_those_of_the_context_with_their_members() {
        let store = MemoryStore::new();
        let (users, groups) = (context(ResourceType::user()), context(ResourceType::group()));
        let user = create_resource(&store, &users, &User::new("babs")).await.unwrap();
        let mut guides = Group::new("Guides");
        guides.members.push(ResourceReference::new(user.id.as_str()));
        create_resource(&store, &groups, &guides).await.unwrap();
        let listed = all_resources::<Group>(&store, &groups).await.unwrap();
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0].1.members[0].value, user.id.as_str());
        let globex =
            Context::new(Principal::new(TenantId::new("globex"), "the product"), Arc::clone(&users.resource_type));
        assert!(all_resources::<User>(&store, &globex).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn an_edit_that_meets_with_another_change_loses_neither() {
        let (store, cx) = (MemoryStore::new(), context(ResourceType::user()));
        let user = create_resource(&store, &cx, &User::new("babs")).await.unwrap();
        let user_id = user.id.clone();
        let met = std::sync::atomic::AtomicBool::new(false);
        let other = |user: &mut User| user.nick_name = Some("Babs".to_owned());
        let edit = |user: &mut User| {
            if !met.swap(true, std::sync::atomic::Ordering::SeqCst) {
                let store = store.clone();
                let (cx, id) = (cx.clone(), user_id.clone());
                std::thread::spawn(move || {
                    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                    runtime.block_on(edit_resource(&store, &cx, &id, other)).unwrap();
                })
                .join()
                .unwrap();
            }
            user.title = Some("Guide".to_owned());
        };
        let edited = edit_resource(&store, &cx, &user.id, edit).await.unwrap();
        assert_eq!(edited.attributes.string("nickName"), Some("Babs"));
        assert_eq!(edited.attributes.string("title"), Some("Guide"));
    }
}
