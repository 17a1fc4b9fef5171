//! The audit trail of the stores.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs
)]

mod support;

use std::future::Future;
use std::sync::Arc;

use scim_core::testing::StoreSuite;
use scim_core::{
    Attributes, AuditDetail, AuditKind, AuditQuery, AuditRecord, ConnectionId, Context, DateTime, Member,
    MembersUpdate, NewResource, Partition, Principal, ResourceStore, ResourceType, StoreError, TenantId, Update,
};
use scim_sqlx::{PostgresStore, SqliteStore};
use serde_json::{json, Value};
use support::{postgres_database, TempDir};

/// A store with a trail.
enum Audited {
    Sqlite(SqliteStore, #[allow(dead_code)] TempDir),
    Postgres(PostgresStore),
}

impl Audited {
    fn store(&self) -> &dyn ResourceStore {
        match self {
            Self::Sqlite(store, _) => store,
            Self::Postgres(store) => store,
        }
    }

    async fn trail(&self, query: &AuditQuery) -> Vec<AuditRecord> {
        let tenant = TenantId::new("acme");
        match self {
            Self::Sqlite(store, _) => store.audit(&tenant, query).await.unwrap(),
            Self::Postgres(store) => store.audit(&tenant, query).await.unwrap(),
        }
    }

    async fn forget(&self, before: DateTime) -> u64 {
        let tenant = TenantId::new("acme");
        match self {
            Self::Sqlite(store, _) => store.forget_audit(&tenant, before).await.unwrap(),
            Self::Postgres(store) => store.forget_audit(&tenant, before).await.unwrap(),
        }
    }

