//! What `#[health_check]` leaves in the program.

use std::time::Duration;

use super::check::{CheckFn, HealthCheck, Probe};
use crate::site::Location;

/// One `#[health_check]`.
#[derive(Debug)]
pub struct HealthCheckSite {
    pub(super) name: &'static str,
    pub(super) location: Location,
    timeout: Duration,
    critical: bool,
    make: fn() -> Probe,
}

impl HealthCheckSite {
    #[doc(hidden)]
    pub const fn new(
        name: &'static str,
        location: Location,
        timeout: Duration,
        critical: bool,
        make: fn() -> Probe,
    ) -> Self {
        Self { name, location, timeout, critical, make }
    }

    pub(super) fn make(&self) -> HealthCheck {
        HealthCheck::of(self.name.into(), self.timeout, (self.make)()).critical(self.critical)
    }
}

/// The check of an attribute.
#[doc(hidden)]
pub fn health_check<Kind, F: CheckFn<Kind>>(check: F) -> Probe {
    check.into_probe()
}

/// A limit that is no literal, checked where it is written.
#[doc(hidden)]
#[track_caller]
pub const fn health_timeout(timeout: Duration) -> Duration {
    assert!(!timeout.is_zero(), "a health check's `timeout` must be more than zero: it would always be late");
    timeout
}

inventory::collect!(HealthCheckSite);

/// The annotated checks, in the order of the source.
pub(super) fn sites() -> Vec<&'static HealthCheckSite> {
    let mut sites: Vec<_> = inventory::iter::<HealthCheckSite>.into_iter().collect();
    sites.sort_by_key(|site| site.location);
    sites
}
