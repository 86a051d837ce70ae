//! The runtime of [`resilience-rs`](https://docs.rs/resilience-rs): policies, registry, clock.
//!
//! Users depend on the facade, `resilience-rs`; what the attributes expand into calls this crate. It knows
//! nothing of macros or syntax. Every policy has a folder with the same files: its settings (`policy`), their
//! default values (`defaults`), the pure part that takes `now` as an argument, and what the expansion calls.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod ambient;
mod assertions;
mod at_once;
mod attempt;
mod budget;
mod bulkhead;
mod circuit_breaker;
mod clock;
mod config;
mod counter;
mod deadline;
mod error;
mod event;
mod explain;
mod fallback;
mod figures;
#[cfg(feature = "health")]
pub mod health;
mod hedge;
mod key;
#[cfg(feature = "keyed")]
mod keyed;
#[cfg(any(feature = "keyed", all(test, loom)))]
mod last_use;
mod name;
#[cfg(not(feature = "tokio"))]
mod no_timer;
mod pipeline;
mod problems;
mod random;
mod rate_limit;
mod registry;
mod report;
mod retry;
mod shape;
mod site;
mod sync;
mod timeout;

#[doc(hidden)]
pub mod __private;
#[cfg(feature = "testing")]
pub mod testing;

pub use crate::budget::{RetryBudget, RetryBudgetMetrics, RetryBudgetPolicy};
pub use crate::bulkhead::{Bulkhead, BulkheadEvent, BulkheadMetrics, BulkheadPolicy, BulkheadSlot};
pub use crate::circuit_breaker::{
    CircuitBreaker, CircuitBreakerEvent, CircuitBreakerMetrics, CircuitBreakerPolicy, CircuitState, Permit,
    StateChange, TransitionCause, Window,
};
pub use crate::config::ConfigError;
pub use crate::deadline::{Deadline, GrpcTimeout, InvalidGrpcTimeout, WithDeadline, deadline};
pub use crate::error::{Error, ErrorKind};
pub use crate::event::Subscription;
pub use crate::explain::Explanation;
pub use crate::fallback::{AsyncHandlers, FallbackChain, FallbackExhausted, FallbackMetrics, SyncHandlers};
#[cfg(feature = "health")]
pub use crate::health::HealthRegistry;
pub use crate::hedge::{HedgeHandle, HedgeMetrics, HedgePolicy, get_hedge};
pub use crate::name::Name;
#[cfg(feature = "tokio")]
pub use crate::pipeline::get_async_pipeline;
pub use crate::pipeline::{
    CircuitBreakerLayer, FallbackLayer, Pipeline, PipelineBuilder, PipelineError, PipelineInfo,
    RateLimitLayer, RetryLayer, Source, get_pipeline,
};
pub use crate::problems::Problems;
pub use crate::rate_limit::{
    Admission, Cost, Header, RateChangeCause, RateLimitPolicy, RateLimiter, RateLimiterEvent,
    RateLimiterMetrics,
};
pub use crate::registry::{
    Catalog, NameProblem, NameProblems, catalog, get_bulkhead, get_circuit_breaker, get_rate_limiter,
    get_retry_budget, verify,
};
#[cfg(feature = "keyed")]
pub use crate::registry::{
    get_bulkhead_for, get_bulkheads, get_circuit_breaker_for, get_circuit_breakers, get_rate_limiter_for,
    get_rate_limiters,
};
pub use crate::retry::{Backoff, Jitter, Retry, RetryEvent, RetryExhausted, RetryPolicy};
pub use crate::site::{PolicyKind, Site, SitePolicy};
#[cfg(feature = "tokio")]
pub use crate::timeout::{Timeout, with_timeout};
pub use crate::timeout::{TimeoutHandle, TimeoutMetrics, TimeoutMode, TimeoutPolicy, get_timeout};

/// The values that the settings start from, with the reason for each.
///
/// ```
/// assert_eq!(resilience_runtime::defaults::RETRY_MAX_ATTEMPTS, 3);
/// ```
pub mod defaults {
    pub use crate::budget::defaults::*;
    pub use crate::bulkhead::defaults::*;
    pub use crate::circuit_breaker::defaults::*;
    pub use crate::hedge::defaults::*;
    pub use crate::key::{KEY_IDLE, MAX_KEYS};
    pub use crate::rate_limit::defaults::*;
    pub use crate::retry::defaults::*;
    pub use crate::timeout::defaults::*;
}
