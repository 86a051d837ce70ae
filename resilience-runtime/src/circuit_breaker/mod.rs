//! Circuit breaker: stop calling what keeps failing, and find out carefully when it works again.
//!
//! The pattern is Michael Nygard's, "Release It!", 2007.

mod core;
pub(crate) mod defaults;
mod event;
mod history;
mod machine;
mod permit;
mod policy;
mod settings;
#[cfg(feature = "attributes")]
mod site;
mod state;
mod ticket;
mod verdict;
mod window;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub use self::core::Core;
pub use self::event::{
    CircuitBreakerEvent, CircuitBreakerMetrics, StateChange, TimeInState, TransitionCount,
};
#[cfg(feature = "testing")]
pub(crate) use self::machine::Before;
pub use self::permit::{Guard, Permit, Settle};
pub use self::policy::{CircuitBreakerPolicy, Window};
pub use self::settings::CircuitBreakerSettings;
#[cfg(feature = "attributes")]
pub use self::site::BreakerSite;
pub use self::state::{CircuitState, TransitionCause};
pub use self::verdict::Verdict;

use self::policy::Packed;
use crate::config::{ConfigError, check_name};
use crate::error::Error;
use crate::event::{Subscription, erased};
use crate::name::Name;

/// A handle to a circuit breaker; cloning it is cheap and shares the breaker.
///
/// The breakers of attributes are found by name with `get_circuit_breaker`; one of your own is made by
/// [`new`](Self::new).
///
/// ```
/// use resilience::{CircuitBreaker, CircuitBreakerPolicy, CircuitState};
///
/// let breaker = CircuitBreaker::new("quotes", CircuitBreakerPolicy::new().failure_threshold(1))?;
///
/// let failed: Result<u32, String> = breaker.call(|| Err("connection refused".to_owned()));
/// assert!(failed.is_err());
/// assert_eq!(breaker.state(), CircuitState::Open);
///
/// let rejected: Result<u32, String> = breaker.call(|| Ok(1));
/// assert!(rejected.unwrap_err().starts_with("circuit breaker `quotes` is open"));
/// # Ok::<(), resilience::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct CircuitBreaker(Arc<Core>);

impl CircuitBreaker {
    /// A closed circuit breaker of its own, which no registry knows.
    ///
    /// # Errors
    /// An empty name, or settings that can't work; see [`CircuitBreakerPolicy::validate`].
    pub fn new(name: impl Into<Name>, policy: CircuitBreakerPolicy) -> Result<Self, ConfigError> {
        let name = name.into();
        check_name(&name)?;
        policy.validate()?;
        Ok(Self::from_checked(name, policy))
    }

    pub(crate) fn from_checked(name: Name, policy: CircuitBreakerPolicy) -> Self {
        Self::sharing(name, Arc::new(Packed::new(&policy)))
    }

