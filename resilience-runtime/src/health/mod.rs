//! Health checks (feature `health`); the guide is in the documentation of `resilience-rs`.

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
