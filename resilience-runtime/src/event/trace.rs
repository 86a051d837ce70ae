//! Events as those of `tracing`: changes of a policy at `info`, an opened circuit at `warn`, single calls at `debug`.

use std::sync::Arc;

use tracing::level_filters::LevelFilter;
use tracing::span::Id;
use tracing::{Dispatch, Level, Span, dispatcher};

use super::program::Event;
use super::{Listening, Shared, erased};
#[cfg(feature = "circuit-breaker")]
use crate::circuit_breaker::CircuitState;

/// Whether single calls may be of interest. No subscriber is asked: a lock may be held.
#[inline]
pub(super) fn is_on() -> bool {
    Level::DEBUG <= LevelFilter::current()
}

/// A change, and the thread that it happened on.
struct Change {
    event: Event,
    thread: usize,
    dispatch: Dispatch,
}

/// Returns a change for the queue of [`listening`], if it may be of interest to a subscriber.
pub(super) fn change(event: &Event) -> Option<Shared> {
    if Level::INFO > LevelFilter::current() {
        return None;
    }
    let dispatch = dispatcher::get_default(Dispatch::clone);
    Some(Arc::new(Change { event: event.clone(), thread: this_thread(), dispatch }))
}

/// What hands changes of one instance to the subscriber, in their order.
pub(super) fn listening() -> Listening {
    Listening::new(erased(|Change { event, thread, dispatch }: &Change| {
        if *thread == this_thread() {
            record_change(event, Span::current().id());
        } else {
            // The span that this thread is in has nothing to do with the change.
            dispatcher::with_default(dispatch, || record_change(event, None));
        }
    }))
}

/// A number that no other thread has as long as this one lives. It is there in the destructors of a thread as well.
fn this_thread() -> usize {
    thread_local! {
        static HERE: u8 = const { 0 };
    }
    HERE.with(|here| std::ptr::from_ref(here).addr())
}

/// Records what happened to a single call.
pub(super) fn record(event: &Event) {
    match event {
        Event::Retrying { function, attempt, delay } => {
            tracing::debug!(target: "resilience", function, attempt, ?delay, "retrying");
        }
        #[cfg(feature = "retry")]
        Event::RetryEnded { function, attempts, reason } => {
            tracing::debug!(target: "resilience", function, attempts, %reason, "retry ended");
        }
        Event::Hedged { function, call } => {
            tracing::debug!(target: "resilience", function, call, "hedged");
        }
        Event::HedgeWon { function, call } => {
            tracing::debug!(target: "resilience", function, call, "hedged call answered");
        }
        Event::HedgeRejected { function } => {
            tracing::debug!(target: "resilience", function, "no token for a hedged call");
        }
        Event::Rejected { rejection } => {
            let (name, kind) = (rejection.policy_name(), rejection.kind().as_str());
            tracing::debug!(target: "resilience", name, kind, %rejection, "rejected");
        }
        Event::FellBack { function, handler } => {
            tracing::debug!(target: "resilience", function, handler, "fell back");
        }
        Event::ChainFellBack { name, handler } => {
            tracing::debug!(target: "resilience", name = name.as_str(), handler, "fell back");
        }
        Event::FallbackExhausted { name } => {
            tracing::debug!(target: "resilience", name = name.as_str(), "no fallback answered");
        }
        Event::Late { name } => {
            tracing::debug!(target: "resilience", name = name.as_str(), "a result came too late");
        }
        // No subscriber is interested in the first one, and changes have their own order.
        _ => {}
    }
}

fn record_change(event: &Event, span: Option<Id>) {
    match event {
        #[cfg(feature = "circuit-breaker")]
        Event::StateChanged { name, change } => {
            let (name, from, to) = (name.as_str(), change.from.as_str(), change.to.as_str());
            let cause = change.cause;
            if change.to == CircuitState::Open {
                tracing::warn!(
                    target: "resilience", parent: span, name, from, to, %cause, "circuit breaker opened"
                );
            } else {
                tracing::info!(
                    target: "resilience", parent: span, name, from, to, %cause, "circuit breaker changed"
                );
            }
        }
        #[cfg(feature = "rate-limit")]
        Event::RateChanged { name, from, to, cause } => {
            let name = name.as_str();
            tracing::info!(target: "resilience", parent: span, name, from, to, %cause, "rate limit changed");
        }
        Event::Resized { name, from, to } => {
            let name = name.as_str();
            tracing::info!(target: "resilience", parent: span, name, from, to, "bulkhead resized");
        }
        _ => {}
    }
}
