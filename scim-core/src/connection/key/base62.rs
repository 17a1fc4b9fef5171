//! Bytes as digits and letters alone, so that a double click takes all of a key.

use zeroize::Zeroize;

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Writes the number that the bytes are, the most significant first, with this many digits; more significant ones are
/// left out. The bytes are zero afterwards.
pub(super) fn write(bytes: &mut [u8], digits: usize, text: &mut String) {
    let mut reversed = Vec::with_capacity(digits);
    for _ in 0..digits {
        let place = usize::from(divide(bytes));
        reversed.push(DIGITS.get(place).copied().unwrap_or(b'0'));
    }
    text.extend(reversed.iter().rev().map(|digit| char::from(*digit)));
    reversed.zeroize();
    bytes.zeroize();
}

/// Divides the number by 62 and returns what is left over.
fn divide(bytes: &mut [u8]) -> u8 {
    let mut rest: u16 = 0;
    for byte in bytes {
        let value = rest.wrapping_mul(256).wrapping_add(u16::from(*byte));
        *byte = u8::try_from(value / 62).unwrap_or_default();
        rest = value % 62;
    }
    u8::try_from(rest).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(mut bytes: Vec<u8>, digits: usize) -> String {
        let mut text = String::new();
        write(&mut bytes, digits, &mut text);
        assert!(bytes.iter().all(|byte| *byte == 0));
        text
    }

    #[test]
    fn numbers_are_written_with_leading_zeros() {
        assert_eq!(text(vec![0, 0], 3), "000");
        assert_eq!(text(vec![61], 2), "0z");
        assert_eq!(text(vec![62], 2), "10");
        assert_eq!(text(vec![255, 255, 255, 255], 6), "4gfFC3");
        assert_eq!(text(vec![1, 0], 2), "48");
    }

    #[test]
    fn all_256_bits_are_in_43_digits() {
        let largest = text(vec![255; 32], 43);
        assert_eq!(text(vec![255; 32], 44), format!("0{largest}"));
        let smaller = text([vec![255; 31], vec![254]].concat(), 43);
        assert!(smaller < largest);
    }
}
