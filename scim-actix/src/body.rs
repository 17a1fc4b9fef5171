//! Collecting the body of a request within a bound.

use std::future::poll_fn;
use std::pin::pin;

use actix_web::body::{BodyStream, MessageBody};
use actix_web::dev::{Payload, RequestHead};
use actix_web::error::PayloadError;
use actix_web::http::{header, Method};
use bytes::{Bytes, BytesMut};
use scim_core::ScimError;

/// Why there is no body.
#[derive(Debug)]
pub(crate) enum BodyError {
    /// It is, or says that it is, larger than the limit.
    TooLarge,
    /// There is no room for it.
    Refused(ScimError),
    /// The connection broke, or the transfer coding is wrong.
    Broken(PayloadError),
}

impl BodyError {
    pub(crate) fn into_scim_error(self, limit: usize) -> ScimError {
        match self {
            Self::TooLarge => ScimError::payload_too_large(format!(
                "The request body is larger than {limit} bytes; send less, or several requests"
            )),
            Self::Refused(error) => error,
            Self::Broken(source) => ScimError::invalid_syntax("The request body could not be read to its end")
                .with_source(source.to_string()),
        }
    }
}

/// Reads a body to its end, and never holds more than `limit` bytes of it, nor a part that `reserve` has no room for. A
/// body that announces more is not read at all.
pub(crate) async fn collect(
    head: &RequestHead,
    payload: Payload,
    limit: usize,
    mut reserve: impl FnMut(usize) -> Result<(), ScimError>,
) -> Result<Bytes, BodyError> {
    let announced = head.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|announced| usize::try_from(announced).map_or(true, |announced| announced > limit)) {
        return Err(BodyError::TooLarge);
    }
    let end = if is_endless(head) { announced.unwrap_or(0) } else { u64::MAX };
    let end = usize::try_from(end).unwrap_or(usize::MAX);
    let mut payload = pin!(BodyStream::new(payload));
    let mut body = Collected::Nothing;
    while body.len() < end {
        let Some(data) = poll_fn(|cx| payload.as_mut().poll_next(cx)).await else { break };
        let data = data.map_err(BodyError::of)?;
        if data.len() > limit.saturating_sub(body.len()) {
            return Err(BodyError::TooLarge);
        }
        reserve(data.len()).map_err(BodyError::Refused)?;
        body = body.and(data);
    }
    let mut body = body.into_bytes();
    body.truncate(end);
    Ok(body)
}

/// Whether all that follows on the connection would be taken for the body. Actix-web reads a request so that asks for
/// another protocol, which it does not get here.
fn is_endless(head: &RequestHead) -> bool {
    let switches = head.headers.contains_key(header::UPGRADE) || head.method == Method::CONNECT;
    switches && !head.headers.contains_key(header::TRANSFER_ENCODING)
}

impl BodyError {
    /// A limit of the host's own middleware is a limit, too.
    fn of(error: PayloadError) -> Self {
        match error {
            PayloadError::Overflow => Self::TooLarge,
            other => Self::Broken(other),
        }
    }
}

/// The body so far. Most bodies come in one piece, which is then not copied.
enum Collected {
    Nothing,
    One(Bytes),
    Several(BytesMut),
}

impl Collected {
    fn len(&self) -> usize {
        match self {
            Self::Nothing => 0,
            Self::One(bytes) => bytes.len(),
            Self::Several(bytes) => bytes.len(),
        }
    }

    fn and(self, data: Bytes) -> Self {
        match self {
            Self::Nothing => Self::One(data),
            Self::One(first) => {
                let mut bytes = BytesMut::with_capacity(first.len().saturating_add(data.len()));
                bytes.extend_from_slice(&first);
                bytes.extend_from_slice(&data);
                Self::Several(bytes)
            }
            Self::Several(mut bytes) => {
                bytes.extend_from_slice(&data);
                Self::Several(bytes)
            }
        }
    }

    fn into_bytes(self) -> Bytes {
        match self {
            Self::Nothing => Bytes::new(),
            Self::One(bytes) => bytes,
            Self::Several(bytes) => bytes.freeze(),
        }
    }
}
