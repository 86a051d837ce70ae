//! What the attributes promise, seen through the public interface only.
//!
//! Time never passes for real: async tests run on tokio's paused clock, sync ones on the manual clock of the test
//! kit. The few that need a thread block it on a channel, and never on a sleep.

// The functions under test are what a user might write, not what is needed to return a constant.
#![allow(
    clippy::unused_async,
    clippy::unnecessary_wraps,
    clippy::needless_pass_by_value,
    clippy::needless_pass_by_ref_mut,
    clippy::missing_errors_doc,
    clippy::multiple_bound_locations,
    clippy::ref_option,
    clippy::unused_self
)]

mod support;

mod abandoned;
mod budget;
mod bulkhead;
#[cfg(feature = "testing")]
mod bulkhead_handle;
mod by_hand;
mod cancellation;
mod circuit_breaker;
mod composition;
mod corners;
#[cfg(feature = "testing")]
mod deadline;
mod detached;
mod errors;
#[cfg(feature = "testing")]
mod event_order;
#[cfg(feature = "testing")]
mod events;
mod fallback;
mod field_bugs;
#[cfg(feature = "testing")]
mod figures;
mod forever;
#[cfg(feature = "testing")]
mod health;
mod health_attribute;
mod hedge;
#[cfg(feature = "testing")]
mod keyed;
#[cfg(feature = "testing")]
mod keyed_bulkhead;
#[cfg(feature = "testing")]
mod keyed_eviction;
#[cfg(feature = "testing")]
mod keyed_families;
mod leases;
mod no_timer;
mod orders;
mod own_handlers;
mod pipeline;
#[cfg(feature = "testing")]
mod pipeline_model;
mod rate_limit;
mod recheck;
mod registry;
mod resilient;
mod retry;
#[cfg(feature = "testing")]
mod settings;
mod shapes;
mod shapes_async;
mod shipped;
mod subsets;
#[cfg(feature = "testing")]
mod testing;
mod thread_ends;
mod timeout;
mod tracing;
mod turns;
#[cfg(feature = "testing")]
mod windows;
mod worst_case;
