//! Rate limit: so many calls in so much time, and no more.
//!
//! A token bucket, as the generic cell rate algorithm keeps it; see `gcra`.

mod adapt;
mod amount;
mod core;
pub(crate) mod defaults;
mod event;
mod gcra;
mod headers;
mod line;
mod policy;
mod settings;
#[cfg(feature = "attributes")]
mod site;

use std::fmt;
use std::sync::Arc;

pub use self::amount::Cost;
pub use self::core::{Admission, Core, TooEarly};
pub use self::event::{RateChangeCause, RateLimiterEvent, RateLimiterMetrics};
pub use self::headers::Header;
pub use self::policy::RateLimitPolicy;
pub use self::settings::RateLimitSettings;
#[cfg(feature = "attributes")]
pub use self::site::{RateLimitSite, cost};

use crate::clock::Instant;
use crate::config::{ConfigError, check_name};
use crate::error::Error;
use crate::event::{Subscription, erased};
use crate::name::Name;

/// A handle to a rate limiter; cloning it is cheap and shares the bucket.
///
/// The rate limiters of attributes are found by name with `get_rate_limiter`; one of your own is made by
/// [`new`](Self::new). Sync and async callers share its bucket and its line.
///
/// ```
/// use std::time::Duration;
/// use resilience::{RateLimitPolicy, RateLimiter};
///
/// let limiter = RateLimiter::new("quotes", RateLimitPolicy::new().rate(2).per(Duration::from_secs(3600)))?;
/// limiter.try_acquire(1)?;
/// limiter.try_acquire(1)?;
/// let refused = limiter.try_acquire(1).unwrap_err();
/// assert!(refused.is_rate_limited());
/// assert!(refused.retry_after() <= Some(Duration::from_secs(1800)));
///
/// limiter.set_rate(7200)?; // two a second from now on
/// assert!(limiter.try_acquire(1).unwrap_err().retry_after() <= Some(Duration::from_millis(500)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct RateLimiter(Arc<Core>);

impl RateLimiter {
    /// A rate limiter of its own, which no registry knows, with a full bucket.
    ///
    /// # Errors
    /// An empty name, or settings that can't work; see [`RateLimitPolicy::validate`].
    pub fn new(name: impl Into<Name>, policy: RateLimitPolicy) -> Result<Self, ConfigError> {
        let name = name.into();
        check_name(&name)?;
        policy.validate()?;
        Ok(Self::from_checked(name, policy))
    }

    pub(crate) fn from_checked(name: Name, policy: RateLimitPolicy) -> Self {
        Self(Arc::new(Core::new(name, policy)))
    }

    /// The name.
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// The settings. The rate in force may be lower than theirs: see [`rate`](Self::rate).
    pub fn policy(&self) -> RateLimitPolicy {
        self.0.policy()
    }

    /// The rate in force, in calls every `per`: what is configured, or less while failures or a server have lowered it.
    pub fn rate(&self) -> f64 {
        self.0.metrics().rate
    }

    /// How many calls would be let through now, as a number with a fraction; less than one while the next call has to
    /// wait, and zero while others do.
    pub fn available(&self) -> f64 {
        self.0.metrics().available
    }

    /// How many callers are in line.
    pub fn queued(&self) -> u32 {
        self.0.metrics().queued
    }

    /// What the rate limiter looks like now, and what it has seen since it was made.
    pub fn metrics(&self) -> RateLimiterMetrics {
        self.0.metrics()
    }

    /// Changes the rate: so many calls every `per`, with a fraction if need be. What was used up stays used up, the burst
    /// stays what it is, and what was learnt from failures and servers is forgotten. Those who wait move up or down.
    ///
    /// # Errors
    /// A rate that can't work; see [`RateLimitPolicy::validate`]. Nothing changes then.
    pub fn set_rate(&self, rate: impl Cost) -> Result<(), ConfigError> {
        self.0.set_rate(rate.into_calls())
    }

    /// Takes other settings. What was used up stays used up, counted in calls.
    ///
    /// # Errors
    /// Settings that can't work; see [`RateLimitPolicy::validate`]. Nothing changes then.
    pub fn reconfigure(&self, policy: RateLimitPolicy) -> Result<(), ConfigError> {
        policy.validate()?;
        self.0.set_policy(policy);
        Ok(())
    }

