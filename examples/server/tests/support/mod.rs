//! The program as a process, and a client for it.
#![allow(dead_code)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};

/// The program; it is killed with the value.
pub(crate) struct Process {
    pub(crate) child: Child,
    out: BufReader<ChildStdout>,
    pub(crate) log: BufReader<ChildStderr>,
}

impl Process {
    pub(crate) fn start(arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scim-example-server"));
        for name in ["BASE_PATH", "BASE_URL", "STORE", "ADAPTER", "TOKEN", "SEED_USERS", "CURSOR_KEY"] {
            command.env_remove(format!("SCIM_{name}"));
        }
        command
            .env("SCIM_STORE", "memory")
            .env_remove("RUST_LOG")
            .env("SCIM_LISTEN", "127.0.0.1:0")
            .envs(environment.iter().copied());
        let mut child = command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (out, log) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        Self { child, out: BufReader::new(out), log: BufReader::new(log) }
    }

    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    pub(crate) fn log_line(&mut self) -> String {
        let mut line = String::new();
        self.log.read_line(&mut line).unwrap();
        line
    }

    /// The base URL of the first line that the program prints.
    pub(crate) fn base_url(&mut self) -> String {
        let line = self.line();
        line.strip_prefix("SCIM base URL: ").unwrap_or_else(|| panic!("{line}")).to_owned()
    }

    /// Sends a signal and waits until the process ends well.
    pub(crate) fn end(&mut self, signal: &str) {
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
pub(crate) fn get(url: &str, token: &str) -> (String, String) {
    let answer = send("GET", url, token, "").unwrap();
    (answer.status_line, answer.body)
}

/// What came back from the server.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status_line: String,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn status(&self) -> u16 {
        self.status_line.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default()
    }
}

/// Sends one request on a connection of its own.
pub(crate) fn send(method: &str, url: &str, token: &str, body: &str) -> std::io::Result<Answer> {
    let (address, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(address)?;
    let length = body.len();
    write!(
        stream,
        "{method} /{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nX-Request-Id: mine\r\n\
         Content-Type: application/scim+json\r\nContent-Length: {length}\r\n\
         Authorization: Bearer {token}\r\n\r\n{body}"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let Some((head, body)) = answer.split_once("\r\n\r\n") else {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    };
    let status_line = head.lines().next().unwrap_or_default().to_owned();
    Ok(Answer { status_line, head: head.to_owned(), body: body.to_owned() })
}

/// A directory that is gone with the value.
pub(crate) struct TempDir(PathBuf);

impl TempDir {
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("scim-server-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
