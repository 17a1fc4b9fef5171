//! What a connection is doing, so that one that does nothing can be closed.

use std::cell::Cell;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{ready, Context, Poll, Waker};
use std::time::Duration;

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::rt::net::TcpStream;
use actix_web::rt::time::{sleep_until, Instant, Sleep};
use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::watch;

/// Whether requests are in progress on a connection, and when something last happened if there is none.
#[derive(Debug)]
pub(crate) struct Activity {
    header_timeout: Duration,
    response_timeout: Duration,
    requests: Cell<usize>,
    /// When the last request ended, or the connection was opened.
    ended: Cell<Instant>,
    /// When a part of a response last went out.
    written: Cell<Instant>,
    /// Changes once. Nobody looks at what it holds, which would take a lock that all connections share.
    closing: watch::Receiver<()>,
}

impl Activity {
    pub(crate) fn new(header_timeout: Duration, response_timeout: Duration, closing: watch::Receiver<()>) -> Rc<Self> {
        let now = Instant::now();
        Rc::new(Self {
            header_timeout,
            response_timeout,
            requests: Cell::new(0),
            ended: Cell::new(now),
            written: Cell::new(now),
            closing,
        })
    }

    /// Counts a request as in progress until the guard is dropped.
    pub(crate) fn begin(self: &Rc<Self>) -> InProgress {
        self.requests.set(self.requests.get().saturating_add(1));
        InProgress(Rc::clone(self))
    }

    /// Whether the server has begun to shut down.
    pub(crate) fn is_closing(&self) -> bool {
        self.closing.has_changed().unwrap_or(true)
    }

    /// Until when the connection may still be left alone; `None` as long as a request is in progress. While the last
    /// response still goes out to a slow reader this moves with every part of it, but for no longer than the response
    /// timeout.
    fn deadline(&self) -> Option<Instant> {
        if self.requests.get() > 0 {
            return None;
        }
        let ended = self.ended.get();
        let quiet = later(self.written.get().max(ended), self.header_timeout);
        Some(quiet.min(later(ended, self.header_timeout.max(self.response_timeout))))
    }
}

/// A century stands for a time that no clock can tell.
fn later(instant: Instant, duration: Duration) -> Instant {
    const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);
    instant.checked_add(duration.min(CENTURY)).unwrap_or(instant)
}

/// A request is in progress as long as this lives.
#[derive(Debug)]
pub(crate) struct InProgress(Rc<Activity>);

impl Drop for InProgress {
    fn drop(&mut self) {
        self.0.ended.set(Instant::now());
        self.0.requests.set(self.0.requests.get().saturating_sub(1));
    }
}

/// The body of a response whose request is in progress until the body has been handed over.
pub(crate) struct TrackedBody {
    body: BoxBody,
    request: Option<InProgress>,
    handed_over: u64,
}

impl TrackedBody {
    pub(crate) fn new(body: BoxBody, request: Option<InProgress>) -> Self {
        Self { body, request, handed_over: 0 }
    }
}

impl MessageBody for TrackedBody {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    /// Actix-web asks for what follows the last part only when the client has received that. A request whose length is
    /// known ends before.
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let size = self.size();
        let next = ready!(self.body.as_pin_mut().poll_next(cx));
        if let Some(Ok(part)) = &next {
            self.handed_over = self.handed_over.saturating_add(u64::try_from(part.len()).unwrap_or(u64::MAX));
        }
        if matches!(size, BodySize::Sized(length) if self.handed_over >= length) {
            self.request = None;
        }
        Poll::Ready(next)
    }
}

/// A future that is asked once, and then only by another task; the task that it knows is woken when it is ready. This is
/// for futures whose being ready can be seen without asking them.
struct Watched<F: ?Sized> {
    future: Pin<Box<F>>,
    waker: Option<Waker>,
}

impl<F: Future<Output = ()> + ?Sized> Watched<F> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.waker.as_ref().is_some_and(|known| known.will_wake(cx.waker())) {
            return Poll::Pending;
        }
        let result = self.future.as_mut().poll(cx);
        self.waker = result.is_pending().then(|| cx.waker().clone());
        result
    }
}

/// A stream that ends when its connection has been left alone for too long, and when the server shuts down and no request
/// is in progress.
pub(crate) struct TrackedStream {
    stream: TcpStream,
    activity: Rc<Activity>,
    alarm: Watched<Sleep>,
    closing: Watched<dyn Future<Output = ()>>,
}

impl TrackedStream {
    pub(crate) fn new(stream: TcpStream, activity: Rc<Activity>) -> Self {
        let mut closing = activity.closing.clone();
        Self {
            stream,
            activity,
            alarm: Watched { future: Box::pin(sleep_until(Instant::now())), waker: None },
            closing: Watched { future: Box::pin(async move { drop(closing.changed().await) }), waker: None },
        }
    }

    pub(crate) fn activity(&self) -> &Rc<Activity> {
        &self.activity
    }

    /// Ready when there is no use in waiting any longer. Whoever gets `Pending` is woken to ask again.
    ///
    /// The deadline moves with every request, mostly away. The alarm stays where it is then, and is set again when it has
    /// gone off too early.
    fn poll_given_up(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let Some(deadline) = self.activity.deadline() else { return Poll::Pending };
            let alarm = &mut self.alarm;
            if alarm.future.is_elapsed() || alarm.future.deadline() > deadline {
                if deadline <= Instant::now() {
                    return Poll::Ready(());
                }
                alarm.future.as_mut().reset(deadline);
                alarm.waker = None;
            }
            ready!(alarm.poll(cx));
        }
    }

    /// Ready when the server shuts down and no request is in progress.
    fn poll_closing(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if !self.activity.is_closing() {
            ready!(self.closing.poll(cx));
        }
        if self.activity.requests.get() > 0 {
            return Poll::Pending;
        }
        Poll::Ready(())
    }

    /// What came of writing. A client that no longer reads is given up.
    fn written(&mut self, cx: &mut Context<'_>, result: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match result {
            Poll::Ready(Ok(1..)) => self.activity.written.set(Instant::now()),
            Poll::Pending if self.poll_given_up(cx).is_ready() => {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            _ => {}
        }
        result
    }
}

impl AsyncRead for TrackedStream {
    /// A client that no longer sends is taken for one that has closed the connection.
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let result = Pin::new(&mut self.stream).poll_read(cx, buf);
        if result.is_pending() && (self.poll_given_up(cx).is_ready() || self.poll_closing(cx).is_ready()) {
            return Poll::Ready(Ok(()));
        }
        result
    }
}

impl AsyncWrite for TrackedStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.written(cx, result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.written(cx, result)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// Called last before waiting for the next request, so that the alarm is set here.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let _ = self.poll_given_up(cx);
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
