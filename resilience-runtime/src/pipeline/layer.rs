//! The layers of a pipeline: one policy each, and what counts as a failure there.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::bulkhead::Bulkhead;
use crate::circuit_breaker::{CircuitBreaker, Verdict};
use crate::clock::{self, nanos};
use crate::deadline::{Bound, Deadline};
use crate::error::{Error, ErrorKind, Kinds};
use crate::event::protect;
use crate::kind::PolicyKind;
use crate::rate_limit::RateLimiter;
use crate::retry::{Attempts, RetryEvent, RetryPolicy, Step};
use crate::timeout::TimeoutPolicy;

/// What an attempt came to: the call's own result, or an inner policy's refusal.
pub(super) type Outcome<T, E> = Result<Result<T, E>, Error>;

pub(super) type Predicate<T> = Arc<dyn Fn(&T) -> bool + Send + Sync>;
type Hint<E> = Arc<dyn Fn(&E) -> Option<Duration> + Send + Sync>;
type Hook<E> = Arc<dyn Fn(&RetryEvent<'_, E>) + Send + Sync>;

/// One layer. The tag is a byte of its own, because every call branches on it.
#[repr(u8)]
pub(super) enum Layer<T, E> {
    Fallback(Box<FallbackLayer<T, E>>),
    Retry(Box<RetryLayer<T, E>>),
    CircuitBreaker(Box<Breaker<T, E>>),
    RateLimit(Box<Limiter<T, E>>),
    Bulkhead(Bulkhead),
    Timeout(Limit),
}

/// A timeout, with its limit as the deadlines count: it is converted once, not in every call.
pub(super) struct Limit {
    policy: TimeoutPolicy,
    nanos: u64,
}

impl Limit {
    pub(super) const fn new(policy: TimeoutPolicy) -> Self {
        Self { policy, nanos: nanos(policy.duration()) }
    }

    #[inline]
    pub(super) fn begin(&self, pipeline: &'static str) -> Deadline {
        Deadline::new(clock::read(), Bound::Given(self.nanos, pipeline)).or_scoped()
    }
}

/// A rate limiter with what counts against its rate here.
pub(super) struct Limiter<T, E> {
    pub(super) limiter: RateLimiter,
    pub(super) layer: RateLimitLayer<T, E>,
}

/// A circuit breaker with what counts for it here.
pub(super) struct Breaker<T, E> {
    pub(super) breaker: CircuitBreaker,
    pub(super) layer: CircuitBreakerLayer<T, E>,
    /// How long a trial may take at the most, where a timeout inside says so.
    pub(super) lease: Duration,
}

impl<T, E> Layer<T, E> {
    pub(super) const fn kind(&self) -> PolicyKind {
        match self {
            Self::Fallback(_) => PolicyKind::Fallback,
            Self::Retry(_) => PolicyKind::Retry,
            Self::CircuitBreaker(_) => PolicyKind::CircuitBreaker,
            Self::RateLimit(_) => PolicyKind::RateLimit,
            Self::Bulkhead(_) => PolicyKind::Bulkhead,
            Self::Timeout(_) => PolicyKind::Timeout,
        }
    }

    /// Whether there is nothing to do here on the way in.
    pub(super) fn lets_everything_in(&self) -> bool {
        match self {
            Self::Fallback(_) => true,
            // Most calls need one attempt, and nothing to count it with.
            Self::Retry(layer) => !layer.begins_with_the_call(),
            _ => false,
        }
    }

    /// Whether no sync call can go through here.
    pub(super) const fn is_async(&self) -> bool {
        matches!(self, Self::Fallback(layer) if matches!(layer.handler, Handler::Async(_)))
    }

    /// Whether an `Ok` may be a failure here.
    pub(super) fn judges_values(&self) -> bool {
        match self {
            Self::Retry(layer) => layer.filter.when_ok.is_some(),
            Self::CircuitBreaker(layer) => layer.layer.filter.when_ok.is_some(),
            Self::RateLimit(layer) => layer.layer.filter.when_ok.is_some(),
            Self::Fallback(_) | Self::Bulkhead(_) | Self::Timeout(_) => false,
        }
    }
}

impl<T, E> fmt::Display for Layer<T, E> {
    /// The settings in force.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fallback(_) => f.write_str("a handler"),
            Self::Retry(layer) => layer.policy.fmt(f),
            Self::CircuitBreaker(layer) => layer.breaker.policy().fmt(f),
            Self::RateLimit(layer) => layer.limiter.policy().fmt(f),
            Self::Bulkhead(bulkhead) => bulkhead.policy().fmt(f),
            Self::Timeout(limit) => limit.policy.fmt(f),
        }
    }
}

