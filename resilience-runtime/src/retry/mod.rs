//! Retry: run the body again after a failure that counts, with a growing and spread wait in between.

mod attempts;
mod by_hand;
pub(crate) mod defaults;
mod delay;
#[cfg(feature = "attributes")]
mod handle;
mod outcome;
mod policy;
#[cfg(feature = "attributes")]
mod reserve;
mod settings;
#[cfg(feature = "attributes")]
mod site;

pub use attempts::{Attempts, RetryEvent, RetryExhausted, Step};
pub use by_hand::{Retry, in_force};
#[cfg(feature = "attributes")]
pub use handle::{RetryHandle, get_retry};
pub use outcome::{RetryEnd, RetryMetrics};
pub use policy::{Backoff, Jitter, RetryPolicy};
#[cfg(feature = "attributes")]
pub use reserve::Reserve;
pub use settings::RetrySettings;
#[cfg(feature = "attributes")]
pub use site::RetrySite;
