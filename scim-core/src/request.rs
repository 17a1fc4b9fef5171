//! The head of a request as the protocol reads it: query parameters (RFC 7644 s3.4.2, s3.9), preconditions (s3.14) and
//! the media type of the body (s3.1).

use std::borrow::Cow;

use http::header::{HeaderName, CONTENT_TYPE, IF_MATCH, IF_NONE_MATCH};
use http::HeaderMap;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::error::{quoted, ErrorKind, ScimError, ScimType};
use crate::resource::Version;

/// The query parameters the protocol knows; all others are ignored, for providers append their own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parameters {
    pub(crate) filter: Option<String>,
    pub(crate) sort_by: Option<String>,
    pub(crate) descending: bool,
    pub(crate) start_index: Option<i64>,
    pub(crate) count: Option<i64>,
    /// RFC 9865; empty for the first page.
    pub(crate) cursor: Option<String>,
    /// Names as written; empty for none given.
    pub(crate) attributes: Vec<String>,
    /// Names as written; empty for none given.
    pub(crate) excluded_attributes: Vec<String>,
}

impl Parameters {
    /// Reads a query string as it stands in the URI.
    ///
    /// # Errors
    ///
    /// 400 for a parameter given twice, one that is no text, or a number that is none.
    pub(crate) fn parse(query: Option<&str>) -> Result<Self, ScimError> {
        let mut parameters = Self::default();
        let mut refused_count = None;
        let mut seen = Vec::new();
        for (name, value) in pairs(query) {
            if seen.contains(&name) {
                return Err(ScimError::invalid_value(format!("The parameter {name} is given twice")));
            }
            seen.push(name);
            let set = decode(name, value).and_then(|value| parameters.set(name, &value));
            refused_count = set_aside(refused_count, name, set)?;
        }
        parameters.unless_refused(refused_count)
    }

    /// Reads the body of a query by POST (RFC 7644 s3.4.3, RFC 9865 s3): every parameter is a member.
    ///
    /// # Errors
    ///
    /// 400 for a member of the wrong type, or what a query string would be refused for.
    pub(crate) fn of_search_request(body: Map<String, Value>) -> Result<Self, ScimError> {
        let mut parameters = Self::default();
        let mut refused_count = None;
        for (key, value) in body {
            let Some(name) = known_name(&key) else { continue };
            refused_count = set_aside(refused_count, name, parameters.set_member(name, value))?;
        }
        parameters.unless_refused(refused_count)
    }

    /// Whether a query string has a filter, whatever it is.
    pub(crate) fn have_filter(query: Option<&str>) -> bool {
        pairs(query).any(|(name, _)| name == "filter")
    }

    /// Refuses a count that is none. Only with everything read is it known whether the query is one by cursor, which has a
    /// keyword of its own for it (RFC 9865 s2.1).
    fn unless_refused(self, refused_count: Option<ScimError>) -> Result<Self, ScimError> {
        match refused_count {
            Some(error) if self.cursor.is_some() => {
                Err(ScimError::bad_request(ScimType::InvalidCount, error.detail().to_owned()))
            }
            Some(error) => Err(error),
            None => Ok(self),
        }
    }

    fn set_member(&mut self, name: &str, value: Value) -> Result<(), ScimError> {
        match value {
            Value::Null => Ok(()),
            Value::String(text) => self.set(name, &text),
            Value::Number(number) if matches!(name, "startIndex" | "count") => self.set(name, &number.to_string()),
            Value::Array(list) if name == "attributes" => {
                self.attributes = texts(name, list)?;
                Ok(())
            }
            Value::Array(list) if name == "excludedAttributes" => {
                self.excluded_attributes = texts(name, list)?;
                Ok(())
            }
            _ => Err(ScimError::invalid_value(format!("{name} is not of the type it must have"))),
        }
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), ScimError> {
        match name {
            "filter" => self.filter = Some(value.to_owned()).filter(|filter| !filter.is_empty()),
            "sortBy" => self.sort_by = Some(value.trim().to_owned()).filter(|path| !path.is_empty()),
            "sortOrder" => self.descending = descending(value)?,
            "startIndex" => self.start_index = integer(name, value)?,
            "count" => self.count = integer(name, value)?,
            "cursor" => self.cursor = Some(value.to_owned()),
            "attributes" => self.attributes = names(value),
            _ => self.excluded_attributes = names(value),
        }
        Ok(())
    }
}

