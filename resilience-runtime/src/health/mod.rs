//! Health checks: what a service says of itself when a probe asks.

mod check;
mod registry;
mod report;
mod run;
#[cfg(feature = "serde")]
mod serialize;
mod site;

pub use self::check::{CheckFn, Health, HealthCheck, IntoHealth};
pub use self::registry::{DuplicateCheck, HealthRegistry, HealthRegistryBuilder};
pub use self::report::{BreakerReport, CheckReport, HealthReport, HealthStatus};
pub use self::site::{HealthCheckSite, health_check};
