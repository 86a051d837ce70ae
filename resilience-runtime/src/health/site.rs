//! What `#[health_check]` leaves in the program.

use std::time::Duration;

use super::check::{CheckFn, HealthCheck};
use crate::site::Location;

/// One `#[health_check]`.
#[derive(Debug)]
pub struct HealthCheckSite {
    pub(super) name: &'static str,
    pub(super) location: Location,
    make: fn() -> HealthCheck,
}

impl HealthCheckSite {
    #[doc(hidden)]
    pub const fn new(name: &'static str, location: Location, make: fn() -> HealthCheck) -> Self {
        Self { name, location, make }
    }

    pub(super) fn make(&self) -> HealthCheck {
        (self.make)()
    }
}

/// The check of an attribute.
#[doc(hidden)]
pub fn health_check<Kind>(
    name: &'static str,
    timeout: Duration,
    critical: bool,
    check: impl CheckFn<Kind>,
) -> HealthCheck {
    HealthCheck::new(name, timeout, check).critical(critical)
}

inventory::collect!(HealthCheckSite);

/// The annotated checks, in the order of the source.
pub(super) fn sites() -> Vec<&'static HealthCheckSite> {
    let mut sites: Vec<_> = inventory::iter::<HealthCheckSite>.into_iter().collect();
    sites.sort_by_key(|site| site.location);
    sites
}