/// What a query string says of the parameters that the protocol knows, in its order. Names are encoded like values.
fn pairs(query: Option<&str>) -> impl Iterator<Item = (&'static str, &str)> {
    query.unwrap_or_default().split('&').filter_map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = if name.contains('%') { percent_decode_str(name).decode_utf8().ok()? } else { Cow::Borrowed(name) };
        Some((known_name(&name)?, value))
    })
}

/// Keeps what is wrong with the count for later.
fn set_aside(
    refused_count: Option<ScimError>,
    name: &str,
    set: Result<(), ScimError>,
) -> Result<Option<ScimError>, ScimError> {
    match set {
        Err(error) if name == "count" => Ok(Some(error)),
        set => set.map(|()| refused_count),
    }
}

fn known_name(name: &str) -> Option<&'static str> {
    ["filter", "sortBy", "sortOrder", "startIndex", "count", "cursor", "attributes", "excludedAttributes"]
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(name))
}

fn texts(name: &str, list: Vec<Value>) -> Result<Vec<String>, ScimError> {
    list.into_iter()
        .map(|value| match value {
            Value::String(text) => Ok(text),
            _ => Err(ScimError::invalid_value(format!("{name} must be a list of attribute names"))),
        })
        .collect()
}

/// Decodes a value once: `+` is a space, as forms write it and Microsoft Entra ID does.
fn decode<'v>(name: &str, value: &'v str) -> Result<Cow<'v, str>, ScimError> {
    if !value.contains(['+', '%']) {
        return Ok(Cow::Borrowed(value));
    }
    let spaced = value.replace('+', " ");
    match percent_decode_str(&spaced).decode_utf8() {
        Ok(text) if !text.contains('\0') => Ok(Cow::Owned(text.into_owned())),
        _ => Err(ScimError::invalid_value(format!("The parameter {name} is not UTF-8 text"))),
    }
}

/// A whole number that fits, or nothing for an empty value.
fn integer(name: &str, value: &str) -> Result<Option<i64>, ScimError> {
    let value = value.trim();
    if value.is_empty() {
        return Ok(None);
    }
    value
        .parse()
        .map(Some)
        .map_err(|_| ScimError::invalid_value(format!("{name} must be a whole number, not {}", quoted(value))))
}

fn descending(value: &str) -> Result<bool, ScimError> {
    if value.is_empty() || value.eq_ignore_ascii_case("ascending") {
        Ok(false)
    } else if value.eq_ignore_ascii_case("descending") {
        Ok(true)
    } else {
        Err(ScimError::invalid_value(format!("sortOrder must be ascending or descending, not {}", quoted(value))))
    }
}

fn names(value: &str) -> Vec<String> {
    value.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// The preconditions of a request (RFC 7644 s3.14, RFC 9110 s13.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Preconditions {
    if_match: Option<EntityTags>,
    if_none_match: Option<EntityTags>,
}

impl Preconditions {
    pub(crate) fn read(headers: &HeaderMap) -> Self {
        Self {
            if_match: EntityTags::read(headers, &IF_MATCH),
            if_none_match: EntityTags::read(headers, &IF_NONE_MATCH),
        }
    }

    /// The condition that a version is the current one, written as in `If-Match` (RFC 7644 s3.7 `version`).
    pub(crate) fn if_match(version: &str) -> Self {
        Self { if_match: Some(EntityTags::parse([version])), if_none_match: None }
    }

    /// Whether the client has the current version already, so that 304 answers a read.
    pub(crate) fn not_modified(&self, current: &Version) -> bool {
        self.if_none_match.as_ref().is_some_and(|tags| tags.has(current))
    }

    /// Whether there is any condition.
    pub(crate) fn is_conditional(&self) -> bool {
        self.if_match.is_some() || self.if_none_match.is_some()
    }

    /// Whether a write is to happen on one version alone, so that another must not be tried.
    pub(crate) fn has_if_match(&self) -> bool {
        self.if_match.is_some()
    }

