//! Pages by index (RFC 7644 s3.4.2.4).

use std::collections::HashSet;

use super::check::{check, ensure, ensure_eq, Check, Failure, Verdict};
use super::fixture::{ids, names, query, Fixture};
use crate::resource::ResourceId;
use crate::store::{Page, PageRequest};

pub(super) const CHECKS: &[Check] = &[
    check!(page_of_nothing_is_empty),
    check!(page_has_all_resources),
    check!(page_has_at_most_count_resources),
    check!(page_total_counts_all),
    check!(page_of_count_zero_has_the_total_alone),
    check!(page_beyond_the_end_is_empty_and_has_the_total),
    check!(page_at_the_end_is_short),
    check!(page_far_beyond_the_end_is_no_error),
    check!(pages_cover_everything_once),
    check!(pages_of_one_cover_everything_once),
    check!(page_order_is_stable),
    check!(page_total_follows_changes),
    check!(page_total_counts_what_the_filter_lets_through, [Filter]),
    check!(page_of_count_zero_with_a_filter, [Filter]),
    check!(pages_with_a_filter_cover_everything_once, [Filter]),
    check!(page_resources_are_whole),
];

async fn page(fixture: &Fixture, filter: Option<&str>, start_index: usize, count: usize) -> Result<Page, Failure> {
    let mut wanted = query(&fixture.users, filter)?;
    wanted.page = PageRequest::Index { start_index, count };
    Ok(fixture.store.list(&fixture.users, &wanted).await?)
}

async fn page_of_nothing_is_empty(fixture: &Fixture) -> Verdict {
    let page = page(fixture, None, 1, 10).await?;
    ensure_eq!((page.resources.len(), page.total), (0, Some(0)), "length and total of no users");
    Ok(())
}

async fn page_has_all_resources(fixture: &Fixture) -> Verdict {
    fixture.several_users(5).await?;
    let mut names = names(&page(fixture, None, 1, 100).await?.resources, "userName");
    names.sort_unstable();
    ensure_eq!(names, ["user-000", "user-001", "user-002", "user-003", "user-004"], "all users");
    Ok(())
}

async fn page_has_at_most_count_resources(fixture: &Fixture) -> Verdict {
    fixture.several_users(5).await?;
    for count in 1..5 {
        ensure_eq!(page(fixture, None, 1, count).await?.resources.len(), count, "the length of a page");
    }
    Ok(())
}

async fn page_total_counts_all(fixture: &Fixture) -> Verdict {
    fixture.several_users(7).await?;
    for (start, count) in [(1, 1), (3, 2), (7, 100), (1, 7)] {
        ensure_eq!(page(fixture, None, start, count).await?.total, Some(7), "the total of the page at {start}");
    }
    Ok(())
}

async fn page_of_count_zero_has_the_total_alone(fixture: &Fixture) -> Verdict {
    fixture.several_users(3).await?;
    let page = page(fixture, None, 1, 0).await?;
    ensure_eq!((page.resources.len(), page.total), (0, Some(3)), "length and total for a count of 0");
    Ok(())
}

async fn page_beyond_the_end_is_empty_and_has_the_total(fixture: &Fixture) -> Verdict {
    fixture.several_users(3).await?;
    for start in [4, 5, 1_000] {
        let page = page(fixture, None, start, 10).await?;
        ensure_eq!((page.resources.len(), page.total), (0, Some(3)), "length and total of the page at {start}");
    }
    Ok(())
}

async fn page_at_the_end_is_short(fixture: &Fixture) -> Verdict {
    fixture.several_users(5).await?;
    ensure_eq!(page(fixture, None, 5, 3).await?.resources.len(), 1, "the length of the page at 5 of 5");
    ensure_eq!(page(fixture, None, 4, 3).await?.resources.len(), 2, "the length of the page at 4 of 5");
    Ok(())
}

async fn page_far_beyond_the_end_is_no_error(fixture: &Fixture) -> Verdict {
    fixture.several_users(2).await?;
    let far = usize::try_from(i64::MAX).unwrap_or(usize::MAX);
    let page = page(fixture, None, far, 10).await?;
    ensure_eq!((page.resources.len(), page.total), (0, Some(2)), "length and total of a page far beyond the end");
    Ok(())
}

