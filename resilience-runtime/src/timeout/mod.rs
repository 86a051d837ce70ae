//! Timeout: no call takes longer than its limit.

mod cooperative;
pub(crate) mod defaults;
mod detached;
#[cfg(feature = "tokio")]
mod future;
mod handle;
mod late;
mod policy;
mod site;
mod workers;

pub use cooperative::Cooperative;
pub use detached::detached;
#[cfg(feature = "tokio")]
pub use future::{Timeout, timeout, timeout_of, with_timeout};
pub use handle::{TimeoutHandle, get_timeout};
pub use late::TimeoutMetrics;
pub use policy::{TimeoutMode, TimeoutPolicy};
pub use site::TimeoutSite;
