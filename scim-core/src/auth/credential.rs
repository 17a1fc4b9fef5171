//! The credential in the head of a request.

use http::header::AUTHORIZATION;

use super::AuthError;

/// The token of the one `Authorization` header: after `Bearer` in any case (RFC 9110 s11.1), or all of it where raw
/// tokens are allowed.
pub(crate) fn credential(head: &http::request::Parts, raw: bool) -> Result<&[u8], AuthError> {
    let mut headers = head.headers.get_all(AUTHORIZATION).iter();
    let header = headers.next().ok_or(AuthError::Missing)?.as_bytes().trim_ascii();
    if headers.next().is_some() {
        return Err(AuthError::Invalid);
    }
    let token = match header.iter().position(u8::is_ascii_whitespace) {
        Some(end) => {
            let (scheme, token) = header.split_at_checked(end).ok_or(AuthError::Invalid)?;
            if !scheme.eq_ignore_ascii_case(b"bearer") {
                return Err(AuthError::Invalid);
            }
            token.trim_ascii()
        }
        None if header.eq_ignore_ascii_case(b"bearer") => return Err(AuthError::Invalid),
        None if raw || header.is_empty() => header,
        None => return Err(AuthError::NoScheme),
    };
    if token.is_empty() {
        Err(AuthError::Missing)
    } else {
        Ok(token)
    }
}
