//! From operations as they were sent to work that can be done, with what each refers to.

use std::collections::HashMap;

use serde_json::Map;

use super::data::Data;
use super::order::Dependencies;
use super::reference::{self, referenced};
use super::request::BulkOperation;
use super::Bulk;
use crate::compat::CompatProfile;
use crate::error::{quoted, ErrorKind, ScimError};
use crate::provisioning::{Face, ResourceOperation};
use crate::request::{Parameters, Preconditions};
use crate::resource::ResourceId;
use crate::route::Route;
use crate::server::{no_such_endpoint, Engine};

/// What is to be done. Everything is by the place of the operation in the request.
pub(super) struct Plan {
    pub(super) headings: Vec<Heading>,
    /// What to do, or why it cannot be done; taken when its turn comes.
    pub(super) work: Vec<Option<Result<Work, ScimError>>>,
    pub(super) dependencies: Vec<Dependencies>,
    /// Where each bulkId is defined.
    pub(super) bulk_ids: HashMap<String, usize>,
}

/// What of an operation its result repeats.
pub(super) struct Heading {
    pub(super) method: Option<String>,
    pub(super) bulk_id: Option<String>,
    pub(super) target: Target,
}

/// What the path of an operation names. Resource types are by their place in the server's list.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) enum Target {
    Endpoint(usize),
    Resource(usize, ResourceId),
    /// The resource that another operation of the request creates.
    Created {
        resource_type: usize,
        by: usize,
    },
    /// Nothing that an operation can be about; the path as it was sent.
    Elsewhere(String),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Create,
    Replace,
    Patch,
    Delete,
}

impl Action {
    /// The operation that it is on its own.
    pub(super) fn operation(self) -> ResourceOperation {
        match self {
            Self::Create => ResourceOperation::Create,
            Self::Replace => ResourceOperation::Replace,
            Self::Patch => ResourceOperation::Patch,
            Self::Delete => ResourceOperation::Delete,
        }
    }
}

/// One operation, ready to be performed once what it refers to exists.
pub(super) struct Work {
    pub(super) action: Action,
    pub(super) resource_type: usize,
    pub(super) preconditions: Preconditions,
    pub(super) data: Data,
    /// The operations whose bulkId it refers to, in its data or its path; ascending, each once.
    pub(super) references: Vec<usize>,
}

impl Plan {
    /// Reads what the operations mean. What is wrong with one is kept as the result of that one.
    ///
    /// # Errors
    ///
    /// 400 `invalidValue` for two operations of one bulkId, which leaves open what references mean.
    pub(super) fn new(
        bulk: &Bulk<'_>,
        profile: &CompatProfile,
        operations: Vec<BulkOperation>,
    ) -> Result<Self, ScimError> {
        let bulk_ids = bulk_ids(&operations)?;
        let Bulk { engine, face, .. } = *bulk;
        let planner = Planner { engine, face, profile, bulk_ids: &bulk_ids };
        let mut headings = Vec::with_capacity(operations.len());
        let mut work = Vec::with_capacity(operations.len());
        for mut operation in operations {
            let (target, found) = planner.target(operation.path.take());
            work.push(Some(found.and_then(|()| planner.work(&mut operation, &target))));
            headings.push(Heading { method: operation.method, bulk_id: operation.bulk_id, target });
        }
        let dependencies = dependencies(&headings, &work);
        Ok(Self { headings, work, dependencies, bulk_ids })
    }
}

/// Where each bulkId is defined: by a POST (RFC 7644 s3.7.2).
fn bulk_ids(operations: &[BulkOperation]) -> Result<HashMap<String, usize>, ScimError> {
    let mut bulk_ids = HashMap::with_capacity(operations.len());
    for (place, operation) in operations.iter().enumerate() {
        let Some(bulk_id) = &operation.bulk_id else { continue };
        if operation.method.as_deref() == Some("POST") && bulk_ids.insert(bulk_id.clone(), place).is_some() {
            return Err(ScimError::invalid_value(format!(
                "The bulkId {} is there twice; it must be unique within the request",
                quoted(bulk_id)
            )));
        }
    }
    Ok(bulk_ids)
}

/// What every operation waits for. Operations on one resource stay in the order in which they were sent.
fn dependencies(headings: &[Heading], work: &[Option<Result<Work, ScimError>>]) -> Vec<Dependencies> {
    let mut last_on = HashMap::new();
    let each = headings.iter().zip(work).enumerate().map(|(place, (heading, work))| Dependencies {
        references: match work {
            Some(Ok(work)) => work.references.clone(),
            _ => Vec::new(),
        },
        predecessor: match heading.target {
            Target::Resource(..) | Target::Created { .. } => last_on.insert(&heading.target, place),
            Target::Endpoint(_) | Target::Elsewhere(_) => None,
        },
    });
    each.collect()
}

struct Planner<'a> {
    engine: &'a Engine,
    face: &'a Face,
    profile: &'a CompatProfile,
    bulk_ids: &'a HashMap<String, usize>,
}

