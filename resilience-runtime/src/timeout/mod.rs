//! Timeout: no call takes longer than its limit.

#[cfg(feature = "attributes")]
mod cooperative;
pub(crate) mod defaults;
#[cfg(feature = "attributes")]
mod detached;
#[cfg(feature = "tokio")]
mod future;
#[cfg(feature = "attributes")]
mod handle;
mod metrics;
mod policy;
mod settings;
#[cfg(feature = "attributes")]
mod site;
#[cfg(feature = "attributes")]
mod workers;

#[cfg(feature = "attributes")]
pub use cooperative::Cooperative;
#[cfg(feature = "attributes")]
pub use detached::detached;
#[cfg(feature = "tokio")]
pub use future::{Timeout, with_timeout};
#[cfg(all(feature = "attributes", feature = "tokio"))]
pub use future::{timeout, timeout_of};
#[cfg(feature = "attributes")]
pub use handle::{TimeoutHandle, get_timeout};
pub use metrics::TimeoutMetrics;
pub use policy::{TimeoutMode, TimeoutPolicy};
pub use settings::TimeoutSettings;
#[cfg(feature = "attributes")]
pub use site::TimeoutSite;
