//! The command line and its environment variables.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser, ValueEnum};
use scim_core::CursorKey;

use crate::store::Store;

/// A SCIM 2.0 server that identity providers provision users and groups into.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Arguments {
    /// The address to listen on; port 0 takes any that is free
    #[arg(long, env = "SCIM_LISTEN", default_value = "127.0.0.1:3000")]
    pub(crate) listen: SocketAddr,

    /// The path that SCIM is served at
    #[arg(long, env = "SCIM_BASE_PATH", default_value = "/scim/v2", value_parser = base_path)]
    pub(crate) base_path: String,

    /// The URL that clients reach the base path at [default: made of the address and the base path]
    #[arg(long, env = "SCIM_BASE_URL")]
    pub(crate) base_url: Option<String>,

    /// Where resources are kept: memory, sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE
    #[arg(long, env = "SCIM_STORE", hide_env_values = true, default_value = "sqlite:scim.db", value_parser = Store::parse)]
    pub(crate) store: Store,

    /// The web framework to serve with
    #[arg(long, env = "SCIM_ADAPTER", default_value = "axum", value_enum)]
    pub(crate) adapter: Adapter,

    /// The bearer token that clients send [default: a random one, printed at the start]
    #[arg(long, env = "SCIM_TOKEN", hide_env_values = true, value_parser = token)]
    pub(crate) token: Option<String>,

    /// The key that cursors are sealed with, the same for all servers of one base URL: 64 hexadecimal digits [default: a
    /// random one, so that cursors are good at this server alone]
    #[arg(long, env = "SCIM_CURSOR_KEY", hide_env_values = true, value_name = "DIGITS")]
    pub(crate) cursor_key: Option<CursorKey>,

    /// How many users to begin with, and a twentieth as many groups, if there are no users yet
    #[arg(long, env = "SCIM_SEED_USERS", default_value_t = 0, value_name = "N")]
    pub(crate) seed_users: usize,

    /// A file of schemas for --resource-types: a JSON array of RFC 7643 section 7 objects
    #[arg(long, env = "SCIM_SCHEMAS", value_name = "FILE", requires = "resource_types")]
    pub(crate) schemas: Option<PathBuf>,

    /// A file of resource types to serve beside users and groups: a JSON array of RFC 7643 section 6 objects
    #[arg(long, env = "SCIM_RESOURCE_TYPES", value_name = "FILE")]
    pub(crate) resource_types: Option<PathBuf>,

    /// Whether the token is in the environment, from where it need not be copied to the terminal.
    #[arg(skip)]
    pub(crate) token_from_environment: bool,
}

impl Arguments {
    /// The arguments of this process; ends it with a message if they are wrong.
    pub(crate) fn of_process() -> Self {
        let matches = Self::command().get_matches();
        Self::of_matches(&matches).unwrap_or_else(|error| error.exit())
    }

    fn of_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut arguments = Self::from_arg_matches(matches)?;
        arguments.token_from_environment = matches.value_source("token") == Some(ValueSource::EnvVariable);
        Ok(arguments)
    }

    /// The base URL, where nobody set one: as a client on the same machine reaches the address.
    pub(crate) fn base_url(&self, mut address: SocketAddr) -> String {
        if let Some(url) = &self.base_url {
            return url.clone();
        }
        if address.ip().is_unspecified() {
            address.set_ip(match address {
                SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
                SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
            });
        }
        format!("http://{address}{}", self.base_path)
    }
}

/// A web framework.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Adapter {
    /// scim-axum.
    Axum,
    /// scim-actix.
    Actix,
}

/// A path with a slash at its beginning and none at its end, or nothing for the root.
fn base_path(text: &str) -> Result<String, String> {
    let path = text.trim_matches('/');
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    if !path.bytes().all(is_plain) || path.contains("//") {
        return Err("a base path consists of letters, digits and -._~ between slashes".to_owned());
    }
    Ok(if path.is_empty() { String::new() } else { format!("/{path}") })
}

fn token(text: &str) -> Result<String, String> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("a token consists of printable ASCII characters without spaces".to_owned());
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Arguments, clap::Error> {
        let program = std::iter::once(&"scim-example-server");
        Arguments::of_matches(&Arguments::command().try_get_matches_from(program.chain(arguments))?)
    }

    #[test]
    fn the_definition_of_the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn base_paths_are_normalised() {
        for (given, path) in [("/", ""), ("", ""), ("scim", "/scim"), ("/scim/v2/", "/scim/v2")] {
            assert_eq!(parse(&["--base-path", given]).unwrap().base_path, path, "{given}");
        }
        for given in ["/a//b", "/{tenant}", "/a b", "/a?b", "/ä"] {
            assert!(parse(&["--base-path", given]).is_err(), "{given}");
        }
    }

    #[test]
    fn the_base_url_follows_the_address_unless_it_is_given() {
        let url = |arguments: &[&str], address: &str| parse(arguments).unwrap().base_url(address.parse().unwrap());
        assert_eq!(url(&[], "127.0.0.1:3000"), "http://127.0.0.1:3000/scim/v2");
        assert_eq!(url(&[], "0.0.0.0:80"), "http://127.0.0.1:80/scim/v2");
        assert_eq!(url(&["--base-path", "/"], "[::]:80"), "http://[::1]:80");
        assert_eq!(url(&["--base-url", "https://x.example/y"], "127.0.0.1:1"), "https://x.example/y");
    }

    #[test]
    fn what_is_no_store_adapter_address_token_or_number_is_refused() {
        for arguments in [
            ["--store", "sled"],
            ["--adapter", "rocket"],
            ["--listen", "localhost"],
            ["--token", ""],
            ["--token", "a b"],
            ["--cursor-key", "abc"],
            ["--seed-users", "-1"],
            ["--unknown", "1"],
        ] {
            assert!(parse(&arguments).is_err(), "{arguments:?}");
        }
    }
}
