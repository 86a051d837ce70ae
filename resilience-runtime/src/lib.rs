//! The runtime of [`resilience-rs`](https://docs.rs/resilience-rs): policies, registry, clock.
//!
//! Users depend on the facade, `resilience-rs`; what the attributes expand into calls this crate. It knows
//! nothing of macros or syntax. Every policy has a folder with the same files: its settings (`policy`), their
//! default values (`defaults`), the pure part that takes `now` as an argument, and what the expansion calls. Each stands
//! behind a feature of its own, and what only attributes need behind `attributes`.

#![cfg_attr(docsrs, feature(doc_cfg))]
// What policies share is there as a whole, whichever of them are. With all of them, and with what attributes need, there is a
// use for every part of it, and the compiler looks for what has none.
#![cfg_attr(not(feature = "attributes"), allow(dead_code, unused_imports, unused_macros))]

#[cfg(feature = "attributes")]
mod ambient;
#[cfg(feature = "attributes")]
mod assertions;
#[cfg(feature = "attributes")]
mod attempt;
#[cfg(feature = "retry-budget")]
mod budget;
#[cfg(feature = "bulkhead")]
mod bulkhead;
#[cfg(feature = "circuit-breaker")]
mod circuit_breaker;
mod clock;
mod config;
mod counter;
#[cfg(feature = "deadline")]
mod deadline;
mod error;
mod event;
#[cfg(feature = "attributes")]
mod explain;
#[cfg(feature = "fallback")]
mod fallback;
mod figures;
#[cfg(feature = "health")]
pub mod health;
#[cfg(feature = "hedge")]
mod hedge;
#[cfg(feature = "attributes")]
mod key;
#[cfg(feature = "keyed")]
mod keyed;
#[cfg(feature = "pipeline")]
mod kind;
#[cfg(any(feature = "keyed", all(test, loom)))]
mod last_use;
mod name;
#[cfg(all(feature = "attributes", not(feature = "tokio")))]
mod no_timer;
#[cfg(feature = "pipeline")]
mod pipeline;
#[cfg(feature = "attributes")]
mod problems;
mod random;
#[cfg(feature = "rate-limit")]
mod rate_limit;
#[cfg(feature = "retry-budget")]
mod registry;
mod report;
#[cfg(feature = "retry")]
mod retry;
mod settings;
#[cfg(feature = "attributes")]
mod shape;
#[cfg(feature = "attributes")]
mod site;
mod sync;
#[cfg(any(feature = "keyed", feature = "tokio"))]
mod thread_end;
#[cfg(feature = "timeout")]
mod timeout;

/// What the steps of a pipeline's call are, for the code that takes them in the user's own function.
#[cfg(feature = "pipeline")]
#[doc(hidden)]
pub mod __pipeline {
    pub use crate::pipeline::{Enter, Late, Leave};
}
#[cfg(feature = "attributes")]
#[doc(hidden)]
pub mod __private;
#[cfg(feature = "testing")]
pub mod testing;