/// What counts as a failure at a layer; the same filter as the attributes have.
pub(super) struct Filter<T, E> {
    pub(super) when: Option<Predicate<E>>,
    pub(super) when_ok: Option<Predicate<T>>,
    pub(super) rejected: Kinds,
    /// Of these, the ones that were asked for by name.
    pub(super) named: Kinds,
}

impl<T, E> Filter<T, E> {
    const fn new(rejected: Kinds) -> Self {
        Self { when: None, when_ok: None, rejected, named: Kinds::NONE }
    }

    #[inline]
    fn counts_error(&self, error: &E) -> bool {
        self.when.as_ref().is_none_or(|when| when(error))
    }

    #[inline]
    fn counts_value(&self, value: &T) -> bool {
        self.when_ok.as_ref().is_some_and(|when_ok| when_ok(value))
    }

    /// Whether every failure counts.
    pub(super) fn takes_everything(&self) -> bool {
        self.when.is_none() && self.rejected == Kinds::ALL
    }
}

/// The filter's setters are the same for every layer that has one.
macro_rules! filter_setters {
    () => {
        /// Only the errors that the predicate says yes to count here. All do without it.
        pub fn when(mut self, when: impl Fn(&E) -> bool + Send + Sync + 'static) -> Self {
            self.filter.when = Some(Arc::new(when));
            self
        }

        /// The kinds of refusals by inner policies that count here, in the place of the default ones.
        pub fn rejected(mut self, kinds: impl IntoIterator<Item = ErrorKind>) -> Self {
            self.filter.named = kinds.into_iter().fold(Kinds::NONE, Kinds::with);
            self.filter.rejected = self.filter.named;
            self
        }
    };
}

/// A retry in a pipeline, given to the closure of [`retry_with`](super::PipelineBuilder::retry_with).
pub struct RetryLayer<T, E> {
    pub(super) policy: RetryPolicy,
    pub(super) filter: Filter<T, E>,
    hint: Option<Hint<E>>,
    hook: Option<Hook<E>>,
}

impl<T, E> RetryLayer<T, E> {
    pub(super) const fn new(policy: RetryPolicy) -> Self {
        let rejected = Kinds::NONE.timed_out().bulkhead_full().rate_limited();
        Self { policy, filter: Filter::new(rejected), hint: None, hook: None }
    }

    filter_setters!();

    /// The values that the predicate says yes to are failures here.
    pub fn when_ok(mut self, when_ok: impl Fn(&T) -> bool + Send + Sync + 'static) -> Self {
        self.filter.when_ok = Some(Arc::new(when_ok));
        self
    }

    /// What an error says about when to come back; it takes the place of the delay.
    pub fn retry_after(mut self, hint: impl Fn(&E) -> Option<Duration> + Send + Sync + 'static) -> Self {
        self.hint = Some(Arc::new(hint));
        self
    }

