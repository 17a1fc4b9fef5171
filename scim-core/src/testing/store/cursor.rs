//! Pages by cursor (RFC 9865): every resource that is there throughout comes once, whatever changes meanwhile.

use serde_json::json;

use super::check::{check, ensure, ensure_eq, ensure_error, Check, Failure, Verdict};
use super::fixture::{ids, names, query, sort, Fixture};
use crate::resource::{Resource, ResourceId};
use crate::store::{Page, PageRequest, Position, Query, StoreError};

pub(super) const CHECKS: &[Check] = &[
    check!(cursor_walk_returns_everything_once, [Cursor]),
    check!(cursor_walk_by_one_returns_everything_once, [Cursor]),
    check!(cursor_walk_in_pages_that_fit_ends, [Cursor]),
    check!(cursor_pages_are_as_long_as_asked, [Cursor]),
    check!(cursor_of_nothing_is_empty, [Cursor]),
    check!(cursor_of_count_zero_is_empty, [Cursor]),
    check!(cursor_total_is_right_if_given, [Cursor]),
    check!(cursor_first_page_has_no_previous, [Cursor]),
    check!(cursor_last_page_has_no_next, [Cursor]),
    check!(cursor_previous_leads_back, [Cursor]),
    check!(cursor_position_may_be_used_again, [Cursor]),
    check!(cursor_count_may_change_on_the_way, [Cursor]),
    check!(cursor_walk_with_a_filter, [Cursor, Filter]),
    check!(cursor_walk_with_an_indexed_filter, [Cursor, Filter]),
    check!(cursor_walk_sorted_up, [Cursor, Sort]),
    check!(cursor_walk_sorted_down, [Cursor, Sort]),
    check!(cursor_walk_sorted_and_filtered, [Cursor, Sort, Filter]),
    check!(cursor_walk_sorted_by_long_values, [Cursor, Sort]),
    check!(cursor_walk_survives_the_deletion_of_its_place, [Cursor]),
    check!(cursor_walk_survives_the_deletion_of_what_was_returned, [Cursor]),
    check!(cursor_walk_survives_the_deletion_of_what_is_to_come, [Cursor]),
    check!(cursor_walk_survives_new_resources, [Cursor]),
    check!(cursor_walk_survives_updates, [Cursor]),
    check!(cursor_walk_survives_the_deletion_of_everything, [Cursor]),
    check!(cursor_walk_sorted_survives_inserts_and_deletions, [Cursor, Sort]),
    check!(cursor_garbage_is_refused, [Cursor]),
];

/// More pages than any walk here has.
const MANY_PAGES: usize = 200;

fn cursor(mut query: Query, position: Option<Position>, count: usize) -> Query {
    query.page = PageRequest::Cursor { position, count };
    query
}

/// A walk over a list, page after page.
struct Walk {
    query: Query,
    count: usize,
    position: Option<Position>,
    pages: usize,
    found: Vec<Resource>,
}

impl Walk {
    fn new(query: Query, count: usize) -> Self {
        Self { query, count, position: None, pages: 0, found: Vec::new() }
    }

    /// Reads a page, and says whether there is another.
    async fn step(&mut self, fixture: &Fixture) -> Result<bool, Failure> {
        let count = self.count;
        let query = cursor(self.query.clone(), self.position.take(), count);
        let page = fixture.store.list(&fixture.users, &query).await?;
        ensure!(page.resources.len() <= count, "a page of {count} has {} resources", page.resources.len());
        self.found.extend(page.resources);
        self.position = page.next;
        self.pages = self.pages.saturating_add(1);
        ensure!(self.pages < MANY_PAGES, "the walk does not end after {MANY_PAGES} pages");
        Ok(self.position.is_some())
    }
}

/// Reads page after page and returns the resources of all.
async fn walk(fixture: &Fixture, query: &Query, count: usize) -> Result<Vec<Resource>, Failure> {
    let mut walk = Walk::new(query.clone(), count);
    while walk.step(fixture).await? {}
    Ok(walk.found)
}

/// Fails the check unless each of these was returned once, and nothing twice.
fn expect_once(found: &[Resource], expected: &[&Resource]) -> Verdict {
    let mut sorted = ids(found);
    sorted.sort_unstable();
    let doubled = sorted.windows(2).any(|pair| matches!(pair, [a, b] if a == b));
    ensure!(!doubled, "the walk returned a resource twice");
    for resource in expected {
        let name = resource.attributes.string("userName").unwrap_or_default();
        ensure!(sorted.binary_search(&resource.id).is_ok(), "the walk did not return {name}");
    }
    Ok(())
}

async fn first_page(fixture: &Fixture, count: usize) -> Result<Page, Failure> {
    Ok(fixture.store.list(&fixture.users, &cursor(Query::default(), None, count)).await?)
}

