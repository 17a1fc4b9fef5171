//! How a mount path is spelled in a request.

use actix_web::guard::{Guard, GuardContext};

/// The segments of a mount path; `None` for a parameter, which stands for any one segment.
///
/// Actix-web decodes a path before it matches it, so that `/sc%69m` is found at `/scim`. Other frameworks and most
/// proxies take what was sent; a rule of a proxy for `/scim` must not be got round by another spelling.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Spelling(Vec<Option<String>>);

impl Spelling {
    /// The spelling of a mount path without slashes around it. There is none to check for the root, nor for parameters
    /// with a regular expression, which may stand for more than one segment.
    pub(crate) fn of(path: &str) -> Option<Self> {
        let has_expression =
            path.split('{').skip(1).any(|parameter| parameter.contains(':') || parameter.ends_with('*'));
        if path.is_empty() || has_expression {
            return None;
        }
        let literal = |segment: &str| (!segment.contains('{')).then(|| segment.to_owned());
        Some(Self(path.split('/').map(literal).collect()))
    }

    /// Whether the mount path is somewhere in a path, segment by segment; it need not be at the beginning, for the host
    /// may have put the scope into another one.
    fn is_in(&self, path: &str) -> bool {
        let mut rest = path;
        while let Some((_, below)) = rest.split_once('/') {
            let mut segments = below.split('/');
            if self.0.iter().all(|wanted| {
                let segment = segments.next();
                segment.is_some() && wanted.as_deref().is_none_or(|wanted| segment == Some(wanted))
            }) {
                return true;
            }
            rest = below;
        }
        false
    }
}

impl Guard for Spelling {
    fn check(&self, cx: &GuardContext<'_>) -> bool {
        self.is_in(cx.head().uri.path())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_segment_counts_and_a_parameter_is_any_segment() {
        let spelling = Spelling::of("t/{tenant}/scim").unwrap();
        for path in ["/t/acme/scim", "/t/acme/scim/", "/t/a%2Fb/scim/Users", "/api/t/acme/scim/Users"] {
            assert!(spelling.is_in(path), "{path}");
        }
        for path in ["", "/", "*", "/t/acme", "/t/acme/sc%69m/Users", "/%74/acme/scim", "/t/acme/scimx", "/T/acme/scim"]
        {
            assert!(!spelling.is_in(path), "{path}");
        }
    }

    #[test]
    fn what_may_be_several_segments_is_not_checked() {
        assert_eq!(Spelling::of(""), None);
        assert_eq!(Spelling::of("{any:.*}/scim"), None);
        assert_eq!(Spelling::of("a/{rest}*"), None);
        assert!(Spelling::of("a:b/scim*").is_some());
    }
}
