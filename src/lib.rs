//! Attributes that make functions resilient: retry, hedge, circuit breaker, timeout, bulkhead, rate limit, fallback.
//!
//! ```
//! use resilience::{CircuitState, get_circuit_breaker, retry, circuit_breaker};
//!
//! #[retry(max_attempts = 4, base_delay = "0s")]
//! #[circuit_breaker(name = "quotes", failure_threshold = 5, reset_timeout = "10s")]
//! fn quote(symbol: &str) -> std::io::Result<u32> {
//!     Ok(symbol.len() as u32)
//! }
//!
//! let breaker = get_circuit_breaker("quotes").expect("declared above");
//! assert_eq!(breaker.state(), CircuitState::Closed);
//! assert_eq!(quote("ACME").unwrap(), 4);
//! assert_eq!(breaker.metrics().success, 1);
//! ```
//!
//! # Order
//!
//! Attributes nest as written: the top one is the outermost. Recommended is
//! fallback › (overall timeout) › retry › (hedge) › `circuit_breaker` › `rate_limit` › bulkhead › timeout (per attempt).
//!
//! # Errors
//!
//! A policy that refuses a call, or cuts it short, says so by [`Error`], which becomes the function's own error
//! by `From<resilience::Error>` or by `map_err = …` on the attribute. An `Option` becomes `None`.
//!
//! # Settings
//!
//! `settings()` of a policy returns all its settings as a struct of public fields, such as [`RetrySettings`]: to read, to
//! compare, to print, or to change. `from_settings` makes a policy of the struct, and fails with the setting that is wrong.
//!
//! ```
//! use resilience::{RetryPolicy, RetrySettings};
//! use std::time::Duration;
//!
//! const HTTP: RetryPolicy = RetryPolicy::new().base_delay(Duration::from_millis(250));
//! let settings = RetrySettings { max_attempts: 5, ..HTTP.settings() };
//! assert_eq!(settings.base_delay, Duration::from_millis(250));
//! assert_eq!(RetryPolicy::from_settings(settings), Ok(HTTP.max_attempts(5)));
//! ```
//!
//! With the feature `serde` these structs are read and written in any self-describing format, such as JSON or TOML. Fields
//! have the names and the forms of the attributes' parameters. What is left out has its default:
//!
//! ```json
//! { "max_attempts": 5, "base_delay": "250ms", "jitter": "equal", "budget": { "name": "payments", "ratio": 0.1 } }
//! ```
//!
//! # Features
//!
//! - `macros` (on by default): the attributes, and with them all policies.
//! - `tokio` (on by default): timers for async functions. Without it sync functions have every policy of theirs, and async
//!   ones those that don't wait.
//! - `keyed`: `key = …` on `#[circuit_breaker]`, `#[bulkhead]` and `#[rate_limit]`, one for each key.
//! - `health`: [`health`](https://docs.rs/resilience-rs/latest/resilience/health/) checks and `#[health_check]`: what a
//!   service says of itself when it is asked.
//! - `serde`: settings and health reports as JSON or other text. Turns `health` on.
//! - `tracing`: a `tracing` event for every change of a policy's state, rate or size, and for every retry, rejection, hedge
//!   and fallback.
//! - `testing`: the test kit, [`testing`](https://docs.rs/resilience-rs/latest/resilience/testing/).
//!
//! Without `macros` a program compiles the policies that it chooses, to use them by hand:
//!
//! - `circuit-breaker`: `CircuitBreaker`.
//! - `retry`: `RetryPolicy::call`; `retry-budget`, which it turns on: `RetryBudget`.
//! - `bulkhead`: `Bulkhead`.
//! - `rate-limit`: `RateLimiter`.
//! - `fallback`: `FallbackChain`.
//! - `timeout`, with `tokio`: `with_timeout`.
//! - `hedge`, with `tokio`: `HedgePolicy::call_async`.
//! - `pipeline`: `Pipeline`, with all policies that it has layers for.
//! - `policies`: all of these.
//! - `deadline`, which most of them turn on: `Deadline`.
//!
//! `keyed`, `health`, `serde` and `testing` turn on what attributes need, all policies among it.

#![cfg_attr(docsrs, feature(doc_cfg))]

pub use resilience_runtime::*;

#[cfg(feature = "macros")]
#[doc(hidden)]
pub mod __private {
    pub use resilience_macros::explain;
    pub use resilience_runtime::__private::*;
}

#[cfg(feature = "macros")]
#[doc = include_str!("../docs/attributes/bulkhead.md")]
pub use resilience_macros::bulkhead;
#[cfg(feature = "macros")]
#[doc = include_str!("../docs/attributes/circuit_breaker.md")]
pub use resilience_macros::circuit_breaker;
#[cfg(feature = "macros")]
#[doc = include_str!("../docs/attributes/fallback.md")]
pub use resilience_macros::fallback;
#[cfg(all(feature = "macros", feature = "health"))]
#[doc = include_str!("../docs/attributes/health_check.md")]
pub use resilience_macros::health_check;
#[cfg(feature = "macros")]
#[doc = include_str!("../docs/attributes/hedge.md")]
pub use resilience_macros::hedge;
#[cfg(feature = "macros")]
#[doc = include_str!("../docs/attributes/rate_limit.md")]
pub use resilience_macros::rate_limit;
#[cfg(feature = "macros")]
#[doc = include_str!("../docs/attributes/resilient.md")]
pub use resilience_macros::resilient;
#[cfg(feature = "macros")]
#[doc = include_str!("../docs/attributes/retry.md")]
pub use resilience_macros::retry;
#[cfg(feature = "macros")]
#[doc = include_str!("../docs/attributes/timeout.md")]
pub use resilience_macros::timeout;

/// Shown in the documentation only, where its examples are compiled.
#[cfg(all(doc, feature = "macros"))]
#[doc = include_str!("../docs/attributes/rules.md")]
pub mod rules {}

#[cfg(feature = "health")]
#[doc = include_str!("../docs/health.md")]
pub use resilience_runtime::health;

#[cfg(feature = "testing")]
#[doc = include_str!("../docs/testing.md")]
pub use resilience_runtime::testing;

/// The README's examples are compiled and run.
#[cfg(all(doctest, feature = "macros", feature = "tokio"))]
#[doc = include_str!("../README.md")]
struct Readme;
