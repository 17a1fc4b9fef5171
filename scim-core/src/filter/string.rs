//! Strings with the escapes of JSON (RFC 7159 s7).

use super::refusal::{refuse, Parsed, Reason};

/// A string in double quotes; the input begins with the first.
///
/// NUL is refused, written out or escaped, because databases disagree on it; so are halves of surrogate pairs, which
/// are no characters. With `literal_backslashes` one that begins no escape stands for itself.
pub(super) fn string(input: &str, literal_backslashes: bool) -> Parsed<'_, Box<str>> {
    let body = input.strip_prefix('"').unwrap_or(input);
    let (plain, special) = split_at_special(body);
    match special.strip_prefix('"') {
        Some(rest) => Ok((rest, plain.into())),
        None => string_with_escapes(input, plain, special, literal_backslashes),
    }
}

fn string_with_escapes<'a>(
    input: &'a str,
    plain: &str,
    special: &'a str,
    literal_backslashes: bool,
) -> Parsed<'a, Box<str>> {
    let mut text = String::from(plain);
    let mut special = special;
    loop {
        let rest = match special.as_bytes().first() {
            None => return refuse(input, Reason::UnclosedString),
            Some(b'"') => return Ok((special.get(1..).unwrap_or_default(), text.into_boxed_str())),
            Some(b'\\') if literal_backslashes && !begins_escape(special) => {
                text.push('\\');
                special.get(1..).unwrap_or_default()
            }
            Some(b'\\') => {
                let (rest, character) = escape(special)?;
                text.push(character);
                rest
            }
            Some(0) => return refuse(special, Reason::Nul),
            Some(_) => return refuse(special, Reason::ControlCharacter),
        };
        let (plain, next) = split_at_special(rest);
        text.push_str(plain);
        special = next;
    }
}

/// Splits before the first quote, backslash or control character.
fn split_at_special(text: &str) -> (&str, &str) {
    let end = text.bytes().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f)).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// Whether a backslash and what follows it are an escape sequence, be it one that is refused.
fn begins_escape(input: &str) -> bool {
    match input.as_bytes().get(1) {
        Some(b'u') => hex_unit(input).is_some(),
        Some(next) => b"\"\\/bfnrt".contains(next),
        None => true,
    }
}

/// An escape sequence; the input begins with its backslash.
fn escape(input: &str) -> Parsed<'_, char> {
    let mut characters = input.chars();
    characters.next();
    let character = match characters.next() {
        Some(same @ ('"' | '\\' | '/')) => same,
        Some('b') => '\u{8}',
        Some('f') => '\u{c}',
        Some('n') => '\n',
        Some('r') => '\r',
        Some('t') => '\t',
        Some('u') => return unicode_escape(input),
        _ => return refuse(input, Reason::UnknownEscape),
    };
    Ok((characters.as_str(), character))
}

/// `\uXXXX`, or two of them for a character beyond the first plane.
fn unicode_escape(input: &str) -> Parsed<'_, char> {
    let Some((rest, first)) = hex_unit(input) else { return refuse(input, Reason::UnknownEscape) };
    if first == 0 {
        return refuse(input, Reason::Nul);
    }
    if !(0xd800..=0xdfff).contains(&first) {
        return match char::from_u32(u32::from(first)) {
            Some(character) => Ok((rest, character)),
            None => refuse(input, Reason::LoneSurrogate),
        };
    }
    let pair = hex_unit(rest).and_then(|(rest, second)| {
        let character = char::decode_utf16([first, second]).next()?.ok()?;
        Some((rest, character))
    });
    pair.map_or_else(|| refuse(input, Reason::LoneSurrogate), Ok)
}

fn hex_unit(input: &str) -> Option<(&str, u16)> {
    let (digits, rest) = input.strip_prefix("\\u")?.split_at_checked(4)?;
    let all_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let unit = u16::from_str_radix(digits, 16).ok().filter(|_| all_hex)?;
    Some((rest, unit))
}
