//! What a server looks like under one policy. Everything is made when the server is built.

use std::collections::HashMap;
use std::sync::Arc;

use super::prepared::RuledType;
use super::{PreparedRules, ProvisioningPolicy, ResourceOperation};
use crate::auth::Principal;
use crate::builder::BuildError;
use crate::discovery::Discovery;
use crate::error::{ErrorKind, ScimError};
use crate::host::{StoredType, StoredTypes};
use crate::limits::Limits;
use crate::route::Route;
use crate::schema::{check_resource_types, ResourceType};
use crate::served_type::ServedType;
use crate::store::ResourceStore;
use crate::write_only::{check_store, has_password};

/// The resource types and the discovery documents under one policy. Every face of a server has the same types at the
/// same places, so that a route means the same in all; a type that offers no operation does not exist to clients.
pub(crate) struct Face {
    pub(crate) types: Vec<ServedType>,
    pub(crate) discovery: Discovery,
}

/// The faces of a server: the one for all, and those for principals that name a policy.
pub(crate) struct Faces {
    pub(crate) common: Face,
    named: HashMap<String, Face>,
}

/// What the faces of a server have in common.
pub(crate) struct SharedParts<'a> {
    pub(crate) base_url: &'a str,
    pub(crate) types: Vec<(ResourceType, Arc<dyn ResourceStore>)>,
    pub(crate) limits: &'a Limits,
    pub(crate) passwords: bool,
}

impl Faces {
    /// A face for each policy.
    ///
    /// # Errors
    ///
    /// A policy that cannot be kept, and types that cannot be served.
    pub(crate) fn new(
        shared: &SharedParts<'_>,
        common: &ProvisioningPolicy,
        named: &[(String, ProvisioningPolicy)],
    ) -> Result<Self, BuildError> {
        let mut faces = HashMap::with_capacity(named.len());
        for (name, policy) in named {
            let face = Face::new(shared, policy, &format!("the provisioning policy {name:?}"))?;
            faces.insert(name.clone(), face);
        }
        Ok(Self { common: Face::new(shared, common, "the provisioning policy")?, named: faces })
    }

    /// What a principal gets to see.
    ///
    /// # Errors
    ///
    /// 403 for one that names a policy which is not there: no other may take its place.
    pub(crate) fn of(&self, principal: &Principal) -> Result<&Face, ScimError> {
        let Some(name) = principal.policy() else { return Ok(&self.common) };
        self.named.get(name).ok_or_else(|| {
            tracing::error!(
                target: "scim::request",
                policy = name,
                principal = principal.name(),
                "a principal names a provisioning policy that the server was not built with"
            );
            unknown_policy()
        })
    }
}

/// 403 for a principal that names a policy which is not there.
pub(crate) fn unknown_policy() -> ScimError {
    ScimError::new(ErrorKind::Forbidden, "The provisioning settings of this connection are not in order")
}

impl Face {
    fn new(shared: &SharedParts<'_>, policy: &ProvisioningPolicy, title: &str) -> Result<Self, BuildError> {
        let refuse = |resource_type: &str, problem: String| BuildError::Provisioning {
            policy: title.to_owned(),
            resource_type: resource_type.to_owned(),
            problem,
        };
        let is_served = |name: &&str| shared.types.iter().any(|(served, _)| served.name() == *name);
        if let Some(name) = policy.names().find(|name| !is_served(name)) {
            let names: Vec<&str> = shared.types.iter().map(|(served, _)| served.name()).collect();
            let problem = format!("the server has no resource type of this name, only {}", names.join(", "));
            return Err(refuse(name, problem));
        }
        let mut prepared = Vec::with_capacity(shared.types.len());
        let mut stored_types = Vec::with_capacity(shared.types.len());
        for (whole, store) in &shared.types {
            let (RuledType { shown, stored }, rules) = match policy.rules_of(whole.name()) {
                Some(rules) => PreparedRules::new(rules, whole).map_err(|problem| refuse(whole.name(), problem))?,
                None => (RuledType { shown: whole.clone(), stored: whole.clone() }, PreparedRules::default()),
            };
            let capabilities = store.capabilities(&stored);
            rules.check_store(capabilities).map_err(|problem| refuse(whole.name(), problem))?;
            if !rules.operations.is_empty() {
                check_store(&shown, capabilities, shared.passwords)?;
            }
            let stored = Arc::new(stored);
            stored_types.push(StoredType {
                stored: Arc::clone(&stored),
                declared: Arc::new(whole.clone()),
                store: Arc::clone(store),
            });
            prepared.push((Arc::new(shown), stored, Arc::clone(store), rules));
        }
        check_resource_types(prepared.iter().map(|(shown, ..)| &**shown))?;
        let offered = prepared.iter().filter(|(.., rules)| !rules.operations.is_empty());
        let offered: Vec<Arc<ResourceType>> = offered.map(|(shown, ..)| Arc::clone(shown)).collect();
        let stored_types = Arc::new(StoredTypes(stored_types));
        let types: Vec<ServedType> = prepared
            .into_iter()
            .map(|(shown, stored, store, rules)| {
                ServedType::new(shown, stored, Arc::clone(&stored_types), store, shared.base_url, &offered, rules)
            })
            .collect();
        let passwords = shared.passwords && offered.iter().any(|resource_type| has_password(resource_type));
        let discovery = Discovery::new(shared.base_url, &types, shared.limits, passwords);
        Ok(Self { types, discovery })
    }

    /// The type at a place, if it exists to clients.
    pub(crate) fn served(&self, place: usize) -> Option<&ServedType> {
        self.types.get(place).filter(|served| served.is_offered())
    }

    /// The type of this name, if it exists to clients.
    pub(crate) fn served_by_name(&self, name: &str) -> Option<&ServedType> {
        self.type_by_name(name).filter(|served| served.is_offered())
    }

    /// The type of this name, whether it exists to clients or not.
    pub(crate) fn type_by_name(&self, name: &str) -> Option<&ServedType> {
        self.types.iter().find(|served| served.resource_type.name() == name)
    }

    /// The types that can be listed.
    pub(crate) fn listed(&self) -> impl Iterator<Item = &ServedType> {
        self.types.iter().filter(|served| served.rules.operations.offers(ResourceOperation::List))
    }

    /// The route, unless it leads to a type that does not exist to clients.
    pub(crate) fn visible<'r>(&self, route: &'r Route) -> &'r Route {
        match route {
            Route::Collection(place) | Route::Item(place, _) | Route::Search(place)
                if self.served(*place).is_none() =>
            {
                &Route::Unknown
            }
            route => route,
        }
    }

    /// The methods that a route takes, as an `Allow` header lists them.
    pub(crate) fn allowed(&self, route: &Route) -> &'static str {
        let operations = |place: usize| self.types.get(place).map(|served| served.rules.operations);
        match route {
            Route::Collection(place) => operations(*place).map_or("", |offered| offered.allowed_at_endpoint()),
            Route::Item(place, _) => operations(*place).map_or("", |offered| offered.allowed_at_resource()),
            route => route.allowed(),
        }
    }

    /// Refuses Bulk requests where there is nothing that they could do.
    ///
    /// # Errors
    ///
    /// 501.
    pub(crate) fn check_bulk(&self) -> Result<(), ScimError> {
        if self.types.iter().any(|served| served.rules.operations.has_writes()) {
            return Ok(());
        }
        Err(ScimError::new(ErrorKind::NotImplemented, "Nothing can be changed here, so there are no Bulk requests"))
    }
}