    /// Is told of every wait before it begins.
    pub fn on_retry(mut self, hook: impl Fn(&RetryEvent<'_, E>) + Send + Sync + 'static) -> Self {
        self.hook = Some(Arc::new(hook));
        self
    }

    /// The least that the first wait takes, where there is one and neither an error nor a refusal says how long it is.
    pub(super) fn least_wait(&self, refused: Kinds) -> Option<Duration> {
        let is_hinted = self.hint.is_some() || self.filter.rejected.both(refused).has(ErrorKind::RateLimited);
        self.policy.shortest_first_wait().filter(|wait| !wait.is_zero() && !is_hinted)
    }

    /// Whether the attempts begin with the call: something depends on when that was, or a budget is paid into.
    #[inline]
    pub(super) fn begins_with_the_call(&self) -> bool {
        self.hook.is_some() || self.policy.limit().is_some() || self.policy.has_budget()
    }

    pub(super) fn begin(&self, pipeline: &'static str) -> Attempts<'_> {
        let attempts = Attempts::by_hand(pipeline, &self.policy);
        if self.hook.is_some() { attempts.timed() } else { attempts }
    }

    /// What follows the attempt.
    pub(super) fn after(&self, attempts: &mut Attempts<'_>, outcome: &Outcome<T, E>) -> Step {
        let step = match outcome {
            Ok(Ok(value)) if self.filter.counts_value(value) => attempts.after_failure(None),
            Ok(Err(error)) if self.filter.counts_error(error) => {
                attempts.after_failure(self.hint.as_ref().and_then(|hint| hint(error)))
            }
            Err(rejection) if self.filter.rejected.contains(rejection) => attempts.after_rejection(rejection),
            Ok(Ok(_)) => attempts.succeeded(),
            Ok(Err(_)) | Err(_) => attempts.not_retried(),
        };
        if let (Step::Retry(delay), Some(hook)) = (step, &self.hook) {
            let error = outcome.as_ref().ok().and_then(|result| result.as_ref().err());
            let event = attempts.event(delay, error, outcome.as_ref().err());
            protect("a hook", || hook(&event));
        }
        step
    }
}

/// A circuit breaker in a pipeline, given to the closure of
/// [`circuit_breaker_with`](super::PipelineBuilder::circuit_breaker_with).
pub struct CircuitBreakerLayer<T, E> {
    pub(super) filter: Filter<T, E>,
    success_on: Option<Predicate<E>>,
    hint: Option<Hint<E>>,
}

impl<T, E> CircuitBreakerLayer<T, E> {
    pub(super) const fn new() -> Self {
        Self { filter: Filter::new(Kinds::NONE.timed_out()), success_on: None, hint: None }
    }

    filter_setters!();

    /// The values that the predicate says yes to are failures here.
    pub fn when_ok(mut self, when_ok: impl Fn(&T) -> bool + Send + Sync + 'static) -> Self {
        self.filter.when_ok = Some(Arc::new(when_ok));
        self
    }

    /// The errors that the predicate says yes to prove the other side alive, a 404 for instance, and are successes here.
    /// It is asked before [`when`](Self::when).
    pub fn success_on(mut self, is_success: impl Fn(&E) -> bool + Send + Sync + 'static) -> Self {
        self.success_on = Some(Arc::new(is_success));
        self
    }

    /// What an error says about when to come back: how long the circuit stays open, if that error opens it.
    pub fn retry_after(mut self, hint: impl Fn(&E) -> Option<Duration> + Send + Sync + 'static) -> Self {
        self.hint = Some(Arc::new(hint));
        self
    }

    #[inline]
    pub(super) fn verdict(&self, outcome: &Outcome<T, E>) -> Verdict {
        match outcome {
            Ok(Ok(value)) if !self.filter.counts_value(value) => Verdict::Success,
            Ok(Err(error)) if self.success_on.as_ref().is_some_and(|is_success| is_success(error)) => {
                Verdict::Success
            }
            Ok(Err(error)) if self.filter.counts_error(error) => self
                .hint
                .as_ref()
                .and_then(|hint| hint(error))
                .map_or(Verdict::Failure, Verdict::FailureWithHint),
            Ok(Ok(_)) => Verdict::Failure,
            Err(rejection) if self.filter.rejected.contains(rejection) => Verdict::Failure,
            _ => Verdict::Ignored,
        }
    }
}

/// A rate limiter in a pipeline, given to the closure of [`rate_limit_with`](super::PipelineBuilder::rate_limit_with).
///
/// What counts as a failure lowers the rate, if the settings have [`decrease`](crate::RateLimitPolicy::decrease).
pub struct RateLimitLayer<T, E> {
    pub(super) filter: Filter<T, E>,
}

impl<T, E> RateLimitLayer<T, E> {
    pub(super) const fn new() -> Self {
        Self { filter: Filter::new(Kinds::NONE.timed_out()) }
    }

    filter_setters!();

    /// The values that the predicate says yes to are failures here.
    pub fn when_ok(mut self, when_ok: impl Fn(&T) -> bool + Send + Sync + 'static) -> Self {
        self.filter.when_ok = Some(Arc::new(when_ok));
        self
    }

    pub(super) fn counts(&self, outcome: &Outcome<T, E>) -> bool {
        match outcome {
            Ok(Ok(value)) => self.filter.counts_value(value),
            Ok(Err(error)) => self.filter.counts_error(error),
            Err(rejection) => self.filter.rejected.contains(rejection),
        }
    }
}

/// What an async handler of a fallback returns.
pub type Answer<T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send>>;

/// What a fallback asks.
pub(super) enum Handler<T, E> {
    Sync(Arc<dyn Fn(E) -> Result<T, E> + Send + Sync>),
    // Without timers there are no async calls.
    #[cfg_attr(not(feature = "tokio"), allow(dead_code))]
    Async(Arc<dyn Fn(E) -> Answer<T, E> + Send + Sync>),
}

/// A fallback in a pipeline, given to the closure of [`fallback_with`](super::PipelineBuilder::fallback_with).
pub struct FallbackLayer<T, E> {
    pub(super) filter: Filter<T, E>,
    pub(super) handler: Handler<T, E>,
}

impl<T, E> FallbackLayer<T, E> {
    pub(super) const fn new(handler: Handler<T, E>) -> Self {
        Self { filter: Filter::new(Kinds::ALL), handler }
    }

    filter_setters!();

    /// The error to ask the handler about, or the outcome that it is not asked about.
    pub(super) fn takes(&self, outcome: Outcome<T, E>, convert: fn(Error) -> E) -> Result<E, Outcome<T, E>> {
        match outcome {
            Ok(Err(error)) if self.filter.counts_error(&error) => Ok(error),
            Err(rejection) if self.filter.rejected.contains(&rejection) => Ok(convert(rejection)),
            outcome => Err(outcome),
        }
    }
}
