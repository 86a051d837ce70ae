//! What the expansion of the attributes calls. Nothing else may, and nothing here is stable.

#![allow(missing_docs, clippy::inline_always)]

pub use std::mem::drop;
pub use std::option::Option::{None, Some};
pub use std::result::Result::{Err, Ok};
use std::time::Duration;

pub use inventory;

pub use crate::{__attempt as attempt, __fell_back as fell_back};

pub use crate::assertions::{assert_covers, assert_hedged, assert_nested, assert_room};
pub use crate::budget::{BudgetSite, RetryBudgetPolicy, budget_settings, budget_site};
pub use crate::bulkhead::{BulkheadPolicy, BulkheadSite, SharedSlot};
pub use crate::circuit_breaker::{BreakerSite, CircuitBreakerPolicy, Settle, Verdict, Window};
#[cfg(feature = "tokio")]
pub use crate::clock::wait_async;
pub use crate::clock::{sleep, waits};
pub use crate::error::{Error, ErrorKind, FromRejection, Kinds};
use crate::event::protect;
pub use crate::fallback::{
    ByFrom, Convert, Failure, FallbackExhausted, FallbackSite, Handler, NoRejection, PlainHandler, handle,
    handle_async, handle_plain, handle_plain_async,
};
#[cfg(feature = "health")]
pub use crate::health::check::IsAsync;
#[cfg(feature = "health")]
pub use crate::health::site::{HealthCheckSite, health_check, health_timeout};
#[cfg(feature = "tokio")]
pub use crate::hedge::hedge;
pub use crate::hedge::{HedgePolicy, HedgeSite, in_force as hedge_in_force};
pub use crate::key::{KeyByValue, KeyOf, Overflow};
#[cfg(not(feature = "tokio"))]
pub use crate::no_timer::{hedge, timeout, timeout_with, wait_async};
pub use crate::pipeline::{PipelineSite, run, run_async};
pub use crate::rate_limit::{RateLimitPolicy, RateLimitSite, cost};
pub use crate::retry::{Attempts, Backoff, Jitter, Reserve, RetryPolicy, RetrySite, Step, in_force};
pub use crate::shape::{CarriesRejection, Given, PlainShape, Shape};
pub use crate::site::{Location, Site, SitePolicy};
pub use crate::timeout::{Cooperative, TimeoutMode, TimeoutPolicy, TimeoutSite, detached};
#[cfg(feature = "tokio")]
pub use crate::timeout::{timeout, timeout_of as timeout_with};

/// Runs a sync body. Handed over as an argument, a closure may return what borrows from its captures; called in
/// place it may not.
#[inline(always)]
pub fn call<R>(body: impl FnOnce() -> R) -> R {
    body()
}

/// Asks a filter. The parameter's type is known to the closure before its body is looked at.
#[inline(always)]
pub fn check<T: ?Sized>(subject: &T, filter: impl FnOnce(&T) -> bool) -> bool {
    filter(subject)
}

/// Asks an error when to come back.
#[inline(always)]
pub fn hint<E: ?Sized>(error: &E, hint: impl FnOnce(&E) -> Option<Duration>) -> Option<Duration> {
    hint(error)
}

/// Tells a hook. A hook that panics is reported and changes nothing.
pub fn notify<T>(event: &T, hook: impl FnOnce(&T)) {
    protect("a hook", || hook(event));
}

#[cfg(feature = "tokio")]
pub use crate::__drive as drive;
#[cfg(not(feature = "tokio"))]
pub use crate::__drive_without_timer as drive;

/// Async waits need a timer.
#[cfg(feature = "tokio")]
#[macro_export]
#[doc(hidden)]
macro_rules! __require_timer {
    () => {};
}

/// Async waits need a timer.
#[cfg(not(feature = "tokio"))]
#[macro_export]
#[doc(hidden)]
macro_rules! __require_timer {
    () => {
        ::core::compile_error!(
            "an async function that waits needs a timer: turn on the feature `tokio` of `resilience-rs`"
        );
    };
}

pub use crate::__require_timer as require_timer;

/// Keys need a map.
#[cfg(feature = "keyed")]
#[macro_export]
#[doc(hidden)]
macro_rules! __require_keyed {
    () => {};
}

/// Keys need a map.
#[cfg(not(feature = "keyed"))]
#[macro_export]
#[doc(hidden)]
macro_rules! __require_keyed {
    () => {
        ::core::compile_error!(
            "`key` needs a concurrent map: turn on the feature `keyed` of `resilience-rs`"
        );
    };
}

pub use crate::__require_keyed as require_keyed;
