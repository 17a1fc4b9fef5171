//! An answer as it is compared.

use bytes::Bytes;
use http::Response;
use serde_json::Value;

use super::values::Values;

/// Everything that a client sees of an answer, with what is a client's own or of chance named rather than shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    /// The answer byte for byte, where these values, the ids of new resources, times, versions and cursors stand for
    /// themselves.
    pub(crate) fn of(response: &Response<Bytes>, values: &[&Values], names: &mut Names<'_>) -> Self {
        let body = String::from_utf8(response.body().to_vec()).unwrap();
        names.find(&serde_json::from_str(&body).unwrap_or_default());
        let named = |text: &str| {
            let text = values.iter().flat_map(|values| values.named()).fold(text.to_owned(), |text, (value, name)| {
                text.replace(value, name).replace(&value.to_uppercase(), &name.to_uppercase())
            });
            names.found.iter().fold(text, |text, (value, name)| text.replace(value, name))
        };
        let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
            let shown = if name == "etag" { "{version}".to_owned() } else { named(value.to_str().unwrap()) };
            (name.to_string(), shown)
        };
        let headers = response.headers().iter().map(header).collect();
        Self { status: response.status().as_u16(), headers, body: named(&body) }
    }
}

/// What of one answer after the other is of chance.
pub(crate) struct Names<'a> {
    own: &'a [String],
    found: Vec<(String, String)>,
    new: usize,
}

impl<'a> Names<'a> {
    /// Nothing yet; these ids are not of chance.
    pub(crate) fn new(own: &'a [String]) -> Self {
        Self { own, found: Vec::new(), new: 0 }
    }

    fn find(&mut self, value: &Value) {
        match value {
            Value::Object(members) => members.iter().for_each(|(name, value)| self.member(name, value)),
            Value::Array(elements) => elements.iter().for_each(|element| self.find(element)),
            _ => {}
        }
    }

    fn member(&mut self, name: &str, value: &Value) {
        let Value::String(text) = value else { return self.find(value) };
        match name {
            "created" | "lastModified" => self.add(format!("\"{text}\""), "{time}".to_owned()),
            "version" => self.add(Value::String(text.clone()).to_string(), "{version}".to_owned()),
            "nextCursor" | "previousCursor" => self.add(text.clone(), "{cursor}".to_owned()),
            "location" => self.add_new(text.rsplit('/').next().unwrap_or_default()),
            "id" if !text.starts_with("urn:") => self.add_new(text),
            _ => {}
        }
    }

    fn add_new(&mut self, id: &str) {
        if !id.is_empty() && !self.own.iter().any(|own| own == id) && !self.found.iter().any(|(found, _)| found == id) {
            self.new += 1;
            self.add(id.to_owned(), format!("{{new {}}}", self.new));
        }
    }

    fn add(&mut self, value: String, name: String) {
        if !self.found.iter().any(|(found, _)| *found == value) {
            self.found.push((value, name));
        }
    }
}
