//! What became of the operations of a Bulk request.

use http::StatusCode;

use super::plan::Heading;
use crate::error::{ErrorKind, ScimError};
use crate::resource::{ResourceId, Version};

/// What is known about the operations so far, by their place in the request.
pub(super) struct Results {
    pub(super) headings: Vec<Heading>,
    /// What the POSTs created.
    pub(super) created: Vec<Option<ResourceId>>,
    /// The attributes of all operations that were left out.
    pub(super) ignored: Vec<String>,
    /// How many operations failed.
    pub(super) errors: u64,
    results: Vec<Option<Result<Done, ScimError>>>,
}

/// An operation that succeeded.
pub(super) struct Done {
    pub(super) status: StatusCode,
    pub(super) version: Option<Version>,
}

impl Results {
    pub(super) fn new(headings: Vec<Heading>) -> Self {
        let count = headings.len();
        let results = std::iter::repeat_with(|| None).take(count).collect();
        Self { headings, created: vec![None; count], ignored: Vec::new(), errors: 0, results }
    }

    /// The result of an operation; `None` if it was not performed.
    pub(super) fn get(&self, place: usize) -> Option<&Result<Done, ScimError>> {
        self.results.get(place)?.as_ref()
    }

    pub(super) fn set(&mut self, place: usize, result: Result<Done, ScimError>) {
        if result.is_err() {
            self.errors = self.errors.saturating_add(1);
        }
        if let Some(slot) = self.results.get_mut(place) {
            *slot = Some(result);
        }
    }

    /// The resource that a POST created.
    pub(super) fn created_by(&self, place: usize) -> Option<&ResourceId> {
        self.created.get(place)?.as_ref()
    }

    /// Takes back that these operations created anything.
    pub(super) fn forget(&mut self, places: &[usize]) {
        for place in places {
            if let Some(created) = self.created.get_mut(*place) {
                *created = None;
            }
        }
    }

    /// The first operation of the request that failed.
    pub(super) fn first_failed(&self) -> Option<usize> {
        self.results.iter().position(|result| matches!(result, Some(Err(_))))
    }

    /// Makes an error of every result, because the operation at `failed` failed and so nothing has happened.
    pub(super) fn give_up(&mut self, failed: usize) {
        let number = failed.saturating_add(1);
        for result in self.results.iter_mut().filter(|result| !matches!(result, Some(Err(_)))) {
            let detail = format!("Not performed: operation {number} failed, and here all operations happen or none");
            *result = Some(Err(ScimError::new(ErrorKind::Conflict, detail)));
        }
        self.created.fill(None);
    }
}
