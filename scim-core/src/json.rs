//! Reading JSON that anybody may have sent: bounded in depth, no name twice, no NUL.
//!
//! `serde_json` alone would keep the last of two members of one name, so that a proxy that looks at the first is
//! deceived.

use std::cell::Cell;
use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde::Deserializer;
use serde_json::value::RawValue;
use serde_json::{Map, Number, Value};

use crate::error::{quoted, ScimError};
use crate::limits::Limits;

/// Reads a whole body as JSON.
///
/// # Errors
///
/// 400 `invalidSyntax` for what is no JSON, nests deeper than [`Limits::json_depth`], holds more values than
/// [`Limits::json_values`], a name twice in one object (also twice but for case), a NUL, or a lone surrogate.
pub(crate) fn read(body: &[u8], limits: &Limits) -> Result<Value, ScimError> {
    read_but_for(&[], body, limits)
}

/// Reads a whole body as a JSON object.
///
/// # Errors
///
/// As [`read`], and for any JSON that is no object.
pub(crate) fn read_object(body: &[u8], limits: &Limits) -> Result<Map<String, Value>, ScimError> {
    read_object_but_for(&[], body, limits)
}

/// Reads a whole body as a JSON object, but for the values to which these names lead, in any case and through lists. Each
/// of them is a string: its JSON text, to be read later. Of them it is only certain that they have the form of JSON.
///
/// # Errors
///
/// As [`read_object`].
pub(crate) fn read_object_but_for(
    names: &[&str],
    body: &[u8],
    limits: &Limits,
) -> Result<Map<String, Value>, ScimError> {
    match read_but_for(names, body, limits)? {
        Value::Object(object) => Ok(object),
        _ => Err(ScimError::invalid_syntax("The body must be a JSON object")),
    }
}

fn read_but_for(names: &[&str], body: &[u8], limits: &Limits) -> Result<Value, ScimError> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let left = Cell::new(limits.json_values);
    let value = Node { depth: limits.json_depth, left: &left, unread: names }
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value));
    value.map_err(|error| ScimError::invalid_syntax(describe(&error)))
}

/// The messages of our own visitor are for the client; those of the parser repeat no input either.
fn describe(error: &serde_json::Error) -> String {
    if error.is_eof() {
        return "The body is not complete JSON".to_owned();
    }
    format!("The body cannot be read as JSON: {error}")
}

/// A value that may nest this much deeper.
#[derive(Clone, Copy)]
struct Node<'n> {
    depth: usize,
    /// How many values there may still be.
    left: &'n Cell<usize>,
    /// The names that lead to what is not read.
    unread: &'n [&'n str],
}

impl<'n> Node<'n> {
    fn inner<E: serde::de::Error>(self) -> Result<Self, E> {
        let depth = self.depth.checked_sub(1).ok_or_else(|| E::custom("it nests too deeply"))?;
        Ok(Self { depth, ..self })
    }

