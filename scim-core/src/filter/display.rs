//! A filter as text: what [`Filter::parse`] reads back as the same filter, with no more parentheses than it needs.

use std::fmt::{self, Write};

use super::ast::{CompareOperator, Filter, Literal};

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(terms) => write_terms(f, terms, " and "),
            Self::Or(terms) => write_terms(f, terms, " or "),
            Self::Not(term) => write!(f, "not ({term})"),
            Self::Compare(path, operator, literal) => write!(f, "{path} {operator} {literal}"),
            Self::Present(path) => write!(f, "{path} pr"),
            Self::ValuePath(path, filter) => write!(f, "{path}[{filter}]"),
        }
    }
}

/// `or` binds less than `and`, and neither directly holds its own kind; so an `or` is the one term that needs
/// parentheses, and only within an `and`.
fn write_terms(f: &mut fmt::Formatter<'_>, terms: &[Filter], connective: &str) -> fmt::Result {
    for (place, term) in terms.iter().enumerate() {
        if place > 0 {
            f.write_str(connective)?;
        }
        match term {
            Filter::Or(_) => write!(f, "({term})")?,
            _ => write!(f, "{term}")?,
        }
    }
    Ok(())
}

impl fmt::Display for CompareOperator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Boolean(boolean) => write!(f, "{boolean}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::String(text) => write_string(f, text),
        }
    }
}

fn write_string(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for character in text.chars() {
        match character {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            '\0'..='\u{1f}' => write!(f, "\\u{:04x}", u32::from(character))?,
            _ => f.write_char(character)?,
        }
    }
    f.write_char('"')
}
