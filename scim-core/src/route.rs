//! From a path to what it names (RFC 7644 s3.2 table 1).

use std::borrow::Cow;

use http::Method;
use percent_encoding::percent_decode_str;

use crate::resource::ResourceId;

/// What a path below the base URL names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// The base URL itself (s3.4.2.1).
    Root,
    /// `/Users`: by the place of the resource type in the server's list.
    Collection(usize),
    /// `/Users/{id}`.
    Item(usize, ResourceId),
    /// `/Users/.search` (s3.4.3).
    Search(usize),
    /// `/.search`.
    RootSearch,
    /// `/Me` (s3.11).
    Me,
    /// `/Bulk` (s3.7).
    Bulk,
    /// `/ServiceProviderConfig` (s4).
    ServiceProviderConfig,
    /// `/ResourceTypes` (s4).
    ResourceTypes,
    /// `/ResourceTypes/{name}`.
    ResourceType(String),
    /// `/Schemas` (s4).
    Schemas,
    /// `/Schemas/{urn}`.
    Schema(String),
    /// Nothing.
    Unknown,
}

impl Route {
    /// What a raw path names. Every segment is percent-decoded once, after the path is cut into segments, so that an
    /// encoded slash is part of an id and never a separator. One trailing slash is tolerated, and a second one at the
    /// beginning: Keycloak, JumpCloud and PingOne put their paths behind a base URL as it was entered, with its slash.
    pub(crate) fn of<'e>(path: &str, endpoints: impl IntoIterator<Item = &'e str>) -> Self {
        let path = path.strip_prefix("//").or_else(|| path.strip_prefix('/')).unwrap_or(path);
        let path = path.strip_suffix('/').unwrap_or(path);
        if path.is_empty() {
            return Self::Root;
        }
        if let Some(route) = Self::of_resource(path, endpoints) {
            return route;
        }
        let (first, second) = match path.split_once('/') {
            Some((first, second)) => (first, Some(second)),
            None => (path, None),
        };
        let (Some(first), second) = (decode(first), second.map(decode_segment)) else { return Self::Unknown };
        match (&*first, second) {
            (".search", None) => Self::RootSearch,
            ("Me", None) => Self::Me,
            ("Bulk", None) => Self::Bulk,
            ("ServiceProviderConfig" | "ServiceProviderConfigs", None) => Self::ServiceProviderConfig,
            ("ResourceTypes", None) => Self::ResourceTypes,
            ("ResourceTypes", Some(Some(name))) => Self::ResourceType(name.into_owned()),
            ("Schemas", None) => Self::Schemas,
            ("Schemas", Some(Some(urn))) => Self::Schema(urn.into_owned()),
            _ => Self::Unknown,
        }
    }

    fn of_resource<'e>(path: &str, endpoints: impl IntoIterator<Item = &'e str>) -> Option<Self> {
        for (place, endpoint) in endpoints.into_iter().enumerate() {
            let Some(rest) = strip_endpoint(path, endpoint.trim_start_matches('/')) else { continue };
            if rest.is_empty() {
                return Some(Self::Collection(place));
            }
            let id = rest.strip_prefix('/').and_then(decode_segment)?;
            if id == ".search" {
                return Some(Self::Search(place));
            }
            return Some(Self::Item(place, ResourceId::new(&*id)));
        }
        None
    }

    /// The methods that this takes, as an `Allow` header lists them.
    pub(crate) fn allowed(&self) -> &'static str {
        match self {
            Self::Collection(_) => "GET, HEAD, POST",
            Self::Item(..) => "GET, HEAD, PUT, PATCH, DELETE",
            Self::Me => "GET, HEAD, POST, PUT, PATCH, DELETE",
            Self::Search(_) | Self::RootSearch | Self::Bulk => "POST",
            _ => "GET, HEAD",
        }
    }

    /// Whether this takes the method.
    pub(crate) fn allows(&self, method: &Method) -> bool {
        self.allowed().split([',', ' ']).any(|allowed| allowed == method.as_str())
    }
}

