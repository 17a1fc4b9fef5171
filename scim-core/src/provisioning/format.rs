//! What texts are to be like.

use std::fmt;
use std::sync::Arc;

/// What the texts of an attribute are to be like.
///
/// ```
/// use scim_core::Format;
///
/// assert!(Format::E164.is_met_by("+46701234567"));
/// let number = Format::custom("a letter and four digits", |text| {
///     text.len() == 5 && text.starts_with(|c: char| c.is_ascii_uppercase()) && text[1..].bytes().all(|b| b.is_ascii_digit())
/// });
/// assert!(number.is_met_by("E1234") && !number.is_met_by("1234"));
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub enum Format {
    /// An e-mail address: something, `@` and a domain with a dot, without spaces. Whether it is anybody's is for the
    /// mail to find out.
    Email,
    /// A telephone number in international notation, `+` and up to 15 digits and nothing else (ITU-T E.164).
    E164,
    /// What a function says; made by [`Format::custom`].
    Custom(CustomFormat),
}

/// A format that is a function.
#[derive(Clone)]
pub struct CustomFormat {
    expected: Arc<str>,
    is_met: Arc<dyn Fn(&str) -> bool + Send + Sync>,
}

impl Format {
    /// A format that a function knows. `expected` completes "must be ...", such as `an employee number like E1234`.
    pub fn custom(expected: impl Into<Arc<str>>, is_met: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        Self::Custom(CustomFormat { expected: expected.into(), is_met: Arc::new(is_met) })
    }

    /// Whether a text is of the format.
    #[must_use]
    pub fn is_met_by(&self, text: &str) -> bool {
        match self {
            Self::Email => is_email(text),
            Self::E164 => is_e164(text),
            Self::Custom(custom) => (custom.is_met)(text),
        }
    }

    /// What completes "must be ...".
    pub(super) fn expected(&self) -> &str {
        match self {
            Self::Email => "an e-mail address such as bjensen@example.com",
            Self::E164 => "a telephone number in international format, with + and digits alone, such as +46701234567",
            Self::Custom(custom) => &custom.expected,
        }
    }
}

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected())
    }
}

impl fmt::Debug for CustomFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.expected)
    }
}

/// RFC 5321 s4.1.2 without quoted names and address literals, which no directory has; s4.5.3.1 bounds the lengths.
fn is_email(text: &str) -> bool {
    let Some((name, domain)) = text.rsplit_once('@') else { return false };
    let labels_fit = domain.split('.').all(|label| {
        let inner = |c: char| c.is_alphanumeric() || c == '-';
        !label.is_empty()
            && label.len() <= 63
            && label.chars().all(inner)
            && !label.starts_with('-')
            && !label.ends_with('-')
    });
    let is_plain = |c: char| {
        !c.is_whitespace()
            && !c.is_control()
            && !matches!(c, '@' | '<' | '>' | '"' | ',' | ';' | ':' | '\\' | '(' | ')' | '[' | ']')
    };
    let dots_fit = !name.starts_with('.') && !name.ends_with('.') && !name.contains("..");
    !name.is_empty()
        && name.len() <= 64
        && name.chars().all(is_plain)
        && dots_fit
        && domain.len() <= 255
        && domain.contains('.')
        && labels_fit
}

fn is_e164(text: &str) -> bool {
    let Some(digits) = text.strip_prefix('+') else { return false };
    (2..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_e_mail_address_has_a_name_and_a_domain() {
        for text in ["a@b.co", "babs.jensen+scim@mail.example.com", "o'neil@example.com", "jürgen@bücher.example"] {
            assert!(Format::Email.is_met_by(text), "{text}");
        }
        for text in [
            "",
            "a",
            "a@b",
            "@b.co",
            "a@",
            "a b@c.de",
            "a@b..co",
            "a@-b.co",
            ".a@b.co",
            "a..b@c.de",
            "<a@b.co>",
            "a@b@c.de",
            "a@b.co\n",
        ] {
            assert!(!Format::Email.is_met_by(text), "{text:?}");
        }
        assert!(!Format::Email.is_met_by(&format!("{}@b.co", "a".repeat(65))));
    }

    #[test]
    fn an_international_telephone_number_is_a_plus_and_digits() {
        assert!(Format::E164.is_met_by("+46701234567"));
        for text in [
            "",
            "+",
            "+4",
            "46701234567",
            "+46 70 123",
            "+0701234567",
            "+4670123456789012",
            "+4670x",
            "tel:+46701234567",
        ] {
            assert!(!Format::E164.is_met_by(text), "{text:?}");
        }
    }
}
