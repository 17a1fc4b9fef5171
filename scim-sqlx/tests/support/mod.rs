//! What the tests of the stores share.
#![allow(dead_code)]

pub mod random;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::Arc;

use scim_core::{Context, Principal, ResourceStore, ResourceType, TenantId};
use scim_sqlx::SqliteStore;

/// A directory that is gone with the value.
pub struct TempDir(PathBuf);

impl TempDir {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("scim-sqlx-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A store under test, and what it leaves behind when it is done.
pub struct Backend {
    pub name: &'static str,
    pub store: Arc<dyn ResourceStore>,
    _directory: Option<TempDir>,
}

pub async fn sqlite() -> Backend {
    let directory = TempDir::new();
    let store = SqliteStore::open(directory.file("scim.db")).await.unwrap();
    Backend { name: "SQLite", store: Arc::new(store), _directory: Some(directory) }
}

pub fn memory() -> Backend {
    Backend { name: "memory", store: Arc::new(scim_core::MemoryStore::new()), _directory: None }
}

pub fn context(tenant: &str, resource_type: &Arc<ResourceType>) -> Context {
    Context::new(Principal::new(TenantId::new(tenant), "test"), Arc::clone(resource_type))
}
