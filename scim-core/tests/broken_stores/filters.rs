//! Faults of filters: each reads a filter as something else.

use std::sync::Mutex;

use async_trait::async_trait;
use scim_core::{
    CompareOperator, Context, MemoryStore, Operand, Page, Query, ResolvedFilter, Resource, ResourceId, ResourceStore,
    StoreError, Update,
};

use super::{everything, Fault};

type Result<T> = std::result::Result<T, StoreError>;

/// The filter with each term replaced, from the innermost on.
fn rewritten(filter: &ResolvedFilter, replace: &impl Fn(ResolvedFilter) -> ResolvedFilter) -> ResolvedFilter {
    let all = |terms: &[ResolvedFilter]| terms.iter().map(|term| rewritten(term, replace)).collect();
    replace(match filter {
        ResolvedFilter::And(terms) => ResolvedFilter::And(all(terms)),
        ResolvedFilter::Or(terms) => ResolvedFilter::Or(all(terms)),
        ResolvedFilter::Not(term) => ResolvedFilter::Not(Box::new(rewritten(term, replace))),
        ResolvedFilter::ValuePath(path, within) => {
            ResolvedFilter::ValuePath(path.clone(), Box::new(rewritten(within, replace)))
        }
        other => other.clone(),
    })
}

async fn list_as(
    store: &MemoryStore,
    cx: &Context,
    query: &Query,
    replace: impl Fn(ResolvedFilter) -> ResolvedFilter + Send,
) -> Result<Page> {
    let mut query = query.clone();
    query.filter = query.filter.as_ref().map(|filter| rewritten(filter, &replace));
    store.list(cx, &query).await
}

#[derive(Default)]
pub(crate) struct FiltersNothing;

#[async_trait]
impl Fault for FiltersNothing {
    async fn list(&self, store: &MemoryStore, cx: &Context, query: &Query) -> Result<Page> {
        match &query.filter {
            None => store.list(cx, query).await,
            Some(_) => Err(StoreError::UnsupportedFilter { path: "anything".to_owned() }),
        }
    }
}

/// `LIKE` without escaping.
#[derive(Default)]
pub(crate) struct Wildcards;

#[async_trait]
impl Fault for Wildcards {
    async fn list(&self, store: &MemoryStore, cx: &Context, query: &Query) -> Result<Page> {
        use CompareOperator::{Contains, StartsWith};
        list_as(store, cx, query, |term| match term {
            ResolvedFilter::Compare(path, operator @ (Contains | StartsWith), Operand::Folded(text)) => {
                let part = text.split(['%', '_']).max_by_key(|part| part.len()).unwrap_or_default();
                ResolvedFilter::Compare(path, operator, Operand::Folded(part.into()))
            }
            term => term,
        })
        .await
    }
}

/// `<>` in SQL, where NULL differs from nothing.
#[derive(Default)]
pub(crate) struct NotEqualWantsValue;

#[async_trait]
impl Fault for NotEqualWantsValue {
    async fn list(&self, store: &MemoryStore, cx: &Context, query: &Query) -> Result<Page> {
        list_as(store, cx, query, |term| match term {
            ResolvedFilter::Compare(path, CompareOperator::NotEqual, operand) => ResolvedFilter::And(vec![
                ResolvedFilter::Present(path.clone()),
                ResolvedFilter::Compare(path, CompareOperator::NotEqual, operand),
            ]),
            term => term,
        })
        .await
    }
}

/// `NOT` in SQL, where NULL is neither true nor false.
#[derive(Default)]
pub(crate) struct NotWantsValue;

#[async_trait]
impl Fault for NotWantsValue {
    async fn list(&self, store: &MemoryStore, cx: &Context, query: &Query) -> Result<Page> {
        list_as(store, cx, query, |term| match term {
            ResolvedFilter::Not(inner) => match &*inner {
                ResolvedFilter::Compare(path, ..) => {
                    let present = ResolvedFilter::Present(path.clone());
                    ResolvedFilter::And(vec![present, ResolvedFilter::Not(inner)])
                }
                _ => ResolvedFilter::Not(inner),
            },
            term => term,
        })
        .await
    }
}

#[derive(Default)]
pub(crate) struct ValuePathOverElements;

#[async_trait]
impl Fault for ValuePathOverElements {
    async fn list(&self, store: &MemoryStore, cx: &Context, query: &Query) -> Result<Page> {
        list_as(store, cx, query, |term| match term {
            ResolvedFilter::ValuePath(_, within) => *within,
            term => term,
        })
        .await
    }
}

#[derive(Default)]
pub(crate) struct InstantsAsText;

#[async_trait]
impl Fault for InstantsAsText {
    async fn list(&self, store: &MemoryStore, cx: &Context, query: &Query) -> Result<Page> {
        let Some(ResolvedFilter::Compare(path, CompareOperator::Equal, Operand::DateTime(instant))) = &query.filter
        else {
            return store.list(cx, query).await;
        };
        let (name, text) = (path.to_string(), instant.to_string());
        let mut found = everything(store, cx).await?;
        found.retain(|resource| resource.attributes.string(&name) == Some(&text));
        let total = found.len();
        Ok(Page::new(found, total))
    }
}

#[derive(Default)]
pub(crate) struct ComparesWithCase;

#[async_trait]
impl Fault for ComparesWithCase {
    async fn list(&self, store: &MemoryStore, cx: &Context, query: &Query) -> Result<Page> {
        let Some(ResolvedFilter::Compare(path, _, Operand::Folded(text))) = &query.filter else {
            return store.list(cx, query).await;
        };
        let mut page = store.list(cx, query).await?;
        let name = path.to_string();
        page.resources
            .retain(|resource| resource.attributes.string(&name).is_some_and(|value| value.contains(&**text)));
        Ok(page)
    }
}

#[derive(Default)]
pub(crate) struct ForgetsLastTerm;

#[async_trait]
impl Fault for ForgetsLastTerm {
    async fn list(&self, store: &MemoryStore, cx: &Context, query: &Query) -> Result<Page> {
        list_as(store, cx, query, |term| match term {
            ResolvedFilter::And(mut terms) => {
                terms.pop();
                ResolvedFilter::And(terms)
            }
            term => term,
        })
        .await
    }
}

/// An index of names from which nothing is taken out.
#[derive(Default)]
pub(crate) struct NeverForgetsNames {
    renamed: Mutex<Vec<ResourceId>>,
}

#[async_trait]
impl Fault for NeverForgetsNames {
    async fn update(&self, store: &MemoryStore, cx: &Context, id: &ResourceId, update: Update) -> Result<Resource> {
        self.renamed.lock().unwrap().push(id.clone());
        store.update(cx, id, update).await
    }

    async fn list(&self, store: &MemoryStore, cx: &Context, query: &Query) -> Result<Page> {
        let mut page = store.list(cx, query).await?;
        let renamed = self.renamed.lock().unwrap().clone();
        if let (Some(ResolvedFilter::Compare(_, CompareOperator::Equal, _)), 0) = (&query.filter, page.resources.len())
        {
            page.resources.extend(everything(store, cx).await?.into_iter().filter(|found| renamed.contains(&found.id)));
        }
        Ok(page)
    }
}
