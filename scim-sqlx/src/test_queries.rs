//! Queries that the tests of both databases look into, and what they cost.

use std::sync::Arc;
use std::time::{Duration, Instant};

use scim_core::{
    AttributePath, CompatProfile, Context, Fetch, Filter, Limits, Member, MembersUpdate, PageRequest, Principal, Query,
    ResourceId, ResourceStore, ResourceType, Sort, TenantId, Update,
};

pub(crate) fn users() -> Context {
    Context::new(Principal::new(TenantId::new("acme"), "test"), Arc::new(ResourceType::user()))
}

pub(crate) fn groups() -> Context {
    users().for_type(Arc::new(ResourceType::group()))
}

pub(crate) fn filtered(cx: &Context, text: &str) -> Query {
    let (profile, limits) = (CompatProfile::default(), Limits::default());
    let filter = Filter::parse(text, &profile, &limits).unwrap().resolve(&cx.resource_type, &profile).unwrap();
    let mut query = Query::default();
    query.filter = Some(filter);
    query.page = PageRequest::Index { start_index: 1, count: 100 };
    query.fetch = Fetch::all();
    query
}

pub(crate) fn first_cursor_page() -> Query {
    let mut query = Query::default();
    query.page = PageRequest::Cursor { position: None, count: 100 };
    query.fetch = Fetch::without(["groups"]);
    query
}

pub(crate) fn sorted(cx: &Context, path: &str) -> Query {
    let mut query = Query::default();
    query.sort = Some(Sort::new(cx.resource_type.resolve(&AttributePath::split(path).unwrap()).unwrap(), false));
    query
}

/// Filters that identity providers look users up by.
pub(crate) const LOOK_UPS: [&str; 9] = [
    "userName eq \"User 77\"",
    "externalId eq \"e77\"",
    "id eq \"u77\"",
    "displayName eq \"name 77\"",
    "emails eq \"u77@example.com\"",
    "emails.value eq \"U77@example.com\"",
    "emails[type eq \"work\" and value eq \"u77@example.com\"]",
    "id eq \"u77\" and active eq true",
    "groups eq \"g1\"",
];

/// The deepest filter there may be, and the widest.
pub(crate) fn extreme_filters() -> Vec<String> {
    let limits = Limits::default();
    let mut deep = vec!["title eq \"x\"".to_owned(); 4];
    for level in 1..limits.filter_depth {
        let both = if level % 2 == 0 { "and" } else { "or" };
        deep[0] = format!("(title eq \"y\" {both} {})", deep[0]);
        deep[1] = format!("not ({})", deep[1]);
        deep[2] = format!("not (nickName pr {both} {})", deep[2]);
        if level > 1 {
            deep[3] = format!("(emails[type eq \"x\" or value eq \"y\"] {both} {})", deep[3]);
        }
    }
    let term = |number: usize| format!("title eq \"{}\"", number % 10);
    let wide = |join: &str| (0..limits.filter_terms).map(term).collect::<Vec<_>>().join(join);
    let fits = |filter: &String| Filter::parse(filter, &CompatProfile::default(), &limits).is_ok();
    deep.into_iter().chain([wide(" or "), wide(" and ")]).filter(fits).collect()
}

/// How often each thing is done that is measured.
const ROUNDS: usize = 400;

/// Asks a store of few and a store of many users `u1`… what identity providers ask, by turns, and demands that the
/// many cost at most twice as much.
pub(crate) async fn compare_look_ups(few: (&dyn ResourceStore, i64), many: (&dyn ResourceStore, i64)) {
    for question in ["userName eq", "externalId eq", "id eq", "GET by id", "first page by cursor"] {
        let mut times = [Vec::new(), Vec::new()];
        let mut numbers = [few, many].map(|(_, count)| (1..=count).cycle().step_by(7_919));
        for _ in 0..ROUNDS {
            for (((store, _), numbers), times) in [few, many].into_iter().zip(&mut numbers).zip(&mut times) {
                let number = numbers.next().unwrap();
                let began = Instant::now();
                let found = ask(store, question, number).await;
                times.push(began.elapsed());
                assert_eq!(found, if question.contains("page") { 100 } else { 1 }, "{question} {number}");
            }
        }
        report(question, (few.1, many.1), times);
    }
}

async fn ask(store: &dyn ResourceStore, question: &str, number: i64) -> usize {
    let cx = users();
    let filter = match question {
        "GET by id" => {
            let id = ResourceId::new(format!("u{number}"));
            return usize::from(store.get(&cx, &id, &Fetch::all()).await.unwrap().is_some());
        }
        "first page by cursor" => return store.list(&cx, &first_cursor_page()).await.unwrap().resources.len(),
        "userName eq" => format!("userName eq \"User {number}\""),
        "externalId eq" => format!("externalId eq \"e{number}\""),
        _ => format!("id eq \"u{number}\""),
    };
    store.list(&cx, &filtered(&cx, &filter)).await.unwrap().resources.len()
}

/// Adds the first user to the group `g1` of the users `u2` to `u11` and to the group `g2` of all but the first, and
/// removes it again, by turns, and demands that it costs at most twice as much in the large group, which has `most`.
pub(crate) async fn compare_members(store: &dyn ResourceStore, most: i64) {
    let mut adding = [Vec::new(), Vec::new()];
    let mut removing = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        for (place, group) in ["g1", "g2"].into_iter().enumerate() {
            adding[place].push(timed_change(store, group, adding_first()).await);
            removing[place].push(timed_change(store, group, removing_first()).await);
        }
    }
    report("a member added", (10, most), adding);
    report("a member removed", (10, most), removing);
}

async fn timed_change(store: &dyn ResourceStore, group: &str, members: MembersUpdate) -> Duration {
    let began = Instant::now();
    change_members(store, group, members).await;
    began.elapsed()
}

pub(crate) async fn change_members(store: &dyn ResourceStore, group: &str, members: MembersUpdate) {
    let mut update = Update::members(members);
    update.fetch = Fetch::without(["members"]);
    store.update(&groups(), &ResourceId::new(group), update).await.unwrap();
}

pub(crate) fn adding_first() -> MembersUpdate {
    let mut members = MembersUpdate::default();
    members.add([Member::new(ResourceId::new("u1"))]);
    members
}

pub(crate) fn removing_first() -> MembersUpdate {
    let mut members = MembersUpdate::default();
    members.remove([ResourceId::new("u1")]);
    members
}

fn report(what: &str, (few, many): (i64, i64), times: [Vec<Duration>; 2]) {
    let [of_few, of_many] = times.map(|mut times| {
        times.sort_unstable();
        times[times.len() / 2]
    });
    let ratio = of_many.as_secs_f64() / of_few.as_secs_f64();
    println!("{what}: {of_few:?} with {few}, {of_many:?} with {many}: {ratio:.2}");
    assert!(ratio < 2.0, "{what} costs {ratio:.2} times as much with {many} as with {few}");
}
