//! What a connection is doing, so that one that does nothing can be closed.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Instant;

/// Whether requests are in progress on a connection, and when something last happened if there is none.
#[derive(Debug)]
pub(crate) struct Activity {
    opened: Instant,
    requests: AtomicUsize,
    /// How many requests have begun so far, which numbers them.
    begun: AtomicU64,
    /// The responses of which there may be a part that the client does not take: the number of the request, and since
    /// when, in milliseconds after `opened`.
    offered: Mutex<Vec<(u64, u64)>>,
    /// When the last request ended, in milliseconds after `opened`.
    ended: AtomicU64,
    /// When a part of a response last went out, in milliseconds after `opened`.
    written: AtomicU64,
}

impl Activity {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            opened: Instant::now(),
            requests: AtomicUsize::new(0),
            begun: AtomicU64::new(0),
            offered: Mutex::default(),
            ended: AtomicU64::new(0),
            written: AtomicU64::new(0),
        })
    }

    /// Counts a request as in progress until the guard is dropped.
    pub(crate) fn begin(self: &Arc<Self>) -> InProgress {
        self.requests.fetch_add(1, Ordering::AcqRel);
        InProgress { activity: Arc::clone(self), number: self.begun.fetch_add(1, Ordering::Relaxed) }
    }

    /// How long the connection may still be left alone: zero once no request has been in progress for `header`. While
    /// the last response still goes out to a slow reader this starts again with every part of it, but for no longer
    /// than `response`. It is zero, too, once there is a response of which the client has taken nothing for `response`:
    /// over HTTP/2 it can have an answer made and never open the window for it.
    pub(crate) fn patience(&self, header: Duration, response: Duration) -> Duration {
        if self.requests.load(Ordering::Acquire) > 0 {
            let oldest = self.offered().iter().map(|(_, since)| *since).min();
            let end = oldest.map(|since| Duration::from_millis(since).saturating_add(response));
            return end.map_or(header, |end| end.saturating_sub(self.opened.elapsed()).min(header));
        }
        let ended = Duration::from_millis(self.ended.load(Ordering::Acquire));
        let written = Duration::from_millis(self.written.load(Ordering::Relaxed)).max(ended);
        let end = written.saturating_add(header).min(ended.saturating_add(header.max(response)));
        end.saturating_sub(self.opened.elapsed())
    }

    fn offered(&self) -> MutexGuard<'_, Vec<(u64, u64)>> {
        self.offered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> u64 {
        u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// A request is in progress as long as this lives.
#[derive(Debug)]
pub(crate) struct InProgress {
    activity: Arc<Activity>,
    number: u64,
}

impl InProgress {
    /// From now on it is the client that is waited for.
    fn offer(&self) {
        let now = self.activity.now();
        let mut offered = self.activity.offered();
        match offered.iter_mut().find(|(number, _)| *number == self.number) {
            Some((_, since)) => *since = now,
            None => offered.push((self.number, now)),
        }
    }

    /// From now on it is the application that is waited for.
    fn withdraw(&self) {
        self.activity.offered().retain(|(number, _)| *number != self.number);
    }
}

impl Drop for InProgress {
    fn drop(&mut self) {
        self.withdraw();
        self.activity.ended.store(self.activity.now(), Ordering::Release);
        self.activity.requests.fetch_sub(1, Ordering::AcqRel);
    }
}

/// The body of a response whose request is in progress until the body has been handed over.
pub(crate) struct TrackedBody {
    body: axum::body::Body,
    request: InProgress,
}

impl TrackedBody {
    pub(crate) fn new(body: axum::body::Body, request: InProgress) -> Self {
        request.offer();
        Self { body, request }
    }
}

impl Body for TrackedBody {
    type Data = Bytes;
    type Error = axum::Error;

    /// Hyper asks for a part when the client has taken what came before, and is woken when the application has one.
    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let next = Pin::new(&mut self.body).poll_frame(cx);
        if next.is_pending() {
            self.request.withdraw();
        } else {
            self.request.offer();
        }
        next
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A stream that notes when it could send something.
pub(crate) struct TrackedStream {
    stream: TcpStream,
    activity: Arc<Activity>,
}

impl TrackedStream {
    pub(crate) fn new(stream: TcpStream, activity: Arc<Activity>) -> Self {
        Self { stream, activity }
    }

    fn note(&self, written: &Poll<io::Result<usize>>) {
        if matches!(written, Poll::Ready(Ok(1..))) {
            self.activity.written.store(self.activity.now(), Ordering::Relaxed);
        }
    }
}

impl AsyncRead for TrackedStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for TrackedStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.note(&written);
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.note(&written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
