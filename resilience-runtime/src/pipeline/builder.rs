//! How a pipeline is put together.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use super::layer::{
    Breaker, CircuitBreakerLayer, FallbackLayer, Filter, Handler, Layer, Limit, Limiter, RateLimitLayer,
    RetryLayer,
};
use super::order::check_order;
use super::{Pipeline, PipelineError, Stack, directory};
use crate::bulkhead::{Bulkhead, BulkheadPolicy};
use crate::circuit_breaker::{CircuitBreaker, CircuitBreakerPolicy};
use crate::config::{ConfigError, check_name};
use crate::error::Error;
#[cfg(feature = "tokio")]
use crate::fallback::AsyncHandlers;
use crate::fallback::SyncHandlers;
use crate::kind::PolicyKind;
use crate::rate_limit::{RateLimitPolicy, RateLimiter};
use crate::retry::RetryPolicy;
#[cfg(feature = "testing")]
use crate::testing::Failure;
use crate::timeout::TimeoutPolicy;

/// Puts a pipeline together: the first policy added is the outermost. See [`Pipeline::builder`].
#[must_use = "a pipeline comes of `build`"]
pub struct PipelineBuilder<T, E, K = SyncHandlers> {
    name: Option<&'static str>,
    convert: fn(Error) -> E,
    parts: Vec<Part<T, E>>,
    kind: PhantomData<fn() -> K>,
}

/// A layer to be: its instance may be named after the pipeline, whose name may come last.
pub(super) enum Part<T, E> {
    Fallback(FallbackLayer<T, E>),
    Retry(RetryLayer<T, E>),
    CircuitBreaker(Source<CircuitBreaker, CircuitBreakerPolicy>, CircuitBreakerLayer<T, E>),
    RateLimit(Source<RateLimiter, RateLimitPolicy>, RateLimitLayer<T, E>),
    Bulkhead(Source<Bulkhead, BulkheadPolicy>),
    Timeout(TimeoutPolicy),
}

/// Where a pipeline has an instance from: it is made of a policy and named after the pipeline, or it is shared with
/// whoever else has the handle.
///
/// ```
/// use resilience::{Bulkhead, BulkheadPolicy, Error, Pipeline};
///
/// let shared = Bulkhead::new("reports", BulkheadPolicy::new(4))?;
/// let quick: Pipeline<u32, Error> = Pipeline::builder().bulkhead(shared.clone()).build()?;
/// let slow: Pipeline<String, Error> = Pipeline::builder().bulkhead(shared).build()?;
/// let own: Pipeline<u32, Error> = Pipeline::builder().bulkhead(BulkheadPolicy::new(4)).build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub enum Source<I, P> {
    /// The pipeline makes one of its own.
    Policy(P),
    /// The pipeline joins those who have it already.
    Shared(I),
}

impl From<CircuitBreakerPolicy> for Source<CircuitBreaker, CircuitBreakerPolicy> {
    fn from(policy: CircuitBreakerPolicy) -> Self {
        Self::Policy(policy)
    }
}

impl From<CircuitBreaker> for Source<CircuitBreaker, CircuitBreakerPolicy> {
    fn from(breaker: CircuitBreaker) -> Self {
        Self::Shared(breaker)
    }
}

impl From<RateLimitPolicy> for Source<RateLimiter, RateLimitPolicy> {
    fn from(policy: RateLimitPolicy) -> Self {
        Self::Policy(policy)
    }
}

impl From<RateLimiter> for Source<RateLimiter, RateLimitPolicy> {
    fn from(limiter: RateLimiter) -> Self {
        Self::Shared(limiter)
    }
}

impl From<BulkheadPolicy> for Source<Bulkhead, BulkheadPolicy> {
    fn from(policy: BulkheadPolicy) -> Self {
        Self::Policy(policy)
    }
}

impl From<Bulkhead> for Source<Bulkhead, BulkheadPolicy> {
    fn from(bulkhead: Bulkhead) -> Self {
        Self::Shared(bulkhead)
    }
}

impl<I, P> Source<I, P> {
    fn instance(
        self,
        name: &'static str,
        make: impl FnOnce(&'static str, P) -> Result<I, ConfigError>,
    ) -> Result<I, ConfigError> {
        match self {
            Self::Policy(policy) => make(name, policy),
            Self::Shared(instance) => Ok(instance),
        }
    }
}

impl<T, E> PipelineBuilder<T, E> {
    pub(super) const fn new(convert: fn(Error) -> E) -> Self {
        Self { name: None, convert, parts: Vec::new(), kind: PhantomData }
    }

