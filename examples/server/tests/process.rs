//! The program as its users start it: what it prints, serves and logs, and how it ends.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};

struct Process {
    child: Child,
    out: BufReader<ChildStdout>,
    log: BufReader<ChildStderr>,
}

impl Process {
    fn start(arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scim-example-server"));
        for name in ["BASE_PATH", "BASE_URL", "STORE", "ADAPTER", "TOKEN", "SEED_USERS"] {
            command.env_remove(format!("SCIM_{name}"));
        }
        command.env_remove("RUST_LOG").env("SCIM_LISTEN", "127.0.0.1:0").envs(environment.iter().copied());
        let mut child = command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (out, log) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        Self { child, out: BufReader::new(out), log: BufReader::new(log) }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    fn log_line(&mut self) -> String {
        let mut line = String::new();
        self.log.read_line(&mut line).unwrap();
        line
    }

    /// The base URL of the first line that the program prints.
    fn base_url(&mut self) -> String {
        let line = self.line();
        line.strip_prefix("SCIM base URL: ").unwrap_or_else(|| panic!("{line}")).to_owned()
    }

    /// Sends a signal and waits until the process ends well.
    fn end(&mut self, signal: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The status line and body of the answer to a GET.
fn get(url: &str, token: &str) -> (String, String) {
    let (address, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!("GET /{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nX-Request-Id: mine\r\n");
    write!(stream, "{head}Authorization: Bearer {token}\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.lines().next().unwrap().to_owned(), body.to_owned())
}

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
        (["--store", "nothing"], "the store must be memory"),
        (["--base-url", "not a url"], "the base URL must be absolute"),
        (["--listen", "203.0.113.1:1"], "cannot listen on 203.0.113.1:1"),
    ];
    for (arguments, reason) in wrong {
        let mut process = Process::start(&arguments, &[]);
        assert!(!process.child.wait().unwrap().success(), "{arguments:?}");
        let mut log = String::new();
        process.log.read_to_string(&mut log).unwrap();
        assert!(log.contains(reason), "{log}");
    }
}
