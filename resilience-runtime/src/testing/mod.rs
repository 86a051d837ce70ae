//! The test kit (feature `testing`); its guide is in the documentation of `resilience-rs`.
//!
//! What a test puts in place stands in the thread's `kit`, and the library asks there: the clock and the registry
//! at their sources, the bodies of functions at `attempt`, and each policy tells the `recorder` in one line.

pub(crate) mod attempt;
mod clock;
mod forced;
mod injection;
mod isolation;
mod jitter;
mod kit;
mod recorder;
mod sites;

pub use self::clock::{InstantWaits, ManualClock, instant};
pub use self::forced::{BreakerOrName, Forced, force_closed, force_half_open, force_open};
pub use self::injection::{Fault, inject};
pub use self::isolation::{Carried, carry, carry_fn, isolated, isolated_async};
pub use self::jitter::seed_jitter;
pub use self::recorder::{Event, Recorder, record};
pub use self::sites::SiteOrName;

pub(crate) use self::clock::{is_past, left, moved_so_far, now, skip, wait_until};
#[cfg(feature = "tokio")]
pub(crate) use self::clock::{poll_wait, reaches, skip_async, takes_no_time};
pub(crate) use self::injection::Failure;
#[cfg(feature = "health")]
pub(crate) use self::kit::governs;
pub(crate) use self::kit::{Kit, registry};
pub(crate) use self::recorder::{is_recorded, recorded};
pub(crate) use self::sites::Spot;
