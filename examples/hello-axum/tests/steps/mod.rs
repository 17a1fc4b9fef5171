//! What both of the smallest programs must do.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The README has the program as it is, and it is short.
pub fn the_readme_has_it(source: &str) {
    let program = source.lines().skip_while(|line| line.starts_with("//!") || line.is_empty());
    let program: String = program.flat_map(|line| [line, "\n"]).collect();
    assert!(include_str!("../../../../README.md").contains(&program), "the README has another program");
    assert!(program.lines().filter(|line| !line.trim().is_empty()).count() <= 25);
}

/// It answers beside the host's own route, and keeps a user.
pub fn it_runs(program: &str) {
    let running = Running::start(program);
    assert!(running.ask("GET / HTTP/1.1\r\n", "").ends_with("\r\n\r\nMy application"));
    assert!(running.ask("GET /scim/v2/Users HTTP/1.1\r\n", "").starts_with("HTTP/1.1 401 "));

    let token = "Authorization: Bearer secret\r\nContent-Type: application/scim+json\r\n";
    let created = running.ask(&format!("POST /scim/v2/Users HTTP/1.1\r\n{token}"), r#"{"userName":"bjensen"}"#);
    assert!(created.starts_with("HTTP/1.1 201 "), "{created}");
    let location = created.lines().find_map(|line| line.strip_prefix("location: ")).unwrap();
    let path = location.strip_prefix(&format!("http://{}", running.address)).unwrap();
    let read = running.ask(&format!("GET {path} HTTP/1.1\r\n{token}"), "");
    assert!(read.starts_with("HTTP/1.1 200 ") && read.contains(r#""userName":"bjensen""#), "{read}");
}

struct Running {
    process: Child,
    address: String,
}

impl Running {
    fn start(program: &str) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let running = Self { process: Command::new(program).arg(&address).spawn().unwrap(), address };
        let begun = Instant::now();
        while TcpStream::connect(&running.address).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(20), "it does not listen");
            sleep(Duration::from_millis(20));
        }
        running
    }

    fn ask(&self, head: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let length = body.len();
        write!(stream, "{head}Host: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
