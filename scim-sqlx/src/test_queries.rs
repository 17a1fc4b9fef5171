//! Queries that the tests of both databases look into.

use std::sync::Arc;

use scim_core::{
    AttributePath, CompatProfile, Context, Fetch, Filter, Limits, PageRequest, Principal, Query, ResourceType, Sort,
    TenantId,
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
