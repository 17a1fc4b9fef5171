//! A signed JWT in its compact form (RFC 7515 s7.1).

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::Engine;
use serde_json::{Map, Value};

use super::{JwtAlgorithm, JwtClaims};
use crate::json;
use crate::limits::Limits;

/// The longest token that is looked at, in bytes.
const MOST_BYTES: usize = 16 * 1024;

/// The longest key id that is asked for, in bytes.
const MOST_KEY_ID_BYTES: usize = 256;

/// A token whose signature has not been checked yet.
pub(super) struct Token<'a> {
    pub(super) algorithm: JwtAlgorithm,
    pub(super) key_id: Option<String>,
    /// What is signed: header and payload as they were sent.
    pub(super) signed: &'a [u8],
    pub(super) signature: Vec<u8>,
    payload: &'a [u8],
}

impl<'a> Token<'a> {
    /// Reads a token, but for its claims. One with an algorithm that is unknown, `none` for instance, or with critical
    /// headers is none.
    pub(super) fn read(text: &'a [u8]) -> Option<Self> {
        if text.len() > MOST_BYTES {
            return None;
        }
        let end = text.iter().rposition(|byte| *byte == b'.')?;
        let (signed, signature) = (text.get(..end)?, text.get(end.checked_add(1)?..)?);
        let mut parts = signed.split(|byte| *byte == b'.');
        let (header, payload) = (object(parts.next()?)?, parts.next()?);
        if parts.next().is_some() || header.contains_key("crit") {
            return None;
        }
        let key_id = match header.get("kid") {
            None => None,
            Some(Value::String(key_id)) if key_id.len() <= MOST_KEY_ID_BYTES => Some(key_id.clone()),
            Some(_) => return None,
        };
        let algorithm = JwtAlgorithm::parse(header.get("alg")?.as_str()?)?;
        Some(Self { algorithm, key_id, signed, signature: URL_SAFE_NO_PAD.decode(signature).ok()?, payload })
    }

    /// The claims, for whoever has checked the signature.
    pub(super) fn claims(&self) -> Option<JwtClaims> {
        object(self.payload).map(JwtClaims::new)
    }
}

/// A JSON object without a name that is there twice (RFC 7515 s4).
fn object(part: &[u8]) -> Option<Map<String, Value>> {
    json::read_object(&URL_SAFE_NO_PAD.decode(part).ok()?, &Limits::default()).ok()
}
