//! Whether a request log keeps its contract.

use std::borrow::Cow;
use std::future::Future;

use super::check::{at, check, done, fresh_connection, fresh_key, fresh_tenant, run_all, run_named, Build, Check};
use crate::connection::{RequestLog, RequestRecord};
use crate::context::RequestId;
use crate::resource::{ConnectionId, ResourceId};
use crate::testing::check::{ensure, ensure_eq, Failure, Verdict};
use crate::testing::report::{Outcome, Report};

type Log = dyn RequestLog;

/// How many records a log must keep of a connection at least.
const KEPT: u32 = 20;

/// How many records a log may keep of a connection at most, for the suite to see that there is a bound.
const WRITTEN: u32 = 300;

/// Checks whether a log keeps the contract of [`RequestLog`].
///
/// It is given a function that makes a log that keeps at least 20 records of each connection and fewer than 300. Every
/// check has connections of its own, so that the function may give the same log every time.
///
/// ```
/// use scim_core::testing::RequestLogSuite;
/// use scim_core::MemoryRequestLog;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// RequestLogSuite::new(|| async { MemoryRequestLog::new(100) }).run().await.assert_passed();
/// # });
/// ```
#[must_use = "a suite does nothing until it is run"]
pub struct RequestLogSuite {
    checks: Vec<Check<Log>>,
    build: Build<Log>,
}

impl RequestLogSuite {
    /// The suite for the logs that this function makes.
    pub fn new<B, F, L>(build: B) -> Self
    where
        B: Fn() -> F + Send + Sync + 'static,
        F: Future<Output = L> + Send + 'static,
        L: RequestLog,
    {
        Self {
            checks: checks(),
            build: Box::new(move || {
                let log = build();
                Box::pin(async move { Box::new(log.await) as Box<Log> })
            }),
        }
    }

    /// The names of all checks.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.checks.iter().map(|check| check.name)
    }

    /// Runs every check.
    pub async fn run(&self) -> Report {
        run_all(&self.checks, &self.build).await
    }

    /// Runs the check of this name; `None` if there is none.
    pub async fn run_check(&self, name: &str) -> Option<Outcome> {
        run_named(&self.checks, &self.build, name).await
    }
}

fn checks() -> Vec<Check<Log>> {
    vec![
        check!(record_is_read_as_it_was_written),
        check!(records_come_the_newest_first),
        check!(records_of_one_time_come_the_last_recorded_first),
        check!(no_more_records_come_than_were_asked_for),
        check!(records_of_other_connections_are_apart),
        check!(records_are_bounded_and_the_oldest_give_way),
    ]
}

fn record(connection: &ConnectionId, second: u32) -> RequestRecord {
    RequestRecord::new(at(second), fresh_tenant(), connection.clone(), "GET", "/Users", 200)
}

async fn written(log: &Log, connection: &ConnectionId, second: u32) -> Result<RequestRecord, Failure> {
    let record = record(connection, second);
    done(log.record(&record)).await?;
    Ok(record)
}

async fn record_is_read_as_it_was_written(log: &Log) -> Verdict {
    let connection = fresh_connection();
    let mut full = record(&connection, 1);
    full.key = Some(fresh_key());
    full.request_id = RequestId::new("r-1 \"'%_");
    full.resource_id = Some(ResourceId::new("Ägare/🦀"));
    full.status = 409;
    full.scim_type = Some(Cow::Borrowed("uniqueness"));
    full.detail = Some("Another resource has this userName; it must be unique".to_owned());
    full.ignored = vec!["\"costCode\"".to_owned(), "\"a\",\n\"b\"".to_owned()];
    full.micros = 1_234_567;
    done(log.record(&full)).await?;
    let plain = written(log, &connection, 2).await?;
    ensure_eq!(done(log.recent(&connection, 2)).await?, [plain, full], "the records");
    Ok(())
}

async fn records_come_the_newest_first(log: &Log) -> Verdict {
    let connection = fresh_connection();
    let mut expected = Vec::new();
    for second in 0..KEPT {
        expected.insert(0, written(log, &connection, second).await?);
    }
    ensure_eq!(done(log.recent(&connection, usize::MAX)).await?, expected, "the records");
    Ok(())
}

async fn records_of_one_time_come_the_last_recorded_first(log: &Log) -> Verdict {
    let connection = fresh_connection();
    let (one, two) = (written(log, &connection, 1).await?, written(log, &connection, 1).await?);
    ensure_eq!(done(log.recent(&connection, 9)).await?, [two, one], "the records");
    Ok(())
}

async fn no_more_records_come_than_were_asked_for(log: &Log) -> Verdict {
    let connection = fresh_connection();
    for second in 0..3 {
        written(log, &connection, second).await?;
    }
    for count in 0..3 {
        ensure_eq!(done(log.recent(&connection, count)).await?.len(), count, "the number of records");
    }
    Ok(())
}

async fn records_of_other_connections_are_apart(log: &Log) -> Verdict {
    let (connection, other) = (fresh_connection(), fresh_connection());
    let record = written(log, &connection, 1).await?;
    for second in 0..KEPT {
        written(log, &other, second).await?;
    }
    ensure_eq!(done(log.recent(&connection, 9)).await?, [record], "the records of a connection");
    ensure!(done(log.recent(&fresh_connection(), 9)).await?.is_empty(), "an unknown connection has records");
    Ok(())
}

async fn records_are_bounded_and_the_oldest_give_way(log: &Log) -> Verdict {
    let connection = fresh_connection();
    let mut last = None;
    for second in 0..WRITTEN {
        last = Some(written(log, &connection, second).await?);
    }
    let found = done(log.recent(&connection, usize::MAX)).await?;
    ensure!(found.len() >= usize::try_from(KEPT).unwrap_or_default(), "only {} records are kept", found.len());
    ensure!(found.len() < usize::try_from(WRITTEN).unwrap_or_default(), "no record gave way");
    ensure_eq!(found.first(), last.as_ref(), "the newest record");
    Ok(())
}
