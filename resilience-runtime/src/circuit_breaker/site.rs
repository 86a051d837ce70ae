//! The static that `#[circuit_breaker]` leaves in a function.

use std::time::Duration;

use super::policy::CircuitBreakerPolicy;
use super::{CircuitBreaker, Permit};
use crate::config::ConfigError;
use crate::error::Error;
#[cfg(feature = "keyed")]
use crate::key::{CIRCUIT_BREAKER_OVERFLOW, Overflow};
use crate::name::Name;
use crate::registry::Instance;
use crate::site::{InstanceSite, OfKey, PolicyKind};

/// One `#[circuit_breaker]`.
pub type BreakerSite = InstanceSite<CircuitBreaker>;

impl BreakerSite {
    /// Asks for the right to make one call.
    ///
    /// # Errors
    /// [`Error::CircuitOpen`].
    #[inline]
    pub fn acquire(&'static self) -> Result<PermitAtSite, Error> {
        PermitAtSite::acquire(&self.instance().0, &Duration::ZERO)
    }

    /// The same, where it is known how long a trial may take.
    ///
    /// # Errors
    /// [`Error::CircuitOpen`].
    #[inline]
    pub fn acquire_within(&'static self, lease: Duration) -> Result<PermitAtSite, Error> {
        PermitAtSite::acquire(&self.instance().0, &lease)
    }
}

impl OfKey<CircuitBreaker> {
    /// Asks for the right to make one call.
    ///
    /// # Errors
    /// [`Error::CircuitOpen`].
    #[inline]
    pub fn acquire(self) -> Result<Permit, Error> {
        Permit::acquire(&self.0.0, &Duration::ZERO)
    }

    /// The same, where it is known how long a trial may take.
    ///
    /// # Errors
    /// [`Error::CircuitOpen`].
    pub fn acquire_within(self, lease: Duration) -> Result<Permit, Error> {
        Permit::acquire(&self.0.0, &lease)
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

    const KIND: PolicyKind = PolicyKind::CircuitBreaker;

    fn make(name: Name, policy: Self::Policy) -> Self {
        Self::from_checked(name, policy)
    }

    fn policy(&self) -> Self::Policy {
        self.policy()
    }

    fn reconfigured(&self, policy: Self::Policy) -> bool {
        self.reconfigure(policy).is_ok()
    }

    #[cfg(feature = "keyed")]
    fn make_alike(&self, name: Name) -> Self {
        Self::sharing(name, self.0.settings())
    }

    fn default_policy() -> Self::Policy {
        CircuitBreakerPolicy::new()
    }

    fn validate(policy: &Self::Policy) -> Result<(), ConfigError> {
        policy.validate()
    }

    const NEEDS_SETTINGS: bool = false;

    /// Too many settings depend on each other to guess which one was meant.
    fn repaired(_: Self::Policy) -> Self::Policy {
        CircuitBreakerPolicy::new()
    }

    #[cfg(feature = "keyed")]
    fn has_nothing_to_remember(&self, pattern: &Self) -> bool {
        crate::last_use::has_one_owner(&self.0) && self.0.is_like_new(&pattern.0.settings())
    }

    #[cfg(feature = "keyed")]
    #[inline]
    fn has_failures(&self) -> bool {
        self.0.has_failures()
    }

    #[cfg(feature = "keyed")]
    fn is_over_its_failures(&self, pattern: &Self) -> bool {
        crate::last_use::has_one_owner(&self.0) && self.0.is_over_its_failures(&pattern.0.settings())
    }

    #[cfg(feature = "keyed")]
    const OVERFLOW: Overflow = CIRCUIT_BREAKER_OVERFLOW;

    #[cfg(feature = "keyed")]
    fn make_rejecting(name: Name) -> Self {
        let rejecting = Self::make(name, Self::default_policy());
        rejecting.force_open();
        rejecting
    }
}