    /// Makes the pipeline, and one call through it.
    ///
    /// # Errors
    /// The call's own, or a refusal as `E`, in an `Ok`; what is wrong with the pipeline.
    #[track_caller]
    pub fn execute(self, body: impl FnMut() -> Result<T, E>) -> Result<Result<T, E>, PipelineError>
    where
        T: 'static,
        E: 'static,
    {
        Ok(self.build()?.call(body))
    }
}

impl<T, E, K> PipelineBuilder<T, E, K> {
    /// The name that refusals carry, and that the pipeline, its circuit breaker, its rate limiter and its bulkhead are found by as long
    /// as it exists. A pipeline without one is called "pipeline", and is not found.
    ///
    /// The deadlines of its timeouts bear it too, and those are `Copy`: it is `'static`. Leak one that is put together at run
    /// time, by [`String::leak`].
    pub fn name(mut self, name: &'static str) -> Self {
        self.name = Some(name);
        self
    }

    fn with(mut self, part: Part<T, E>) -> Self {
        self.parts.push(part);
        self
    }

    /// Answers in the place of every failure and every refusal.
    pub fn fallback(self, answer: impl Fn(E) -> Result<T, E> + Send + Sync + 'static) -> Self {
        self.fallback_with(answer, |layer| layer)
    }

    /// Answers in the place of some failures: `adjust` says which.
    pub fn fallback_with(
        self,
        answer: impl Fn(E) -> Result<T, E> + Send + Sync + 'static,
        adjust: impl FnOnce(FallbackLayer<T, E>) -> FallbackLayer<T, E>,
    ) -> Self {
        self.with(Part::Fallback(adjust(FallbackLayer::new(Handler::Sync(Arc::new(answer))))))
    }

    /// Answers in the place of every failure and every refusal, by a future. A timeout outside limits it too.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// use resilience::{AsyncHandlers, Error, Pipeline, RetryPolicy};
    ///
    /// async fn cached(error: Error) -> Result<u32, Error> {
    ///     if error.is_timed_out() { Ok(100) } else { Err(error) }
    /// }
    ///
    /// let quotes: Pipeline<u32, Error, AsyncHandlers> =
    ///     Pipeline::builder().fallback_async(cached).retry(RetryPolicy::new()).build()?;
    /// assert_eq!(quotes.call_async(async || Ok(42)).await, Ok(42));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    #[cfg(feature = "tokio")]
    pub fn fallback_async<F>(
        self,
        answer: impl Fn(E) -> F + Send + Sync + 'static,
    ) -> PipelineBuilder<T, E, AsyncHandlers>
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        self.fallback_async_with(answer, |layer| layer)
    }