    /// Fills the bucket, ends a pause that a server asked for, and forgets what was learnt from failures and servers.
    /// Those who wait are let through, the first ones first, as far as the full bucket goes.
    ///
    /// ```
    /// use std::time::Duration;
    /// use resilience::{RateLimitPolicy, RateLimiter};
    ///
    /// // Two calls, and no more until somebody says so.
    /// let limiter = RateLimiter::new("quotes", RateLimitPolicy::new().rate(2).per(Duration::MAX))?;
    /// limiter.try_acquire(2)?;
    /// assert_eq!(limiter.try_acquire(1).unwrap_err().retry_after(), None);
    /// limiter.reset();
    /// limiter.try_acquire(2)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn reset(&self) {
        self.0.reset();
    }

    /// Takes a call's cost out of the bucket, without waiting: 1 for an ordinary call, more or less for others.
    ///
    /// Zero costs nothing and is let through. A cost above the burst, a negative one, or one that isn't a number, never is.
    ///
    /// # Errors
    /// [`Error::RateLimited`], with the time until the call would be let through; without one where it never is.
    #[inline]
    pub fn try_acquire(&self, cost: impl Cost) -> Result<Admission, Error> {
        let cost = cost.into_calls();
        match self.0.try_take(Instant::now(), cost) {
            Ok(admission) => Ok(admission),
            Err(asked) => self.0.take(asked, cost),
        }
    }

    /// Lets an ordinary call through if that can be done at once, and says nothing of it if not.
    #[inline]
    pub(crate) fn admit(&self) -> Option<Admission> {
        self.0.try_take(Instant::now(), 1.0).ok()
    }

    /// Takes a call's cost out of the bucket, and blocks the thread for up to `max_wait` until it is its turn.
    ///
    /// # Errors
    /// [`Error::RateLimited`], at once, if the turn doesn't come within `max_wait` or before the deadline of an outer
    /// timeout.
    #[inline]
    #[track_caller]
    pub fn acquire(&self, cost: impl Cost) -> Result<Admission, Error> {
        let cost = cost.into_calls();
        match self.0.try_take(Instant::now(), cost) {
            Ok(admission) => Ok(admission),
            Err(asked) => self.0.wait(asked, cost),
        }
    }

    /// Takes a call's cost out of the bucket, and waits for up to `max_wait` until it is its turn. A caller that stops
    /// waiting costs nothing, and those behind it move up.
    ///
    /// # Errors
    /// [`Error::RateLimited`], at once, if the turn doesn't come within `max_wait` or before the deadline of an outer
    /// timeout. Without the feature `tokio` there is no timer to wait by, and a call that would have to wait is refused.
    #[inline]
    pub async fn acquire_async(&self, cost: impl Cost) -> Result<Admission, Error> {
        let cost = cost.into_calls();
        match self.0.try_take(Instant::now(), cost) {
            Ok(admission) => Ok(admission),
            Err(asked) => self.0.wait_async(asked, cost).await,
        }
    }

    /// Makes one call of an ordinary cost. Every `Err` lowers the rate, if the settings have
    /// [`decrease`](RateLimitPolicy::decrease).
    ///
    /// # Errors
    /// The call's own, or a refusal as `E`.
    #[track_caller]
    #[inline]
    pub fn call<T, E: From<Error>>(&self, call: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let admission = self.acquire(1)?;
        call().inspect_err(|_| self.failed(admission))
    }

    /// Makes one call of an ordinary cost. Every `Err` lowers the rate, if the settings have
    /// [`decrease`](RateLimitPolicy::decrease).
    ///
    /// # Errors
    /// The call's own, or a refusal as `E`.
    pub async fn call_async<T, E: From<Error>>(
        &self,
        call: impl AsyncFnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let admission = self.acquire_async(1).await?;
        call().await.inspect_err(|_| self.failed(admission))
    }

    /// Says that a call failed for going too fast. If the settings have [`decrease`](RateLimitPolicy::decrease), the rate
    /// falls by that, and then grows again. Calls that were let through before the latest decrease say nothing about the
    /// rate since, and change nothing.
    ///
    /// ```
    /// use resilience::{RateLimitPolicy, RateLimiter};
    ///
    /// let limiter = RateLimiter::new("quotes", RateLimitPolicy::new().rate(100).decrease(0.5))?;
    /// let admission = limiter.try_acquire(1)?;
    /// limiter.failed(admission);
    /// assert_eq!(limiter.rate(), 50.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn failed(&self, admission: Admission) {
        self.0.failed(admission);
    }

    /// Does what the headers of a response ask for; says whether there was anything about limits in them.
    ///
    /// - `Retry-After`, in seconds, as a date or as a duration, and its relatives in milliseconds, `Retry-After-Ms`,
    ///   `X-Ms-Retry-After-Ms` and `grpc-retry-pushback-ms`: nothing is let through until then, and an hour at the longest.
    ///   The bucket keeps what it holds.
    /// - `RateLimit-Remaining` and `RateLimit-Reset` (draft-ietf-httpapi-ratelimit-headers-06), `RateLimit` of draft 07
    ///   (`limit=100, remaining=50, reset=30`) and of draft 10 (`"default";r=50;t=30`, with the window of
    ///   `RateLimit-Policy` where `t` is missing), and custom ones such as `X-RateLimit-Remaining`,
    ///   `X-RateLimit-Remaining-Requests` and `Anthropic-RateLimit-Requests-Remaining`: until the reset no more is let
    ///   through than [`safety`](RateLimitPolicy::safety) times what is left, and that evenly. Nothing is, if nothing is
    ///   left. The headers of each family and resource are a quota of their own, and the tightest one counts. Pass only
    ///   those that count in what the limiter's costs count.
    ///
    /// The rate never rises above what is configured. It may fall below [`min_rate`](RateLimitPolicy::min_rate), which
    /// bounds what failures teach. Rate and bucket are as before once the reset has come. Until then, a response that was sent
    /// earlier by its `Date`, or that allows more until the same reset, leaves the rate as it is.
    ///
    /// A reset is a number, a date of RFC 9110 or RFC 3339, or a duration such as `6m0s`. A number below 10⁹ is in seconds
    /// from now, one below 10¹² the seconds since 1970, and one above that the milliseconds since 1970. Dates are compared with the `Date` of the response, or with this computer's calendar
    /// where there is none.
    ///
    /// Headers are anything that gives pairs: `&http::HeaderMap`, a map, an array or a slice.
    ///
    /// ```
    /// use resilience::{RateLimitPolicy, RateLimiter};
    ///
    /// let limiter = RateLimiter::new("quotes", RateLimitPolicy::new().rate(100))?;
    /// let headers = [("RateLimit-Remaining", "200"), ("RateLimit-Reset", "20")];
    /// assert!(limiter.update_from_headers(&headers));
    /// // The bucket holds a hundred already; the rest of nine tenths of 200 comes in 20 seconds.
    /// assert_eq!(limiter.rate(), 4.0);
    /// assert!(!limiter.update_from_headers([("Content-Type", "text/plain")]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn update_from_headers<H: Header>(&self, headers: impl IntoIterator<Item = H>) -> bool {
        self.0.heed(headers)
    }

    /// Tells a listener what happens, until the subscription is dropped.
    ///
    /// A listener gets events in the order in which they happened, one at a time. It runs on the thread of a call,
    /// outside of every lock, and may use the rate limiter. A thread that emits an event while another one runs the listener
    /// leaves it to that thread and goes on; so does a listener whose own calls emit events. For a listener that takes
    /// long, up to 1,024 events wait, and beyond that the latest ones; see [`Subscription::lost`]. One that panics is
    /// reported and changes nothing.
    ///
    /// While there is a listener, every call takes a lock; without one, events cost nothing.
    pub fn subscribe(&self, listener: impl Fn(&RateLimiterEvent) + Send + Sync + 'static) -> Subscription {
        let listening = self.0.subscribe(erased(listener));
        let core = Arc::downgrade(&self.0);
        Subscription::new(listening, move |listening| {
            if let Some(core) = core.upgrade() {
                core.unsubscribe(listening);
            }
        })
    }
}

impl fmt::Debug for RateLimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimiter")
            .field("name", &self.name())
            .field("available", &self.available())
            .finish_non_exhaustive()
    }
}
