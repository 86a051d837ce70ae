//! The static that `#[rate_limit]` leaves in a function.

use super::policy::RateLimitPolicy;
use super::{Admission, Cost, RateLimiter, TooEarly};
use crate::clock::Instant;
use crate::config::ConfigError;
use crate::error::Error;
use crate::name::Name;
use crate::registry::Instance;
use crate::site::{InstanceSite, OfKey, PolicyKind};

/// One `#[rate_limit]`.
pub type RateLimitSite = InstanceSite<RateLimiter>;

impl RateLimitSite {
    /// Lets an ordinary call through if that can be done at once. Apart from the waiting, so that a call which needn't
    /// wait makes no future.
    ///
    /// # Errors
    /// It has to wait, or is to be refused.
    #[inline]
    pub fn try_acquire(&'static self) -> Result<Admission, TooEarly> {
        self.try_acquire_for(1.0)
    }

    /// The same for a call of another cost.
    ///
    /// # Errors
    /// The same.
    #[inline]
    pub fn try_acquire_for(&'static self, cost: f64) -> Result<Admission, TooEarly> {
        // The clock first: where the instance stands needn't be kept meanwhile.
        let now = Instant::now();
        match self.known() {
            Some(limiter) => limiter.0.try_take(now, cost),
            None => self.try_acquire_first(cost),
        }
    }

    #[cold]
    #[inline(never)]
    fn try_acquire_first(&'static self, cost: f64) -> Result<Admission, TooEarly> {
        self.instance().0.try_take(Instant::now(), cost)
    }

    /// Blocks the thread until it is the call's turn, for up to `max_wait`.
    ///
    /// # Errors
    /// [`Error::RateLimited`].
    #[cold]
    #[track_caller]
    pub fn wait(&'static self, asked: TooEarly, cost: f64) -> Result<Admission, Error> {
        self.instance().0.wait(asked, cost)
    }

    /// Waits until it is the call's turn, for up to `max_wait`.
    ///
    /// # Errors
    /// [`Error::RateLimited`].
    pub async fn wait_async(&'static self, asked: TooEarly, cost: f64) -> Result<Admission, Error> {
        self.instance().0.wait_async(asked, cost).await
    }

    /// A call that was let through failed in a way that counts.
    #[cold]
    pub fn failed(&'static self, admission: Admission) {
        self.instance().0.failed(admission);
    }
}

impl OfKey<RateLimiter> {
    /// Lets an ordinary call through if that can be done at once.
    ///
    /// # Errors
    /// It has to wait, or is to be refused.
    #[inline]
    pub fn try_acquire(&self) -> Result<Admission, TooEarly> {
        self.0.0.try_take(Instant::now(), 1.0)
    }

    /// The same for a call of another cost.
    ///
    /// # Errors
    /// The same.
    #[inline]
    pub fn try_acquire_for(&self, cost: f64) -> Result<Admission, TooEarly> {
        self.0.0.try_take(Instant::now(), cost)
    }

    /// Blocks the thread until it is the call's turn, for up to `max_wait`.
    ///
    /// # Errors
    /// [`Error::RateLimited`].
    #[cold]
    #[track_caller]
    pub fn wait(&self, asked: TooEarly, cost: f64) -> Result<Admission, Error> {
        self.0.0.wait(asked, cost)
    }

    /// Waits until it is the call's turn, for up to `max_wait`.
    ///
    /// # Errors
    /// [`Error::RateLimited`].
    pub async fn wait_async(&self, asked: TooEarly, cost: f64) -> Result<Admission, Error> {
        self.0.0.wait_async(asked, cost).await
    }

    /// A call that was let through failed in a way that counts.
    #[cold]
    pub fn failed(&self, admission: Admission) {
        self.0.0.failed(admission);
    }
}

/// A cost as a number of calls.
#[inline]
pub fn cost(cost: impl Cost) -> f64 {
    cost.into_calls()
}

impl Instance for RateLimiter {
    type Policy = RateLimitPolicy;

    const KIND: PolicyKind = PolicyKind::RateLimit;

    fn make(name: Name, policy: Self::Policy) -> Self {
        Self::from_checked(name, policy)
    }

    fn policy(&self) -> Self::Policy {
        self.policy()
    }

    fn reconfigured(&self, policy: Self::Policy) -> bool {
        self.reconfigure(policy).is_ok()
    }

    /// A site must give `rate`, or share a name with one that does; with neither, one call a second is the most careful
    /// reading.
    fn default_policy() -> Self::Policy {
        RateLimitPolicy::new().rate(1)
    }

    fn validate(policy: &Self::Policy) -> Result<(), ConfigError> {
        policy.validate()
    }

    const NEEDS_SETTINGS: bool = true;

    fn repaired(policy: Self::Policy) -> Self::Policy {
        policy.repaired()
    }

    #[cfg(feature = "keyed")]
    fn has_nothing_to_remember(&self, pattern: &Self) -> bool {
        crate::last_use::has_one_owner(&self.0) && self.0.is_like_new(&pattern.policy())
    }

    #[cfg(feature = "keyed")]
    fn make_rejecting(name: Name) -> Self {
        let rejecting = Self::make(name, RateLimitPolicy::new().rate(1).per(std::time::Duration::MAX));
        // The only call that it will ever let through.
        let _ = rejecting.try_acquire(1);
        rejecting
    }
}