    pub(crate) fn sharing(name: Name, settings: Arc<Packed>) -> Self {
        Self(Arc::new(Core::new(name, settings)))
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The settings in force. A time of more than 584 years reads as [`Duration::MAX`].
    pub fn policy(&self) -> CircuitBreakerPolicy {
        self.0.policy()
    }

    /// The state that a call at this moment would find, worked out from the clock: an open circuit reads
    /// half-open as soon as its time is up, without any traffic.
    pub fn state(&self) -> CircuitState {
        self.0.state()
    }

    /// What the breaker has seen since it was made.
    pub fn metrics(&self) -> CircuitBreakerMetrics {
        self.0.metrics()
    }

    /// The failures in a row that stand against a closed circuit; zero in any other state.
    pub fn failure_count(&self) -> u32 {
        self.0.failure_count()
    }

    /// How long until an open circuit lets a trial through; `None` in any other state, and for one that was
    /// forced open.
    pub fn time_until_reset(&self) -> Option<Duration> {
        self.0.time_until_reset()
    }

    /// Closes the circuit and forgets the failures in a row. Results of calls under way don't count any more.
    pub fn reset(&self) {
        self.0.reset();
    }

    /// Opens the circuit until [`reset`](Self::reset) is called.
    pub fn force_open(&self) {
        self.0.force_open();
    }

    /// Lets every call through and records nothing, until [`enable`](Self::enable) is called.
    pub fn disable(&self) {
        self.0.disable();
    }

    /// Ends [`disable`](Self::disable): the circuit is closed. In any other state nothing happens.
    pub fn enable(&self) {
        self.0.enable();
    }

    /// What the test kit does by hand.
    #[cfg(feature = "testing")]
    pub(crate) fn core(&self) -> &Core {
        &self.0
    }

    /// Takes other settings and keeps the state. A window starts anew if the rules about it change; a circuit that
    /// is open stays so for the time that it was opened for.
    ///
    /// # Errors
    /// Settings that can't work; see [`CircuitBreakerPolicy::validate`]. Nothing changes then.
    pub fn reconfigure(&self, policy: CircuitBreakerPolicy) -> Result<(), ConfigError> {
        policy.validate()?;
        self.0.reconfigure(policy);
        Ok(())
    }

    /// Emits the breaker's events to a listener, until the subscription is dropped.
    ///
    /// A listener gets events in the order in which they happened, one at a time. It runs on the thread of a call,
    /// outside of every lock, and may use the breaker. A thread that emits an event while another one runs the listener
    /// leaves it to that thread and goes on; so does a listener whose own calls emit events. For a listener that takes
    /// long, up to 1,024 events wait, and beyond that the latest ones; see [`Subscription::lost`]. One that panics is
    /// reported and changes nothing.
    ///
    /// While there is a listener, successes take a lock; without one, events cost nothing.
    pub fn subscribe(&self, listener: impl Fn(&CircuitBreakerEvent) + Send + Sync + 'static) -> Subscription {
        let listening = self.0.subscribe(erased(listener));
        let core = Arc::downgrade(&self.0);
        Subscription::new(listening, move |listening| {
            if let Some(core) = core.upgrade() {
                core.unsubscribe(listening);
            }
        })
    }

    /// Asks for the right to make one call. The permit wants to be told how the call ended.
    ///
    /// # Errors
    /// [`Error::CircuitOpen`] while the circuit is open, or half-open with all its trials under way.
    ///
    /// ```
    /// use resilience::{CircuitBreaker, CircuitBreakerPolicy};
    ///
    /// let breaker = CircuitBreaker::new("quotes", CircuitBreakerPolicy::new())?;
    /// let permit = breaker.try_acquire()?;
    /// match "42".parse::<u32>() {
    ///     Ok(_) => permit.success(),
    ///     Err(_) => permit.failure(),
    /// }
    /// assert_eq!(breaker.metrics().success, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn try_acquire(&self) -> Result<Permit, Error> {
        Permit::acquire(&self.0, &Duration::ZERO)
    }

    /// The same without a reference count.
    #[inline]
    pub(crate) fn guard(&self, lease: &Duration) -> Result<Guard<'_>, Error> {
        Guard::acquire(&self.0, lease)
    }

    /// Makes one call, every `Err` of which counts as a failure.
    ///
    /// # Errors
    /// The call's own, or a refusal as `E`.
    #[inline]
    pub fn call<T, E: From<Error>>(&self, call: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let permit = Guard::acquire_or_refuse::<E>(&self.0, &Duration::ZERO)?;
        let result = call();
        permit.settle(verdict(&result));
        result
    }

    /// Makes one call, every `Err` of which counts as a failure. The call isn't begun if the circuit is open.
    ///
    /// # Errors
    /// The call's own, or a refusal as `E`.
    pub async fn call_async<T, E: From<Error>>(
        &self,
        call: impl AsyncFnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let permit = Guard::acquire_or_refuse::<E>(&self.0, &Duration::ZERO)?;
        let result = call().await;
        permit.settle(verdict(&result));
        result
    }
}

fn verdict<T, E>(result: &Result<T, E>) -> Verdict {
    if result.is_ok() { Verdict::Success } else { Verdict::Failure }
}

impl fmt::Debug for CircuitBreaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CircuitBreaker")
            .field("name", &self.name())
            .field("state", &self.state())
            .finish_non_exhaustive()
    }
}
