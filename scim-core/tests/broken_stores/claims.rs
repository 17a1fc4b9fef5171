//! Faults of what is unique beyond a partition.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use scim_core::{
    Attribute, Context, MemoryStore, NewResource, Resource, ResourceId, ResourceStore, ResourceType, Schema,
    StoreError, UniqueWithin, Update, Version,
};

use super::{everything, wait, Fault};

type Result<T> = std::result::Result<T, StoreError>;

/// The suite's accounts with other reaches of what is unique; other types as they are.
fn reaching(cx: &Context, login: UniqueWithin, handle: UniqueWithin) -> Context {
    if cx.resource_type.name() != "Account" {
        return cx.clone();
    }
    let schema = Schema::new(cx.resource_type.schema().id.clone(), "Account")
        .attribute(Attribute::string("login").unique_within(login))
        .attribute(Attribute::string("handle").unique_within(handle))
        .attribute(Attribute::string("title"));
    cx.for_type(Arc::new(ResourceType::new("Account", "/Accounts", schema)))
}

/// Unique within the partition, whatever the schema says.
#[derive(Default)]
pub(crate) struct ClaimsNothing;

#[async_trait]
impl Fault for ClaimsNothing {
    async fn create(&self, store: &MemoryStore, cx: &Context, new: NewResource) -> Result<Resource> {
        store.create(&reaching(cx, UniqueWithin::Partition, UniqueWithin::Partition), new).await
    }

    async fn update(&self, store: &MemoryStore, cx: &Context, id: &ResourceId, update: Update) -> Result<Resource> {
        store.update(&reaching(cx, UniqueWithin::Partition, UniqueWithin::Partition), id, update).await
    }
}

/// Takes the platform for the tenant.
#[derive(Default)]
pub(crate) struct PlatformIsTheTenant;

#[async_trait]
impl Fault for PlatformIsTheTenant {
    async fn create(&self, store: &MemoryStore, cx: &Context, new: NewResource) -> Result<Resource> {
        store.create(&reaching(cx, UniqueWithin::Tenant, UniqueWithin::Tenant), new).await
    }
}

/// Takes the tenant for the platform.
#[derive(Default)]
pub(crate) struct TenantIsThePlatform;

#[async_trait]
impl Fault for TenantIsThePlatform {
    async fn create(&self, store: &MemoryStore, cx: &Context, new: NewResource) -> Result<Resource> {
        store.create(&reaching(cx, UniqueWithin::Platform, UniqueWithin::Platform), new).await
    }
}

/// Checks what is made and not what is changed.
#[derive(Default)]
pub(crate) struct UpdatesClaimNothing;

#[async_trait]
impl Fault for UpdatesClaimNothing {
    async fn update(&self, store: &MemoryStore, cx: &Context, id: &ResourceId, update: Update) -> Result<Resource> {
        store.update(&reaching(cx, UniqueWithin::Partition, UniqueWithin::Partition), id, update).await
    }
}

/// Looks into the other partitions, then makes the resource.
#[derive(Default)]
pub(crate) struct LooksThenClaims {
    seen: Mutex<Vec<Context>>,
}

#[async_trait]
impl Fault for LooksThenClaims {
    async fn create(&self, store: &MemoryStore, cx: &Context, new: NewResource) -> Result<Resource> {
        self.seen.lock().unwrap().push(cx.clone());
        let seen = self.seen.lock().unwrap().clone();
        for other in seen.iter().filter(|other| !other.partition().is_removed()) {
            for attribute in ["login", "handle"] {
                let value = new.attributes.string(attribute);
                let all = everything(store, other).await?;
                if value.is_some() && all.iter().any(|resource| resource.attributes.string(attribute) == value) {
                    return Err(StoreError::uniqueness(attribute));
                }
            }
        }
        wait().await;
        store.create(&reaching(cx, UniqueWithin::Partition, UniqueWithin::Partition), new).await
    }
}

/// What was claimed once is never free again, unless a host asks for its deletion.
#[derive(Default)]
pub(crate) struct ClaimsForEver {
    claimed: Mutex<Vec<(ResourceId, String)>>,
}

impl ClaimsForEver {
    fn check(&self, id: Option<&ResourceId>, new: Option<&str>) -> Result<()> {
        let claimed = self.claimed.lock().unwrap();
        match claimed.iter().any(|(holder, login)| Some(holder) != id && Some(login.as_str()) == new) {
            true => Err(StoreError::uniqueness("login")),
            false => Ok(()),
        }
    }

    fn note(&self, resource: &Resource) {
        let login = resource.attributes.string("login").map(str::to_owned);
        self.claimed.lock().unwrap().extend(login.map(|login| (resource.id.clone(), login)));
    }
}

#[async_trait]
impl Fault for ClaimsForEver {
    async fn create(&self, store: &MemoryStore, cx: &Context, new: NewResource) -> Result<Resource> {
        self.check(None, new.attributes.string("login"))?;
        let made = store.create(cx, new).await?;
        self.note(&made);
        Ok(made)
    }

    async fn update(&self, store: &MemoryStore, cx: &Context, id: &ResourceId, update: Update) -> Result<Resource> {
        let updated = store.update(cx, id, update).await?;
        self.note(&updated);
        Ok(updated)
    }

    async fn delete(&self, store: &MemoryStore, cx: &Context, id: &ResourceId, expect: Option<&Version>) -> Result<()> {
        store.delete(cx, id, expect).await
    }
}
