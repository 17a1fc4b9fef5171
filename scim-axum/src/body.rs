//! Collecting the body of a request within a bound.

use axum::BoxError;
use bytes::{Buf, BufMut, Bytes, BytesMut};
use http_body::Body;
use http_body_util::{BodyExt, LengthLimitError};
use scim_core::ScimError;

/// How much of a refused body is taken and thrown away, in bytes.
const DISCARDED: usize = 32 * 1024 * 1024;

/// Why there is no body.
#[derive(Debug)]
pub(crate) enum BodyError {
    /// It is, or says that it is, larger than the limit.
    TooLarge,
    /// There is no room for it.
    Refused(ScimError),
    /// The connection broke, or the transfer coding is wrong.
    Broken(BoxError),
}

impl BodyError {
    pub(crate) fn into_scim_error(self, limit: usize) -> ScimError {
        match self {
            Self::TooLarge => ScimError::payload_too_large(format!(
                "The request body is larger than {limit} bytes; send less, or several requests"
            )),
            Self::Refused(error) => error,
            Self::Broken(source) => {
                ScimError::invalid_syntax("The request body could not be read to its end").with_source(source)
            }
        }
    }
}

/// Reads a body to its end, and never holds more than `limit` bytes of it, nor a part that `reserve` has no room for. A
/// body that announces more is not read at all.
pub(crate) async fn collect<B>(
    body: &mut B,
    limit: usize,
    mut reserve: impl FnMut(usize) -> Result<(), ScimError>,
) -> Result<Bytes, BodyError>
where
    B: Body + Unpin,
    B::Error: Into<BoxError>,
{
    let announced = body.size_hint().lower();
    if usize::try_from(announced).map_or(true, |announced| announced > limit) {
        return Err(BodyError::TooLarge);
    }
    let mut collected = Collected::Nothing;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| BodyError::of(error.into()))?;
        if let Ok(data) = frame.into_data() {
            if data.remaining() > limit.saturating_sub(collected.len()) {
                return Err(BodyError::TooLarge);
            }
            reserve(data.remaining()).map_err(BodyError::Refused)?;
            collected = collected.and(data);
        }
    }
    Ok(collected.into_bytes())
}

/// Takes what still comes of a body that is refused, up to a bound, and throws it away. Many clients send all of a body
/// before they read the answer; if the connection were closed in the middle of it, they would never see the answer.
pub(crate) async fn discard<B: Body + Unpin>(mut body: B) {
    let mut left = DISCARDED;
    while let Some(Ok(frame)) = body.frame().await {
        let size = frame.data_ref().map_or(0, Buf::remaining);
        match left.checked_sub(size) {
            Some(less) => left = less,
            None => return,
        }
    }
}

impl BodyError {
    /// A limit of the host's own middleware is a limit, too.
    fn of(error: BoxError) -> Self {
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&*error);
        while let Some(inner) = cause {
            if inner.is::<LengthLimitError>() {
                return Self::TooLarge;
            }
            cause = inner.source();
        }
        Self::Broken(error)
    }
}

/// The body so far. Most bodies come in one piece, which is then not copied; the pieces of others are copied together at
/// once, because each would keep the buffer of the connection that it was read into.
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

    fn and(self, mut data: impl Buf) -> Self {
        match self {
            Self::Nothing => Self::One(data.copy_to_bytes(data.remaining())),
            Self::One(first) => {
                let mut bytes = BytesMut::with_capacity(first.len().saturating_add(data.remaining()));
                bytes.put(first);
                bytes.put(data);
                Self::Several(bytes)
            }
            Self::Several(mut bytes) => {
                bytes.put(data);
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
