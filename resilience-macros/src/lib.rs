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
mod hygiene;
mod kinds;
mod paths;
mod plan;
mod policy;
#[cfg(test)]
mod snapshots;
mod stack;
mod target;
mod validate;

use proc_macro::TokenStream;
use stack::Kind;

/// Calls the function once more beside a call that takes long.
#[proc_macro_attribute]
pub fn hedge(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Kind::Hedge, arguments.into(), item.into()).into()
}

/// Calls the function again when it fails.
#[proc_macro_attribute]
pub fn retry(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Kind::Retry, arguments.into(), item.into()).into()
}

/// Refuses calls for a while after failures.
#[proc_macro_attribute]
pub fn circuit_breaker(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Kind::CircuitBreaker, arguments.into(), item.into()).into()
}

/// Ends a call that takes too long.
#[proc_macro_attribute]
pub fn timeout(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Kind::Timeout, arguments.into(), item.into()).into()
}

/// Bounds the calls that are under way.
#[proc_macro_attribute]
pub fn bulkhead(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Kind::Bulkhead, arguments.into(), item.into()).into()
}

/// Lets only so many calls through in a given time.
#[proc_macro_attribute]
pub fn rate_limit(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Kind::RateLimit, arguments.into(), item.into()).into()
}

/// Sends the function's calls through a pipeline.
#[proc_macro_attribute]
pub fn resilient(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Kind::Resilient, arguments.into(), item.into()).into()
}

/// Answers in the function's stead when it fails.
#[proc_macro_attribute]
pub fn fallback(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Kind::Fallback, arguments.into(), item.into()).into()
}

/// Makes the function a health check of the program.
#[proc_macro_attribute]
pub fn health_check(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Kind::HealthCheck, arguments.into(), item.into()).into()
}
