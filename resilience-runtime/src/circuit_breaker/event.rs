//! What a circuit breaker reports: its events, its figures, its history.

use std::fmt;
use std::time::{Duration, Instant as StdInstant};

use super::state::{CircuitState, TransitionCause};
use crate::name::Name;

/// What happened at a circuit breaker; what its listeners are told.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum CircuitBreakerEvent {
    /// The state changed.
    #[non_exhaustive]
    StateChanged {
        /// The breaker.
        name: Name,
        /// From where, to where, and why.
        change: StateChange,
    },
    /// A call succeeded.
    #[non_exhaustive]
    Succeeded {
        /// The breaker.
        name: Name,
    },
    /// A call failed in a way that counts, or panicked.
    #[non_exhaustive]
    Failed {
        /// The breaker.
        name: Name,
    },
    /// A call ended in a way that says nothing about the service.
    #[non_exhaustive]
    Ignored {
        /// The breaker.
        name: Name,
    },
    /// A call was refused.
    #[non_exhaustive]
    Rejected {
        /// The breaker.
        name: Name,
        /// How long until a call may be let through, where that is known.
        retry_after: Option<Duration>,
    },
}

impl CircuitBreakerEvent {
    /// The breaker's name.
    pub fn name(&self) -> &str {
        match self {
            Self::StateChanged { name, .. }
            | Self::Succeeded { name }
            | Self::Failed { name }
            | Self::Ignored { name }
            | Self::Rejected { name, .. } => name,
        }
    }
}

/// What a circuit breaker has seen since it was made.
///
/// ```
/// use resilience::{CircuitBreaker, CircuitBreakerPolicy};
///
/// let breaker = CircuitBreaker::new("quotes", CircuitBreakerPolicy::new())?;
/// breaker.try_acquire()?.success();
/// breaker.try_acquire()?.failure();
/// let metrics = breaker.metrics();
/// assert_eq!((metrics.success, metrics.failure, metrics.rejected), (1, 1, 0));
/// assert!(metrics.state_changes.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct CircuitBreakerMetrics {
    /// Calls that succeeded.
    pub success: u64,
    /// Calls that failed in a way that counts; panics among them.
    pub failure: u64,
    /// Calls that were refused.
    pub rejected: u64,
    /// Calls that ended in an error which the filter leaves out, or in another policy's refusal. A cancelled
    /// call is not counted anywhere.
    pub ignored: u64,
    /// Calls that took too long, whatever came of them; they are among the successes and failures too. Zero where
    /// the breaker doesn't watch the time.
    pub slow: u64,
    /// The calls in the window now; zero where no rule needs one.
    pub window_calls: u64,
    /// The share of failures in the window now; `None` while it is empty, and where no rule needs it.
    pub failure_rate: Option<f64>,
    /// The share of slow calls in the window now; `None` while it is empty, and where no rule needs it.
    pub slow_rate: Option<f64>,
    /// The latest changes of state, oldest first, 32 at most.
    pub state_changes: Vec<StateChange>,
    /// All changes of state, counted by the states before and after. Those that there were none of are left out.
    pub transitions: Vec<TransitionCount>,
    /// The time in each state since the breaker was made, that in the present one included.
    pub time_in_state: TimeInState,
}

/// A count of the transitions from one state to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransitionCount {
    /// The state before.
    pub from: CircuitState,
    /// The state after.
    pub to: CircuitState,
    /// The number of transitions.
    pub count: u64,
}

/// The time that a circuit breaker has spent in each state.
///
/// An open circuit whose time is up counts as half-open, as it does for [`state`](crate::CircuitBreaker::state), whether
/// a call has come or not.
///
/// ```
/// use resilience::{CircuitBreaker, CircuitBreakerPolicy, CircuitState};
///
/// let breaker = CircuitBreaker::new("quotes", CircuitBreakerPolicy::new())?;
/// breaker.force_open();
/// let metrics = breaker.metrics();
/// assert_eq!(metrics.transitions[0].to, CircuitState::Open);
/// assert!(metrics.time_in_state.get(CircuitState::Disabled).is_zero());
/// # Ok::<(), resilience::ConfigError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TimeInState {
    /// Closed.
    pub closed: Duration,
    /// Open.
    pub open: Duration,
    /// Half-open.
    pub half_open: Duration,
    /// Disabled.
    pub disabled: Duration,
}

impl TimeInState {
    /// Returns the time in one state.
    pub const fn get(&self, state: CircuitState) -> Duration {
        match state {
            CircuitState::Closed => self.closed,
            CircuitState::Open => self.open,
            CircuitState::HalfOpen => self.half_open,
            CircuitState::Disabled => self.disabled,
        }
    }
}

/// One change of a circuit breaker's state.
///
/// ```
/// use resilience::{CircuitBreaker, CircuitBreakerPolicy};
///
/// let breaker = CircuitBreaker::new("quotes", CircuitBreakerPolicy::new().failure_threshold(1))?;
/// breaker.try_acquire()?.failure();
/// assert_eq!(breaker.metrics().state_changes[0].to_string(), "closed → open: a failure");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StateChange {
    /// When it happened, on the monotonic clock.
    pub time: StdInstant,
    /// The state before.
    pub from: CircuitState,
    /// The state after.
    pub to: CircuitState,
    /// Why.
    pub cause: TransitionCause,
}

impl fmt::Display for StateChange {
    /// As in `closed → open: 5 failures in a row`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} → {}: {}", self.from, self.to, self.cause)
    }
}