    /// Answers in the place of some failures, by a future: `adjust` says which.
    #[cfg(feature = "tokio")]
    pub fn fallback_async_with<F>(
        self,
        answer: impl Fn(E) -> F + Send + Sync + 'static,
        adjust: impl FnOnce(FallbackLayer<T, E>) -> FallbackLayer<T, E>,
    ) -> PipelineBuilder<T, E, AsyncHandlers>
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        let layer = FallbackLayer::new(Handler::Async(Arc::new(move |error| Box::pin(answer(error)))));
        let Self { name, convert, parts, kind: _ } = self.with(Part::Fallback(adjust(layer)));
        PipelineBuilder { name, convert, parts, kind: PhantomData }
    }

    /// Tries again after every `Err`, and after the refusals that `#[retry]` retries.
    pub fn retry(self, policy: RetryPolicy) -> Self {
        self.retry_with(policy, |layer| layer)
    }

    /// Tries again after some failures: `adjust` says which, and who is told.
    pub fn retry_with(
        self,
        policy: RetryPolicy,
        adjust: impl FnOnce(RetryLayer<T, E>) -> RetryLayer<T, E>,
    ) -> Self {
        self.with(Part::Retry(adjust(RetryLayer::new(policy))))
    }

    /// Stops calling what keeps failing; every `Err` and every timeout inside counts.
    pub fn circuit_breaker(self, breaker: impl Into<Source<CircuitBreaker, CircuitBreakerPolicy>>) -> Self {
        self.circuit_breaker_with(breaker, |layer| layer)
    }

    /// Stops calling what keeps failing; `adjust` says what counts.
    pub fn circuit_breaker_with(
        self,
        breaker: impl Into<Source<CircuitBreaker, CircuitBreakerPolicy>>,
        adjust: impl FnOnce(CircuitBreakerLayer<T, E>) -> CircuitBreakerLayer<T, E>,
    ) -> Self {
        self.with(Part::CircuitBreaker(breaker.into(), adjust(CircuitBreakerLayer::new())))
    }

    /// Lets so many calls through in so much time, each at the cost of one.
    pub fn rate_limit(self, limiter: impl Into<Source<RateLimiter, RateLimitPolicy>>) -> Self {
        self.rate_limit_with(limiter, |layer| layer)
    }

    /// Lets so many calls through in so much time; `adjust` says which failures lower a rate that adapts.
    pub fn rate_limit_with(
        self,
        limiter: impl Into<Source<RateLimiter, RateLimitPolicy>>,
        adjust: impl FnOnce(RateLimitLayer<T, E>) -> RateLimitLayer<T, E>,
    ) -> Self {
        self.with(Part::RateLimit(limiter.into(), adjust(RateLimitLayer::new())))
    }

    /// Lets so many calls run at once.
    pub fn bulkhead(self, bulkhead: impl Into<Source<Bulkhead, BulkheadPolicy>>) -> Self {
        self.with(Part::Bulkhead(bulkhead.into()))
    }

    /// Ends what takes too long: an async call is dropped, a sync one runs to its end and has its late result replaced.
    pub fn timeout(self, limit: impl Into<TimeoutPolicy>) -> Self {
        self.with(Part::Timeout(limit.into()))
    }

    /// Checks the policies, by themselves and against each other, and makes the pipeline.
    ///
    /// # Errors
    /// What is wrong, in the order in which the policies were added; see [`PipelineError`].
    pub fn build(self) -> Result<Pipeline<T, E, K>, PipelineError>
    where
        T: 'static,
        E: 'static,
    {
        check_order(&self.parts)?;
        if let Some(name) = self.name {
            check_name(name)?;
        }
        let name = self.name.unwrap_or("pipeline");
        let mut layers = Vec::with_capacity(self.parts.len());
        // From the inside, because a breaker's lease is about the timeout inside of it.
        let mut lease = Duration::ZERO;
        for part in self.parts.into_iter().rev() {
            layers.push(match part {
                Part::Fallback(layer) => Layer::Fallback(Box::new(layer)),
                Part::Retry(layer) => {
                    layer.policy.validate()?;
                    Layer::Retry(Box::new(layer))
                }
                Part::CircuitBreaker(source, layer) => {
                    let breaker = source.instance(name, CircuitBreaker::new)?;
                    Layer::CircuitBreaker(Box::new(Breaker { breaker, layer, lease }))
                }
                Part::RateLimit(source, layer) => {
                    let limiter = source.instance(name, RateLimiter::new)?;
                    Layer::RateLimit(Box::new(Limiter { limiter, layer }))
                }
                Part::Bulkhead(source) => Layer::Bulkhead(source.instance(name, Bulkhead::new)?),
                Part::Timeout(policy) => {
                    policy.validate()?;
                    lease = policy.duration();
                    Layer::Timeout(Limit::new(policy))
                }
            });
        }
        layers.reverse();
        let judges_values = layers.iter().any(Layer::judges_values);
        let entrance = layers.iter().take_while(|layer| layer.lets_everything_in()).count();
        let convert = self.convert;
        let stack = Arc::new(Stack {
            name,
            convert,
            layers: layers.into(),
            entrance,
            judges_values,
            #[cfg(feature = "testing")]
            made: Failure::error,
        });
        if self.name.is_some() {
            directory::enter(&stack)?;
        }
        Ok(stack.into())
    }
}

impl<T, E> Part<T, E> {
    pub(super) const fn kind(&self) -> PolicyKind {
        match self {
            Self::Fallback(_) => PolicyKind::Fallback,
            Self::Retry(_) => PolicyKind::Retry,
            Self::CircuitBreaker(..) => PolicyKind::CircuitBreaker,
            Self::RateLimit(..) => PolicyKind::RateLimit,
            Self::Bulkhead(_) => PolicyKind::Bulkhead,
            Self::Timeout(_) => PolicyKind::Timeout,
        }
    }

    pub(super) const fn filter(&self) -> Option<&Filter<T, E>> {
        match self {
            Self::Fallback(layer) => Some(&layer.filter),
            Self::Retry(layer) => Some(&layer.filter),
            Self::CircuitBreaker(_, layer) => Some(&layer.filter),
            Self::RateLimit(_, layer) => Some(&layer.filter),
            Self::Bulkhead(_) | Self::Timeout(_) => None,
        }
    }
}
