//! Tenants, connections and removed resources in one store, and a look at all of it that no server has.

use std::sync::Arc;

use scim_core::{
    Attributes, Context, EnterpriseUser, Fetch, Group, Member, MembersUpdate, MultiValue, NewResource, PageRequest,
    Partition, Query, Resource, ResourceId, ResourceStore, ResourceType, Update, User,
};

use super::answer::{Answer, Names};
use super::ask::Ask;
use super::place::Place;
use super::servers::{principal, Servers, Which};
use super::values::Values;

/// Somebody who owns resources.
pub(crate) struct Owner {
    /// What is said of it where something is wrong.
    pub(crate) name: &'static str,
    /// With which it asks; also the tenant and the connection whose partition it is about.
    pub(crate) token: &'static str,
    /// What became of its resources.
    pub(crate) fate: Fate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Present,
    Removed,
    Deleted,
}

/// The connection that asks, and whoever must not be noticed by it.
pub(crate) const OWNERS: [Owner; 8] = [
    Owner { name: "a connection", token: "acme/okta", fate: Fate::Present },
    Owner { name: "the host", token: "acme", fate: Fate::Present },
    Owner { name: "another connection of the tenant", token: "acme/entra", fate: Fate::Present },
    Owner { name: "another tenant", token: "globex", fate: Fate::Present },
    Owner { name: "a connection of another tenant, of the same name", token: "globex/okta", fate: Fate::Present },
    Owner { name: "the connection, removed", token: "acme/okta", fate: Fate::Removed },
    Owner { name: "the host, removed", token: "acme", fate: Fate::Removed },
    Owner { name: "the connection, deleted", token: "acme/okta", fate: Fate::Deleted },
];

/// One store with the resources of all owners.
pub(crate) struct World {
    store: Arc<dyn ResourceStore>,
    servers: Servers,
    types: [Arc<ResourceType>; 2],
    /// The values of each owner that there is so far, in the order of [`OWNERS`].
    pub(crate) values: Vec<Values>,
    own: Vec<String>,
}

impl World {
    /// A store without resources.
    pub(crate) fn empty(store: Arc<dyn ResourceStore>, users: ResourceType) -> Self {
        let servers = Servers::new(&store, &users);
        let types = [Arc::new(users), Arc::new(ResourceType::group())];
        Self { store, servers, types, values: Vec::new(), own: Vec::new() }
    }

    /// A store with the resources of everybody.
    pub(crate) async fn of_all(store: Arc<dyn ResourceStore>) -> Self {
        let mut world = Self::empty(store, ResourceType::user());
        for owner in &OWNERS {
            world.populate(owner).await;
        }
        world
    }

    /// Makes the resources of the next owner.
    pub(crate) async fn populate(&mut self, owner: &Owner) {
        let place = self.values.len();
        let tag = ["cat", "dog", "elk", "fox", "gnu", "hen", "jay", "owl"][place];
        let [users, groups] = self.contexts(owner.token);
        let manager = self.user(&users, &format!("{tag}.boss.abcdefabcdef"), None).await;
        let manager = self.changed(&users, manager, 2).await;
        let user = self.user(&users, &format!("{tag}.name.abcdefabcdef"), Some(&manager.id)).await;
        let mut group = Group::new(format!("{tag}.team.abcdefabcdef"));
        group.external_id = Some(format!("{tag}.gext.abcdefabcdef"));
        let new = NewResource::new(group.to_attributes(&groups.resource_type).unwrap());
        let new = new.with_members([Member::new(user.id.clone()).with_kind("User")]);
        let group = self.store.create(&groups, new).await.unwrap();
        // Where versions are numbers, nobody's user or group has the version of another's, nor a made-up one.
        let (user, group) =
            (self.changed(&users, user, 3 * place).await, self.changed(&groups, group, 3 * place).await);
        let cursors = [self.cursor(owner, "/Users").await, self.cursor(owner, "/").await];
        let text = |resource: &Resource, name| resource.attributes.string(name).unwrap().to_owned();
        self.values.push(Values {
            user: user.id.to_string(),
            manager: manager.id.to_string(),
            group: group.id.to_string(),
            user_name: text(&user, "userName"),
            user_external_id: text(&user, "externalId"),
            email: user.attributes.values("emails")[0]["value"].as_str().unwrap().to_owned(),
            display_name: text(&group, "displayName"),
            group_external_id: text(&group, "externalId"),
            user_version: user.meta.version.to_string(),
            group_version: group.meta.version.to_string(),
            cursors,
        });
        self.own.extend([&user, &manager, &group].map(|resource| resource.id.to_string()));
        self.meet(owner.fate, &users, &groups, [&manager.id, &user.id], &group.id).await;
    }

