//! Circuit breakers in a state that a test wants, and back.

use crate::circuit_breaker::{Before, CircuitBreaker, CircuitState};
use crate::registry::get_circuit_breaker;

/// A circuit breaker that a test names: by its name, or by a handle (for one of a key, or one that no registry knows).
pub trait BreakerOrName: sealed::Sealed {
    #[doc(hidden)]
    fn breaker(self) -> CircuitBreaker;
}

impl BreakerOrName for &CircuitBreaker {
    fn breaker(self) -> CircuitBreaker {
        self.clone()
    }
}

impl BreakerOrName for &str {
    #[track_caller]
    fn breaker(self) -> CircuitBreaker {
        get_circuit_breaker(self).unwrap_or_else(|| {
            panic!(
                "no circuit breaker is called `{self}`; one of a key is found by `get_circuit_breaker_for`"
            )
        })
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for &crate::circuit_breaker::CircuitBreaker {}
    impl Sealed for &str {}
}

/// Opens a circuit until the guard is dropped: every call is refused. Then the state from before is put back, with
/// the failures that counted against it.
///
/// The breaker itself changes, so that it holds for every thread and task that uses it. Parallel tests keep out of each
/// other's way by [`isolated`](super::isolated). Guards of one breaker are dropped in the reverse order.
///
/// # Panics
/// If no breaker has the name.
///
/// ```
/// use resilience::{CircuitBreaker, CircuitBreakerPolicy, CircuitState, testing};
///
/// let breaker = CircuitBreaker::new("quotes", CircuitBreakerPolicy::new())?;
/// {
///     let _open = testing::force_open(&breaker);
///     assert!(breaker.try_acquire().unwrap_err().is_circuit_open());
/// }
/// assert_eq!(breaker.state(), CircuitState::Closed);
/// # Ok::<(), resilience::ConfigError>(())
/// ```
#[track_caller]
pub fn force_open(breaker: impl BreakerOrName) -> Forced {
    Forced::new(breaker.breaker(), CircuitState::Open)
}

/// Makes a circuit half-open, with no trial under way: the next call is the first one. Its result, and time, lead on
/// from there as ever; when the guard is dropped, the state from before is put back. See [`force_open`].
///
/// # Panics
/// If no breaker has the name.
///
/// ```
/// use resilience::{CircuitBreaker, CircuitBreakerPolicy, CircuitState, testing};
///
/// let breaker = CircuitBreaker::new("quotes", CircuitBreakerPolicy::new())?;
/// let half_open = testing::force_half_open(&breaker);
/// breaker.try_acquire().unwrap().failure();
/// assert_eq!(breaker.state(), CircuitState::Open);
/// drop(half_open);
/// assert_eq!(breaker.state(), CircuitState::Closed);
/// # Ok::<(), resilience::ConfigError>(())
/// ```
#[track_caller]
pub fn force_half_open(breaker: impl BreakerOrName) -> Forced {
    Forced::new(breaker.breaker(), CircuitState::HalfOpen)
}

/// Closes a circuit, with nothing against it. Failures lead on from there as ever; when the guard is dropped, the state
/// from before is put back. See [`force_open`].
///
/// # Panics
/// If no breaker has the name.
///
/// ```
/// use resilience::{CircuitBreaker, CircuitBreakerPolicy, CircuitState, testing};
///
/// let breaker = CircuitBreaker::new("quotes", CircuitBreakerPolicy::new())?;
/// breaker.force_open();
/// {
///     let _closed = testing::force_closed(&breaker);
///     assert!(breaker.try_acquire().is_ok());
/// }
/// assert_eq!(breaker.state(), CircuitState::Open);
/// # Ok::<(), resilience::ConfigError>(())
/// ```
#[track_caller]
pub fn force_closed(breaker: impl BreakerOrName) -> Forced {
    Forced::new(breaker.breaker(), CircuitState::Closed)
}

/// The guard of [`force_open`] and its like.
#[derive(Debug)]
#[must_use = "the state from before is put back as soon as this is dropped"]
pub struct Forced {
    breaker: CircuitBreaker,
    // Taken when it is put back.
    before: Option<Before>,
}

impl Forced {
    fn new(breaker: CircuitBreaker, state: CircuitState) -> Self {
        let before = breaker.core().leave_for(state);
        Self { breaker, before }
    }

    /// The breaker.
    pub fn breaker(&self) -> &CircuitBreaker {
        &self.breaker
    }
}

impl Drop for Forced {
    fn drop(&mut self) {
        if let Some(before) = self.before.take() {
            self.breaker.core().return_to(before);
        }
    }
}
