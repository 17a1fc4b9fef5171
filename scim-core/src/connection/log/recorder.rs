//! From a request and its answer to a record.

use std::borrow::Cow;
use std::time::Instant;

use http::Method;

use super::RequestRecord;
use crate::auth::Principal;
use crate::context::RequestId;
use crate::error::{ScimError, ScimType};
use crate::log_line::{logged_method, logged_path};
use crate::resource::{DateTime, ResourceId};
use crate::response::Answer;
use crate::route::Route;
use crate::server::Engine;

/// How many names of ignored attributes a record holds.
const IGNORED: usize = 10;

impl Engine {
    /// Tells the request logs of a request of a connection. What becomes of that changes no answer.
    pub(crate) async fn record(
        &self,
        started: Option<Instant>,
        principal: &Principal,
        method: &Method,
        route: &Route,
        request_id: &RequestId,
        result: &Result<Answer, ScimError>,
    ) {
        let Some(connection) = principal.connection() else { return };
        let mut record = RequestRecord::new(
            DateTime::now(),
            principal.tenant().clone(),
            connection.clone(),
            logged_method(method),
            self.template(route).to_string(),
            200,
        );
        record.key = principal.key().cloned();
        record.request_id = request_id.clone();
        record.micros = started.map_or(0, |started| u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX));
        match result {
            Ok(answer) => describe_answer(&mut record, route, answer),
            Err(error) => describe_error(&mut record, route, error),
        }
        for log in &self.request_logs {
            if let Err(error) = self.within_store_timeout(log.record(&record)).await {
                tracing::warn!(target: "scim::request", request_id = %request_id, "the request log failed: {error}");
            }
        }
    }
}

fn describe_answer(record: &mut RequestRecord, route: &Route, answer: &Answer) {
    record.status = answer.status.as_u16();
    record.resource_id = answer.resource_id.clone().or_else(|| routed_id(route).cloned());
    record.ignored = answer.ignored.iter().take(IGNORED).map(|path| logged_path(path)).collect();
    if answer.failed_operations > 0 {
        record.detail = Some(format!("Operations that failed: {}", answer.failed_operations));
    }
}

fn describe_error(record: &mut RequestRecord, route: &Route, error: &ScimError) {
    record.status = error.status().as_u16();
    record.resource_id = routed_id(route).filter(|id| is_surely_id(id)).cloned();
    record.scim_type = error.scim_type().map(|keyword| Cow::Borrowed(ScimType::as_str(keyword)));
    record.detail = Some(without_quotations(error.detail()));
}

fn routed_id(route: &Route) -> Option<&ResourceId> {
    match route {
        Route::Item(_, id) => Some(id),
        _ => None,
    }
}

/// Whether a text is an id and no value that somebody put in its place.
fn is_surely_id(id: &ResourceId) -> bool {
    let text = id.as_str();
    let is_number = text.len() <= 20 && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number || (text.len() == 36 && uuid::Uuid::try_parse(text).is_ok())
}

/// A sentence without what it quotes. Everything from the first quotation mark to the last goes, for what is quoted may
/// hold quotation marks itself.
fn without_quotations(detail: &str) -> String {
    let (before, rest) = match detail.split_once('"') {
        Some((before, rest)) => (before, rest),
        None => return detail.to_owned(),
    };
    match rest.rsplit_once('"') {
        Some((_, after)) => format!("{before}\"...\"{after}"),
        None => format!("{before}\"..."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_is_left_out_whatever_it_holds() {
        for (detail, expected) in [
            ("userName is required", "userName is required"),
            ("count must be a number, not \"x\"", "count must be a number, not \"...\""),
            ("not \"a\" b\"", "not \"...\""),
            ("\"a\" is not \"b\" here", "\"...\" here"),
            ("not \"a", "not \"..."),
        ] {
            assert_eq!(without_quotations(detail), expected);
        }
    }

    #[test]
    fn only_a_uuid_or_a_number_is_surely_an_id() {
        let is_id = |text: &str| is_surely_id(&ResourceId::new(text));
        assert!(is_id("2819c223-7f76-453a-919d-413861904646") && is_id("1234567"));
        for text in ["anna", "anna@example.com", "123456789012345678901", "2819c2237f76453a919d413861904646", "+4670"] {
            assert!(!is_id(text), "{text}");
        }
    }
}