async fn next_page(fixture: &Fixture, position: Option<Position>, count: usize) -> Result<Page, Failure> {
    Ok(fixture.store.list(&fixture.users, &cursor(Query::default(), position, count)).await?)
}

async fn cursor_walk_returns_everything_once(fixture: &Fixture) -> Verdict {
    let users = fixture.several_users(23).await?;
    for count in [2, 7, 22, 23, 24, 1_000] {
        let found = walk(fixture, &Query::default(), count).await?;
        ensure_eq!(found.len(), users.len(), "the resources of a walk in pages of {count}");
        expect_once(&found, &users.iter().collect::<Vec<_>>())?;
    }
    Ok(())
}

async fn cursor_walk_by_one_returns_everything_once(fixture: &Fixture) -> Verdict {
    let users = fixture.several_users(5).await?;
    let found = walk(fixture, &Query::default(), 1).await?;
    ensure_eq!(found.len(), users.len(), "the resources of a walk in pages of 1");
    expect_once(&found, &users.iter().collect::<Vec<_>>())
}

async fn cursor_walk_in_pages_that_fit_ends(fixture: &Fixture) -> Verdict {
    fixture.several_users(6).await?;
    let second = next_page(fixture, first_page(fixture, 3).await?.next, 3).await?;
    ensure_eq!(second.resources.len(), 3, "the length of the second of two pages");
    ensure_eq!(second.next, None, "the position after the second of two pages");
    Ok(())
}

async fn cursor_pages_are_as_long_as_asked(fixture: &Fixture) -> Verdict {
    fixture.several_users(7).await?;
    let first = first_page(fixture, 3).await?;
    ensure_eq!(first.resources.len(), 3, "the length of the first page");
    let second = next_page(fixture, first.next, 3).await?;
    ensure_eq!(second.resources.len(), 3, "the length of the second page");
    let third = next_page(fixture, second.next, 3).await?;
    ensure_eq!(third.resources.len(), 1, "the length of the third page");
    Ok(())
}

async fn cursor_of_nothing_is_empty(fixture: &Fixture) -> Verdict {
    let page = first_page(fixture, 10).await?;
    ensure!(page.resources.is_empty(), "there are resources in an empty list");
    ensure_eq!((page.next, page.previous), (None, None), "the positions of an empty list");
    ensure!(matches!(page.total, None | Some(0)), "the total of an empty list is {:?}", page.total);
    Ok(())
}

async fn cursor_of_count_zero_is_empty(fixture: &Fixture) -> Verdict {
    fixture.several_users(3).await?;
    let page = first_page(fixture, 0).await?;
    ensure!(page.resources.is_empty(), "a page of 0 has resources");
    ensure!(matches!(page.total, None | Some(3)), "the total is {:?} and should be 3", page.total);
    Ok(())
}

async fn cursor_total_is_right_if_given(fixture: &Fixture) -> Verdict {
    fixture.several_users(5).await?;
    let first = first_page(fixture, 2).await?;
    let second = next_page(fixture, first.next.clone(), 2).await?;
    for page in [first, second] {
        ensure!(matches!(page.total, None | Some(5)), "the total is {:?} and should be 5", page.total);
    }
    Ok(())
}

async fn cursor_first_page_has_no_previous(fixture: &Fixture) -> Verdict {
    fixture.several_users(5).await?;
    ensure_eq!(first_page(fixture, 2).await?.previous, None, "the position before the first page");
    Ok(())
}

async fn cursor_last_page_has_no_next(fixture: &Fixture) -> Verdict {
    fixture.several_users(5).await?;
    ensure_eq!(first_page(fixture, 5).await?.next, None, "the position after the only page");
    ensure_eq!(first_page(fixture, 10).await?.next, None, "the position after a page that is not full");
    Ok(())
}

async fn cursor_previous_leads_back(fixture: &Fixture) -> Verdict {
    fixture.several_users(6).await?;
    let first = first_page(fixture, 2).await?;
    let second = next_page(fixture, first.next.clone(), 2).await?;
    let third = next_page(fixture, second.next.clone(), 2).await?;
    for (page, before) in [(&third, &second), (&second, &first)] {
        let Some(previous) = &page.previous else { continue };
        let back = next_page(fixture, Some(previous.clone()), 2).await?;
        ensure_eq!(ids(&back.resources), ids(&before.resources), "the page before");
        let forth = next_page(fixture, back.next, 2).await?;
        ensure_eq!(ids(&forth.resources), ids(&page.resources), "the page after the page before");
    }
    Ok(())
}

