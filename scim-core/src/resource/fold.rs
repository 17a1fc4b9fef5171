//! Comparing without case (RFC 7643 s2.2 `caseExact`).
//!
//! Databases disagree on lower-casing, so the folded key of a value is computed here and nowhere else.

use std::borrow::Cow;

/// The key of a string that compares without case: Unicode lower case, locale independent.
///
/// ```
/// assert_eq!(scim_core::fold("JOOST@Example.com"), "joost@example.com");
/// ```
#[must_use]
pub fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(text.to_ascii_lowercase())
        } else {
            Cow::Borrowed(text)
        }
    } else {
        Cow::Owned(text.to_lowercase())
    }
}
