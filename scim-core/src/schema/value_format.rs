//! The texts of values that are more than strings: RFC 7643 s2.3.6, s2.3.7.

/// Base64 in one of the alphabets of RFC 4648 s4 and s5, padded or not (RFC 7643 s2.3.6).
pub(super) fn is_base64(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    let padding = text.len().saturating_sub(digits.len());
    let padded = padding == 0 || (padding <= 2 && text.len().is_multiple_of(4));
    // Every byte is looked at, without a way out of the loop, so that the compiler can look at many at once.
    let (mut standard, mut url_safe, mut foreign) = (false, false, false);
    for byte in digits.bytes() {
        let of_standard = (byte == b'+') | (byte == b'/');
        let of_url_safe = (byte == b'-') | (byte == b'_');
        standard |= of_standard;
        url_safe |= of_url_safe;
        foreign |= !(byte.is_ascii_alphanumeric() | of_standard | of_url_safe);
    }
    padded && digits.len() % 4 != 1 && !foreign && !(standard && url_safe)
}

/// An absolute URI: a scheme and something after it (RFC 3986 s3).
pub(super) fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
        && !rest.is_empty()
        && is_uri_reference(rest)
}

/// An absolute or relative URI (RFC 3986 s4.1), judged by its characters.
pub(super) fn is_uri_reference(text: &str) -> bool {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let valid = match byte {
            b'%' => {
                let digit = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_hexdigit());
                digit(bytes.next()) && digit(bytes.next())
            }
            b'-' | b'.' | b'_' | b'~' | b':' | b'/' | b'?' | b'#' | b'[' | b']' | b'@' => true,
            b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'=' => true,
            _ => byte.is_ascii_alphanumeric(),
        };
        if !valid {
            return false;
        }
    }
    !text.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc7643_s2_3_6_base64_is_of_one_alphabet_and_padding_may_be_left_out() {
        for text in ["", "QQ==", "QQ", "QUI=", "QUI", "QUJD", "a+/b", "a-_b"] {
            assert!(is_base64(text), "{text}");
        }
        for text in ["Q", "QQ=", "QQ===", "=", "QUJDR", "a b=", "a+_b", "QQ==QQ==", "é"] {
            assert!(!is_base64(text), "{text}");
        }
    }

    #[test]
    fn rfc7643_s2_3_7_a_reference_is_a_uri_absolute_or_relative() {
        for text in ["https://example.com/a?b=c#d", "urn:ietf:params:scim:schemas:core:2.0:User", "bulkId:qwerty"] {
            assert!(is_uri(text) && is_uri_reference(text), "{text}");
        }
        for text in ["../Users/2819c223", "Users/1", "/Users/1", "%41"] {
            assert!(!is_uri(text) && is_uri_reference(text), "{text}");
        }
        for text in ["", "a b", "https://example.com/<x>", "%4", "%zz", "a\"b", "é", "a\nb"] {
            assert!(!is_uri(text) && !is_uri_reference(text), "{text:?}");
        }
        for text in [":a", "1a:b", "a:", "a b:c"] {
            assert!(!is_uri(text), "{text}");
        }
    }
}
