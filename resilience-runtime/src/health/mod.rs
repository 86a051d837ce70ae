//! Health checks: what a service says of itself when a probe asks.

pub(crate) mod check;
mod registry;
mod report;
mod run;
#[cfg(feature = "serde")]
mod serialize;
pub(crate) mod site;

pub use self::check::{CheckFn, Health, HealthCheck, HealthCheckError, IntoHealth};
pub use self::registry::{DuplicateCheck, HealthRegistry, HealthRegistryBuilder};
pub use self::report::{BreakerReport, CheckReport, HealthReport, HealthStatus};
