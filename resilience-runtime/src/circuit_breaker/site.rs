//! The static that `#[circuit_breaker]` leaves in a function.

use std::time::Duration;

use super::CircuitBreaker;
use super::policy::CircuitBreakerPolicy;
use crate::error::Error;
use crate::name::Name;
use crate::registry::{Instance, Registry, Table};
use crate::site::{InstanceSite, Location, SiteName, SitePolicy};

/// One `#[circuit_breaker]`.
#[derive(Debug)]
pub struct BreakerSite(pub(crate) InstanceSite<CircuitBreaker>, Duration);

impl BreakerSite {
    /// Without settings, the site takes those that another site declares for the name.
    pub const fn new(
        name: SiteName,
        settings: Option<fn() -> CircuitBreakerPolicy>,
        location: Location,
    ) -> Self {
        Self(InstanceSite::new(name, settings, location), Duration::ZERO)
    }

    /// How long a trial call may take at this site at the most, where a timeout inside of it says so.
    #[must_use]
    pub const fn lease(mut self, lease: Duration) -> Self {
        self.1 = lease;
        self
    }

    /// Asks for the right to make one call.
    ///
    /// # Errors
    /// [`Error::CircuitOpen`].
    #[inline]
    pub fn acquire(&'static self) -> Result<PermitAtSite, Error> {
        PermitAtSite::acquire(&self.0.instance().0, &self.1)
    }
}

/// A site's breaker lives as long as the program, unless the test kit puts another one in its place.
#[cfg(not(feature = "testing"))]
pub type PermitAtSite = super::Guard<'static>;
/// A site's breaker lives as long as the program, unless the test kit puts another one in its place.
#[cfg(feature = "testing")]
pub type PermitAtSite = super::Permit;

impl Instance for CircuitBreaker {
    type Policy = CircuitBreakerPolicy;

    fn make(name: Name, policy: Self::Policy) -> Self {
        Self::from_checked(name, policy)
    }

    fn default_policy() -> Self::Policy {
        CircuitBreakerPolicy::new()
    }

    fn site(policy: &SitePolicy) -> Option<&'static InstanceSite<Self>> {
        match policy {
            SitePolicy::CircuitBreaker(site) => Some(&site.0),
            _ => None,
        }
    }

    fn table(registry: &Registry) -> &Table<Self> {
        &registry.breakers
    }
}