    /// The value of a member of an object that is this node.
    fn member<'de, A: MapAccess<'de>>(self, name: &str, members: &mut A) -> Result<Value, A::Error> {
        let unread = match self.unread {
            [next, rest @ ..] if next.eq_ignore_ascii_case(name) => rest,
            [..] => return members.next_value_seed(Node { unread: &[], ..self }),
        };
        if unread.is_empty() {
            let text = Box::<str>::from(members.next_value::<Box<RawValue>>()?);
            return Ok(Value::String(text.into()));
        }
        members.next_value_seed(Node { unread, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        let left = self.left.get().checked_sub(1).ok_or_else(|| D::Error::custom("it holds too many values"))?;
        self.left.set(left);
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Value, E> {
        self.visit_string(value.to_owned())
    }

    fn visit_string<E: serde::de::Error>(self, value: String) -> Result<Value, E> {
        no_nul(&value)?;
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut list = Vec::new();
        while let Some(element) = elements.next_element_seed(inner)? {
            list.push(element);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut object = Map::new();
        let mut names = Names::default();
        while let Some(name) = members.next_key::<String>()? {
            no_nul(&name)?;
            if !names.is_new(&name, &object) {
                return Err(A::Error::custom(format_args!("the name {} is there twice", quoted(&name))));
            }
            let value = inner.member(&name, &mut members)?;
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

fn no_nul<E: serde::de::Error>(text: &str) -> Result<(), E> {
    if text.as_bytes().contains(&0) {
        return Err(E::custom("a string holds a NUL character"));
    }
    Ok(())
}

/// The names of one object so far, without case.
///
/// A few bits of each name tell nearly always that a name is new. Where they do not, few names are compared one by one
/// and many are kept folded, so that the cost stays linear whatever the names are.
#[derive(Default)]
struct Names {
    bits: u64,
    folded: HashSet<String>,
}

impl Names {
    const FEW: usize = 32;

    fn is_new(&mut self, name: &str, object: &Map<String, Value>) -> bool {
        if object.len() >= Self::FEW {
            if self.folded.is_empty() {
                self.folded = object.keys().map(|known| known.to_ascii_lowercase()).collect();
            }
            return self.folded.insert(name.to_ascii_lowercase());
        }
        let bit = 1_u64.wrapping_shl(bit_of(name));
        let unseen = self.bits & bit == 0;
        self.bits |= bit;
        unseen || !object.keys().any(|known| known.eq_ignore_ascii_case(name))
    }
}

/// A bit of 64 for a name, the same in any case.
fn bit_of(name: &str) -> u32 {
    name.bytes().fold(0, |bits: u32, byte| bits.wrapping_mul(31).wrapping_add(u32::from(byte | 0x20))) >> 3
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(text: &str) -> String {
        read(text.as_bytes(), &Limits::default()).unwrap_err().detail().to_owned()
    }

    #[test]
    fn a_name_twice_is_refused_also_in_another_case() {
        assert!(refused(r#"{"a":1,"a":2}"#).contains("twice"));
        assert!(refused(r#"{"x":{"userName":1,"USERNAME":2}}"#).contains("twice"));
        let many: Vec<String> = (0..100).map(|n| format!("\"n{n}\":1")).collect();
        assert!(read(format!("{{{}}}", many.join(",")).as_bytes(), &Limits::default()).is_ok());
        assert!(refused(&format!("{{{},\"N7\":1}}", many.join(","))).contains("twice"));
    }

    #[test]
    fn nul_surrogates_and_bytes_that_are_no_text_are_refused() {
        assert!(refused(r#"{"a":"\u0000"}"#).contains("NUL"));
        refused(r#"{"a":"\ud800"}"#);
        assert!(read(b"{\"a\":\"\xff\"}", &Limits::default()).is_err());
        refused("{\"a\":1} x");
        refused("");
    }

    #[test]
    fn what_names_lead_to_stays_text() {
        let read = |text: &str| read_object_but_for(&["Operations", "data"], text.as_bytes(), &Limits::default());
        let read = |text| read(text).map(Value::Object);
        assert_eq!(
            read(
                r#"{"data": [1], "operations": [{"DATA": {"a": "\u00e4", "a": 2}, "b": {"data": 1}}, {"data": null}]}"#
            )
            .unwrap(),
            json!({"data": [1], "operations": [
                {"DATA": r#"{"a": "\u00e4", "a": 2}"#, "b": {"data": 1}}, {"data": "null"}
            ]})
        );
        assert_eq!(read(r#"{"Operations": {"data": "x"}}"#).unwrap(), json!({"Operations": {"data": "\"x\""}}));
        for text in [r#"{"Operations": [{"data": {]}]}"#, r#"{"Operations": [{"data": 1, "Data": 2}]}"#] {
            assert!(read(text).is_err(), "{text}");
        }
        assert!(read("{\"Operations\": [{\"data\": \"\u{ff}\"}]}").is_ok());
        let no_text = b"{\"Operations\": [{\"data\": \"\xff\"}]}";
        assert!(read_object_but_for(&["Operations", "data"], no_text, &Limits::default()).is_err());
    }

    #[test]
    fn values_are_counted() {
        let mut limits = Limits::default();
        limits.json_values = 5;
        assert!(read(br#"{"a": [1, 2, {}]}"#, &limits).is_ok());
        for text in [r#"{"a": [1, 2, {}, null]}"#, r#"[[], [], [], [], []]"#] {
            assert!(read(text.as_bytes(), &limits).unwrap_err().detail().contains("too many values"), "{text}");
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(read(nested(32).as_bytes(), &Limits::default()).is_ok());
        assert!(refused(&nested(33)).contains("deeply"));
        refused(&nested(100_000));
    }
}
