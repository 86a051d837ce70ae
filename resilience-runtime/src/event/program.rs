//! The events of the whole program.

use std::fmt;
use std::time::Duration;

#[cfg(feature = "circuit-breaker")]
use crate::circuit_breaker::StateChange;
use crate::error::Error;
use crate::name::Name;
#[cfg(feature = "rate-limit")]
use crate::rate_limit::RateChangeCause;
#[cfg(feature = "retry")]
use crate::retry::RetryEnd;

/// Something that a policy did.
///
/// [`subscribe`](crate::subscribe) listens to all of them, and the test kit's `record` keeps them. Successful calls
/// are no events: nothing is paid for them.
///
/// ```
/// use resilience::{CircuitBreaker, CircuitBreakerPolicy, Event};
/// use std::sync::{Arc, Mutex};
///
/// let lines = Arc::new(Mutex::new(Vec::new()));
/// let log = Arc::clone(&lines);
/// let _subscription = resilience::subscribe(move |event: &Event| {
///     if event.name() == "event example" {
///         log.lock().unwrap().push(event.to_string());
///     }
/// });
/// let breaker = CircuitBreaker::new("event example", CircuitBreakerPolicy::new().failure_threshold(1))?;
/// breaker.try_acquire()?.failure();
/// assert!(breaker.try_acquire().is_err());
/// let lines = lines.lock().unwrap();
/// assert_eq!(lines[0], "event example: closed to open: a failure");
/// assert!(lines[1].starts_with("event example: rejected: circuit breaker `event example` is open"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// A body began to run, or a fault that was injected ran in its place. Only the test kit's recorder gets it.
    #[non_exhaustive]
    Attempted {
        /// The function, as `module::function`, or the pipeline.
        function: &'static str,
    },
    /// An attempt failed, and another is to follow.
    #[non_exhaustive]
    Retrying {
        /// The function, as `module::function`, or the pipeline.
        function: &'static str,
        /// The attempt that failed, from 1.
        attempt: u32,
        /// How long the wait before the next one is.
        delay: Duration,
    },
    /// The attempts of a call ended. A call that succeeds at once has no such event.
    #[cfg(feature = "retry")]
    #[non_exhaustive]
    RetryEnded {
        /// The function, as `module::function`, or the pipeline.
        function: &'static str,
        /// The number of attempts.
        attempts: u32,
        /// Why they ended.
        reason: RetryEnd,
    },
    /// A call takes long, and another one is made beside it.
    #[non_exhaustive]
    Hedged {
        /// The function, as `module::function`.
        function: &'static str,
        /// The call that is made, from 2: the one that takes long is the first.
        call: usize,
    },
    /// Of several calls that ran beside each other, one gave the answer, and the others were dropped.
    #[non_exhaustive]
    HedgeWon {
        /// The function, as `module::function`.
        function: &'static str,
        /// The call that gave the answer, from 1.
        call: usize,
    },
    /// A further call was due, and the retry budget had no token for it.
    #[non_exhaustive]
    HedgeRejected {
        /// The function, as `module::function`.
        function: &'static str,
    },
    /// A policy rejected a call, or cut it short: a timeout too.
    #[non_exhaustive]
    Rejected {
        /// The error that the caller gets.
        rejection: Error,
    },
    /// The body of a sync function returned after its timeout was over, and its result was dropped.
    #[non_exhaustive]
    Late {
        /// The timeout.
        name: Name,
    },
    /// A circuit breaker's state changed.
    #[cfg(feature = "circuit-breaker")]
    #[non_exhaustive]
    StateChanged {
        /// The breaker.
        name: Name,
        /// From where, to where, and why.
        change: StateChange,
    },
    /// The rate in force of a rate limiter changed.
    #[cfg(feature = "rate-limit")]
    #[non_exhaustive]
    RateChanged {
        /// The rate limiter.
        name: Name,
        /// The calls every `per` before.
        from: f64,
        /// The calls every `per` from now on.
        to: f64,
        /// Why.
        cause: RateChangeCause,
    },
    /// A bulkhead's number of slots changed.
    #[non_exhaustive]
    Resized {
        /// The bulkhead.
        name: Name,
        /// The number of slots before.
        from: u32,
        /// The number of slots from now on.
        to: u32,
    },
    /// A fallback's handler is about to answer.
    #[non_exhaustive]
    FellBack {
        /// The function, as `module::function`, or the pipeline.
        function: &'static str,
        /// The handler, as the source spells it.
        handler: &'static str,
    },
    /// The last handler of a fallback failed too.
    #[non_exhaustive]
    FallbackExhausted {
        /// The function, as `module::function`, the pipeline, or the `FallbackChain`.
        name: Name,
    },
    /// A handler of a `FallbackChain` is about to answer.
    #[non_exhaustive]
    ChainFellBack {
        /// The chain.
        name: Name,
        /// The handler, from 1; the default comes after all handlers.
        handler: u32,
    },
}

impl Event {
    /// Returns the name of the policy, or of the function that the policy is applied to.
    pub fn name(&self) -> &str {
        match self {
            Self::Attempted { function }
            | Self::Retrying { function, .. }
            | Self::Hedged { function, .. }
            | Self::HedgeWon { function, .. }
            | Self::HedgeRejected { function }
            | Self::FellBack { function, .. } => function,
            #[cfg(feature = "retry")]
            Self::RetryEnded { function, .. } => function,
            Self::Rejected { rejection } => rejection.policy_name(),
            #[cfg(feature = "circuit-breaker")]
            Self::StateChanged { name, .. } => name,
            #[cfg(feature = "rate-limit")]
            Self::RateChanged { name, .. } => name,
            Self::Late { name }
            | Self::Resized { name, .. }
            | Self::FallbackExhausted { name }
            | Self::ChainFellBack { name, .. } => name,
        }
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.name())?;
        match self {
            Self::Attempted { .. } => f.write_str("attempted"),
            Self::Retrying { attempt, delay, .. } => {
                write!(f, "attempt {attempt} failed, the next one in {delay:?}")
            }
            #[cfg(feature = "retry")]
            Self::RetryEnded { attempts, reason, .. } => {
                let s = if *attempts == 1 { "" } else { "s" };
                write!(f, "ended after {attempts} attempt{s}: {reason}")
            }
            Self::Hedged { call, .. } => write!(f, "call {call} made beside the first"),
            Self::HedgeWon { call, .. } => write!(f, "call {call} gave the answer"),
            Self::HedgeRejected { .. } => f.write_str("no token for a further call"),
            Self::Rejected { rejection } => write!(f, "rejected: {rejection}"),
            #[cfg(feature = "circuit-breaker")]
            Self::StateChanged { change: StateChange { from, to, cause, .. }, .. } => {
                write!(f, "{from} to {to}: {cause}")
            }
            #[cfg(feature = "rate-limit")]
            Self::RateChanged { from, to, cause, .. } => write!(f, "rate {from} to {to}: {cause}"),
            Self::Resized { from, to, .. } => write!(f, "{from} to {to} slots"),
            Self::Late { .. } => f.write_str("a result came too late"),
            Self::FellBack { handler, .. } => write!(f, "fell back to {handler}"),
            Self::FallbackExhausted { .. } => f.write_str("no handler answered"),
            Self::ChainFellBack { handler, .. } => write!(f, "fell back to handler {handler}"),
        }
    }
}