#[cfg(feature = "retry-budget")]
pub use crate::budget::{
    NamedBudget, RetryBudget, RetryBudgetMetrics, RetryBudgetPolicy, RetryBudgetSettings,
};
#[cfg(feature = "bulkhead")]
pub use crate::bulkhead::{
    Bulkhead, BulkheadEvent, BulkheadMetrics, BulkheadPolicy, BulkheadSettings, BulkheadSlot,
};
#[cfg(feature = "circuit-breaker")]
pub use crate::circuit_breaker::{
    CircuitBreaker, CircuitBreakerEvent, CircuitBreakerMetrics, CircuitBreakerPolicy, CircuitBreakerSettings,
    CircuitState, Permit, StateChange, TimeInState, TransitionCause, TransitionCount, Window,
};
pub use crate::config::ConfigError;
#[cfg(feature = "deadline")]
pub use crate::deadline::{Deadline, GrpcTimeout, InvalidGrpcTimeout, WithDeadline, deadline};
pub use crate::error::{Error, ErrorKind};
pub use crate::event::{Event, Subscription, subscribe};
#[cfg(feature = "attributes")]
pub use crate::explain::Explanation;
#[cfg(feature = "fallback")]
pub use crate::fallback::{AsyncHandlers, FallbackChain, FallbackExhausted, FallbackMetrics, SyncHandlers};
#[cfg(feature = "attributes")]
pub use crate::fallback::{FallbackHandle, get_fallback};
#[cfg(feature = "health")]
pub use crate::health::HealthRegistry;
#[cfg(feature = "attributes")]
pub use crate::hedge::{HedgeHandle, HedgeMetrics, get_hedge};
#[cfg(feature = "hedge")]
pub use crate::hedge::{HedgePolicy, HedgeSettings};
#[cfg(feature = "keyed")]
pub use crate::key::Overflow;
#[cfg(feature = "keyed")]
pub use crate::keyed::Family;
#[cfg(feature = "pipeline")]
pub use crate::kind::PolicyKind;
pub use crate::name::Name;
#[cfg(all(feature = "pipeline", feature = "tokio"))]
pub use crate::pipeline::get_async_pipeline;
#[cfg(feature = "pipeline")]
pub use crate::pipeline::{
    CircuitBreakerLayer, FallbackLayer, Pipeline, PipelineBuilder, PipelineError, PipelineInfo,
    PipelineMetrics, RateLimitLayer, RetryLayer, Source, get_pipeline,
};
#[cfg(feature = "attributes")]
pub use crate::problems::Problems;
#[cfg(feature = "rate-limit")]
pub use crate::rate_limit::{
    Admission, Cost, Header, RateChangeCause, RateLimitPolicy, RateLimitSettings, RateLimiter,
    RateLimiterEvent, RateLimiterMetrics,
};
#[cfg(feature = "retry-budget")]
pub use crate::registry::get_retry_budget;
#[cfg(feature = "keyed")]
pub use crate::registry::{
    BulkheadFamily, CircuitBreakerFamily, RateLimiterFamily, get_bulkhead_family, get_bulkhead_for,
    get_bulkheads, get_circuit_breaker_family, get_circuit_breaker_for, get_circuit_breakers,
    get_rate_limiter_family, get_rate_limiter_for, get_rate_limiters,
};
#[cfg(feature = "attributes")]
pub use crate::registry::{Catalog, NameProblem, NameProblems, catalog, verify};
#[cfg(feature = "pipeline")]
pub use crate::registry::{get_bulkhead, get_circuit_breaker, get_rate_limiter};
#[cfg(feature = "retry")]
pub use crate::retry::{
    Backoff, Jitter, Retry, RetryEnd, RetryEvent, RetryExhausted, RetryMetrics, RetryPolicy, RetrySettings,
};
#[cfg(feature = "attributes")]
pub use crate::retry::{RetryHandle, get_retry};
#[cfg(feature = "attributes")]
pub use crate::site::{Site, SitePolicy};
#[cfg(all(feature = "timeout", feature = "tokio"))]
pub use crate::timeout::{Timeout, with_timeout};
#[cfg(feature = "attributes")]
pub use crate::timeout::{TimeoutHandle, get_timeout};
#[cfg(feature = "timeout")]
pub use crate::timeout::{TimeoutMetrics, TimeoutMode, TimeoutPolicy, TimeoutSettings};

/// The values that the settings start from, with the reason for each.
///
/// ```
/// assert_eq!(resilience::defaults::RETRY_MAX_ATTEMPTS, 3);
/// ```
pub mod defaults {
    #[cfg(feature = "retry-budget")]
    pub use crate::budget::defaults::*;
    #[cfg(feature = "bulkhead")]
    pub use crate::bulkhead::defaults::*;
    #[cfg(feature = "circuit-breaker")]
    pub use crate::circuit_breaker::defaults::*;
    #[cfg(feature = "hedge")]
    pub use crate::hedge::defaults::*;
    #[cfg(feature = "attributes")]
    pub use crate::key::{CIRCUIT_BREAKER_OVERFLOW, KEY_IDLE, LIMIT_OVERFLOW, MAX_KEYS};
    #[cfg(feature = "rate-limit")]
    pub use crate::rate_limit::defaults::*;
    #[cfg(feature = "retry")]
    pub use crate::retry::defaults::*;
    #[cfg(feature = "timeout")]
    pub use crate::timeout::defaults::*;
}
