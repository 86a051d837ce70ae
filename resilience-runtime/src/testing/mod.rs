//! The test kit: time in hand, a registry of the test's own, repeatable jitter.
//!
//! Inside of a tokio runtime `tokio::time::pause()` governs every policy and no other clock is needed; the
//! manual clock is for sync code.

mod clock;
mod isolation;
mod jitter;
mod kit;

pub use self::clock::{InstantWaits, ManualClock, instant};
pub use self::isolation::{Carried, carry, carry_fn, isolated, isolated_async};
pub use self::jitter::seed_jitter;

pub(crate) use self::clock::{left, moved_so_far, now, skip, wait_until};
#[cfg(feature = "tokio")]
pub(crate) use self::clock::{poll_wait, reaches, skip_async, takes_no_time};
pub(crate) use self::kit::{Kit, registry};
