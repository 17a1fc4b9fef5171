//! Every store answers a query as every other does.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    missing_docs
)]

mod support;

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use scim_core::{
    Attributes, CompatProfile, Context, Fetch, Filter, Limits, Member, NewResource, PageRequest, Query, ResourceStore,
    ResourceType, Sort, StoreError,
};
use serde_json::json;
use tokio::task::JoinSet;

use support::random::{user, user_type, Filters, Random};
use support::{context, Backend};

/// `SCIM_FILTERS` sets how many filters are tried; the long run is
///
/// ```text
/// SCIM_FILTERS=20000 .ci/with-postgres cargo test --release -p scim-sqlx --test differential -- --nocapture
/// ```
fn rounds() -> usize {
    std::env::var("SCIM_FILTERS").ok().and_then(|count| count.parse().ok()).unwrap_or(300)
}

const USERS: usize = 2_000;
const GROUPS: usize = 40;

/// A store that was filled like every other, and the ids it gave.
struct Filled {
    backend: Backend,
    users: Vec<String>,
    groups: Vec<String>,
    numbers: HashMap<String, usize>,
}

async fn fill(backend: Backend, users: usize, groups: usize) -> Filled {
    let mut random = Random(1);
    let mut filled = Filled { backend, users: Vec::new(), groups: Vec::new(), numbers: HashMap::new() };
    let units = Arc::clone(&filled.backend.store);
    let cx = context("acme", &user_type());
    let other = context("other", &user_type());
    let mut random_others = Random(2);
    let store = units.unit_of_work().unwrap().begin(&other).await.unwrap();
    for number in 0..users / 10 {
        store.create(&other, NewResource::new(user(&mut random_others, number))).await.unwrap();
    }
    store.commit().await.unwrap();
    let store = units.unit_of_work().unwrap().begin(&cx).await.unwrap();
    for number in 0..users {
        let made = store.create(&cx, NewResource::new(user(&mut random, number))).await.unwrap();
        filled.numbers.insert(made.id.to_string(), number);
        filled.users.push(made.id.to_string());
    }
    let cx = context("acme", &Arc::new(ResourceType::group()));
    for number in 0..groups {
        let name = json!({"displayName": format!("{}{number}", random.pick(&["A", "b", "É", "ß"]))});
        let mut members: Vec<Member> = Vec::new();
        for _ in 0..random.below(12) {
            let id = match random.chance(90) || filled.groups.is_empty() {
                true => random.pick(&filled.users),
                false => random.pick(&filled.groups),
            };
            if members.iter().all(|member| member.value.as_str() != id) {
                let mut member = Member::new(scim_core::ResourceId::new(id.as_str()));
                if random.chance(30) {
                    member = member.with_display(*random.pick(&["Bob", "É", ""]));
                }
                members.push(member);
            }
        }
        let attributes = Attributes::from_stored(name.as_object().unwrap().clone());
        let made = store.create(&cx, NewResource::new(attributes).with_members(members)).await.unwrap();
        filled.numbers.insert(made.id.to_string(), users + number);
        filled.groups.push(made.id.to_string());
    }
    store.commit().await.unwrap();
    filled
}

impl Filled {
    /// The same filter with the ids of this store.
    fn with_ids(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (letter, ids) in [('u', &self.users), ('g', &self.groups)] {
            while let Some(start) = text.find(&format!("{{{letter}")) {
                let end = start + text[start..].find('}').unwrap();
                let number: usize = text[start + 2..end].parse().unwrap();
                text.replace_range(start..=end, &ids[number]);
            }
        }
        text
    }

    fn query(&self, cx: &Context, text: &str, sort: Option<(&str, bool)>) -> Query {
        let profile = CompatProfile::default();
        let filter = Filter::parse(&self.with_ids(text), &profile, &Limits::default())
            .and_then(|filter| filter.resolve(&cx.resource_type, &profile))
            .unwrap_or_else(|error| panic!("{text}: {error}"));
        let mut query = Query::default();
        query.filter = Some(filter);
        query.sort = sort.map(|(path, descending)| {
            let path = scim_core::AttributePath::split(path).unwrap();
            Sort::new(cx.resource_type.resolve_short(&path).unwrap(), descending)
        });
        query
    }

    async fn page(&self, cx: &Context, query: &Query) -> Result<(Vec<usize>, Option<usize>), StoreError> {
        let page = self.backend.store.list(cx, query).await?;
        let numbers = page.resources.iter().map(|resource| self.numbers[resource.id.as_str()]).collect();
        Ok((numbers, page.total))
    }

    /// All of it by cursor, there and back.
    async fn by_cursor(&self, cx: &Context, query: &Query, count: usize) -> Vec<usize> {
        let mut query = query.clone();
        let mut found = Vec::new();
        let mut position = None;
        let mut last = None;
        loop {
            query.page = PageRequest::Cursor { position, count };
            let page = self.backend.store.list(cx, &query).await.unwrap();
            found.extend(page.resources.iter().map(|resource| self.numbers[resource.id.as_str()]));
            if page.resources.is_empty() || page.next.is_none() {
                last = page.previous.or(last);
                break;
            }
            position = page.next;
        }
        let last_page = found.len().div_ceil(count);
        let mut back = Vec::new();
        let mut pages = 0;
        while let Some(position) = last {
            query.page = PageRequest::Cursor { position: Some(position), count };
            let page = self.backend.store.list(cx, &query).await.unwrap();
            back.splice(0..0, page.resources.iter().map(|resource| self.numbers[resource.id.as_str()]));
            last = page.previous;
            pages += 1;
        }
        if pages + 1 == last_page {
            assert_eq!(back, found[..back.len()], "{}", self.backend.name);
        }
        found
    }
}

