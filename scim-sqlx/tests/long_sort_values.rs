//! Lists that are sorted by texts which are too long for a cursor: RFC 9865.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use std::sync::Arc;

use scim_core::{
    AttributePath, Attributes, MemoryStore, NewResource, PageRequest, Query, ResourceStore, ResourceType, Sort,
};
use serde_json::json;

/// The sort keys differ behind as much of them as counts, but for the last, which has less.
async fn check(name: &str, store: &dyn ResourceStore, path: &str) {
    let cx = support::context("acme", &Arc::new(ResourceType::user()));
    for (number, text) in
        [format!("{}b", "é".repeat(60_000)), format!("{}a", "é".repeat(512)), "é".repeat(513), "é".repeat(511)]
            .into_iter()
            .enumerate()
    {
        let user = json!({"userName": format!("u{number}"), "title": text, "phoneNumbers": [{"value": text}]});
        let user = NewResource::new(Attributes::from_stored(user.as_object().unwrap().clone()));
        store.create(&cx, user).await.unwrap();
    }
    for (descending, order) in [(false, ["u3", "u0", "u1", "u2"]), (true, ["u0", "u1", "u2", "u3"])] {
        let (mut seen, mut position) = (Vec::new(), None);
        loop {
            let mut query = Query::default();
            let sorted = cx.resource_type.resolve(&AttributePath::split(path).unwrap()).unwrap();
            query.sort = Some(Sort::new(sorted, descending));
            query.page = PageRequest::Cursor { position: position.clone(), count: 1 };
            let page = store.list(&cx, &query).await.unwrap();
            seen.extend(page.resources.iter().map(|user| user.attributes.string("userName").unwrap().to_owned()));
            position = page.next;
            let Some(position) = &position else { break };
            assert!(position.0.len() < 2_000, "{name}, {path}: {} bytes", position.0.len());
        }
        assert_eq!(seen, order, "{name}, {path}, descending: {descending}");
    }
}

#[tokio::test]
async fn rfc9865_the_cursor_of_a_list_sorted_by_long_texts_is_short_and_all_stores_agree_on_the_order() {
    for path in ["title", "phoneNumbers"] {
        check("memory", &MemoryStore::new(), path).await;
        let sqlite = support::sqlite().await;
        check(sqlite.name, &*sqlite.store, path).await;
        if let Some(postgres) = support::postgres().await {
            check(postgres.name, &*postgres.store, path).await;
        }
    }
}