/// Reads page after page and fails the check unless each expected resource comes once.
async fn expect_cover(
    fixture: &Fixture,
    filter: Option<&str>,
    count: usize,
    expected: &HashSet<ResourceId>,
) -> Verdict {
    let mut seen = Vec::new();
    for number in 0..=expected.len() {
        let start = number.saturating_mul(count).saturating_add(1);
        let page = page(fixture, filter, start, count).await?;
        if page.resources.is_empty() {
            break;
        }
        seen.extend(ids(&page.resources));
    }
    let distinct: HashSet<ResourceId> = seen.iter().cloned().collect();
    ensure_eq!(seen.len(), distinct.len(), "the number of resources in pages of {count}, and of distinct ones");
    ensure!(distinct == *expected, "pages of {count} have {} resources of {}", distinct.len(), expected.len());
    Ok(())
}

async fn pages_cover_everything_once(fixture: &Fixture) -> Verdict {
    let users = fixture.several_users(23).await?;
    let expected = users.into_iter().map(|user| user.id).collect();
    for count in [2, 5, 10, 23, 50] {
        expect_cover(fixture, None, count, &expected).await?;
    }
    Ok(())
}

async fn pages_of_one_cover_everything_once(fixture: &Fixture) -> Verdict {
    let users = fixture.several_users(8).await?;
    expect_cover(fixture, None, 1, &users.into_iter().map(|user| user.id).collect()).await
}

async fn page_order_is_stable(fixture: &Fixture) -> Verdict {
    fixture.several_users(12).await?;
    let first = ids(&page(fixture, None, 1, 12).await?.resources);
    ensure_eq!(ids(&page(fixture, None, 1, 12).await?.resources), first, "the order the second time");
    let part: Vec<_> = first.iter().skip(4).take(5).cloned().collect();
    ensure_eq!(ids(&page(fixture, None, 5, 5).await?.resources), part, "the page from 5 to 9");
    Ok(())
}

async fn page_total_follows_changes(fixture: &Fixture) -> Verdict {
    let users = fixture.several_users(3).await?;
    for (left, user) in users.iter().enumerate().rev() {
        fixture.store.delete(&fixture.users, &user.id, None).await?;
        ensure_eq!(page(fixture, None, 1, 10).await?.total, Some(left), "the total after a deletion");
    }
    fixture.user("anna").await?;
    ensure_eq!(page(fixture, None, 1, 10).await?.total, Some(1), "the total after another was made");
    Ok(())
}

async fn page_total_counts_what_the_filter_lets_through(fixture: &Fixture) -> Verdict {
    fixture.several_users(14).await?;
    let filter = Some(r#"userName sw "user-01""#);
    for (start, count, length) in [(1, 100, 4), (1, 2, 2), (4, 2, 1), (5, 2, 0)] {
        let page = page(fixture, filter, start, count).await?;
        ensure_eq!((page.resources.len(), page.total), (length, Some(4)), "length and total of the page at {start}");
    }
    Ok(())
}

async fn page_of_count_zero_with_a_filter(fixture: &Fixture) -> Verdict {
    fixture.several_users(14).await?;
    for (filter, total) in
        [(r#"userName sw "user-01""#, 4), (r#"userName eq "user-003""#, 1), (r#"userName eq "nobody""#, 0)]
    {
        let page = page(fixture, Some(filter), 1, 0).await?;
        ensure_eq!((page.resources.len(), page.total), (0, Some(total)), "length and total of {filter}");
    }
    Ok(())
}

async fn pages_with_a_filter_cover_everything_once(fixture: &Fixture) -> Verdict {
    let users = fixture.several_users(25).await?;
    let matching =
        users.into_iter().filter(|user| user.attributes.string("userName").is_some_and(|name| name.ends_with('1')));
    let expected: HashSet<ResourceId> = matching.map(|user| user.id).collect();
    ensure_eq!(expected.len(), 3, "the users whose name ends in 1");
    expect_cover(fixture, Some(r#"userName ew "1""#), 2, &expected).await
}

async fn page_resources_are_whole(fixture: &Fixture) -> Verdict {
    let document = serde_json::json!({"userName": "anna", "title": "Guide", "emails": [{"value": "a@example.com"}]});
    let anna = fixture.create(&fixture.users, document).await?;
    ensure_eq!(page(fixture, None, 1, 10).await?.resources, [anna], "the listed user");
    Ok(())
}
