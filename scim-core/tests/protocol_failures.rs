//! When the store fails: the client learns that it did, and nothing else.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

mod support;

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use async_trait::async_trait;
use scim_core::{
    AuthError, Authenticator, ErrorKind, Limits, Principal, ScimError, ScimServerBuilder, StoreError, Timer,
};
use serde_json::json;
use support::store::{Call, Scripted};
use support::{builder, Answer, Client};

/// What a backend says, which is nobody's business.
const SECRET: &str = "relation \"scim_users\" at db-7.internal: Key (name)=(bjensen) already exists";

/// A client of a server whose store fails from the second call on, so that there is something to write to.
fn client(fail: impl Fn() -> StoreError + Send + Sync + 'static) -> (Client, String) {
    let store = Scripted::new(move |call| if matches!(call, Call::Create(_)) { Ok(()) } else { Err(fail()) });
    (Client::of(builder().store(store)), r#"{"userName":"anna"}"#.to_owned())
}

/// The answers to each kind of request on a resource.
async fn answers(client: &Client, body: &str) -> Vec<Answer> {
    let made = client.send("POST", "/Users", &[], body).await;
    assert_eq!(made.status, 201);
    let path = format!("/Users/{}", made.id());
    let patch = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"add","path":"title","value":"x"}]}"#;
    let mut answers = Vec::new();
    for (method, path, body) in [
        ("GET", path.as_str(), ""),
        ("GET", "/Users", ""),
        ("GET", "/", ""),
        ("POST", "/Users/.search", "{}"),
        ("PUT", &path, body),
        ("PATCH", &path, patch),
        ("DELETE", &path, ""),
    ] {
        answers.push(client.send(method, path, &[("x-request-id", "request-7")], body).await);
    }
    answers
}

#[tokio::test]
async fn a_fault_of_the_backend_is_500_with_the_request_id_and_nothing_else() {
    let (client, body) = client(|| StoreError::backend(SECRET));
    for answer in answers(&client, &body).await {
        assert_eq!(answer.error(), (500, String::new()));
        assert!(answer.text.contains("request-7"), "{}", answer.text);
        assert!(!answer.text.contains("scim_users") && !answer.text.contains("bjensen"), "{}", answer.text);
        assert_eq!(answer.header("retry-after"), "");
    }
}

#[tokio::test]
async fn a_backend_out_of_reach_is_503_with_retry_after() {
    let (client, body) = client(|| StoreError::unavailable(7, SECRET));
    for answer in answers(&client, &body).await {
        assert_eq!(answer.error(), (503, String::new()));
        assert_eq!(answer.header("retry-after"), "7");
        assert!(answer.text.contains("request-7") && !answer.text.contains("scim_users"), "{}", answer.text);
    }
}

#[tokio::test]
async fn what_a_store_refuses_for_a_reason_of_its_own_is_answered_so() {
    let (client, body) = client(|| StoreError::Refused(ScimError::new(ErrorKind::Forbidden, "Not on Sundays")));
    for answer in answers(&client, &body).await {
        assert_eq!(answer.error(), (403, String::new()));
        assert_eq!(answer.json["detail"], "Not on Sundays");
    }
}

#[tokio::test]
async fn what_a_store_cannot_filter_or_sort_by_is_named() {
    for (error, scim_type) in [
        (StoreError::UnsupportedFilter { path: "emails.type".to_owned() }, "invalidFilter"),
        (StoreError::UnsupportedSort { path: "emails.type".to_owned() }, "invalidPath"),
    ] {
        let error = std::sync::Mutex::new(Some(error));
        let store = Scripted::new(move |_| error.lock().unwrap().take().map_or(Ok(()), Err));
        let client = Client::of(builder().store(store));
        let answer = client.get("/Users?filter=emails.type%20pr&sortBy=emails.type").await;
        assert_eq!(answer.error(), (400, scim_type.to_owned()));
        assert!(answer.text.contains("emails.type"), "{}", answer.text);
    }
}

/// Waits on the runtime of the test.
struct TokioTimer;

impl Timer for TokioTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(tokio::time::sleep(duration))
    }
}

fn impatient() -> ScimServerBuilder {
    let mut limits = Limits::default();
    limits.store_timeout = Duration::from_millis(20);
    builder().store(Scripted::new(|_| Ok(()))).limits(limits).timer(TokioTimer)
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_503_with_retry_after() {
    let client = Client::of(impatient());
    for answer in [
        client.get("/Users/stuck").await,
        client.put("/Users/stuck", &json!({"userName": "anna"})).await,
        client.patch("/Users/stuck", json!([{"op": "add", "path": "title", "value": "x"}])).await,
    ] {
        assert_eq!(answer.error(), (503, String::new()));
        assert_eq!(answer.header("retry-after"), "1");
    }
    assert_eq!(client.get("/Users").await.status, 200);
}

#[tokio::test]
async fn a_resource_that_never_keeps_still_is_503_and_a_condition_is_412() {
    let store = Scripted::new(|call| match call {
        Call::Update(_) => Err(StoreError::VersionMismatch),
        _ => Ok(()),
    });
    let client = Client::of(builder().store(store));
    let made = client.post("/Users", &json!({"userName": "anna"})).await;
    let path = format!("/Users/{}", made.id());
    let put = client.put(&path, &json!({"userName": "anna", "title": "x"})).await;
    assert_eq!((put.error(), put.header("retry-after")), ((503, String::new()), "1"));
    let tag = [("if-match", made.header("etag"))];
    let put = client.send("PUT", &path, &tag, r#"{"userName":"anna","title":"x"}"#).await;
    assert_eq!(put.error(), (412, String::new()));
}

#[tokio::test]
async fn credentials_that_cannot_be_checked_are_503_and_those_for_something_else_403() {
    struct Broken(fn() -> AuthError);

    #[async_trait]
    impl Authenticator for Broken {
        async fn authenticate(&self, _: &http::request::Parts) -> Result<std::sync::Arc<Principal>, AuthError> {
            Err((self.0)())
        }
    }

    let client = |error| Client::of(builder().authenticator(Broken(error)));
    let answer = client(|| AuthError::Unavailable(SECRET.into())).get("/Users").await;
    assert_eq!((answer.error(), answer.header("retry-after")), ((503, String::new()), "1"));
    assert!(!answer.text.contains("scim_users"), "{}", answer.text);
    let answer = client(|| AuthError::Forbidden).get("/Users").await;
    assert_eq!((answer.error(), answer.header("www-authenticate")), ((403, String::new()), ""));
}
