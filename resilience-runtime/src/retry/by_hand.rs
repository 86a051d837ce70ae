//! Retrying without an attribute.

use std::fmt;
use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::time::Duration;

use super::attempts::{Attempts, RetryEvent, RetryExhausted, Step};
use super::policy::RetryPolicy;
use crate::clock::sleep;
#[cfg(feature = "tokio")]
use crate::clock::{sleep_async, yield_now};
use crate::event::protect;
use crate::name::function_of;
use crate::report;

/// Settings with a filter, a hint and a hook, to call something with by hand.
///
/// Begun by [`RetryPolicy::when`], [`RetryPolicy::retry_after`] or [`RetryPolicy::on_retry`].
///
/// ```
/// use std::time::Duration;
/// use resilience::RetryPolicy;
///
/// #[derive(Debug, PartialEq)]
/// enum FetchError { Reset, NotFound }
///
/// const HTTP: RetryPolicy = RetryPolicy::new().max_attempts(5).base_delay(Duration::ZERO);
///
/// let mut calls = 0;
/// let result = HTTP
///     .when(|error| *error == FetchError::Reset)
///     .on_retry(|event| println!("attempt {} failed: {:?}", event.attempt(), event.error()))
///     .call(|| {
///         calls += 1;
///         if calls < 3 { Err(FetchError::Reset) } else { Ok("a page") }
///     });
/// assert_eq!(result, Ok("a page"));
///
/// let missing = HTTP.when(|error| *error == FetchError::Reset).call(|| Err::<(), _>(FetchError::NotFound));
/// let exhausted = missing.unwrap_err();
/// assert_eq!((exhausted.attempts, exhausted.last), (1, FetchError::NotFound));
/// ```
#[must_use = "nothing is called before `call` or `call_async`"]
pub struct Retry<E, W = Always<E>, A = NoHint<E>, H = NoHook<E>> {
    policy: RetryPolicy,
    name: Option<&'static str>,
    when: W,
    retry_after: A,
    on_retry: H,
    errors: PhantomData<fn(&E)>,
}