    /// Refuses a read of a version that is not the current one (RFC 9110 s13.1.1).
    ///
    /// # Errors
    ///
    /// 412.
    pub(crate) fn check_read(&self, current: &Version) -> Result<(), ScimError> {
        if self.matches(current) {
            return Ok(());
        }
        Err(ScimError::new(
            ErrorKind::PreconditionFailed,
            "The resource has another version than If-Match names; read it without that header",
        ))
    }

    /// Refuses a write whose conditions the current version does not meet.
    ///
    /// # Errors
    ///
    /// 412.
    pub(crate) fn check_write(&self, current: &Version) -> Result<(), ScimError> {
        if self.matches(current) && !self.not_modified(current) {
            return Ok(());
        }
        Err(ScimError::new(
            ErrorKind::PreconditionFailed,
            "The resource has another version than the request expects; read it again and repeat the change",
        ))
    }

    fn matches(&self, current: &Version) -> bool {
        self.if_match.as_ref().is_none_or(|tags| tags.has(current))
    }
}

/// The entity tags of a header. They compare weakly: `W/` does not matter (RFC 9110 s8.8.3.2).
#[derive(Clone, Debug, PartialEq, Eq)]
enum EntityTags {
    Any,
    These(Vec<String>),
}

impl EntityTags {
    fn read(headers: &HeaderMap, name: &HeaderName) -> Option<Self> {
        let mut values = headers.get_all(name).iter().map(|value| value.to_str().unwrap_or_default()).peekable();
        values.peek()?;
        Some(Self::parse(values))
    }

    fn parse<'v>(values: impl IntoIterator<Item = &'v str>) -> Self {
        let mut tags = Vec::new();
        for value in values {
            let text = value.trim();
            if text == "*" {
                return Self::Any;
            }
            parse_tags(text, &mut tags);
        }
        Self::These(tags)
    }

    fn has(&self, version: &Version) -> bool {
        match self {
            Self::Any => true,
            Self::These(tags) => tags.iter().any(|tag| tag == version.as_str()),
        }
    }
}

/// Reads `W/"a", "b"`. A tag without quotes, as some clients send it, ends at the comma. What is no tag matches nothing.
fn parse_tags(text: &str, tags: &mut Vec<String>) {
    let mut rest = text;
    while !rest.is_empty() {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let tag = rest.strip_prefix("W/").or_else(|| rest.strip_prefix("w/")).unwrap_or(rest);
        let (tag, end) = match tag.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => tag.split_once(',').unwrap_or((tag, "")),
        };
        if !tag.is_empty() {
            tags.push(tag.trim().to_owned());
        }
        rest = end;
    }
}

