//! The server's future can move between the threads of a runtime.

use bytes::Bytes;
use scim_core::ScimServer;

fn is_send<T: Send>(_: &T) {}

#[test]
fn handling_a_request_is_send() {
    fn check(server: &ScimServer) {
        is_send(&server.handle(http::Request::new(Bytes::new())));
    }
    let _ = check;
}