type Always<E> = fn(&E) -> bool;
type NoHint<E> = fn(&E) -> Option<Duration>;
type NoHook<E> = fn(&RetryEvent<'_, E>);

impl<E> Retry<E> {
    fn new(policy: RetryPolicy) -> Self {
        let errors = PhantomData;
        Self { policy, name: None, when: |_| true, retry_after: |_| None, on_retry: |_| {}, errors }
    }
}

impl<E, W, A, H> Retry<E, W, A, H> {
    /// Names the call in events and in [`get_retry`](crate::get_retry). Without a name it has that of the
    /// function around the closure, as `module::function`.
    pub fn named(mut self, name: &'static str) -> Self {
        self.name = Some(name);
        self
    }

    /// Only errors that this says yes to are retried. Any other comes out as it is, after as many attempts as it took.
    pub fn when<F: Fn(&E) -> bool>(self, when: F) -> Retry<E, F, A, H> {
        let Self { policy, name, retry_after, on_retry, errors, .. } = self;
        Retry { policy, name, when, retry_after, on_retry, errors }
    }

    /// An error may say when to come back: that replaces the delay, above `max_delay` too.
    pub fn retry_after<F: Fn(&E) -> Option<Duration>>(self, retry_after: F) -> Retry<E, W, F, H> {
        let Self { policy, name, when, on_retry, errors, .. } = self;
        Retry { policy, name, when, retry_after, on_retry, errors }
    }

    /// Called before each wait. A hook that panics is reported and changes nothing.
    pub fn on_retry<F: FnMut(&RetryEvent<'_, E>)>(self, on_retry: F) -> Retry<E, W, A, F> {
        let Self { policy, name, when, retry_after, errors, .. } = self;
        Retry { policy, name, when, retry_after, on_retry, errors }
    }
}

impl<E, W, A, H> Retry<E, W, A, H>
where
    W: Fn(&E) -> bool,
    A: Fn(&E) -> Option<Duration>,
    H: FnMut(&RetryEvent<'_, E>),
{
    /// Calls until it works, or until the settings end it. Waits by blocking the thread.
    ///
    /// # Errors
    /// The last error, and what it took.
    #[track_caller]
    pub fn call<T, F>(mut self, mut operation: F) -> Result<T, RetryExhausted<E>>
    where
        F: FnMut() -> Result<T, E>,
    {
        let policy = in_force(self.policy);
        let mut attempts = Attempts::of_closure(self.name, function_of::<F>, &policy).timed();
        loop {
            let delay = match self.judge(&mut attempts, operation()) {
                ControlFlow::Break(result) => return result,
                ControlFlow::Continue(delay) => delay,
            };
            sleep(delay);
        }
    }

    /// Calls until it works, or until the settings end it.
    ///
    /// The future is `Send` where what the closure holds and what its future holds are.
    ///
    /// # Errors
    /// The last error, and what it took.
    #[cfg(feature = "tokio")]
    #[cfg_attr(docsrs, doc(cfg(feature = "tokio")))]
    pub async fn call_async<T, F, O>(mut self, mut operation: F) -> Result<T, RetryExhausted<E>>
    where
        F: FnMut() -> O,
        O: Future<Output = Result<T, E>>,
    {
        let policy = in_force(self.policy);
        let mut attempts = Attempts::of_closure(self.name, function_of::<F>, &policy).timed();
        loop {
            let delay = match self.judge(&mut attempts, operation().await) {
                ControlFlow::Break(result) => return result,
                ControlFlow::Continue(delay) => delay,
            };
            if !delay.is_zero() {
                sleep_async(delay).await;
            } else if attempts.yields() {
                yield_now().await;
            }
        }
    }

    /// What an outcome asks for: the end, or a wait and another attempt.
    fn judge<T>(
        &mut self,
        attempts: &mut Attempts<'_>,
        outcome: Result<T, E>,
    ) -> ControlFlow<Result<T, RetryExhausted<E>>, Duration> {
        let error = match outcome {
            Ok(value) => {
                attempts.succeeded();
                return ControlFlow::Break(Ok(value));
            }
            Err(error) => error,
        };
        let step = if (self.when)(&error) {
            attempts.after_failure((self.retry_after)(&error))
        } else {
            attempts.not_retried()
        };
        match step {
            Step::Retry(delay) => {
                let event = attempts.event(delay, Some(&error), None);
                protect("a hook", || (self.on_retry)(&event));
                ControlFlow::Continue(delay)
            }
            Step::Exhausted | Step::Done => ControlFlow::Break(Err(attempts.exhausted(error))),
        }
    }
}

impl RetryPolicy {
    /// Calls until it works, or until the settings end it. Every error is retried. Waits by blocking the thread.
    ///
    /// A panic goes through, and `?` and `return` in the closure end the attempt.
    ///
    /// ```
    /// use std::time::Duration;
    /// use resilience::RetryPolicy;
    ///
    /// const HTTP: RetryPolicy = RetryPolicy::new().max_attempts(5).base_delay(Duration::ZERO);
    ///
    /// let exhausted = HTTP.call(|| "x".parse::<u32>()).unwrap_err();
    /// assert_eq!(exhausted.attempts, 5);
    /// assert_eq!(exhausted.last.to_string(), "invalid digit found in string");
    /// ```
    ///
    /// # Errors
    /// The last error, and what it took.
    #[track_caller]
    pub fn call<T, E, F>(self, operation: F) -> Result<T, RetryExhausted<E>>
    where
        F: FnMut() -> Result<T, E>,
    {
        Retry::new(self).call(operation)
    }

    /// Calls until it works, or until the settings end it. Every error is retried.
    ///
    /// The future is `Send` where what the closure holds and what its future holds are. The closure may borrow from
    /// what is around it; one that owns what its futures borrow (`async move || …`) is more than a `FnMut` can be.
    ///
    /// ```
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    /// # runtime.block_on(async {
    /// use std::time::Duration;
    /// use resilience::RetryPolicy;
    ///
    /// const HTTP: RetryPolicy = RetryPolicy::new().max_attempts(5).base_delay(Duration::ZERO);
    ///
    /// async fn fetch(url: &str) -> std::io::Result<String> {
    ///     Ok(format!("page at {url}"))
    /// }
    ///
    /// let url = String::from("/a");
    /// let page = HTTP.call_async(async || fetch(&url).await).await;
    /// assert_eq!(page.unwrap(), "page at /a");
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    /// The last error, and what it took.
    #[cfg(feature = "tokio")]
    #[cfg_attr(docsrs, doc(cfg(feature = "tokio")))]
    pub async fn call_async<T, E, F, O>(self, operation: F) -> Result<T, RetryExhausted<E>>
    where
        F: FnMut() -> O,
        O: Future<Output = Result<T, E>>,
    {
        Retry::new(self).call_async(operation).await
    }

    /// For calls without an attribute: see [`Retry::named`].
    pub fn named<E>(self, name: &'static str) -> Retry<E> {
        Retry::new(self).named(name)
    }

    /// For calls by hand: see [`Retry::when`].
    pub fn when<E, F: Fn(&E) -> bool>(self, when: F) -> Retry<E, F> {
        Retry::new(self).when(when)
    }

    /// For calls by hand: see [`Retry::retry_after`].
    pub fn retry_after<E, F>(self, retry_after: F) -> Retry<E, Always<E>, F>
    where
        F: Fn(&E) -> Option<Duration>,
    {
        Retry::new(self).retry_after(retry_after)
    }

    /// For calls by hand: see [`Retry::on_retry`].
    pub fn on_retry<E, F>(self, on_retry: F) -> Retry<E, Always<E>, NoHint<E>, F>
    where
        F: FnMut(&RetryEvent<'_, E>),
    {
        Retry::new(self).on_retry(on_retry)
    }
}

/// Settings that were put together at run time may not work, and there is nobody to tell but the log.
#[inline]
pub fn in_force(policy: RetryPolicy) -> RetryPolicy {
    match policy.validate() {
        Ok(()) => policy,
        Err(error) => {
            let repaired = policy.repaired();
            report::warn(format_args!("{error}; the retry makes do with: {repaired}"));
            repaired
        }
    }
}

impl<E, W, A, H> fmt::Debug for Retry<E, W, A, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retry").field("policy", &self.policy).finish_non_exhaustive()
    }
}
