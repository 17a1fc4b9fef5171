//! Every bound of the server in one place.

use std::time::Duration;

/// The bounds a server enforces, each with a default, none of them unlimited.
///
/// What ServiceProviderConfig can express (RFC 7643 s5) is advertised exactly as it is enforced here.
///
/// ```
/// use scim_core::Limits;
///
/// let mut limits = Limits::default();
/// limits.max_results = 500;
/// assert_eq!(limits.body_bytes, 1024 * 1024);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Size of a request body in bytes, also advertised as `bulk.maxPayloadSize`; beyond it 413.
    pub body_bytes: usize,
    /// Bytes of all request bodies that one server has at a time, as far as adapters read them; beyond it 503 with
    /// `Retry-After`. No less than `body_bytes`, or there is never room for the largest body.
    pub all_body_bytes: usize,
    /// Length of a filter in bytes; beyond it 400 `invalidFilter`.
    pub filter_bytes: usize,
    /// How deep a filter may nest; beyond it 400 `invalidFilter`.
    pub filter_depth: usize,
    /// How many comparisons and presence tests a filter may hold; beyond it 400 `invalidFilter`.
    pub filter_terms: usize,
    /// Length of a PATCH path in bytes; beyond it 400 `invalidPath`.
    pub path_bytes: usize,
    /// How deep the filter within a PATCH path may nest; beyond it 400 `invalidPath`.
    pub path_filter_depth: usize,
    /// Operations of one PATCH request; beyond it 413.
    pub patch_operations: usize,
    /// How many bytes of stored values the operations of one PATCH request, or all PATCHes of one Bulk request, may go
    /// through, about: for an operation on a list all of the list, and with a filter in its path as many times as the
    /// filter has terms; beyond it 400 `tooMany`.
    pub patch_effort: usize,
    /// How deep JSON may nest; beyond it 400 `invalidSyntax`.
    pub json_depth: usize,
    /// How many values a JSON body may hold, lists, objects and what is in them together; beyond it 400 `invalidSyntax`.
    pub json_values: usize,
    /// Length of one string value in bytes; beyond it 400 `invalidValue`.
    pub string_bytes: usize,
    /// Values of one multi-valued attribute, `members` excepted; beyond it 400 `invalidValue`.
    pub values: usize,
    /// Members named in one request; beyond it 413.
    pub members_per_request: usize,
    /// Members of one group; beyond it 400 `tooMany`.
    pub members_per_group: usize,
    /// The most resources a page holds, advertised as `filter.maxResults`; a larger `count` is cut to it.
    pub max_results: usize,
    /// Operations of one Bulk request, advertised as `bulk.maxOperations`; beyond it 413.
    pub bulk_operations: usize,
    /// Up to this many members, the answer to a PATCH of a group is 200 with the resource; beyond it, and always when
    /// this is 0, it is 204 without a body unless the request names attributes.
    pub echoed_members: usize,
    /// How long reading the header of a request may take; enforced by the adapter's `serve`.
    pub header_timeout: Duration,
    /// How long a whole request may take; beyond it 408 while it arrives and 503 after.
    pub request_timeout: Duration,
    /// How long one call of the store, or of the authenticator, may take; beyond it 503 with `Retry-After`.
    pub store_timeout: Duration,
    /// How long a cursor is good for, advertised as `pagination.cursorTimeout`; beyond it 400 `expiredCursor`.
    pub cursor_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 1024 * 1024,
            all_body_bytes: 256 * 1024 * 1024,
            filter_bytes: 8 * 1024,
            filter_depth: 32,
            filter_terms: 256,
            path_bytes: 1024,
            path_filter_depth: 4,
            patch_operations: 1_000,
            patch_effort: 64 * 1024 * 1024,
            json_depth: 32,
            json_values: 100_000,
            string_bytes: 64 * 1024,
            values: 1_000,
            members_per_request: 10_000,
            members_per_group: 1_000_000,
            max_results: 200,
            bulk_operations: 1_000,
            echoed_members: 100,
            header_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(30),
            store_timeout: Duration::from_secs(5),
            cursor_timeout: Duration::from_secs(3_600),
        }
    }
}
