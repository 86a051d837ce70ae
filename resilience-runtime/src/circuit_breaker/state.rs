//! The states of a circuit breaker, and what changes them.

use std::fmt;

/// What a circuit breaker does with a call.
///
/// ```
/// use resilience::{CircuitBreaker, CircuitBreakerPolicy, CircuitState};
///
/// let breaker = CircuitBreaker::new("quotes", CircuitBreakerPolicy::new())?;
/// assert_eq!(breaker.state(), CircuitState::Closed);
/// assert_eq!(CircuitState::HalfOpen.to_string(), "half-open");
/// # Ok::<(), resilience::ConfigError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CircuitState {
    /// Calls pass, and their failures are counted.
    Closed,
    /// Calls are refused.
    Open,
    /// A few trial calls pass, and decide whether the circuit closes or opens again.
    HalfOpen,
    /// Calls pass, and nothing is recorded; see `CircuitBreaker::disable`.
    Disabled,
}

impl CircuitState {
    /// The state as people write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half-open",
            Self::Disabled => "disabled",
        }
    }
}

impl fmt::Display for CircuitState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Why a circuit breaker changed its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransitionCause {
    /// So many failures came in a row.
    Failures(u32),
    /// So many of the calls in the window failed.
    FailureRate {
        /// The failures.
        failures: u64,
        /// All calls in the window.
        calls: u64,
    },
    /// So many of the calls in the window were slow.
    SlowRate {
        /// The slow calls.
        slow: u64,
        /// All calls in the window.
        calls: u64,
    },
    /// The open time was over when a call came.
    ResetTimeout,
    /// So many trial calls succeeded.
    TrialsSucceeded(u32),
    /// A trial call failed, or didn't come back within its lease.
    TrialFailed,
    /// `force_open`, `reset`, `disable` or `enable` was called.
    Manual,
}

impl fmt::Display for TransitionCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failures(1) => f.write_str("a failure"),
            Self::Failures(count) => write!(f, "{count} failures in a row"),
            Self::FailureRate { failures, calls } => write!(f, "{failures} of {calls} calls failed"),
            Self::SlowRate { slow, calls } => write!(f, "{slow} of {calls} calls were slow"),
            Self::ResetTimeout => f.write_str("reset timeout over"),
            Self::TrialsSucceeded(1) => f.write_str("a trial call succeeded"),
            Self::TrialsSucceeded(count) => write!(f, "{count} trial calls succeeded"),
            Self::TrialFailed => f.write_str("a trial call failed"),
            Self::Manual => f.write_str("by hand"),
        }
    }
}

/// A change of state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Transition {
    pub(crate) from: CircuitState,
    pub(crate) to: CircuitState,
    pub(crate) cause: TransitionCause,
}