async fn cursor_position_may_be_used_again(fixture: &Fixture) -> Verdict {
    fixture.several_users(5).await?;
    let position = first_page(fixture, 2).await?.next;
    let once = next_page(fixture, position.clone(), 2).await?;
    let again = next_page(fixture, position, 2).await?;
    ensure_eq!(ids(&once.resources), ids(&again.resources), "the page of one position, twice");
    Ok(())
}

async fn cursor_count_may_change_on_the_way(fixture: &Fixture) -> Verdict {
    let users = fixture.several_users(9).await?;
    let mut found = Vec::new();
    let mut position = None;
    for count in [1, 4, 2, 10] {
        let page = next_page(fixture, position, count).await?;
        found.extend(page.resources);
        position = page.next;
    }
    ensure_eq!(position, None, "the position at the end");
    expect_once(&found, &users.iter().collect::<Vec<_>>())
}

async fn cursor_walk_with_a_filter(fixture: &Fixture) -> Verdict {
    fixture.several_users(25).await?;
    let wanted = query(&fixture.users, Some(r#"userName ew "1" or userName ew "2""#))?;
    let mut found = names(&walk(fixture, &wanted, 2).await?, "userName");
    found.sort_unstable();
    let expected = ["user-001", "user-002", "user-011", "user-012", "user-021", "user-022"];
    ensure_eq!(found, expected, "the users of a walk with a filter");
    Ok(())
}

async fn cursor_walk_with_an_indexed_filter(fixture: &Fixture) -> Verdict {
    for number in 0..9 {
        let external_id = if number % 2 == 0 { "even" } else { "odd" };
        fixture.create(&fixture.users, json!({"userName": number.to_string(), "externalId": external_id})).await?;
    }
    let wanted = query(&fixture.users, Some(r#"externalId eq "even""#))?;
    let mut found = names(&walk(fixture, &wanted, 2).await?, "userName");
    found.sort_unstable();
    ensure_eq!(found, ["0", "2", "4", "6", "8"], "the users of a walk with a filter");
    Ok(())
}

/// Users with titles that repeat and differ in case, some without.
async fn titled(fixture: &Fixture) -> Result<Vec<Resource>, StoreError> {
    let mut users = Vec::new();
    for number in 0..21 {
        let name = format!("user-{number:03}");
        let document = match number % 4 {
            0 => json!({"userName": name}),
            1 => json!({"userName": name, "title": "B"}),
            2 => json!({"userName": name, "title": "b"}),
            _ => json!({"userName": name, "title": format!("a{number}")}),
        };
        users.push(fixture.create(&fixture.users, document).await?);
    }
    Ok(users)
}

/// Fails the check unless a walk has everything in the order of the sorted list.
async fn expect_sorted_walk(fixture: &Fixture, filter: Option<&str>, path: &str, descending: bool) -> Verdict {
    let mut wanted = query(&fixture.users, filter)?;
    wanted.sort = Some(sort(&fixture.users, path, descending)?);
    let whole: Vec<ResourceId> = ids(&fixture.store.list(&fixture.users, &wanted).await?.resources);
    for count in [1, 4, 100] {
        let found = walk(fixture, &wanted, count).await?;
        ensure_eq!(ids(&found), whole, "the order of a sorted walk in pages of {count}");
    }
    Ok(())
}

async fn cursor_walk_sorted_up(fixture: &Fixture) -> Verdict {
    titled(fixture).await?;
    expect_sorted_walk(fixture, None, "title", false).await
}

async fn cursor_walk_sorted_down(fixture: &Fixture) -> Verdict {
    titled(fixture).await?;
    expect_sorted_walk(fixture, None, "title", true).await
}

async fn cursor_walk_sorted_and_filtered(fixture: &Fixture) -> Verdict {
    titled(fixture).await?;
    expect_sorted_walk(fixture, Some(r#"not (userName ew "3")"#), "title", false).await
}

async fn cursor_walk_sorted_by_long_values(fixture: &Fixture) -> Verdict {
    let mut users = Vec::new();
    for number in (0..6).rev() {
        let title = format!("{}{number}", "é".repeat(3_000));
        users.push(fixture.create(&fixture.users, json!({"userName": number.to_string(), "title": title})).await?);
    }
    let wanted = Query { sort: Some(sort(&fixture.users, "title", false)?), ..Query::default() };
    let found = walk(fixture, &wanted, 2).await?;
    expect_once(&found, &users.iter().collect::<Vec<_>>())
}

async fn cursor_walk_survives_the_deletion_of_its_place(fixture: &Fixture) -> Verdict {
    let users = fixture.several_users(9).await?;
    let first = first_page(fixture, 3).await?;
    if let Some(last) = first.resources.last() {
        fixture.store.delete(&fixture.users, &last.id, None).await?;
    }
    let rest = next_page(fixture, first.next, 100).await?;
    let found: Vec<Resource> = first.resources.into_iter().chain(rest.resources).collect();
    ensure_eq!(found.len(), 9, "the resources of the walk");
    expect_once(&found, &users.iter().collect::<Vec<_>>())
}

async fn cursor_walk_survives_the_deletion_of_what_was_returned(fixture: &Fixture) -> Verdict {
    let users = fixture.several_users(9).await?;
    let first = first_page(fixture, 3).await?;
    for user in &first.resources {
        fixture.store.delete(&fixture.users, &user.id, None).await?;
    }
    let rest = next_page(fixture, first.next, 100).await?;
    let found: Vec<Resource> = first.resources.into_iter().chain(rest.resources).collect();
    expect_once(&found, &users.iter().collect::<Vec<_>>())
}

async fn cursor_walk_survives_the_deletion_of_what_is_to_come(fixture: &Fixture) -> Verdict {
    let users = fixture.several_users(9).await?;
    let first = first_page(fixture, 3).await?;
    let returned = ids(&first.resources);
    let (gone, left): (Vec<&Resource>, Vec<&Resource>) = users
        .iter()
        .partition(|user| !returned.contains(&user.id) && user.attributes.string("userName").is_some_and(is_even));
    for user in &gone {
        fixture.store.delete(&fixture.users, &user.id, None).await?;
    }
    let rest = next_page(fixture, first.next, 100).await?;
    let found: Vec<Resource> = first.resources.into_iter().chain(rest.resources).collect();
    ensure!(!found.iter().any(|user| gone.iter().any(|gone| gone.id == user.id)), "the walk returned what is deleted");
    expect_once(&found, &left)
}

fn is_even(name: &str) -> bool {
    name.ends_with(['0', '2', '4', '6', '8'])
}

async fn cursor_walk_survives_new_resources(fixture: &Fixture) -> Verdict {
    let users = fixture.several_users(9).await?;
    let mut walk = Walk::new(Query::default(), 2);
    while walk.step(fixture).await? {
        if walk.pages < 6 {
            fixture.user(&format!("a-new-{}", walk.pages)).await?;
            fixture.user(&format!("z-new-{}", walk.pages)).await?;
        }
    }
    expect_once(&walk.found, &users.iter().collect::<Vec<_>>())
}

async fn cursor_walk_survives_updates(fixture: &Fixture) -> Verdict {
    let users = fixture.several_users(9).await?;
    let mut walk = Walk::new(Query::default(), 2);
    while walk.step(fixture).await? {
        for (number, user) in users.iter().enumerate().filter(|(number, _)| number % 3 == walk.pages % 3) {
            let document = json!({"userName": format!("user-{number:03}"), "title": walk.pages.to_string()});
            fixture.put(&fixture.users, &user.id, document).await?;
        }
    }
    expect_once(&walk.found, &users.iter().collect::<Vec<_>>())
}

async fn cursor_walk_survives_the_deletion_of_everything(fixture: &Fixture) -> Verdict {
    let users = fixture.several_users(6).await?;
    let first = first_page(fixture, 3).await?;
    for user in &users {
        fixture.store.delete(&fixture.users, &user.id, None).await?;
    }
    let rest = next_page(fixture, first.next, 3).await?;
    ensure!(rest.resources.is_empty(), "the walk returned what is deleted");
    ensure_eq!(rest.next, None, "the position after the end");
    Ok(())
}

async fn cursor_walk_sorted_survives_inserts_and_deletions(fixture: &Fixture) -> Verdict {
    let users = fixture.several_users(15).await?;
    let (stay, go): (Vec<&Resource>, Vec<&Resource>) =
        users.iter().partition(|user| user.attributes.string("userName").is_some_and(is_even));
    let mut going = go.into_iter();
    let wanted = Query { sort: Some(sort(&fixture.users, "userName", false)?), ..Query::default() };
    let mut walk = Walk::new(wanted, 2);
    while walk.step(fixture).await? {
        if let Some(user) = going.next() {
            fixture.store.delete(&fixture.users, &user.id, None).await?;
        }
        if walk.pages < 7 {
            fixture.user(&format!("user-{:03}-new", walk.pages)).await?;
        }
    }
    let names = names(&walk.found, "userName");
    ensure!(names.is_sorted(), "the walk is not in order: {names:?}");
    expect_once(&walk.found, &stay)
}

async fn cursor_garbage_is_refused(fixture: &Fixture) -> Verdict {
    fixture.several_users(3).await?;
    for garbage in [&b""[..], b"garbage", b"\xff\xfe\x00\x00", &[0; 300]] {
        let wanted = cursor(Query::default(), Some(Position(garbage.to_vec())), 2);
        let result = fixture.store.list(&fixture.users, &wanted).await;
        ensure_error!(result, StoreError::InvalidPosition, "a position that is none");
    }
    Ok(())
}
