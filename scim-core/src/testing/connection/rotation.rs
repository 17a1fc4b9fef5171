//! A rotation is one step.

use std::future::poll_fn;
use std::task::Poll;

use super::check::{at, check, done, ensure_refused, fresh_connection, Check};
use super::connections::a_connection;
use super::keys::{key_of, new_key, read_key};
use crate::connection::{ConnectionState, ConnectionStore, KeyEnd};
use crate::store::StoreError;
use crate::testing::check::{ensure_eq, BoxFuture, Verdict};

type Store = dyn ConnectionStore;

pub(super) fn checks() -> Vec<Check<Store>> {
    vec![
        check!(rotation_at_once_revokes_the_others),
        check!(rotation_with_overlap_lets_the_others_expire),
        check!(rotation_leaves_keys_that_end_sooner_or_have_ended),
        check!(rotation_leaves_other_connections_alone),
        check!(rotation_of_nothing_is_refused),
        check!(rotation_that_is_refused_ends_no_key),
        check!(rotations_at_the_same_time_leave_one_key),
    ]
}

async fn rotation_at_once_revokes_the_others(store: &Store) -> Verdict {
    let connection = a_connection(store).await?;
    let mut others = [key_of(store, &connection, 1).await?, key_of(store, &connection, 2).await?];
    let key = new_key(&connection.id, 9);
    done(store.rotate_keys(&key, KeyEnd::Revoked(at(9)))).await?;
    ensure_eq!(read_key(store, &key).await?, key, "the new key");
    for other in &mut others {
        other.info.revoked = Some(at(9));
        ensure_eq!(read_key(store, other).await?, *other, "a key that another took the place of");
    }
    Ok(())
}

async fn rotation_with_overlap_lets_the_others_expire(store: &Store) -> Verdict {
    let connection = a_connection(store).await?;
    let unlimited = key_of(store, &connection, 1).await?;
    let mut limited = new_key(&connection.id, 2);
    limited.info.expires = Some(at(1_000));
    done(store.insert_key(&limited)).await?;
    let key = new_key(&connection.id, 9);
    done(store.rotate_keys(&key, KeyEnd::Expires(at(60)))).await?;
    ensure_eq!(read_key(store, &key).await?, key, "the new key");
    for mut other in [unlimited, limited] {
        other.info.expires = Some(at(60));
        ensure_eq!(read_key(store, &other).await?, other, "a key that another took the place of");
    }
    Ok(())
}

async fn rotation_leaves_keys_that_end_sooner_or_have_ended(store: &Store) -> Verdict {
    let connection = a_connection(store).await?;
    let mut sooner = new_key(&connection.id, 1);
    sooner.info.expires = Some(at(30));
    let mut revoked = new_key(&connection.id, 2);
    revoked.info.revoked = Some(at(3));
    for key in [&sooner, &revoked] {
        done(store.insert_key(key)).await?;
    }
    done(store.rotate_keys(&new_key(&connection.id, 9), KeyEnd::Expires(at(60)))).await?;
    ensure_eq!(read_key(store, &sooner).await?, sooner, "a key that ends sooner");
    ensure_eq!(read_key(store, &revoked).await?, revoked, "a revoked key");
    done(store.rotate_keys(&new_key(&connection.id, 10), KeyEnd::Revoked(at(10)))).await?;
    ensure_eq!(read_key(store, &revoked).await?, revoked, "a revoked key");
    sooner.info.revoked = Some(at(10));
    ensure_eq!(read_key(store, &sooner).await?, sooner, "a key that was to end later");
    Ok(())
}

async fn rotation_leaves_other_connections_alone(store: &Store) -> Verdict {
    let (connection, other) = (a_connection(store).await?, a_connection(store).await?);
    let kept = key_of(store, &other, 1).await?;
    done(store.rotate_keys(&new_key(&connection.id, 2), KeyEnd::Revoked(at(2)))).await?;
    ensure_eq!(read_key(store, &kept).await?, kept, "the key of another connection");
    Ok(())
}

async fn rotation_of_nothing_is_refused(store: &Store) -> Verdict {
    let orphan = new_key(&fresh_connection(), 1);
    ensure_refused!(
        store.rotate_keys(&orphan, KeyEnd::Revoked(at(1))).await,
        StoreError::NotFound,
        "a rotation of the keys of no connection"
    );
    let connection = a_connection(store).await?;
    let old = key_of(store, &connection, 1).await?;
    done(store.set_state(&connection.id, ConnectionState::Deleted)).await?;
    let key = new_key(&connection.id, 2);
    ensure_refused!(
        store.rotate_keys(&key, KeyEnd::Revoked(at(2))).await,
        StoreError::NotFound,
        "a rotation of the keys of a deleted connection"
    );
    ensure_eq!(done(store.keys(&connection.id)).await?, [old], "the keys of a deleted connection");
    Ok(())
}

async fn rotation_that_is_refused_ends_no_key(store: &Store) -> Verdict {
    let connection = a_connection(store).await?;
    let (one, two) = (key_of(store, &connection, 1).await?, key_of(store, &connection, 2).await?);
    let mut taken = new_key(&connection.id, 9);
    taken.info.id = one.info.id.clone();
    for end in [KeyEnd::Revoked(at(9)), KeyEnd::Expires(at(9))] {
        ensure_refused!(
            store.rotate_keys(&taken, end).await,
            StoreError::Uniqueness { attribute } if attribute == "id",
            "a rotation to an id that is taken"
        );
    }
    ensure_eq!(done(store.keys(&connection.id)).await?, [one, two], "the keys after a rotation that was refused");
    Ok(())
}

async fn rotations_at_the_same_time_leave_one_key(store: &Store) -> Verdict {
    let connection = a_connection(store).await?;
    key_of(store, &connection, 1).await?;
    let keys: Vec<_> = (0..8).map(|number| new_key(&connection.id, 10_u32.saturating_add(number))).collect();
    let rotations = keys.iter().map(|key| store.rotate_keys(key, KeyEnd::Revoked(at(30)))).collect();
    for result in together(rotations).await {
        done(async { result }).await?;
    }
    let kept = done(store.keys(&connection.id)).await?;
    ensure_eq!(kept.len(), 9, "all keys");
    ensure_eq!(kept.iter().filter(|key| key.info.revoked.is_none()).count(), 1, "the keys that are not revoked");
    Ok(())
}

/// What comes of all of them, run by turns.
async fn together<T: Unpin>(mut running: Vec<BoxFuture<'_, T>>) -> Vec<T> {
    let mut results: Vec<Option<T>> = running.iter().map(|_| None).collect();
    poll_fn(|context| {
        let mut is_pending = false;
        for (task, slot) in running.iter_mut().zip(&mut results).filter(|(_, slot)| slot.is_none()) {
            match task.as_mut().poll(context) {
                Poll::Ready(result) => *slot = Some(result),
                Poll::Pending => is_pending = true,
            }
        }
        if is_pending {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    })
    .await;
    results.into_iter().flatten().collect()
}
