//! Runs several operations at the same time, without a runtime of its own.

use std::future::{poll_fn, Future};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

use super::check::{ensure, BoxFuture, Failure};
use crate::store::StoreError;

/// Sets a task going and gives back what ends when the task does.
pub(super) type Spawner = Arc<dyn Fn(BoxFuture<'static, ()>) -> BoxFuture<'static, ()> + Send + Sync>;

/// Runs the tasks at the same time and returns what came of them, in their order: as tasks of a runtime if there is a
/// spawner, else by turns.
pub(super) async fn race<T: Send + 'static>(
    spawner: Option<&Spawner>,
    tasks: impl IntoIterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Result<Vec<T>, Failure> {
    let mut slots = Vec::new();
    let mut running: Vec<Option<BoxFuture<'static, ()>>> = Vec::new();
    for task in tasks {
        let slot = Arc::new(Mutex::new(None));
        let filled = Arc::clone(&slot);
        let task: BoxFuture<'static, ()> = Box::pin(async move {
            let result = task.await;
            *filled.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
        });
        slots.push(slot);
        running.push(Some(match spawner {
            Some(spawn) => spawn(task),
            None => task,
        }));
    }
    join(&mut running).await;
    let results = slots.iter().map(|slot| slot.lock().unwrap_or_else(PoisonError::into_inner).take());
    results.collect::<Option<_>>().ok_or_else(|| Failure::new("an operation that ran with others did not end"))
}

/// Fails the check unless one has won and the others were told this.
pub(super) fn expect_one_winner<T>(
    results: Vec<Result<T, StoreError>>,
    is_loss: impl Fn(&StoreError) -> bool,
) -> Result<T, Failure> {
    let mut winners = Vec::new();
    for result in results {
        match result {
            Ok(winner) => winners.push(winner),
            Err(error) => ensure!(is_loss(&error), "who lost the race was told: {error}"),
        }
    }
    let count = winners.len();
    match (winners.pop(), count) {
        (Some(winner), 1) => Ok(winner),
        _ => Err(Failure::new(format!("{count} won the race"))),
    }
}

/// Whether an error says that the value of this attribute is taken.
pub(super) fn is_taken<'a>(attribute: &'a str) -> impl Fn(&StoreError) -> bool + use<'a> {
    move |error| matches!(error, StoreError::Uniqueness { attribute: named } if named == attribute)
}

/// Lets the others go on.
pub(super) async fn turn() {
    let mut has_waited = false;
    poll_fn(|context| {
        if has_waited {
            return Poll::Ready(());
        }
        has_waited = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Waits until all have ended.
async fn join(running: &mut [Option<BoxFuture<'static, ()>>]) {
    poll_fn(|context| {
        let mut pending = false;
        for slot in running.iter_mut() {
            match slot.as_mut().map(|task| task.as_mut().poll(context)) {
                Some(Poll::Pending) => pending = true,
                Some(Poll::Ready(())) => *slot = None,
                None => {}
            }
        }
        if pending {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    })
    .await;
}
