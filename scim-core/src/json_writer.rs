//! Writing JSON as text, byte for byte as `serde_json` does, for answers that hold whole documents.
//!
//! Most of what an answer costs is to look for characters that must be escaped. `serde_json` looks at one byte after the
//! other; this looks at eight or more at once, and cannot fail.

use std::fmt::Display;
use std::io::Write as _;

use serde_json::{Map, Value};

/// JSON under construction. Whoever calls it says what begins and ends; commas and escapes come by themselves.
pub(crate) struct JsonWriter {
    bytes: Vec<u8>,
}

impl JsonWriter {
    /// Nothing yet, with room for so many bytes.
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes) }
    }

    /// Makes room for so many more bytes.
    pub(crate) fn reserve(&mut self, bytes: usize) {
        self.bytes.reserve(bytes);
    }

    /// How many bytes there are so far.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// What was written.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    pub(crate) fn begin_object(&mut self) {
        self.bytes.push(b'{');
    }

    pub(crate) fn end_object(&mut self) {
        self.bytes.push(b'}');
    }

    pub(crate) fn begin_array(&mut self) {
        self.bytes.push(b'[');
    }

    pub(crate) fn end_array(&mut self) {
        self.bytes.push(b']');
    }

    /// The name of the next member of an object, before its value.
    pub(crate) fn name(&mut self, name: &str) {
        // A comma, but after the bracket that opens. No value ends with such a bracket.
        if self.bytes.last() == Some(&b'{') {
            self.bytes.push(b'"');
        } else {
            self.bytes.extend_from_slice(b",\"");
        }
        self.contents(name);
        self.bytes.extend_from_slice(b"\":");
    }

    /// Announces the next element of an array, before its value.
    pub(crate) fn element(&mut self) {
        if self.bytes.last() != Some(&b'[') {
            self.bytes.push(b',');
        }
    }

    pub(crate) fn string(&mut self, text: &str) {
        self.bytes.push(b'"');
        self.contents(text);
        self.bytes.push(b'"');
    }

    /// A string made of several pieces.
    pub(crate) fn string_of<'p>(&mut self, pieces: impl IntoIterator<Item = &'p str>) {
        self.bytes.push(b'"');
        for piece in pieces {
            self.contents(piece);
        }
        self.bytes.push(b'"');
    }

    pub(crate) fn number(&mut self, number: impl Display) {
        // Writing into memory cannot fail.
        let _ = write!(self.bytes, "{number}");
    }

    pub(crate) fn object(&mut self, object: &Map<String, Value>) {
        self.begin_object();
        for (name, value) in object {
            self.name(name);
            self.value(value);
        }
        self.end_object();
    }

    pub(crate) fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.bytes.extend_from_slice(b"null"),
            Value::Bool(true) => self.bytes.extend_from_slice(b"true"),
            Value::Bool(false) => self.bytes.extend_from_slice(b"false"),
            Value::Number(number) => self.number(number),
            Value::String(text) => self.string(text),
            Value::Array(list) => {
                self.begin_array();
                for element in list {
                    self.element();
                    self.value(element);
                }
                self.end_array();
            }
            Value::Object(object) => self.object(object),
        }
    }

    /// Part of a string, with what must be escaped (RFC 8259 s7).
    fn contents(&mut self, text: &str) {
        if is_plain(text.as_bytes()) {
            self.bytes.extend_from_slice(text.as_bytes());
        } else {
            self.escaped(text.as_bytes());
        }
    }

    #[inline(never)]
    fn escaped(&mut self, mut rest: &[u8]) {
        while let Some((plain, tail)) = rest.split_at_checked(plain_length(rest)) {
            self.bytes.extend_from_slice(plain);
            let Some((escaped, tail)) = tail.split_first() else { return };
            self.escape(*escaped);
            rest = tail;
        }
    }

    fn escape(&mut self, byte: u8) {
        let short = match byte {
            b'"' | b'\\' => byte,
            0x08 => b'b',
            b'\t' => b't',
            b'\n' => b'n',
            0x0C => b'f',
            b'\r' => b'r',
            control => {
                let _ = write!(self.bytes, "\\u{control:04x}");
                return;
            }
        };
        self.bytes.extend_from_slice(&[b'\\', short]);
    }
}

