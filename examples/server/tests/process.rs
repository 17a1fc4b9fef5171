//! The program as its users start it: what it prints, serves and logs, and how it ends.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use std::io::Read as _;

use support::{get, send, Process, TempDir};

#[test]
fn it_prints_where_it_is_serves_logs_and_ends_when_asked() {
    prints_serves_logs_and_ends("axum");
}

#[test]
fn with_actix_it_does_the_same() {
    prints_serves_logs_and_ends("actix");
}

fn prints_serves_logs_and_ends(adapter: &str) {
    let mut process = Process::start(&["--token", "secret", "--seed-users", "40", "--adapter", adapter], &[]);
    let base_url = process.base_url();
    let users = format!("{base_url}/Users");
    assert!(base_url.ends_with("/scim/v2"));
    assert_eq!(process.line(), "Data: memory, gone when the server ends");
    assert_eq!(process.line(), format!("Try: curl -H \"Authorization: Bearer secret\" \"{users}\""));
    assert!(process.log_line().contains("seeded users=40 groups=2"));

    let healthz = base_url.replace("/scim/v2", "/healthz");
    assert_eq!(get(&healthz, ""), ("HTTP/1.1 200 OK".to_owned(), "ok".to_owned()));
    assert_eq!(get(&users, "wrong").0, "HTTP/1.1 401 Unauthorized");
    assert!(process.log_line().contains("status=401"));
    let (status, list) = get(&format!("{users}?filter=userName%20eq%20%22someone%22"), "secret");
    assert_eq!(status, "HTTP/1.1 200 OK");
    assert!(list.contains("\"totalResults\":0"), "{list}");

    let line = process.log_line();
    for part in ["method=GET", "route=/Users", "status=200", "micros=", "request_id=mine"] {
        assert!(line.contains(part), "{line}");
    }
    for secret in ["secret", "someone", "filter"] {
        assert!(!line.contains(secret), "{line}");
    }
    process.end("-TERM");
    assert!(process.log_line().contains("shutting down"));
}

#[test]
fn every_argument_is_an_environment_variable_too() {
    let mut process = Process::start(
        &[],
        &[
            ("SCIM_BASE_PATH", "/here"),
            ("SCIM_BASE_URL", "https://scim.example.com/there"),
            ("SCIM_STORE", "memory"),
            ("SCIM_ADAPTER", "axum"),
            ("SCIM_TOKEN", "from-the-environment"),
            ("SCIM_SEED_USERS", "3"),
        ],
    );
    assert_eq!(process.base_url(), "https://scim.example.com/there");
    process.line();
    let advice = process.line();
    assert!(advice.contains("Bearer $SCIM_TOKEN"), "{advice}");
    process.end("-INT");
}

#[test]
fn without_a_token_it_makes_one_and_prints_it() {
    let mut tokens = Vec::new();
    for _ in 0..2 {
        let mut process = Process::start(&["--base-path", "/"], &[]);
        let base_url = process.base_url();
        process.line();
        let line = process.line();
        let token = line.strip_prefix("Token, made for this run: ").unwrap_or_else(|| panic!("{line}"));
        assert_eq!(token.len(), 64);
        assert_eq!(get(&format!("{base_url}/Users"), token).0, "HTTP/1.1 200 OK");
        tokens.push(token.to_owned());
        process.end("-TERM");
    }
    assert_ne!(tokens.first(), tokens.last());
}

#[test]
fn what_it_cannot_do_it_says_and_does_not_start() {
    let wrong = [
        (["--store", "nothing"], "the store must be memory, sqlite:PATH"),
        (["--base-url", "not a url"], "the base URL must be absolute"),
        (["--listen", "203.0.113.1:1"], "cannot listen on 203.0.113.1:1"),
        (["--cursor-key", "abc"], "a cursor key is 64 hexadecimal digits"),
    ];
    for (arguments, reason) in wrong {
        let mut process = Process::start(&arguments, &[]);
        assert!(!process.child.wait().unwrap().success(), "{arguments:?}");
        let mut log = String::new();
        process.log.read_to_string(&mut log).unwrap();
        assert!(log.contains(reason), "{log}");
    }
}

