//! The attribute macros of `resilience`.
//!
//! Users depend on the facade, `resilience-rs`, which re-exports and documents them. The way of an attribute:
//!
//! ```text
//! tokens ─ args ──┐
//!                 ├─ validate ─ plan ─ emit ─ tokens
//! item ── target ─┘      └─ all errors at once, and the function as it was
//! ```
//!
//! - `args`: what stands in the attributes, with its spans and without a rule;
//! - `target`: the function as a model;
//! - `validate`: the only phase that rejects; what it hands on has nothing left to interpret;
//! - `plan`: what one layer must know of the others;
//! - `emit`: the code, which can't fail.

mod args;
mod diagnostics;
#[cfg(test)]
mod editors;
mod emit;
mod expand;
#[cfg(test)]
mod fuzz;
mod half_typed;
mod hygiene;
mod kinds;
mod paths;
mod plan;
mod policy;
#[cfg(test)]
mod snapshots;
mod spelling;
mod stack;
mod target;
mod validate;

use proc_macro::TokenStream;
use stack::Kind;

/// Calls the function once more beside a call that takes long.
///
/// Parameters: `after`, `max`, `budget`, `clone`, `policy`, `on`, `except`, `when`, `when_ok`, `rejected`, `crate`.
#[proc_macro_attribute]
pub fn hedge(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Kind::Hedge, arguments.into(), item.into()).into()
}

/// Calls the function again when it fails.
///
/// Parameters: `policy`, `max_attempts`, `backoff`, `base_delay`, `multiplier`, `max_delay`, `jitter`,
/// `max_elapsed`, `retry_after`, `max_retry_after`, `budget`, `on_retry`, `exhausted`, `clone`, `on`, `except`,
/// `when`, `when_ok`, `rejected`, `crate`.
#[proc_macro_attribute]
pub fn retry(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Kind::Retry, arguments.into(), item.into()).into()
}

/// Refuses calls for a while after failures.
///
/// Parameters: `name`, `key`, `max_keys`, `idle`, `policy`, `failure_threshold`, `failure_rate`, `window`,
/// `min_calls`, `slow_call`, `slow_rate`, `reset_timeout`, `reset_multiplier`, `max_reset_timeout`, `reset_jitter`,
/// `retry_after`, `half_open_max_calls`, `success_threshold`, `fallback`, `clone`, `map_err`, `on`, `except`,
/// `when`, `when_ok`, `rejected`, `crate`.
#[proc_macro_attribute]
pub fn circuit_breaker(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Kind::CircuitBreaker, arguments.into(), item.into()).into()
}

/// Ends a call that takes too long.
///
/// Parameters: `duration`, `policy`, `name`, `mode`, `covers_retries`, `fallback`, `clone`, `map_err`, `crate`.
#[proc_macro_attribute]
pub fn timeout(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Kind::Timeout, arguments.into(), item.into()).into()
}

/// Bounds the calls that are under way.
///
/// Parameters: `max_concurrent`, `max_wait`, `max_queue`, `name`, `key`, `max_keys`, `idle`, `policy`, `map_err`,
/// `crate`.
#[proc_macro_attribute]
pub fn bulkhead(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Kind::Bulkhead, arguments.into(), item.into()).into()
}

/// Lets only so many calls through in a given time.
///
/// Parameters: `rate`, `per`, `burst`, `cost`, `max_wait`, `name`, `key`, `max_keys`, `idle`, `policy`, `decrease`,
/// `increase`, `min_rate`, `safety`, `map_err`, `on`, `except`, `when`, `when_ok`, `rejected`, `crate`.
#[proc_macro_attribute]
pub fn rate_limit(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Kind::RateLimit, arguments.into(), item.into()).into()
}

/// Sends the function's calls through a pipeline.
///
/// Parameters: `clone`, `crate`.
#[proc_macro_attribute]
pub fn resilient(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Kind::Resilient, arguments.into(), item.into()).into()
}

/// Answers in the function's stead when it fails.
///
/// Parameters: `value`, `exhausted`, `clone`, `on`, `except`, `when`, `when_ok`, `rejected`, `crate`.
#[proc_macro_attribute]
pub fn fallback(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Kind::Fallback, arguments.into(), item.into()).into()
}

/// Makes the function a health check of the program.
///
/// Parameters: `name`, `timeout`, `critical`, `crate`.
#[proc_macro_attribute]
pub fn health_check(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Kind::HealthCheck, arguments.into(), item.into()).into()
}
