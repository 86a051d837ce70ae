//! The timeout of async code.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant as StdInstant};

use pin_project_lite::pin_project;

#[cfg(feature = "attributes")]
use super::site::TimeoutSite;
use crate::clock::{self, Alarm};
use crate::deadline::{Bound, Deadline, Scope};
use crate::error::Error;

pin_project! {
    /// A future that ends at its deadline. The limit counts from the first poll, when the call begins; the timer
    /// is made only if the inner future isn't ready then.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct Timeout<F, L = Given> {
        #[pin]
        future: F,
        // From the first poll that leaves the inner future pending.
        #[pin]
        waiting: Option<Waiting>,
        limit: L,
    }
}

pin_project! {
    #[derive(Debug)]
    struct Waiting {
        #[pin]
        alarm: Alarm,
        start: StdInstant,
    }
}

/// What a timeout is limited to, and by whom. One pointer where it is what a site says.
pub trait Limit: Copy {
    /// As a deadline has it.
    fn bound(self) -> Bound;
}

/// A limit for this call.
#[derive(Clone, Copy, Debug)]
pub struct Given(Bound);

#[cfg(feature = "attributes")]
impl Limit for &'static TimeoutSite {
    #[inline]
    fn bound(self) -> Bound {
        Bound::Site(self)
    }
}

impl Limit for Given {
    #[inline]
    fn bound(self) -> Bound {
        self.0
    }
}

impl<F, L> Timeout<F, L> {
    #[inline]
    const fn new(limit: L, future: F) -> Self {
        Self { future, waiting: None, limit }
    }
}

impl<F> Timeout<F> {
    #[inline]
    pub(crate) const fn given(name: &'static str, limit: Duration, future: F) -> Self {
        Self::new(Given(Bound::new(limit, name)), future)
    }
}

impl<F> Timeout<F> {
    /// Names the timeout: in its error, its events, and for [`get_timeout`](crate::get_timeout).
    pub const fn named(mut self, name: &'static str) -> Self {
        self.limit = Given(self.limit.0.named(name));
        self
    }
}

impl<F: Future, L: Limit> Future for Timeout<F, L> {
    type Output = Result<F::Output, Error>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let start = this.waiting.as_ref().as_pin_ref().map_or_else(clock::read, |waiting| waiting.start);
        let deadline = Deadline::new(start, this.limit.bound());
        let polled = {
            let _scope = Scope::enter(deadline);
            this.future.poll(cx)
        };
        if let Poll::Ready(output) = polled {
            return Poll::Ready(Ok(output));
        }
        if this.waiting.is_none() {
            this.waiting.set(Some(Waiting { alarm: Alarm::new(), start }));
        }
        let deadline = deadline.or_scoped();
        let Some(waiting) = this.waiting.as_pin_mut() else { return Poll::Pending };
        waiting.project().alarm.poll(deadline.at(), cx).map(|()| Err(deadline.expire()))
    }
}

/// The timeout of a site, with the site's limit. What it asks of the future, `.await` asks: it would take the compiler
/// time to be told here as well.
#[cfg(feature = "attributes")]
#[inline]
pub fn timeout<F>(site: &'static TimeoutSite, future: F) -> Timeout<F, &'static TimeoutSite> {
    Timeout::new(site, future)
}

/// The timeout of a site, with a limit for this call.
#[cfg(feature = "attributes")]
#[inline]
pub fn timeout_of<F>(site: &'static TimeoutSite, limit: Duration, future: F) -> Timeout<F> {
    Timeout::given(site.name(), limit, future)
}

/// Limits one future, here and now.
///
/// At the deadline the future is dropped and the answer is [`Error::TimedOut`], by the name `with_timeout` or the one that
/// [`named`](Timeout::named) gives it. The
/// limit counts from the first poll. A future that is ready at once costs no timer. Code inside of it sees the
/// limit as its [`deadline`](crate::deadline).
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// use std::time::Duration;
/// use resilience::with_timeout;
///
/// let quick = with_timeout(Duration::from_secs(1), async { 42 }).await;
/// assert_eq!(quick, Ok(42));
///
/// let slow = with_timeout(Duration::from_millis(1), std::future::pending::<()>()).await;
/// assert!(slow.unwrap_err().is_timed_out());
/// # });
/// ```
pub const fn with_timeout<F: Future>(limit: Duration, future: F) -> Timeout<F> {
    Timeout::given("with_timeout", limit, future)
}