    async fn user(&self, cx: &Context, user_name: &str, manager: Option<&ResourceId>) -> Resource {
        let mut user = User::new(user_name);
        user.active = Some(true);
        user.title = Some("Guide".to_owned());
        user.external_id = Some(user_name.replace(".name.", ".uext.").replace(".boss.", ".bext."));
        user.emails.push(MultiValue::new(user_name.replacen('.', "@", 1)).with_kind("work"));
        user.enterprise = manager.map(|id| EnterpriseUser::new().with_manager(id.as_str()));
        let new = NewResource::new(user.to_attributes(&cx.resource_type).unwrap());
        self.store.create(cx, new).await.unwrap()
    }

    /// The resource after so many changes that leave it as it was.
    async fn changed(&self, cx: &Context, resource: Resource, times: usize) -> Resource {
        let mut latest = resource.clone();
        for number in (0..times).rev() {
            let mut changed = resource.attributes.as_map().clone();
            if number > 0 {
                changed.insert("externalId".to_owned(), number.to_string().into());
            }
            let update = Update::document(Attributes::from_stored(changed));
            latest = self.store.update(cx, &resource.id, update).await.unwrap();
        }
        latest
    }

    async fn cursor(&self, owner: &Owner, endpoint: &str) -> String {
        if owner.fate != Fate::Present {
            // Its cursors are those of somebody present.
            return "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo".to_owned();
        }
        let ask = Ask::query(endpoint, &[("cursor", ""), ("count", "1")]);
        let body = self.servers.send(Which::Plain, owner.token, &ask).await.into_body();
        let page: serde_json::Value = serde_json::from_slice(&body).unwrap();
        page["nextCursor"].as_str().unwrap().to_owned()
    }

    /// Removes or deletes what was made.
    async fn meet(&self, fate: Fate, users: &Context, groups: &Context, ids: [&ResourceId; 2], group: &ResourceId) {
        let removed = users.partition().removed();
        match fate {
            Fate::Present => {}
            Fate::Removed => {
                for id in ids {
                    self.store.update(users, id, Update::moving(removed.clone())).await.unwrap();
                }
                let mut update = Update::moving(removed);
                update.members = MembersUpdate::Set(vec![Member::new(ids[1].clone()).with_kind("User")]);
                self.store.update(groups, group, update).await.unwrap();
            }
            Fate::Deleted => {
                for id in ids {
                    self.store.delete(users, id, None).await.unwrap();
                }
                self.store.delete(groups, group, None).await.unwrap();
            }
        }
    }

    /// What an owner is answered at a place, with these values in it, and its own resources restored after.
    pub(crate) async fn answers(&self, which: Which, asker: usize, place: &Place, values: &Values) -> Vec<Answer> {
        if place.only_reads(values) {
            return self.answers_naming(which, asker, place, values, &[values]).await;
        }
        let token = OWNERS[asker].token;
        let before = self.dump(self.partition(token)).await;
        let answers = self.answers_naming(which, asker, place, values, &[values]).await;
        self.restore(token, before).await;
        answers
    }