/// What follows an endpoint in a path; the path may spell the endpoint with percent-encoding.
fn strip_endpoint<'p>(path: &'p str, endpoint: &str) -> Option<&'p str> {
    if let Some(rest) = path.strip_prefix(endpoint) {
        return (rest.is_empty() || rest.starts_with('/')).then_some(rest);
    }
    if !path.contains('%') {
        return None;
    }
    let (mut rest, mut wanted) = (path, endpoint.split('/'));
    loop {
        let segment = rest.split('/').next().unwrap_or_default();
        if *wanted.next()? != *decode(segment)? {
            return None;
        }
        rest = rest.get(segment.len()..)?;
        if wanted.clone().next().is_none() {
            return Some(rest);
        }
        rest = rest.strip_prefix('/')?;
    }
}

/// A whole segment that names something: not empty, and without a slash that was one before decoding.
fn decode_segment(segment: &str) -> Option<Cow<'_, str>> {
    if segment.is_empty() || segment.contains('/') {
        return None;
    }
    decode(segment)
}

/// Percent-decodes; `None` for bytes that are no text, and for NUL, which no store can hold.
fn decode(segment: &str) -> Option<Cow<'_, str>> {
    if !segment.contains('%') {
        return Some(Cow::Borrowed(segment));
    }
    percent_decode_str(segment).decode_utf8().ok().filter(|text| !text.contains('\0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(path: &str) -> Route {
        Route::of(path, ["/Users", "/Groups", "/my/Things"])
    }

    #[test]
    fn rfc7644_s3_2_every_endpoint_is_found_with_and_without_a_trailing_slash() {
        assert_eq!(route("/"), Route::Root);
        assert_eq!(route(""), Route::Root);
        for slash in ["", "/"] {
            assert_eq!(route(&format!("/Users{slash}")), Route::Collection(0));
            assert_eq!(route(&format!("/Groups/7{slash}")), Route::Item(1, ResourceId::new("7")));
            assert_eq!(route(&format!("/my/Things/7{slash}")), Route::Item(2, ResourceId::new("7")));
            assert_eq!(route(&format!("/Groups/.search{slash}")), Route::Search(1));
            assert_eq!(route(&format!("/.search{slash}")), Route::RootSearch);
            assert_eq!(route(&format!("/Me{slash}")), Route::Me);
            assert_eq!(route(&format!("/Bulk{slash}")), Route::Bulk);
            assert_eq!(route(&format!("/Schemas{slash}")), Route::Schemas);
            assert_eq!(route(&format!("/Schemas/urn:a%3Ab{slash}")), Route::Schema("urn:a:b".into()));
            assert_eq!(route(&format!("/ResourceTypes/User{slash}")), Route::ResourceType("User".into()));
            assert_eq!(route(&format!("/ServiceProviderConfig{slash}")), Route::ServiceProviderConfig);
        }
    }

    #[test]
    fn a_base_url_that_ends_in_a_slash_doubles_it_before_the_endpoint() {
        assert_eq!(route("//"), Route::Root);
        assert_eq!(route("//Users"), Route::Collection(0));
        assert_eq!(route("//Groups/7/"), Route::Item(1, ResourceId::new("7")));
        assert_eq!(route("//my/Things/7"), Route::Item(2, ResourceId::new("7")));
        assert_eq!(route("//ServiceProviderConfig"), Route::ServiceProviderConfig);
    }

    #[test]
    fn an_encoded_slash_is_part_of_an_id_and_is_decoded_once() {
        assert_eq!(route("/Users/a%2Fb"), Route::Item(0, ResourceId::new("a/b")));
        assert_eq!(route("/Users/a%252Fb"), Route::Item(0, ResourceId::new("a%2Fb")));
        assert_eq!(route("/%55sers/7"), Route::Item(0, ResourceId::new("7")));
        assert_eq!(route("/my/%54hings"), Route::Collection(2));
    }

    #[test]
    fn what_is_no_endpoint_is_unknown() {
        let paths =
            ["/users", "/Users//", "///Users", "/Users//a", "/Users/a/b", "/Usersx", "/Users/%ff", "/Users/%00"];
        for path in paths.into_iter().chain(["/x", "/my", "/my//Things"]) {
            assert_eq!(route(path), Route::Unknown, "{path}");
        }
        assert_eq!(route("/Users/.."), Route::Item(0, ResourceId::new("..")));
    }
}
