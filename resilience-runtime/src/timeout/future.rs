//! The timeout of async code.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant as StdInstant};

use pin_project_lite::pin_project;
use tokio::time::Sleep;

use super::site::TimeoutSite;
use crate::clock::{self, nanos, poll_timer};
use crate::deadline::{Deadline, Scope};
use crate::error::Error;

pin_project! {
    /// A future that ends at its deadline. The limit counts from the first poll, when the call begins; the timer
    /// is made only if the inner future isn't ready then.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct Timeout<F> {
        #[pin]
        future: F,
        #[pin]
        timer: Option<Sleep>,
        name: &'static str,
        // In nanoseconds, as the deadline has it.
        limit: u64,
        start: Option<StdInstant>,
    }
}

impl<F> Timeout<F> {
    #[inline]
    pub(crate) const fn new(name: &'static str, limit: Duration, future: F) -> Self {
        Self { future, timer: None, name, limit: nanos(limit), start: None }
    }
}

impl<F: Future> Future for Timeout<F> {
    type Output = Result<F::Output, Error>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let start = match *this.start {
            Some(start) => start,
            None => *this.start.insert(clock::read()),
        };
        let deadline = Deadline::of_nanos(start, *this.limit, this.name);
        let polled = {
            let _scope = Scope::enter(deadline);
            this.future.poll(cx)
        };
        if let Poll::Ready(output) = polled {
            return Poll::Ready(Ok(output));
        }
        poll_timer(this.timer, deadline.at(), cx).map(|()| Err(deadline.error().told()))
    }
}

/// The timeout of a site, with the site's limit.
#[inline]
pub fn timeout<F: Future>(site: &'static TimeoutSite, future: F) -> Timeout<F> {
    timeout_of(site, site.limit(), future)
}

/// The timeout of a site, with a limit for this call.
#[inline]
pub fn timeout_of<F: Future>(site: &'static TimeoutSite, limit: Duration, future: F) -> Timeout<F> {
    Timeout::new(site.name(), limit, future)
}

/// Limits one future, here and now.
///
/// At the deadline the future is dropped and the answer is [`Error::TimedOut`], by the name `with_timeout`. The
/// limit counts from the first poll. A future that is ready at once costs no timer. Code inside of it sees the
/// limit as its [`deadline`](crate::deadline).
///
/// # Panics
/// When the future isn't ready at once, outside of a tokio runtime with its time driver on.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// use std::time::Duration;
/// use resilience_runtime::with_timeout;
///
/// let quick = with_timeout(Duration::from_secs(1), async { 42 }).await;
/// assert_eq!(quick, Ok(42));
///
/// let slow = with_timeout(Duration::from_millis(1), std::future::pending::<()>()).await;
/// assert!(slow.unwrap_err().is_timed_out());
/// # });
/// ```
pub const fn with_timeout<F: Future>(limit: Duration, future: F) -> Timeout<F> {
    Timeout::new("with_timeout", limit, future)
}
