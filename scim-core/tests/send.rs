//! The server's future can move between the threads of a runtime.

use bytes::Bytes;
use scim_core::{Authenticated, ScimServer};

fn is_send<T: Send>(_: &T) {}

#[test]
fn handling_a_request_is_send() {
    fn check(server: &ScimServer) {
        is_send(&server.handle(http::Request::new(Bytes::new())));
    }
    let _ = check;
}

#[test]
fn authenticating_and_answering_a_request_is_send() {
    fn check(server: &ScimServer, head: &mut http::request::Parts, authenticated: Authenticated<'_>) {
        is_send(&server.authenticate(head));
        is_send(&authenticated.answer(Bytes::new()));
    }
    let _ = check;
}
