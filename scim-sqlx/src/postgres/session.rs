//! Connections that see one partition of one tenant.

use scim_core::Partition;
use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, PgPool, Postgres, Transaction};

use super::fault::Fault;

/// The pool, and whether the database fences tenants off from each other for the role of its connections.
#[derive(Clone, Debug)]
pub(super) struct Sessions {
    pub(super) pool: PgPool,
    pub(super) is_fenced: bool,
}

/// A connection for one statement, in a transaction only if the partition has to be set.
pub(super) enum Session {
    Plain(PoolConnection<Postgres>),
    Fenced(Transaction<'static, Postgres>),
}

impl Sessions {
    pub(super) async fn session(&self, partition: &Partition) -> Result<Session, Fault> {
        Ok(if self.is_fenced {
            Session::Fenced(self.transaction(partition).await?)
        } else {
            Session::Plain(self.pool.acquire().await?)
        })
    }

    pub(super) async fn transaction(&self, partition: &Partition) -> Result<Transaction<'static, Postgres>, Fault> {
        let mut transaction = self.pool.begin().await?;
        self.enter(&mut transaction, partition).await?;
        Ok(transaction)
    }

    /// Has the fence let a transaction see this partition, and no other.
    pub(super) async fn enter(&self, transaction: &mut PgConnection, partition: &Partition) -> Result<(), Fault> {
        if self.is_fenced {
            sqlx::query("SELECT set_config('scim.partition', $1, true), set_config('scim.tenant', $2, true)")
                .bind(partition.key())
                .bind(partition.tenant().as_str())
                .execute(transaction)
                .await?;
        }
        Ok(())
    }
}

impl Session {
    pub(super) fn connection(&mut self) -> &mut PgConnection {
        match self {
            Self::Plain(connection) => connection,
            Self::Fenced(transaction) => transaction,
        }
    }

    pub(super) async fn finish(self) -> Result<(), Fault> {
        match self {
            Self::Plain(_) => {}
            Self::Fenced(transaction) => transaction.commit().await?,
        }
        Ok(())
    }
}
