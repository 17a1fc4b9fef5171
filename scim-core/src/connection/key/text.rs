//! How a key is written: `<prefix>_<key id>_<secret><checksum>`.

use zeroize::Zeroizing;

use super::base62;
use crate::resource::KeyId;

/// What finds keys of every prefix in a text, as a regular expression for secret scanners: a prefix, the 16 characters of
/// the key id, 43 of the secret and 6 of the checksum. [`Connections::key_pattern`](crate::Connections::key_pattern) is
/// narrower.
pub const KEY_PATTERN: &str = r"\b[a-z0-9]{2,16}_[0-9A-Za-z]{16}_[0-9A-Za-z]{49}\b";

const ID_BYTES: usize = 12;
const ID_DIGITS: usize = 16;
const SECRET_DIGITS: usize = 43;
const CHECKSUM_DIGITS: usize = 6;
const SECRET_AND_CHECKSUM: usize = 49;

/// How many random bytes a key is made of.
pub(in crate::connection) const RANDOM_BYTES: usize = 44;

/// [`KEY_PATTERN`] for one prefix.
pub(in crate::connection) fn pattern(prefix: &str) -> String {
    KEY_PATTERN.replace("[a-z0-9]{2,16}", prefix)
}

/// Whether keys may begin like this.
pub(in crate::connection) fn is_prefix(text: &[u8]) -> bool {
    (2..=16).contains(&text.len()) && text.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// Writes a key of random bytes, which are zero afterwards.
pub(super) fn compose(prefix: &str, random: &mut [u8; RANDOM_BYTES]) -> (KeyId, Zeroizing<String>) {
    let (id_bytes, secret_bytes) = random.split_at_mut(ID_BYTES);
    let mut id = String::with_capacity(ID_DIGITS);
    base62::write(id_bytes, ID_DIGITS, &mut id);
    // As long as it will be, so that no copy of a part is left behind when it grows.
    let mut text = Zeroizing::new(String::with_capacity(128));
    text.push_str(prefix);
    text.push('_');
    text.push_str(&id);
    text.push('_');
    base62::write(secret_bytes, SECRET_DIGITS, &mut text);
    let checksum = checksum(text.as_bytes());
    text.push_str(&checksum);
    (KeyId::new(id), text)
}

/// The key id of what is a key by its form and its checksum. What somebody mistyped is none.
pub(in crate::connection) fn key_id(text: &[u8]) -> Option<KeyId> {
    let mut parts = text.split(|byte| *byte == b'_');
    let (prefix, id, rest) = (parts.next()?, parts.next()?, parts.next()?);
    let is_base62 = |part: &[u8]| part.iter().all(u8::is_ascii_alphanumeric);
    let is_formed = parts.next().is_none()
        && is_prefix(prefix)
        && (id.len(), rest.len()) == (ID_DIGITS, SECRET_AND_CHECKSUM)
        && is_base62(id)
        && is_base62(rest);
    if !is_formed {
        return None;
    }
    let (covered, given) = text.split_at_checked(text.len().checked_sub(CHECKSUM_DIGITS)?)?;
    (checksum(covered).as_bytes() == given).then(|| std::str::from_utf8(id).ok().map(KeyId::new))?
}

/// The CRC-32 in six digits.
///
/// It finds every burst of errors up to 32 bits long, so every wrong character, and every two neighbours in each other's
/// place that are both before the checksum or both in it. Where the last character of the secret and the first digit of
/// the checksum are in each other's place, both are digits up to 4, as the first digit of 32 bits is; then the right
/// checksum changes by an entry of the CRC table, whose lowest bit that is set is below bit 5, and the given one by a
/// multiple of 62⁵, whose is not.
fn checksum(covered: &[u8]) -> String {
    let mut text = String::with_capacity(CHECKSUM_DIGITS);
    base62::write(&mut crc32(covered).to_be_bytes(), CHECKSUM_DIGITS, &mut text);
    text
}

/// The CRC-32 of ISO 3309, as in Ethernet and gzip.
fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..u8::BITS {
            let divisor = if crc & 1 == 1 { 0xedb8_8320 } else { 0 };
            crc = (crc >> 1) ^ divisor;
        }
    }
    !crc
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys of the bytes of a linear congruential generator.
    fn keys(count: u32) -> Vec<String> {
        let mut state = 7_u32;
        let mut byte = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        };
        (0..count).map(|_| compose("scim", &mut std::array::from_fn(|_| byte())).1.to_string()).collect()
    }

    #[test]
    fn the_checksum_is_the_crc_32_that_everybody_has() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn a_key_is_read_back() {
        let (id, text) = compose("acme2", &mut std::array::from_fn(|place| u8::try_from(place).unwrap()));
        assert_eq!(text.len(), 5 + 1 + ID_DIGITS + 1 + SECRET_AND_CHECKSUM);
        assert!(text.starts_with(&format!("acme2_{id}_")));
        assert_eq!(key_id(text.as_bytes()), Some(id));
        assert_eq!((RANDOM_BYTES, SECRET_AND_CHECKSUM), (ID_BYTES + 32, SECRET_DIGITS + CHECKSUM_DIGITS));
    }

    #[test]
    fn every_wrong_character_is_found() {
        for key in keys(3) {
            assert!(key_id(key.as_bytes()).is_some());
            for place in 0..key.len() {
                for byte in 0..=u8::MAX {
                    let mut wrong = key.clone().into_bytes();
                    wrong[place] = byte;
                    assert!(wrong == key.as_bytes() || key_id(&wrong).is_none(), "{place} {byte}");
                }
            }
        }
    }

    #[test]
    fn every_missing_and_every_added_character_is_found() {
        for key in keys(4) {
            for place in 0..key.len() {
                let mut wrong = key.clone();
                wrong.remove(place);
                assert_eq!(key_id(wrong.as_bytes()), None);
                for added in ['_', 'a', '0', ' '] {
                    let mut wrong = key.clone();
                    wrong.insert(place, added);
                    assert_eq!(key_id(wrong.as_bytes()), None);
                }
            }
        }
    }

    #[test]
    fn every_two_neighbours_in_each_others_place_are_found() {
        for key in keys(500) {
            for place in 1..key.len() {
                let mut wrong = key.clone().into_bytes();
                wrong.swap(place - 1, place);
                assert!(wrong == key.as_bytes() || key_id(&wrong).is_none(), "{place}");
            }
        }
    }

    #[test]
    fn the_entries_of_the_table_that_an_exchange_at_the_checksum_meets_are_as_the_argument_needs() {
        let entry = |byte: u8| crc32(&[byte]) ^ crc32(&[0]);
        for difference in 1..=7 {
            assert!(entry(difference).trailing_zeros() < 5, "{difference}");
        }
        assert_eq!(62_u32.pow(5).trailing_zeros(), 5);
        assert!(u64::from(u32::MAX) < 5 * 62_u64.pow(5));
    }

    #[test]
    fn prefixes_are_short_and_plain() {
        assert!(is_prefix(b"ab") && is_prefix(b"scim2") && is_prefix(&[b'a'; 16]));
        for prefix in ["", "a", "A1", "a_b", "a-b", "é", "aaaaaaaaaaaaaaaaa"] {
            assert!(!is_prefix(prefix.as_bytes()), "{prefix}");
        }
    }
}