    /// The same, where all of these values have the same names, and with what the requests did left as it is.
    pub(crate) async fn answers_naming(
        &self,
        which: Which,
        asker: usize,
        place: &Place,
        values: &Values,
        named: &[&Values],
    ) -> Vec<Answer> {
        let mut names = Names::new(&self.own);
        let mut answers = Vec::new();
        for ask in (place.asks)(values, &self.values[asker]) {
            let response = self.servers.send(which, OWNERS[asker].token, &ask).await;
            answers.push(Answer::of(&response, named, &mut names));
        }
        answers
    }

    /// What the first owner is answered to these requests.
    pub(crate) async fn all(&self, asks: Vec<Ask>) -> Vec<Answer> {
        let mut answers = Vec::new();
        for ask in asks {
            answers.push(self.ask(Which::Plain, 0, &ask).await);
        }
        answers
    }

    /// What an owner is answered to one request.
    pub(crate) async fn ask(&self, which: Which, asker: usize, ask: &Ask) -> Answer {
        let response = self.servers.send(which, OWNERS[asker].token, ask).await;
        Answer::of(&response, &[&self.values[asker]], &mut Names::new(&self.own))
    }

    /// The partition of an owner who is not removed.
    pub(crate) fn partition(&self, token: &str) -> Partition {
        principal(token, "").partition().clone()
    }

    /// Every partition there is.
    fn partitions(&self) -> Vec<Partition> {
        let tokens = ["acme", "acme/okta", "acme/entra", "globex", "globex/okta"];
        let present = tokens.map(|token| self.partition(token));
        present.iter().cloned().chain(present.iter().map(Partition::removed)).collect()
    }

    /// Everything that an owner does not see, as it is in the store.
    pub(crate) async fn unseen_by(&self, asker: usize) -> Vec<[Vec<Resource>; 2]> {
        let seen = self.partition(OWNERS[asker].token);
        let mut dumps = Vec::new();
        for partition in self.partitions() {
            if partition != seen {
                dumps.push(self.dump(partition).await);
            }
        }
        dumps
    }

    /// The users and groups of a partition, as they are in the store.
    pub(crate) async fn dump(&self, partition: Partition) -> [Vec<Resource>; 2] {
        let mut dump = Vec::new();
        for cx in self.contexts("acme") {
            let mut query = Query::default();
            query.page = PageRequest::Index { start_index: 1, count: 1_000 };
            query.fetch = Fetch::all();
            dump.push(self.store.list(&cx.within(partition.clone()), &query).await.unwrap().resources);
        }
        dump.try_into().unwrap()
    }

    /// Undoes what a client made of its own resources.
    async fn restore(&self, token: &str, before: [Vec<Resource>; 2]) {
        let after = self.dump(self.partition(token)).await;
        for ((cx, before), after) in self.contexts(token).into_iter().zip(before).zip(after) {
            for resource in &after {
                match before.iter().find(|old| old.id == resource.id) {
                    None => self.store.delete(&cx, &resource.id, None).await.unwrap(),
                    Some(old) if old.attributes != resource.attributes => self.reset(&cx, old).await,
                    Some(_) => {}
                }
            }
            assert!(
                before.iter().all(|old| after.iter().any(|resource| resource.id == old.id)),
                "{token} lost something"
            );
        }
    }

    async fn reset(&self, cx: &Context, old: &Resource) {
        let mut attributes = old.attributes.as_map().clone();
        attributes.remove("groups");
        let members = attributes.remove("members");
        let members = members.as_ref().and_then(|members| members.as_array()).into_iter().flatten();
        let mut update = Update::document(Attributes::from_stored(attributes));
        if cx.resource_type.name() == "Group" {
            update.members = MembersUpdate::Set(members.filter_map(Member::from_value).collect());
        }
        self.store.update(cx, &old.id, update).await.unwrap();
    }

    /// Users and groups of a tenant or a connection.
    fn contexts(&self, token: &str) -> [Context; 2] {
        self.types.clone().map(|resource_type| Context::new(principal(token, "matrix"), resource_type))
    }
}
