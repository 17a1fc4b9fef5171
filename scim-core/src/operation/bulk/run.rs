//! Performing the operations of a Bulk request, one after the other.

use std::collections::{HashMap, VecDeque};

use http::StatusCode;
use serde_json::{json, Map, Value};

use super::order::Step;
use super::plan::{Action, Plan, Target, Work};
use super::reference;
use super::results::{Done, Results};
use super::Bulk;
use crate::context::Context;
use crate::error::{quoted, ErrorKind, ScimError};
use crate::log_line::log_cause;
use crate::operation::unit::Unit;
use crate::operation::{self, Operation, Outcome};
use crate::patch::Budget;
use crate::provisioning::Face;
use crate::request::Preconditions;
use crate::resource::ResourceId;
use crate::response::with_request_id;
use crate::server::{check_scope, Engine};

/// A Bulk request under way. Everything is by the place of the operation in the request.
pub(super) struct Run<'a> {
    engine: &'a Engine,
    face: &'a Face,
    contexts: &'a [Context],
    unit: Option<&'a Unit>,
    budget: &'a Budget,
    /// What to do, or why it cannot be done; taken when its turn comes.
    work: Vec<Option<Result<Work, ScimError>>>,
    /// Where each bulkId is defined.
    bulk_ids: HashMap<String, usize>,
    results: Results,
}

/// A resource of a circle that exists, and what is still to be added to it.
struct Partial {
    place: usize,
    resource_type: usize,
    done: Done,
    pending: Map<String, Value>,
}

/// Why a circle failed.
enum BrokenCircle {
    /// One of its operations failed.
    At(usize, ScimError),
    /// None of its operations can be performed before the others.
    Unresolvable,
}

impl<'a> Run<'a> {
    /// A run outside of a unit of work, or within one.
    pub(super) fn new(bulk: &'a Bulk<'a>, unit: Option<&'a Unit>, plan: Plan) -> Self {
        let Bulk { engine, face, contexts, budget } = *bulk;
        let Plan { headings, work, bulk_ids, .. } = plan;
        Self { engine, face, contexts, unit, budget, work, bulk_ids, results: Results::new(headings) }
    }

    /// Performs the steps, until there are as many errors as are accepted. What comes after them is not performed and has
    /// no result (RFC 7644 s3.7.3).
    pub(super) async fn perform(mut self, steps: Vec<Step>, fail_on_errors: Option<u64>) -> Results {
        for step in steps {
            match step {
                Step::One(place) => {
                    let result = self.one(place).await;
                    self.finish(place, result);
                }
                Step::Circle(places) => self.circle(&places).await,
            }
            if fail_on_errors.is_some_and(|most| self.results.errors >= most) {
                break;
            }
        }
        self.results
    }

    async fn one(&mut self, place: usize) -> Result<Done, ScimError> {
        let mut work = self.take_work(place)?;
        self.check_references(&work.references)?;
        self.substitute(&mut work);
        self.operate(place, work).await
    }

    fn take_work(&mut self, place: usize) -> Result<Work, ScimError> {
        let work = self.work.get_mut(place).and_then(Option::take);
        work.unwrap_or_else(|| Err(ScimError::internal("an operation of a Bulk request was to be performed twice")))
    }

    /// Everything that an operation refers to must exist.
    fn check_references(&self, references: &[usize]) -> Result<(), ScimError> {
        match references.iter().find(|place| self.results.created_by(**place).is_none()) {
            Some(failed) => Err(self.refers_to_failed(*failed)),
            None => Ok(()),
        }
    }

    fn refers_to_failed(&self, place: usize) -> ScimError {
        let bulk_id =
            self.results.headings.get(place).and_then(|heading| heading.bulk_id.as_deref()).unwrap_or_default();
        ScimError::invalid_value(format!(
            "The operation with the bulkId {} failed, and this one needs it",
            quoted(bulk_id)
        ))
    }

    /// The resource of a bulkId, if it exists.
    fn resource_of(&self, bulk_id: &str) -> Option<&ResourceId> {
        self.results.created_by(*self.bulk_ids.get(bulk_id)?)
    }