#[test]
fn what_sqlite_keeps_is_there_when_the_program_starts_again() {
    let directory = TempDir::new("restart");
    let path = directory.file("scim.db").display().to_string();
    for log in ["seeded users=30 groups=1", "not seeded"] {
        let store = format!("sqlite:{path}");
        let mut process = Process::start(&["--token", "secret", "--seed-users", "30", "--store", &store], &[]);
        let base_url = process.base_url();
        assert_eq!(process.line(), format!("Data: SQLite, {path}"));
        assert!(process.log_line().contains(log));
        let (_, list) = get(&format!("{base_url}/Users?count=0"), "secret");
        assert!(list.contains("\"totalResults\":30"), "{list}");
        process.end("-TERM");
    }
}

#[test]
fn rfc9865_s2_a_list_that_was_begun_at_one_server_goes_on_at_another_with_the_same_cursor_key() {
    let directory = TempDir::new("cursors");
    let store = format!("sqlite:{}", directory.file("scim.db").display());
    let (one, other) = ("1a".repeat(32), "2b".repeat(32));
    let start = |key: &str| {
        let arguments = ["--token", "secret", "--seed-users", "5", "--store", &store];
        let mut process = Process::start(&arguments, &[("SCIM_CURSOR_KEY", key)]);
        let users = format!("{}/Users?count=2", process.base_url());
        (process, users)
    };
    let (mut first, begun_at) = start(&one);
    let (_, page) = get(&format!("{begun_at}&cursor"), "secret");
    let (_, rest) = page.split_once("\"nextCursor\":\"").unwrap();
    let (cursor, _) = rest.split_once('"').unwrap();
    for (key, status) in [(&one, "HTTP/1.1 200 OK"), (&other, "HTTP/1.1 400 Bad Request")] {
        let (mut process, users) = start(key);
        assert_eq!(get(&format!("{users}&cursor={cursor}"), "secret").0, status);
        process.end("-TERM");
    }
    first.end("-TERM");
}

#[test]
fn resource_types_from_files_are_served_like_the_built_in_ones() {
    let custom = |name: &str| format!("{}/custom/{name}", env!("CARGO_MANIFEST_DIR"));
    let (schemas, types) = (custom("schemas.json"), custom("resource-types.json"));
    let mut process = Process::start(&["--token", "secret", "--schemas", &schemas, "--resource-types", &types], &[]);
    let base_url = process.base_url();

    let device =
        r#"{"serialNumber": "SN-1", "purchased": "2026-01-02T03:04:05Z", "ports": 4, "owner": {"value": "7"}}"#;
    let made = send("POST", &format!("{base_url}/Devices"), "secret", device).unwrap();
    assert_eq!(made.status(), 201, "{}", made.body);
    assert!(made.body.contains(&format!("\"$ref\":\"{base_url}/Users/7\"")), "{}", made.body);
    let again = send("POST", &format!("{base_url}/Devices"), "secret", device).unwrap();
    assert_eq!(again.status(), 409, "{}", again.body);
    let filter = "ports%20gt%203%20and%20purchased%20lt%20%222026-01-02T04:04:06%2B01:00%22";
    let (_, list) = get(&format!("{base_url}/Devices?filter={filter}"), "secret");
    assert!(list.contains("\"totalResults\":1"), "{list}");

    let without = send("POST", &format!("{base_url}/Users"), "secret", r#"{"userName": "a"}"#).unwrap();
    assert_eq!(without.status(), 400, "{}", without.body);
    let badge = "urn:example:params:scim:schemas:extension:badge:2.0:User";
    let user = format!(r#"{{"userName": "a", "{badge}": {{"badgeNumber": "7", "doors": ["north"]}}}}"#);
    let made = send("POST", &format!("{base_url}/Users"), "secret", &user).unwrap();
    assert_eq!(made.status(), 201, "{}", made.body);
    for path in [format!("Schemas/{badge}"), "ResourceTypes/Device".to_owned()] {
        assert_eq!(get(&format!("{base_url}/{path}"), "secret").0, "HTTP/1.1 200 OK", "{path}");
    }
    process.end("-TERM");
}