impl Planner<'_> {
    /// What a path names, below the base URL or with it in front, and why an operation cannot be about it.
    fn target(&self, path: Option<String>) -> (Target, Result<(), ScimError>) {
        let Some(path) = path else {
            return (Target::Elsewhere(String::new()), Err(ScimError::invalid_value("path is required")));
        };
        let relative = path.strip_prefix(self.engine.base_url.as_str());
        let relative = relative.filter(|rest| rest.is_empty() || rest.starts_with(['/', '?'])).unwrap_or(&path);
        let (relative, query) = relative.split_once('?').unwrap_or((relative, ""));
        let parameters = Parameters::parse(Some(query)).map(|_| ());
        match self.face.visible(&self.engine.route(relative)) {
            Route::Collection(resource_type) => (Target::Endpoint(*resource_type), parameters),
            Route::Item(resource_type, id) => (self.resource(*resource_type, id.clone()), parameters),
            Route::Unknown => (Target::Elsewhere(path), Err(no_such_endpoint())),
            _ => (Target::Elsewhere(path), Err(no_place_for_an_operation())),
        }
    }

    fn resource(&self, resource_type: usize, id: ResourceId) -> Target {
        match referenced(id.as_str()).and_then(|bulk_id| self.bulk_ids.get(bulk_id)) {
            Some(by) => Target::Created { resource_type, by: *by },
            None => Target::Resource(resource_type, id),
        }
    }

    fn work(&self, operation: &mut BulkOperation, target: &Target) -> Result<Work, ScimError> {
        let action = action(operation.method.as_deref())?;
        let (resource_type, by) = subject(action, target)?;
        if action == Action::Create && operation.bulk_id.is_none() {
            return Err(ScimError::invalid_value("bulkId is required when the method is POST"));
        }
        let data = self.data(action, operation.data.take())?;
        let mut references = self.references(&data, action)?;
        references.extend(by);
        references.sort_unstable();
        references.dedup();
        let preconditions = match action {
            Action::Create => Preconditions::default(),
            _ => self.preconditions(operation.version.as_deref()),
        };
        Ok(Work { action, resource_type, preconditions, data, references })
    }

    fn data(&self, action: Action, text: Option<String>) -> Result<Data, ScimError> {
        match (action, text) {
            (Action::Delete, _) => Ok(Data::Object(Map::new())),
            (_, Some(text)) => Data::new(text, &self.engine.limits),
            (_, None) => Err(ScimError::invalid_value("data is required when the method is POST, PUT or PATCH")),
        }
    }

    /// Where the bulkIds are defined that the data refers to.
    fn references(&self, data: &Data, action: Action) -> Result<Vec<usize>, ScimError> {
        let mut references = Vec::new();
        let Some(data) = data.referring() else { return Ok(references) };
        let mut unknown = None;
        reference::visit(data, action == Action::Patch, &mut |bulk_id| match self.bulk_ids.get(bulk_id) {
            Some(place) => references.push(*place),
            None => unknown = Some(unknown_reference(bulk_id)),
        });
        unknown.map_or(Ok(references), Err)
    }

    fn preconditions(&self, version: Option<&str>) -> Preconditions {
        let is_unassigned = |version: &&str| self.profile.empty_means_unassigned && version.is_empty();
        version.filter(|version| !is_unassigned(version)).map(Preconditions::if_match).unwrap_or_default()
    }
}

/// For what is a path of the protocol, but of no resource: Bulk itself, searches, discovery, `/Me`.
fn no_place_for_an_operation() -> ScimError {
    ScimError::new(
        ErrorKind::MethodNotAllowed(""),
        "An operation of a Bulk request is about the endpoint of a resource type or about a resource, and not about this",
    )
}

fn unknown_reference(bulk_id: &str) -> ScimError {
    ScimError::invalid_value(format!("No POST of this request has the bulkId {}", quoted(bulk_id)))
}

fn action(method: Option<&str>) -> Result<Action, ScimError> {
    match method {
        Some("POST") => Ok(Action::Create),
        Some("PUT") => Ok(Action::Replace),
        Some("PATCH") => Ok(Action::Patch),
        Some("DELETE") => Ok(Action::Delete),
        Some(other) => Err(ScimError::new(
            ErrorKind::MethodNotAllowed("POST, PUT, PATCH, DELETE"),
            format!("The method of an operation must be POST, PUT, PATCH or DELETE, not {}", quoted(other)),
        )),
        None => Err(ScimError::invalid_value("method is required")),
    }
}

/// The resource type of an operation, and the operation that creates its resource.
fn subject(action: Action, target: &Target) -> Result<(usize, Option<usize>), ScimError> {
    let refuse = |allowed, detail: &'static str| Err(ScimError::new(ErrorKind::MethodNotAllowed(allowed), detail));
    match (action, target) {
        (Action::Create, Target::Endpoint(resource_type)) => Ok((*resource_type, None)),
        (Action::Create, _) => {
            refuse("PUT, PATCH, DELETE", "The path of a POST must be the endpoint of a resource type")
        }
        (_, Target::Resource(_, id)) if referenced(id.as_str()).is_some() => {
            Err(unknown_reference(referenced(id.as_str()).unwrap_or_default()))
        }
        (_, Target::Resource(resource_type, _)) => Ok((*resource_type, None)),
        (_, Target::Created { resource_type, by }) => Ok((*resource_type, Some(*by))),
        (_, _) => refuse("POST", "The path of a PUT, PATCH or DELETE must be that of a resource"),
    }
}
