//! What can happen to a response on its way to the client.

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Method, Response, StatusCode};
use serde_json::{json, Value};

fn rewrite(response: &mut Response<Bytes>, change: impl FnOnce(&mut Value)) {
    if let Ok(mut json) = serde_json::from_slice::<Value>(response.body()) {
        change(&mut json);
        *response.body_mut() = json.to_string().into();
    }
}

fn answer(response: &mut Response<Bytes>, from: u16, to: u16) {
    if response.status().as_u16() == from {
        *response.status_mut() = StatusCode::from_u16(to).unwrap();
    }
}

pub fn drops_the_location(_: &Parts, response: &mut Response<Bytes>) {
    response.headers_mut().remove("location");
}

pub fn names_a_relative_location(_: &Parts, response: &mut Response<Bytes>) {
    let relative = response.headers().get("location").and_then(|value| value.to_str().ok()?.split("/v2").last());
    if let Some(relative) = relative.and_then(|relative| HeaderValue::from_str(relative).ok()) {
        response.headers_mut().insert("location", relative);
    }
}

pub fn takes_the_location_from_the_request(head: &Parts, response: &mut Response<Bytes>) {
    let host = head.headers.get("x-forwarded-host").and_then(|value| value.to_str().ok());
    if let Some(host) = host {
        let location = HeaderValue::from_str(&format!("https://{host}/Users/1")).unwrap();
        response.headers_mut().insert("location", location);
    }
}

pub fn drops_the_etag(_: &Parts, response: &mut Response<Bytes>) {
    response.headers_mut().remove("etag");
}

pub fn drops_allow(_: &Parts, response: &mut Response<Bytes>) {
    response.headers_mut().remove("allow");
}

pub fn drops_the_challenge(_: &Parts, response: &mut Response<Bytes>) {
    response.headers_mut().remove("www-authenticate");
}

pub fn drops_the_request_id(_: &Parts, response: &mut Response<Bytes>) {
    response.headers_mut().remove("x-request-id");
}

pub fn answers_plain_json(_: &Parts, response: &mut Response<Bytes>) {
    if response.headers().contains_key("content-type") {
        response.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
    }
}

pub fn answers_200_for_201(_: &Parts, response: &mut Response<Bytes>) {
    answer(response, 201, 200);
}

pub fn answers_200_for_204(_: &Parts, response: &mut Response<Bytes>) {
    answer(response, 204, 200);
}

pub fn answers_200_for_304(_: &Parts, response: &mut Response<Bytes>) {
    answer(response, 304, 200);
}

pub fn answers_409_for_412(_: &Parts, response: &mut Response<Bytes>) {
    answer(response, 412, 409);
}

pub fn answers_400_for_413(_: &Parts, response: &mut Response<Bytes>) {
    answer(response, 413, 400);
}

pub fn has_a_page_of_its_own_for_404(_: &Parts, response: &mut Response<Bytes>) {
    if response.status() == StatusCode::NOT_FOUND {
        response.headers_mut().insert("content-type", HeaderValue::from_static("text/html"));
        *response.body_mut() = Bytes::from_static(b"<h1>Not Found</h1>");
    }
}

pub fn answers_methods_without_a_body(_: &Parts, response: &mut Response<Bytes>) {
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        *response.body_mut() = Bytes::new();
    }
}

pub fn writes_the_status_as_a_number(_: &Parts, response: &mut Response<Bytes>) {
    let status = response.status();
    if status.is_client_error() {
        rewrite(response, |json| json["status"] = json!(status.as_u16()));
    }
}

pub fn drops_scim_types(_: &Parts, response: &mut Response<Bytes>) {
    rewrite(response, |json| {
        json.as_object_mut().map(|json| json.remove("scimType"));
    });
}

pub fn has_a_body_with_204(_: &Parts, response: &mut Response<Bytes>) {
    if response.status() == StatusCode::NO_CONTENT {
        *response.body_mut() = Bytes::from_static(b"{}");
    }
}

pub fn counts_the_page_alone(_: &Parts, response: &mut Response<Bytes>) {
    rewrite(response, |json| {
        if json.get("totalResults").is_some() {
            json["totalResults"] = json["itemsPerPage"].clone();
        }
    });
}

pub fn drops_empty_lists(_: &Parts, response: &mut Response<Bytes>) {
    rewrite(response, |json| {
        if json["Resources"].as_array().is_some_and(Vec::is_empty) {
            json.as_object_mut().map(|json| json.remove("Resources"));
        }
    });
}

pub fn shows_nulls(_: &Parts, response: &mut Response<Bytes>) {
    rewrite(response, |json| {
        if json["userName"].is_string() {
            json["title"].take();
            json.as_object_mut().map(|json| json.entry("nickName").or_insert(Value::Null));
        }
    });
}

pub fn advertises_what_it_likes(head: &Parts, response: &mut Response<Bytes>) {
    if head.uri.path() == "/ServiceProviderConfig" {
        rewrite(response, |json| json["filter"]["maxResults"] = json!(1_000));
    }
}

pub fn answers_options_itself(head: &Parts, response: &mut Response<Bytes>) {
    if head.method == Method::OPTIONS {
        *response = Response::new(Bytes::new());
    }
}

pub fn repeats_the_token(head: &Parts, response: &mut Response<Bytes>) {
    let token = head.headers.get("authorization").and_then(|value| value.to_str().ok()).map(str::to_owned);
    if response.status() == StatusCode::UNAUTHORIZED {
        rewrite(response, |json| json["detail"] = json!(format!("{} is not accepted", token.unwrap_or_default())));
    }
}