    /// All of the trail, the oldest first.
    async fn whole(&self) -> Vec<AuditRecord> {
        let mut trail = self.trail(&AuditQuery::newest(1_000)).await;
        trail.reverse();
        trail
    }
}

/// Runs a test on every database with a trail, PostgreSQL with and without a fence.
async fn on_all<F: Future<Output = ()>>(detail: AuditDetail, test: impl Fn(Arc<Audited>) -> F) {
    let directory = TempDir::new();
    let sqlite = SqliteStore::open(directory.file("scim.db")).await.unwrap().with_audit(detail);
    test(Arc::new(Audited::Sqlite(sqlite, directory))).await;
    let Some(url) = postgres_database().await else { return };
    let owner = PostgresStore::connect(&url).await.unwrap();
    test(Arc::new(Audited::Postgres(owner.with_audit(detail)))).await;
    let Some(url) = postgres_database().await else { return };
    let store = PostgresStore::new(support::fenced(&url).await).await.unwrap();
    test(Arc::new(Audited::Postgres(store.with_audit(detail)))).await;
}

fn okta() -> Principal {
    Principal::new(TenantId::new("acme"), "the Okta connection").with_connection(ConnectionId::new("okta"))
}

fn cx(principal: Principal, resource_type: ResourceType) -> Context {
    Context::new(principal, Arc::new(resource_type))
}

fn users() -> Context {
    cx(okta(), ResourceType::user())
}

fn document(value: Value) -> Attributes {
    let Value::Object(map) = value else { panic!("not an object") };
    Attributes::from_stored(map)
}

fn kinds(trail: &[AuditRecord]) -> Vec<AuditKind> {
    trail.iter().map(|record| record.kind).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_change_has_its_row() {
    on_all(AuditDetail::Paths, |audited| async move {
        let (store, cx) = (audited.store(), users());
        let new = NewResource::new(document(json!({"userName": "anna", "title": "Guide"})));
        let anna = store.create(&cx, new).await.unwrap();
        let changed = json!({"userName": "anna", "name": {"familyName": "B"}});
        store.update(&cx, &anna.id, Update::document(document(changed.clone()))).await.unwrap();
        store.update(&cx, &anna.id, Update::document(document(changed))).await.unwrap();
        let removed = cx.partition().removed();
        store.update(&cx, &anna.id, Update::moving(removed.clone())).await.unwrap();
        store.update(&cx.within(removed), &anna.id, Update::moving(cx.partition().clone())).await.unwrap();
        let own = Partition::of_tenant(cx.tenant().clone());
        store.update(&cx, &anna.id, Update::moving(own.clone())).await.unwrap();
        store.delete(&cx.within(own), &anna.id, None).await.unwrap();

        let trail = audited.whole().await;
        use AuditKind::{Adopted, Created, Deleted, Removed, Restored, Updated};
        assert_eq!(kinds(&trail), [Created, Updated, Removed, Restored, Adopted, Deleted]);
        assert_eq!(trail[0].changed, ["title", "userName"]);
        assert_eq!(trail[1].changed, ["name.familyName", "title"]);
        assert!(trail[2..].iter().all(|record| record.changed.is_empty()));
        for record in &trail {
            assert_eq!((&record.resource_id, record.principal.as_str()), (&anna.id, "the Okta connection"));
            assert_eq!((record.connection.as_ref().unwrap().as_str(), &*record.resource_type), ("okta", "User"));
            assert_eq!((&record.before, &record.after), (&None, &None));
        }
        assert!(trail.windows(2).all(|pair| pair[0].sequence < pair[1].sequence && pair[0].time <= pair[1].time));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn values_before_and_after_are_kept_if_they_are_wanted() {
    on_all(AuditDetail::Values, |audited| async move {
        let (store, cx) = (audited.store(), users());
        let mut new = NewResource::new(document(json!({"userName": "anna", "title": "Guide"})));
        new.write_only.insert("password".to_owned(), json!("t1meMa$heen"));
        let anna = store.create(&cx, new).await.unwrap();
        let changed = Update::document(document(json!({"userName": "anna", "title": "Chief"})));
        store.update(&cx, &anna.id, changed).await.unwrap();
        store.delete(&cx, &anna.id, None).await.unwrap();
        let trail = audited.whole().await;
        let values = |value: Value| Some(document(value).into_map());
        assert_eq!(trail[0].changed, ["password", "title", "userName"]);
        assert_eq!(
            (&trail[0].before, &trail[0].after),
            (&None, &values(json!({"userName": "anna", "title": "Guide"})))
        );
        let (before, after) = (values(json!({"title": "Guide"})), values(json!({"title": "Chief"})));
        assert_eq!((&trail[1].before, &trail[1].after), (&before, &after));
        assert_eq!(
            (&trail[2].before, &trail[2].after),
            (&values(json!({"userName": "anna", "title": "Chief"})), &None)
        );
        assert!(!format!("{trail:?}").contains("t1me"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn members_that_come_and_go_are_named() {
    on_all(AuditDetail::Paths, |audited| async move {
        let (store, cx, groups) = (audited.store(), users(), cx(okta(), ResourceType::group()));
        let anna = store.create(&cx, NewResource::new(document(json!({"userName": "anna"})))).await.unwrap();
        let new =
            NewResource::new(document(json!({"displayName": "staff"}))).with_members([Member::new(anna.id.clone())]);
        let staff = store.create(&groups, new).await.unwrap();
        let remove = MembersUpdate::Delta { add: Vec::new(), remove: vec![anna.id.clone()] };
        store.update(&groups, &staff.id, Update::members(remove.clone())).await.unwrap();
        store.update(&groups, &staff.id, Update::members(remove)).await.unwrap();
        let trail = audited.trail(&AuditQuery::newest(10).of_resource(staff.id.clone())).await;
        assert_eq!(kinds(&trail), [AuditKind::Updated, AuditKind::Created]);
        assert_eq!(
            (&trail[0].changed, &trail[0].members_removed),
            (&vec!["members".to_owned()], &vec![anna.id.clone()])
        );
        assert_eq!(
            (&*trail[1].changed, &trail[1].members_added),
            (&["displayName".to_owned(), "members".to_owned()][..], &vec![anna.id.clone()])
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_refused_or_rolled_back_leaves_no_row() {
    on_all(AuditDetail::Paths, |audited| async move {
        let (store, cx) = (audited.store(), users());
        let named = |name: &str| NewResource::new(document(json!({ "userName": name })));
        let anna = store.create(&cx, named("anna")).await.unwrap();
        assert!(matches!(store.create(&cx, named("ANNA")).await, Err(StoreError::Uniqueness { .. })));
        let missing = scim_core::ResourceId::random();
        assert!(store.update(&cx, &missing, Update::document(document(json!({})))).await.is_err());
        assert!(store.delete(&cx, &missing, None).await.is_err());
        for is_committed in [false, true] {
            let unit = store.unit_of_work().unwrap().begin(&cx).await.unwrap();
            unit.create(&cx, named("bert")).await.unwrap();
            unit.update(&cx, &anna.id, Update::document(document(json!({"userName": "hannah"})))).await.unwrap();
            unit.delete(&cx, &anna.id, None).await.unwrap();
            if is_committed {
                unit.commit().await.unwrap();
            } else {
                unit.rollback().await.unwrap();
                assert_eq!(kinds(&audited.whole().await), [AuditKind::Created]);
            }
        }
        use AuditKind::{Created, Deleted, Updated};
        assert_eq!(kinds(&audited.whole().await), [Created, Created, Updated, Deleted]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_trail_is_read_by_connection_and_in_pages_and_tells_nothing_of_other_tenants() {
    on_all(AuditDetail::Paths, |audited| async move {
        let store = audited.store();
        let entra = Principal::new(TenantId::new("acme"), "Entra").with_connection(ConnectionId::new("entra"));
        let host = Principal::new(TenantId::new("acme"), "the host");
        let globex = Principal::new(TenantId::new("globex"), "Okta").with_connection(ConnectionId::new("okta"));
        for principal in [okta(), entra, host, globex] {
            for _ in 0..3 {
                let cx = cx(principal.clone(), ResourceType::user());
                store.create(&cx, NewResource::default()).await.unwrap();
            }
        }
        assert_eq!(audited.whole().await.len(), 9);
        let of_okta = AuditQuery::newest(10).of_connection(ConnectionId::new("okta"));
        assert_eq!(audited.trail(&of_okta).await.len(), 3);
        let first = audited.trail(&AuditQuery::newest(4)).await;
        let last = first.last().unwrap().sequence.unwrap();
        let second = audited.trail(&AuditQuery::newest(100).before(last)).await;
        assert_eq!((first.len(), second.len()), (4, 5));
        assert!(second.iter().all(|record| record.sequence < Some(last)));
        let moment = first[0].time;
        let gone = audited.forget(moment).await;
        let left = audited.whole().await;
        assert_eq!(usize::try_from(gone).unwrap() + left.len(), 9);
        assert!(left.iter().all(|record| record.time >= moment) && !left.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn stores_with_a_trail_keep_the_contract() {
    on_all(AuditDetail::Values, |audited| async move {
        let store: Arc<dyn ResourceStore> = match &*audited {
            Audited::Sqlite(store, _) => Arc::new(store.clone()),
            Audited::Postgres(store) => Arc::new(store.clone()),
        };
        let build = move || {
            let store = Arc::clone(&store);
            async move { store }
        };
        StoreSuite::new(build).spawning(tokio::spawn).run().await.assert_passed();
    })
    .await;
}
