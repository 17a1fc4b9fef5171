//! Whether a connection may be made without encryption.

use std::net::IpAddr;

use scim_core::StoreError;
use sqlx::postgres::{PgConnectOptions, PgSslMode};

/// Without the feature `tls` the driver sends everything in the clear where the URL leaves the choice to it. That must be
/// what somebody wants, unless nothing leaves the machine.
///
/// # Errors
///
/// [`StoreError::Backend`], which says what to do.
pub(super) fn check(options: &PgConnectOptions, has_tls: bool) -> Result<(), StoreError> {
    let leaves_choice = matches!(options.get_ssl_mode(), PgSslMode::Prefer | PgSslMode::Allow);
    if has_tls || !leaves_choice || is_local(options) {
        return Ok(());
    }
    Err(StoreError::backend(
        "the connection to PostgreSQL would not be encrypted: enable the feature `tls` of scim-sqlx, or write \
         ?sslmode=disable behind the URL if nobody can listen on the way",
    ))
}

fn is_local(options: &PgConnectOptions) -> bool {
    let host = options.get_host();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    options.get_socket().is_some()
        || host.starts_with('/')
        || host == "localhost"
        || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stays_on_the_machine_goes_in_the_clear_unasked() {
        for (url, is_fine) in [
            ("postgres://db.example/scim", false),
            ("postgres://10.0.0.7/scim?sslmode=allow", false),
            ("postgres://db.example/scim?sslmode=disable", true),
            ("postgres://db.example/scim?sslmode=require", true),
            ("postgres://localhost/scim", true),
            ("postgres://127.0.0.1:5433/scim", true),
            ("postgres://[::1]/scim", true),
            ("postgres:///scim?host=/run/postgresql", true),
        ] {
            let options: PgConnectOptions = url.parse().unwrap();
            assert_eq!(check(&options, false).is_ok(), is_fine, "{url}");
            assert!(check(&options, true).is_ok(), "{url}");
        }
    }
}
