//! GET of an endpoint: RFC 7644 s3.4.2.

use super::{Operation, Outcome, Result};
use crate::error::{quoted, ScimError, ScimType};
use crate::filter::{Filter, ResolvedFilter};
use crate::request::Parameters;
use crate::schema::{AttributePath, AttributeRoot, Mutability, Returned};
use crate::store::{PageRequest, Query, Sort};

impl Operation<'_> {
    /// Answers a query.
    ///
    /// # Errors
    ///
    /// 400 for a filter or sort key that cannot be used.
    pub(crate) async fn list(&self, parameters: &Parameters) -> std::result::Result<Outcome, ScimError> {
        let start_index = start_index(parameters);
        let query = Query {
            filter: self.filter(parameters)?,
            sort: self.sort(parameters)?,
            page: PageRequest::Index { start_index, count: self.count(parameters) },
            fetch: self.projection.fetch(),
        };
        let page = self.store(self.served.store.list(self.cx, &query)).await?;
        Ok(Outcome::of(Result::Page(page, start_index)))
    }

    fn filter(&self, parameters: &Parameters) -> std::result::Result<Option<ResolvedFilter>, ScimError> {
        let Some(text) = &parameters.filter else { return Ok(None) };
        if !self.served.capabilities.filter {
            return Err(ScimError::invalid_filter("This service provider does not filter"));
        }
        let filter = Filter::parse(text, &self.cx.profile, &self.cx.limits)
            .and_then(|filter| filter.resolve(&self.cx.resource_type, &self.cx.profile));
        filter.map(Some).map_err(crate::filter::FilterError::into_filter_error)
    }

    fn sort(&self, parameters: &Parameters) -> std::result::Result<Option<Sort>, ScimError> {
        let Some(sort_by) = &parameters.sort_by else { return Ok(None) };
        let refuse = || {
            let path = quoted(sort_by);
            ScimError::bad_request(ScimType::InvalidPath, format!("sortBy {path} is not an attribute to sort by"))
        };
        if !self.served.capabilities.sort {
            return Err(ScimError::bad_request(ScimType::InvalidValue, "This service provider does not sort"));
        }
        let path = AttributePath::split(sort_by).ok_or_else(refuse)?;
        let path = self.cx.resource_type.resolve_short(&path).ok_or_else(refuse)?;
        let hidden = path.leaf().returned == Returned::Never || path.leaf().mutability == Mutability::WriteOnly;
        let no_value = path.leaf().is_complex() && path.leaf().sub_attribute("value").is_none();
        let in_document = !matches!(path.root, AttributeRoot::Schemas);
        if hidden || no_value || !in_document {
            return Err(refuse());
        }
        Ok(Some(Sort { path, descending: parameters.descending }))
    }

    /// How many resources a page holds: what is asked for, and at most what the server allows. Below 0 is 0
    /// (RFC 7644 s3.4.2.4 table 6).
    fn count(&self, parameters: &Parameters) -> usize {
        let most = self.cx.limits.max_results;
        parameters.count.map_or(most, |count| usize::try_from(count.max(0)).unwrap_or(usize::MAX).min(most))
    }
}

/// The place of the first resource: below 1 is 1 (RFC 7644 s3.4.2.4 table 6).
fn start_index(parameters: &Parameters) -> usize {
    usize::try_from(parameters.start_index.unwrap_or(1).max(1)).unwrap_or(usize::MAX)
}
