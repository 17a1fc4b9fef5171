//! Cursors: RFC 9865. The server keeps nothing about them; what a cursor says is sealed in it.
//!
//! A cursor holds the store's position, the count and the time it was made, encrypted (positions can hold personal data,
//! and cursors stand in URLs) and bound to the tenant, the resource types and the query it belongs to.

use std::fmt;
use std::str::FromStr;

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::Engine as _;
use chacha20poly1305::aead::{Aead, AeadCore, KeyInit, OsRng, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

use crate::error::{ScimError, ScimType};
use crate::resource::DateTime;
use crate::store::Position;

const NONCE: usize = 24;

/// How many hexadecimal digits a key has.
const KEY_DIGITS: usize = 64;

/// The key that cursors are sealed with: 32 bytes from a good source of randomness.
///
/// Every server makes a random one, so that a cursor is good at the process that made it. Processes that serve one base
/// URL together are given the same key, as bytes or as 64 hexadecimal digits of a setting:
///
/// ```
/// use scim_core::CursorKey;
///
/// // As `openssl rand -hex 32` prints it.
/// let key: CursorKey = "8c5f1e0b7a3d42969f00c1d2e3f4a5b60718293a4b5c6d7e8f90a1b2c3d4e5f6".parse()?;
/// # drop(key);
/// # Ok::<(), scim_core::InvalidCursorKey>(())
/// ```
#[derive(Clone)]
pub struct CursorKey([u8; 32]);

impl CursorKey {
    /// A key of these bytes, which the host keeps secret.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// A random key.
    #[must_use]
    pub fn random() -> Self {
        Self(XChaCha20Poly1305::generate_key(&mut OsRng).into())
    }
}

/// Reads 64 hexadecimal digits, in any case.
impl FromStr for CursorKey {
    type Err = InvalidCursorKey;

    fn from_str(text: &str) -> Result<Self, InvalidCursorKey> {
        let digits: Option<Vec<u8>> = text.chars().map(|digit| u8::try_from(digit.to_digit(16)?).ok()).collect();
        let digits = digits.filter(|digits| digits.len() == KEY_DIGITS).ok_or(InvalidCursorKey)?;
        let mut bytes = [0; KEY_DIGITS / 2];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = pair.iter().fold(0, |value: u8, digit| value << 4 | digit);
        }
        Ok(Self(bytes))
    }
}

/// A text is no [`CursorKey`]. What it was is not told, for it may be most of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a cursor key is 64 hexadecimal digits, as `openssl rand -hex 32` prints them")]
#[non_exhaustive]
pub struct InvalidCursorKey;

impl fmt::Debug for CursorKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CursorKey(..)")
    }
}

/// What a cursor says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cursor {
    pub(crate) position: Position,
    pub(crate) count: usize,
}

/// What a cursor belongs to; another tenant's, or another query's, cannot be opened.
pub(crate) struct Binding(Vec<u8>);

impl Binding {
    /// Each part with its length, so that no two lists of parts are alike.
    pub(crate) fn new<'a>(parts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut bytes = Vec::new();
        for part in parts {
            bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bytes.extend_from_slice(part.as_bytes());
        }
        Self(bytes)
    }
}

/// Seals and opens cursors.
pub(crate) struct CursorSeal {
    cipher: XChaCha20Poly1305,
    lifetime: std::time::Duration,
}

impl CursorSeal {
    pub(crate) fn new(key: &CursorKey, lifetime: std::time::Duration) -> Self {
        Self { cipher: XChaCha20Poly1305::new(&key.0.into()), lifetime }
    }

