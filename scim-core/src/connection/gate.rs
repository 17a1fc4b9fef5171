//! What need not be written at every request is written at most once a minute.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::resource::DateTime;

const MINUTE: Duration = Duration::from_secs(60);

/// How many subjects are remembered; beyond it all are forgotten, and each is written once more than it need be.
const REMEMBERED: usize = 65_536;

/// When each subject was last written by this process, and as what.
#[derive(Debug)]
pub(super) struct MinuteGate<K, V>(Mutex<HashMap<K, (V, DateTime)>>);

impl<K: Clone + Eq + Hash, V: Copy + PartialEq> MinuteGate<K, V> {
    pub(super) fn new() -> Self {
        Self(Mutex::new(HashMap::new()))
    }

    /// Whether the subject is to be written now: nothing, something else or something older than a minute was written
    /// before. Whoever asks is the one to write.
    pub(super) fn is_due(&self, subject: &K, value: V, now: DateTime) -> bool {
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((last, at)) = written.get_mut(subject) {
            let is_due = *last != value || is_minute_ago(*at, now);
            if is_due {
                (*last, *at) = (value, now);
            }
            return is_due;
        }
        if written.len() >= REMEMBERED {
            written.clear();
        }
        written.insert(subject.clone(), (value, now));
        true
    }
}

/// Whether a minute or more lies between; also where clocks differ and `then` is yet to come.
pub(super) fn is_minute_ago(then: DateTime, now: DateTime) -> bool {
    u128::from(now.as_micros().abs_diff(then.as_micros())) >= MINUTE.as_micros()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_due_once_a_minute_and_when_it_turns() {
        let gate = MinuteGate::new();
        let at = |seconds: i64| DateTime::from_micros(seconds * 1_000_000);
        assert!(gate.is_due(&"a", 1, at(0)));
        assert!(!gate.is_due(&"a", 1, at(59)));
        assert!(gate.is_due(&"b", 1, at(59)));
        assert!(gate.is_due(&"a", 2, at(59)));
        assert!(!gate.is_due(&"a", 2, at(60)));
        assert!(gate.is_due(&"a", 2, at(119)));
    }
}
