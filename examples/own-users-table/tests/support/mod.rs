//! Databases for tests.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::SqlitePool;

/// A directory of databases that is gone with the value.
pub(crate) struct Databases(PathBuf);

impl Databases {
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("own-users-table-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// A new database.
    pub(crate) async fn make(&self) -> SqlitePool {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("{}.db", COUNT.fetch_add(1, Ordering::Relaxed));
        own_users_table::open(&self.0.join(name)).await.unwrap()
    }
}

impl Drop for Databases {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