    /// A cursor as text of unreserved characters (RFC 9865 s2).
    ///
    /// # Errors
    ///
    /// 500 if the position is larger than memory allows.
    pub(crate) fn seal(&self, cursor: &Cursor, binding: &Binding, now: DateTime) -> Result<String, ScimError> {
        let mut plain = Vec::with_capacity(cursor.position.0.len().saturating_add(16));
        plain.extend_from_slice(&now.as_micros().to_be_bytes());
        plain.extend_from_slice(&(cursor.count as u64).to_be_bytes());
        plain.extend_from_slice(&cursor.position.0);
        let nonce = XChaCha20Poly1305::generate_nonce(&mut OsRng);
        let sealed = self
            .cipher
            .encrypt(&nonce, Payload { msg: &plain, aad: &binding.0 })
            .map_err(|_| ScimError::internal("a cursor could not be sealed"))?;
        let mut bytes = nonce.to_vec();
        bytes.extend_from_slice(&sealed);
        Ok(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// What a cursor says.
    ///
    /// # Errors
    ///
    /// 400 `invalidCursor` for one that was not made here for this tenant and query, 400 `expiredCursor` for an old one.
    pub(crate) fn open(&self, text: &str, binding: &Binding, now: DateTime) -> Result<Cursor, ScimError> {
        let (made, cursor) = self.unseal(text, binding).ok_or_else(|| {
            ScimError::bad_request(
                ScimType::InvalidCursor,
                "The cursor does not belong to this query; begin again with an empty cursor",
            )
        })?;
        let age = now.as_micros().saturating_sub(made);
        if age > i64::try_from(self.lifetime.as_micros()).unwrap_or(i64::MAX) {
            return Err(ScimError::bad_request(
                ScimType::ExpiredCursor,
                "The cursor has expired; begin again with an empty cursor",
            ));
        }
        Ok(cursor)
    }

    fn unseal(&self, text: &str, binding: &Binding) -> Option<(i64, Cursor)> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE)?;
        let payload = Payload { msg: sealed, aad: &binding.0 };
        let plain = self.cipher.decrypt(XNonce::from_slice(nonce), payload).ok()?;
        let (made, rest) = plain.split_first_chunk::<8>()?;
        let (count, position) = rest.split_first_chunk::<8>()?;
        let cursor =
            Cursor { position: Position(position.to_vec()), count: usize::try_from(u64::from_be_bytes(*count)).ok()? };
        Some((i64::from_be_bytes(*made), cursor))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_key_is_64_hexadecimal_digits() {
        let digits = "000102030405060708090A0b0c0d0e0f101112131415161718191a1b1c1d1eFf";
        let mut bytes: [u8; 32] = std::array::from_fn(|place| u8::try_from(place).unwrap());
        bytes[31] = 0xff;
        assert_eq!(digits.parse::<CursorKey>().unwrap().0, bytes);
        let (longer, other, wider) = (format!("{digits}0"), digits.replace('F', "g"), digits.replace('F', "é"));
        for text in ["", "00", &digits.replace("1e", "1"), &longer, &other, &wider] {
            let refused = text.parse::<CursorKey>().unwrap_err();
            assert!(refused.to_string().contains("64 hexadecimal digits"), "{text}");
        }
        for text in [&digits.replace("00", "+0"), &digits.replace("00", " 0")] {
            assert!(text.parse::<CursorKey>().is_err(), "{text}");
        }
    }

    #[test]
    fn rfc9865_s2_1_a_cursor_opens_for_its_query_alone_and_for_its_time_alone() {
        let seal = CursorSeal::new(&CursorKey::random(), Duration::from_secs(10));
        let cursor = Cursor { position: Position(b"joost".to_vec()), count: 7 };
        let made = DateTime::from_micros(0);
        let binding = Binding::new(["acme", "filter"]);
        let text = seal.seal(&cursor, &binding, made).unwrap();
        assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));

        assert_eq!(seal.open(&text, &binding, made).unwrap(), cursor);
        let kind = |binding: &Binding, text: &str, now| seal.open(text, binding, now).unwrap_err().scim_type();
        assert_eq!(kind(&Binding::new(["globex", "filter"]), &text, made), Some(ScimType::InvalidCursor));
        assert_eq!(kind(&Binding::new(["acmef", "ilter"]), &text, made), Some(ScimType::InvalidCursor));
        assert_eq!(kind(&binding, &text, DateTime::from_micros(10_000_001)), Some(ScimType::ExpiredCursor));
        for (place, letter) in text.char_indices() {
            let other = if letter == 'A' { 'B' } else { 'A' };
            let forged: String = text.chars().enumerate().map(|(n, c)| if n == place { other } else { c }).collect();
            assert_eq!(kind(&binding, &forged, made), Some(ScimType::InvalidCursor), "{place}");
        }
        for text in ["", "x", "AAAA", "é"] {
            assert_eq!(kind(&binding, text, made), Some(ScimType::InvalidCursor));
        }
    }
}