    /// Puts the ids of what exists in the place of references to it.
    fn substitute(&self, work: &mut Work) {
        if let Some(data) = work.data.referring_mut().filter(|_| !work.references.is_empty()) {
            reference::substitute(data, work.action == Action::Patch, &|bulk_id| self.resource_of(bulk_id));
        }
    }

    /// The very operation of a single request.
    async fn operate(&mut self, place: usize, work: Work) -> Result<Done, ScimError> {
        let Work { action, resource_type, preconditions, data, .. } = work;
        let operation = self.operation(resource_type, &preconditions)?;
        let served = operation.served;
        served.rules.operations.check(action.operation(), served.resource_type.name())?;
        let data = data.read(&self.engine.limits)?;
        let outcome = match (action, self.subject(place)) {
            (Action::Create, _) => operation.create(data).await?,
            (Action::Replace, Some(id)) => operation.replace(&id, data).await?,
            (Action::Patch, Some(id)) => operation.patch(&id, Value::Object(data)).await?,
            (Action::Delete, Some(id)) => operation.delete(&id).await?,
            (_, None) => return Err(ScimError::internal("an operation of a Bulk request without a resource")),
        };
        Ok(self.done(place, outcome))
    }

    fn operation<'o>(&self, resource_type: usize, preconditions: &'o Preconditions) -> Result<Operation<'o>, ScimError>
    where
        'a: 'o,
    {
        match (self.face.served(resource_type), self.contexts.get(resource_type)) {
            (Some(served), Some(cx)) => {
                check_scope(&cx.principal, Some(served), true)?;
                Ok(Operation {
                    engine: self.engine,
                    served,
                    cx,
                    preconditions,
                    projection: &served.least,
                    unit: self.unit,
                    budget: Some(self.budget),
                })
            }
            _ => Err(ScimError::internal("an operation of a Bulk request without a resource type")),
        }
    }

    /// The resource that the path of an operation names.
    fn subject(&self, place: usize) -> Option<ResourceId> {
        match &self.results.headings.get(place)?.target {
            Target::Resource(_, id) => Some(id.clone()),
            Target::Created { by, .. } => self.results.created_by(*by).cloned(),
            Target::Endpoint(_) | Target::Elsewhere(_) => None,
        }
    }

    /// Keeps what later operations and the answer need to know.
    fn done(&mut self, place: usize, outcome: Outcome) -> Done {
        self.results.ignored.extend(outcome.ignored);
        match outcome.result {
            operation::Result::Resource(status, resource) => {
                let is_new = status == StatusCode::CREATED;
                if let Some(created) = self.results.created.get_mut(place).filter(|_| is_new) {
                    *created = Some(resource.id);
                }
                Done { status, version: Some(resource.meta.version) }
            }
            operation::Result::NoContent(shown) => {
                Done { status: StatusCode::NO_CONTENT, version: shown.map(|(_, version)| version) }
            }
            operation::Result::NotModified(version) => Done { status: StatusCode::OK, version: Some(version) },
            operation::Result::Listing(_) => Done { status: StatusCode::OK, version: None },
        }
    }

    fn finish(&mut self, place: usize, result: Result<Done, ScimError>) {
        let result = result.map_err(|error| {
            let Some(cx) = self.contexts.first() else { return error };
            log_cause(&error, &cx.request_id);
            with_request_id(&error, &cx.request_id).unwrap_or(error)
        });
        self.results.set(place, result);
    }

    /// RFC 7644 s3.7.1: POSTs that refer to one another are performed without the references that lead to nothing yet;
    /// those are added when everything exists. If one of the operations fails, none has happened.
    async fn circle(&mut self, places: &[usize]) {
        let mut partials = Vec::with_capacity(places.len());
        let broken = match self.create_circle(places, &mut partials).await {
            Ok(()) => self.complete_circle(&mut partials).await.err(),
            Err(broken) => Some(broken),
        };
        let Some(broken) = broken else {
            partials.into_iter().for_each(|partial| self.finish(partial.place, Ok(partial.done)));
            return;
        };
        if self.unit.is_none() {
            self.undo(&partials).await;
        }
        self.results.forget(places);
        match broken {
            BrokenCircle::Unresolvable => places.iter().for_each(|place| self.finish(*place, Err(unresolvable()))),
            BrokenCircle::At(failed, error) => {
                for place in places.iter().filter(|place| **place != failed) {
                    self.finish(*place, Err(self.refers_to_failed(failed)));
                }
                self.finish(failed, Err(error));
            }
        }
    }

    /// Creates what can be created until everything is. What has to wait is looked at again when something that it refers
    /// to exists.
    async fn create_circle(&mut self, places: &[usize], partials: &mut Vec<Partial>) -> Result<(), BrokenCircle> {
        let mut waiting = HashMap::with_capacity(places.len());
        let mut referred_by: HashMap<usize, Vec<usize>> = HashMap::new();
        for place in places {
            let broken = |error| BrokenCircle::At(*place, error);
            let work = self.take_work(*place).map_err(broken)?;
            let outside = work.references.iter().filter(|reference| places.binary_search(reference).is_err());
            self.check_references(&outside.copied().collect::<Vec<_>>()).map_err(broken)?;
            for reference in &work.references {
                referred_by.entry(*reference).or_default().push(*place);
            }
            waiting.insert(*place, work);
        }
        let mut turns = VecDeque::from_iter(places.iter().copied());
        while let Some(place) = turns.pop_front() {
            let Some(mut work) = waiting.remove(&place) else { continue };
            let resource_type = work.resource_type;
            let Some(pending) = self.detach_pending(&mut work) else {
                waiting.insert(place, work);
                continue;
            };
            self.substitute(&mut work);
            let done = self.operate(place, work).await.map_err(|error| BrokenCircle::At(place, error))?;
            partials.push(Partial { place, resource_type, done, pending });
            turns.extend(referred_by.remove(&place).unwrap_or_default());
        }
        if waiting.is_empty() {
            Ok(())
        } else {
            Err(BrokenCircle::Unresolvable)
        }
    }

    /// Takes out of a POST what refers to nothing yet; `None` if the resource cannot be created without it.
    fn detach_pending(&self, work: &mut Work) -> Option<Map<String, Value>> {
        if work.references.iter().all(|place| self.results.created_by(*place).is_some()) {
            return Some(Map::new());
        }
        let served = self.face.served(work.resource_type)?;
        reference::detach(work.data.referring_mut()?, &served.resource_type, &|bulk_id| {
            self.resource_of(bulk_id).is_none()
        })
    }

    /// Adds what was left out. The version of the result is the one after it.
    async fn complete_circle(&mut self, partials: &mut [Partial]) -> Result<(), BrokenCircle> {
        for partial in partials.iter_mut().filter(|partial| !partial.pending.is_empty()) {
            let place = partial.place;
            let completed = self.complete(place, partial.resource_type, std::mem::take(&mut partial.pending)).await;
            let Done { version, .. } = completed.map_err(|error| BrokenCircle::At(place, error))?;
            partial.done.version = version.or(partial.done.version.take());
        }
        Ok(())
    }

    async fn complete(
        &mut self,
        place: usize,
        resource_type: usize,
        mut pending: Map<String, Value>,
    ) -> Result<Done, ScimError> {
        reference::substitute(&mut pending, false, &|bulk_id| self.resource_of(bulk_id));
        let Some(id) = self.results.created_by(place).cloned() else {
            return Err(ScimError::internal("a resource of a circle is to be completed that was not created"));
        };
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{"op": "add", "value": Value::Object(pending)}],
        });
        let outcome = self.operation(resource_type, &Preconditions::default())?.patch(&id, body).await?;
        Ok(self.done(place, outcome))
    }

    /// Takes back what was created. What cannot be deleted stays, and the log says so.
    async fn undo(&mut self, partials: &[Partial]) {
        for Partial { place, resource_type, .. } in partials.iter().rev() {
            let Some(id) = self.results.created_by(*place).cloned() else { continue };
            let deleted = match self.operation(*resource_type, &Preconditions::default()) {
                Ok(operation) => operation.withdraw(&id).await,
                Err(error) => Err(error),
            };
            if let Err(error) = deleted {
                tracing::warn!(target: "scim::request", %id, "a resource of a failed circle stays: {error}");
            }
        }
    }
}

/// RFC 7644 s3.7.1: the attempt to resolve circular references has failed.
fn unresolvable() -> ScimError {
    ScimError::new(
        ErrorKind::Conflict,
        "The operations refer to one another in a circle, and none of the resources can exist without the others",
    )
}