/// The body is SCIM JSON, with or without a charset; a body without a type is taken to be (RFC 7644 s3.1, s8.1).
///
/// # Errors
///
/// 415.
pub(crate) fn check_content_type(headers: &HeaderMap) -> Result<(), ScimError> {
    let Some(value) = headers.get(CONTENT_TYPE) else { return Ok(()) };
    let essence = value.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    let accepted = ["application/scim+json", "application/json"];
    if essence.is_empty() || accepted.iter().any(|accepted| essence.eq_ignore_ascii_case(accepted.as_bytes())) {
        return Ok(());
    }
    Err(ScimError::new(ErrorKind::UnsupportedMediaType, "Send the body with Content-Type: application/scim+json"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rfc7644_s3_4_2_parameters_are_decoded_once_and_others_ignored() {
        let query =
            "aadOptscim062020&filter=userName+eq+%22a%2Bb%2520%22&startIndex=1&count=&attributes=a,%20b,&&x=%ff";
        let parameters = Parameters::parse(Some(query)).unwrap();
        assert_eq!(parameters.filter.as_deref(), Some("userName eq \"a+b%20\""));
        assert_eq!((parameters.start_index, parameters.count), (Some(1), None));
        assert_eq!(parameters.attributes, ["a", "b"]);
    }

    #[test]
    fn a_parameter_without_a_value_is_none() {
        let parameters = Parameters::parse(Some("filter=&count=&startIndex=&sortBy=&sortOrder=&attributes=")).unwrap();
        assert_eq!(parameters, Parameters::default());
        let body = serde_json::json!({"filter": "", "count": 7});
        let parameters = Parameters::of_search_request(body.as_object().unwrap().clone()).unwrap();
        assert_eq!((parameters.filter, parameters.count), (None, Some(7)));
    }

    #[test]
    fn numbers_that_are_none_or_do_not_fit_are_refused() {
        for query in
            ["count=x", "count=1.5", "startIndex=99999999999999999999", "sortOrder=up", "count=1&count=2", "filter=%ff"]
        {
            assert!(Parameters::parse(Some(query)).is_err(), "{query}");
        }
    }

    #[test]
    fn rfc7644_s3_4_3_parameters_of_the_wrong_type_are_refused() {
        let read = |body: serde_json::Value| Parameters::of_search_request(body.as_object().unwrap().clone());
        for body in
            [serde_json::json!({"filter": 7}), serde_json::json!({"attributes": 7}), serde_json::json!({"count": 1.5})]
        {
            assert!(read(body.clone()).is_err(), "{body}");
        }
        assert_eq!(read(serde_json::json!({"count": 7, "startIndex": "2"})).unwrap().count, Some(7));
    }

    #[test]
    fn rfc7644_s3_4_2_names_are_decoded_like_values() {
        let parameters = Parameters::parse(Some("fil%74er=a+pr&%73ORTby=b&%ff=1&count%3D1=2")).unwrap();
        assert_eq!(parameters.filter.as_deref(), Some("a pr"));
        assert_eq!((parameters.sort_by.as_deref(), parameters.count), (Some("b"), None));
        assert!(Parameters::parse(Some("count=1&c%6Funt=1")).is_err());
        assert!(Parameters::have_filter(Some("x&fil%74er")) && !Parameters::have_filter(Some("xfilter=1")));
    }

    #[test]
    fn rfc9865_s2_1_an_invalid_count_has_its_keyword_in_a_query_by_cursor_alone() {
        let keyword = |result: Result<Parameters, ScimError>| result.unwrap_err().scim_type();
        let of_query = |query: &str| keyword(Parameters::parse(Some(query)));
        let of_body = |body: Value| keyword(Parameters::of_search_request(body.as_object().unwrap().clone()));
        for count in ["abc", "1.5", "99999999999999999999", "%ff"] {
            assert_eq!(of_query(&format!("count={count}")), Some(ScimType::InvalidValue), "{count}");
            assert_eq!(of_query(&format!("count={count}&cursor")), Some(ScimType::InvalidCount), "{count}");
            assert_eq!(of_query(&format!("cursor=x&count={count}")), Some(ScimType::InvalidCount), "{count}");
        }
        for count in [json!("abc"), json!(1.5), json!(true), json!([1])] {
            assert_eq!(of_body(json!({"count": count})), Some(ScimType::InvalidValue), "{count}");
            assert_eq!(of_body(json!({"count": count, "cursor": null})), Some(ScimType::InvalidValue), "{count}");
            assert_eq!(of_body(json!({"count": count, "cursor": ""})), Some(ScimType::InvalidCount), "{count}");
        }
        assert_eq!(of_query("cursor&startIndex=abc"), Some(ScimType::InvalidValue));
    }

    #[test]
    fn rfc7644_s3_14_entity_tags_compare_weakly() {
        let mut headers = HeaderMap::new();
        headers.insert(IF_MATCH, "W/\"1\", \"2\"".parse().unwrap());
        let preconditions = Preconditions::read(&headers);
        for version in ["1", "2"] {
            assert!(preconditions.check_write(&Version::new(version)).is_ok());
        }
        assert!(preconditions.check_write(&Version::new("3")).is_err());
        headers.insert(IF_MATCH, "*".parse().unwrap());
        assert!(Preconditions::read(&headers).check_write(&Version::new("3")).is_ok());
        headers.insert(IF_MATCH, "".parse().unwrap());
        assert!(Preconditions::read(&headers).check_write(&Version::new("3")).is_err());
    }

    #[test]
    fn rfc7644_s8_1_media_types() {
        let check = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, value.parse().unwrap());
            check_content_type(&headers).is_ok()
        };
        assert!(check("application/scim+json; charset=utf-8") && check("Application/JSON;charset=UTF-8"));
        assert!(!check("text/plain") && !check("application/xml") && !check("application/jsonx"));
        assert!(check_content_type(&HeaderMap::new()).is_ok());
    }
}