/// A query that every store is asked.
struct Case {
    text: String,
    sort: Option<(&'static str, bool)>,
    page: PageRequest,
    with_relations: bool,
    /// In how many pages all of it is read by cursor as well.
    cursor_pages: Option<usize>,
}

impl Case {
    fn new(filters: &Filters, seed: u64, round: usize) -> Self {
        let mut random = Random(seed << 32 | u64::try_from(round).unwrap());
        let mut random = Random(random.next());
        let depth = random.below(4);
        Self {
            text: filters.filter(&mut random, depth),
            sort: random.chance(50).then(|| (filters.sort(&mut random), random.chance(50))),
            page: match random.below(4) {
                0 => PageRequest::Index { start_index: 1, count: 10_000 },
                _ => PageRequest::Index { start_index: random.below(60), count: random.below(40) },
            },
            with_relations: random.chance(50),
            cursor_pages: (random.below(8) == 0).then(|| random.below(8) + 1),
        }
    }

    /// What a store answers. How many resources there are tells how long the pages are that a cursor reads, so that
    /// short lists are cut into pages too and long ones into few.
    async fn answer(&self, store: &Filled, cx: &Context) -> Answer {
        let mut query = store.query(cx, &self.text, self.sort);
        query.fetch = if self.with_relations { Fetch::all() } else { Fetch::without(["members", "groups"]) };
        query.page = self.page.clone();
        let page =
            store.page(cx, &query).await.unwrap_or_else(|error| panic!("{}: {}: {error:?}", store.backend.name, self));
        let by_cursor = match self.cursor_pages {
            Some(pages) => {
                let count = page.1.unwrap_or_default().div_ceil(pages).max(1);
                Some(store.by_cursor(cx, &query, count).await)
            }
            None => None,
        };
        (page, by_cursor)
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} by {:?}, {:?}, {:?} pages by cursor", self.text, self.sort, self.page, self.cursor_pages)
    }
}

/// What a run has come to.
#[derive(Default)]
struct Tally {
    done: AtomicUsize,
    matched: AtomicUsize,
    differences: Mutex<Vec<String>>,
}

/// Asks every store the same, several queries at a time, and says how far it is.
async fn agree(filled: &Arc<Vec<Filled>>, cx: &Context, filters: Filters, seed: u64, rounds: usize) {
    let (filters, tally, next) = (Arc::new(filters), Arc::new(Tally::default()), Arc::new(AtomicUsize::new(0)));
    let began = Instant::now();
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut tasks = JoinSet::new();
    for _ in 0..workers {
        let (filled, cx, filters) = (Arc::clone(filled), cx.clone(), Arc::clone(&filters));
        let (tally, next) = (Arc::clone(&tally), Arc::clone(&next));
        tasks.spawn(async move {
            loop {
                let round = next.fetch_add(1, Ordering::Relaxed);
                if round >= rounds {
                    return;
                }
                compare(&filled, &cx, &Case::new(&filters, seed, round), round, &tally).await;
                let done = tally.done.fetch_add(1, Ordering::Relaxed) + 1;
                if done % 1_000 == 0 {
                    eprintln!("{done} of {rounds} filters after {} s", began.elapsed().as_secs());
                }
            }
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap();
    }
    let differences = tally.differences.lock().unwrap();
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
    let matched = tally.matched.load(Ordering::Relaxed);
    assert!(matched * 4 > rounds, "only {matched} of {rounds} filters found anything");
}

async fn compare(filled: &[Filled], cx: &Context, case: &Case, round: usize, tally: &Tally) {
    let mut answers = Vec::new();
    for store in filled {
        answers.push(case.answer(store, cx).await);
    }
    tally.matched.fetch_add(usize::from(answers[0].0 .1 != Some(0)), Ordering::Relaxed);
    for (answer, store) in answers.iter().zip(filled).skip(1) {
        if let Some(difference) = difference(answer, &answers[0]) {
            let difference = format!("round {round}, {}: {case}: {difference}", store.backend.name);
            eprintln!("{difference}");
            tally.differences.lock().unwrap().push(difference);
        }
    }
}

type Answer = ((Vec<usize>, Option<usize>), Option<Vec<usize>>);

/// Where two answers begin to differ: a place in the page or in the whole, and what each has there.
fn difference(a: &Answer, b: &Answer) -> Option<String> {
    if a.0 .1 != b.0 .1 {
        return Some(format!("total {:?} and {:?}", a.0 .1, b.0 .1));
    }
    let lists = [(&a.0 .0, &b.0 .0), (a.1.as_ref().unwrap_or(&a.0 .0), b.1.as_ref().unwrap_or(&b.0 .0))];
    lists.into_iter().find_map(|(a, b)| {
        let place = (0..a.len().max(b.len())).find(|place| a.get(*place) != b.get(*place))?;
        Some(format!("at {place}: {:?} and {:?}", a.get(place), b.get(place)))
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn random_filters_sorts_and_pages_find_the_same_in_every_store() {
    let mut filled = Vec::new();
    for backend in support::all().await {
        filled.push(fill(backend, USERS, GROUPS).await);
    }
    let on_users = Filters::on_users(USERS, GROUPS);
    let filled = Arc::new(filled);
    agree(&filled, &context("acme", &user_type()), on_users, 7, rounds()).await;
    let on_groups = Filters::on_groups(USERS, GROUPS);
    agree(&filled, &context("acme", &Arc::new(ResourceType::group())), on_groups, 8, rounds() / 3).await;
}