/// Whether nothing must be escaped. The last block or word overlaps the one before, so that there is no rest to look at
/// byte by byte.
#[inline]
fn is_plain(bytes: &[u8]) -> bool {
    if let Some(last) = bytes.last_chunk() {
        return is_plain_block(last) && bytes.as_chunks().0.iter().all(is_plain_block);
    }
    if let Some(last) = bytes.last_chunk() {
        let marks = |marks: u64, word: &[u8; 8]| marks | marks_of_escapes(*word);
        return bytes.as_chunks().0.iter().fold(marks_of_escapes(*last), marks) == 0;
    }
    if let (Some([a, b, c, d]), Some([e, f, g, h])) = (bytes.first_chunk(), bytes.last_chunk()) {
        return marks_of_escapes([*a, *b, *c, *d, *e, *f, *g, *h]) == 0;
    }
    bytes.iter().all(|byte| !must_be_escaped(*byte))
}

/// A loop without a way out over a block of fixed size becomes a few vector instructions.
#[inline]
fn is_plain_block(block: &[u8; 32]) -> bool {
    !block.iter().fold(false, |found, byte| found | must_be_escaped(*byte))
}

/// How many bytes come before the first that must be escaped.
fn plain_length(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks();
    for (place, word) in words.iter().enumerate() {
        let marks = marks_of_escapes(*word);
        if marks != 0 {
            return place.saturating_mul(8).saturating_add(first_marked(marks));
        }
    }
    let plain = rest.iter().take_while(|byte| !must_be_escaped(**byte)).count();
    words.len().saturating_mul(8).saturating_add(plain)
}

fn must_be_escaped(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

/// Marks bytes of a word by their highest bit: none if nothing must be escaped, else the first that must be, nothing
/// before it, and anything after it.
fn marks_of_escapes(word: [u8; 8]) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHEST: u64 = 0x8080_8080_8080_8080;
    let each = |byte: u8| ONES.wrapping_mul(u64::from(byte));
    let word = u64::from_le_bytes(word);
    // To subtract from a byte below what is subtracted sets its highest bit and takes from the byte after it; what has
    // the highest bit by itself is no ASCII.
    let below = |word: u64, limit: u8| word.wrapping_sub(each(limit)) & !word;
    (below(word, 0x20) | below(word ^ each(b'"'), 1) | below(word ^ each(b'\\'), 1)) & HIGHEST
}

/// The place of the first marked byte of a word.
fn first_marked(marks: u64) -> usize {
    usize::try_from(marks.trailing_zeros() / 8).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn written(value: &Value) -> String {
        let mut json = JsonWriter::with_capacity(0);
        json.value(value);
        String::from_utf8(json.into_bytes()).unwrap()
    }

    /// Strings of every length around the sizes of words and blocks, with more than the usual share of what is special.
    fn text() -> impl Strategy<Value = String> {
        let special =
            prop::sample::select("\"\\/\u{7f}\u{80}\u{85}é\u{2028}\u{ffff}😀\u{10ffff}".chars().collect::<Vec<_>>());
        let control = (0_u8..0x20).prop_map(char::from);
        let character = prop_oneof![20 => prop::char::range('a', 'z'), 2 => any::<char>(), 1 => special, 1 => control];
        prop_oneof![
            prop::collection::vec(character, 0..80).prop_map(String::from_iter),
            "[ -!#-\\[\\]-~]{0,80}",
            any::<String>()
        ]
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            text().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 64, 8, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
                prop::collection::vec((text(), inner), 0..8)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_value_is_written_as_serde_json_writes_it(value in value()) {
            prop_assert_eq!(written(&value), value.to_string());
        }

        #[test]
        fn pieces_make_one_string(pieces in prop::collection::vec(text(), 0..4)) {
            let mut json = JsonWriter::with_capacity(0);
            json.string_of(pieces.iter().map(String::as_str));
            prop_assert_eq!(String::from_utf8(json.into_bytes()).unwrap(), json!(pieces.concat()).to_string());
        }
    }

    #[test]
    fn rfc8259_s7_every_byte_is_escaped_at_every_place_around_words_and_blocks() {
        for length in [1, 3, 4, 7, 8, 9, 15, 16, 17, 31, 32, 33, 39, 40, 41, 47, 48, 49, 63, 64, 71] {
            for place in 0..length {
                for byte in 0..0x80_u8 {
                    let mut text = vec![b'x'; length];
                    text[place] = byte;
                    let text = Value::from(String::from_utf8(text).unwrap());
                    assert_eq!(written(&text), text.to_string());
                }
            }
        }
    }

    #[test]
    fn numbers_at_the_ends_of_their_types() {
        for number in [json!(u64::MAX), json!(i64::MIN), json!(f64::MAX), json!(-0.0), json!(1e16), json!(5e-324)] {
            assert_eq!(written(&number), number.to_string());
        }
    }
}
