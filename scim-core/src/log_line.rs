//! What is logged of a request: never a value, and nothing that a client made up as it came.

use std::fmt;

use http::Method;

use crate::context::RequestId;
use crate::error::{ErrorKind, ScimError};

/// The cause of an answer that says nothing about it.
pub(crate) fn log_cause(error: &ScimError, request_id: &RequestId) {
    if error.status().is_server_error() && *error.kind() != ErrorKind::NotImplemented {
        let mut causes = String::new();
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            causes.push_str(": ");
            causes.push_str(&cause.to_string());
            source = cause.source();
        }
        tracing::error!(target: "scim::request", request_id = %request_id, "{error}{causes}");
    }
}

/// A method as the log names it: what the client made up is not repeated.
pub(crate) fn logged_method(method: &Method) -> &'static str {
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
        .into_iter()
        .find(|known| *known == method.as_str())
        .unwrap_or("other")
}

/// A route with its variable parts replaced.
pub(crate) struct Template<'a>(pub(crate) &'a str, pub(crate) &'a str);

impl fmt::Display for Template<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.0, self.1)
    }
}

/// A path as it is logged: a filter in it holds values, and values are not logged.
pub(crate) fn logged_path(path: &str) -> String {
    let (names, filter) = path.split_once('[').map_or((path, ""), |(names, _)| (names, "[...]"));
    format!("{}{filter}", escaped(&crate::error::quoted(names)))
}

/// A quoted text in which nothing ends the quotation, breaks the line or turns its direction.
fn escaped(quoted: &str) -> String {
    let inner = quoted.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(quoted);
    format!("\"{}\"", inner.escape_debug())
}

/// The names of attributes that were left out of a request, as far as a log line should go.
pub(crate) struct IgnoredPaths<'a>(pub(crate) &'a [String]);

impl fmt::Display for IgnoredPaths<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MOST: usize = 10;
        for (place, path) in self.0.iter().take(MOST).enumerate() {
            let separator = if place == 0 { "" } else { " " };
            write!(f, "{separator}{}", logged_path(path))?;
        }
        match self.0.len().checked_sub(MOST) {
            Some(more) if more > 0 => write!(f, " and {more} more"),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_a_client_made_up_stays_in_its_quotation() {
        for (path, logged) in [
            ("title", r#""title""#),
            ("emails[value eq \"a@b.c\"].type", r#""emails"[...]"#),
            ("a\" status=200 x=\"", r#""a\" status=200 x=\"""#),
            ("a\u{202e}b\u{2028}c\nd", r#""a\u{202e}b\u{2028}c\u{fffd}d""#),
        ] {
            assert_eq!(logged_path(path).replace('\u{fffd}', "\\u{fffd}"), logged, "{path:?}");
        }
    }
}
