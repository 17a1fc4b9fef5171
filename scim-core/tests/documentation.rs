//! What the documentation quotes is what the server sends.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::fs;
use std::path::Path;

const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

#[test]
fn every_message_that_troubleshooting_quotes_is_in_the_sources() {
    let page = fs::read_to_string(format!("{REPOSITORY}/docs/troubleshooting.md")).unwrap();
    let messages = quoted_messages(&page);
    assert!(messages.len() > 25, "the page has changed its form: {messages:?}");
    let texts = texts_of_sources();
    let missing: Vec<&String> = messages.iter().filter(|message| !is_sent(message, &texts)).collect();
    assert!(missing.is_empty(), "no source has {missing:#?}");
}

#[test]
fn a_message_that_nobody_sends_is_found() {
    let texts = texts_of_sources();
    for message in ["userName is required", "... must be a string", "Resource \"...\" not found"] {
        assert!(is_sent(message, &texts), "{message}");
    }
    for message in [
        "userName is demanded",
        "... must be a sting",
        "Resource \"...\" not bound",
        "There is nothing at this path; look",
    ] {
        assert!(!is_sent(message, &texts), "{message}");
    }
}

/// The code in the first column of the tables whose header says `Message`.
fn quoted_messages(page: &str) -> Vec<String> {
    let mut messages = Vec::new();
    let mut in_table = false;
    for line in page.lines() {
        let column = line.strip_prefix("| ").and_then(|rest| rest.split(" | ").next());
        in_table = match column {
            Some("Message") => true,
            Some(_) => in_table,
            None => line.starts_with("| ---") && in_table,
        };
        if let Some(column) = column.filter(|_| in_table) {
            messages.extend(column.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    messages
}

/// Whether a source has the message. `...` in it stands for anything, as the name of an attribute does; what is left is in one text of the sources, or in
/// two if the second fills a gap of the first, as in `{place} must be {expected}`.
fn is_sent(message: &str, texts: &[String]) -> bool {
    let message = message.replace("userName", "...").replace("displayName", "...");
    let parts = message.split("...").map(|part| part.trim_matches([' ', '"', ',', ';']));
    parts.filter(|part| !part.is_empty()).all(|part| {
        let has = |words: &str| texts.iter().any(|text| text.contains(words));
        let at_blanks = part.match_indices(' ').map(|(place, _)| part.split_at(place));
        let has_end = |words: &str| texts.iter().any(|text| text.ends_with(words));
        has(part) || at_blanks.into_iter().any(|(first, second)| has_end(first) && has_whole(second.trim(), texts))
    })
}

/// Whether words are the beginning of a text of the sources: all that fills a gap.
fn has_whole(words: &str, texts: &[String]) -> bool {
    texts.iter().any(|text| text.strip_prefix(words).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric)))
}

/// What the string literals of the libraries say, cut at the gaps that are filled when a message is made.
fn texts_of_sources() -> Vec<String> {
    let mut texts = Vec::new();
    for library in ["scim-core", "scim-sqlx", "scim-axum", "scim-actix"] {
        collect(Path::new(&format!("{REPOSITORY}/{library}/src")), &mut texts);
    }
    texts
}

fn collect(directory: &Path, texts: &mut Vec<String>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("testing") {
            collect(&path, texts);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = fs::read_to_string(&path).unwrap();
            let code = source.split("#[cfg(test)]").next().unwrap_or_default();
            code.lines().filter(|line| !line.trim_start().starts_with("//")).for_each(|line| literals(line, texts));
        }
    }
}

/// The texts between quotes in a line.
fn literals(line: &str, texts: &mut Vec<String>) {
    let plain = line.replace("'\"'", "' '").replace("b'\"'", "' '").replace("\\\"", "'");
    for literal in plain.split('"').skip(1).step_by(2) {
        let pieces = literal.split('{').map(|piece| piece.split_once('}').map_or(piece, |(_, text)| text));
        texts.extend(pieces.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned));
    }
}
