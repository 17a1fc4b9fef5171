//! Comparing without case (RFC 7643 s2.2 `caseExact`), and what is the same text in other characters (RFC 7644 s5).
//!
//! Databases disagree on lower-casing, so the folded key of a value is computed here and nowhere else.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

/// The key of a string that compares without case: as PRECIS prepares user names (RFC 8265 s3.3), it has the usual width
/// in place of full and half width, lower case, and normalization form C, so that what looks the same is the same. It is
/// locale independent, and a part of a text folds to a part of the folded text, but for marks that combine with it.
///
/// ```
/// assert_eq!(scim_core::fold("JOOST@Example.com"), "joost@example.com");
/// assert_eq!(scim_core::fold("Cafe\u{301}"), scim_core::fold("CAF\u{c9}"));
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
        Cow::Owned(text.chars().flat_map(usual_width).flat_map(lower_case).nfc().collect())
    }
}

/// Full and half width forms (U+FF00 to U+FFEF) and the ideographic space, as their decomposition mappings.
fn usual_width(character: char) -> impl Iterator<Item = char> {
    let has_width = matches!(character, '\u{3000}' | '\u{ff00}'..='\u{ffef}');
    let (kept, mapped) = if has_width { (None, Some(character)) } else { (Some(character), None) };
    kept.into_iter().chain(mapped.into_iter().nfkd())
}

/// Lower case character by character: a sigma is the same wherever in a word it stands.
fn lower_case(character: char) -> impl Iterator<Item = char> {
    character.to_lowercase().map(|lower| if lower == 'ς' { 'σ' } else { lower })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc7644_s5_what_looks_the_same_is_the_same() {
        for (text, other) in [
            ("BJensen", "bjensen"),
            ("CAFÉ", "cafe\u{301}"),
            ("ｂｊｅｎｓｅｎ＠ｅｘａｍｐｌｅ．ｃｏｍ", "bjensen@example.com"),
            ("a\u{3000}b", "a b"),
            ("ｶﾞ", "ガ"),
            ("ΟΔΟΣ", "οδος"),
            ("\u{212a}", "k"),
        ] {
            assert_eq!(fold(text), fold(other), "{text}");
            assert_eq!(fold(&fold(text)), fold(text), "{text}");
        }
        for (text, other) in [("ß", "ss"), ("ı", "i"), ("ﬁ", "fi"), ("é", "e"), ("а", "a")] {
            assert_ne!(fold(text), fold(other), "{text}");
        }
    }

    #[test]
    fn rfc7644_s3_4_2_2_a_part_folds_to_a_part() {
        for (text, part) in [("ΟΔΟΣΑ", "ΟΔΟΣ"), ("ΓΙΩΡΓΟΣ", "Σ"), ("Straße", "AßE"), ("ＡＢ", "b")]
        {
            assert!(fold(text).contains(&*fold(part)), "{text} {part}");
        }
    }
}
