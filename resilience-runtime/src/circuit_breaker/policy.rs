//! The settings of a circuit breaker.

use std::fmt;
use std::time::Duration;

use super::defaults::{
    CIRCUIT_BREAKER_FAILURE_THRESHOLD, CIRCUIT_BREAKER_HALF_OPEN_MAX_CALLS, CIRCUIT_BREAKER_RESET_TIMEOUT,
};
use crate::config::ConfigError;

/// The settings of `#[circuit_breaker]`, as a value to share.
///
/// | setting | default |
/// |---|---|
/// | [`failure_threshold`](Self::failure_threshold) | 5 in a row |
/// | [`reset_timeout`](Self::reset_timeout) | 30 s |
/// | [`half_open_max_calls`](Self::half_open_max_calls) | 3 |
/// | [`success_threshold`](Self::success_threshold) | as `half_open_max_calls` |
///
/// ```
/// use resilience_runtime::CircuitBreakerPolicy;
///
/// const STRICT: CircuitBreakerPolicy = CircuitBreakerPolicy::new().failure_threshold(2);
/// assert!(STRICT.validate().is_ok());
/// // It would need more successes than it ever lets calls through.
/// assert!(STRICT.half_open_max_calls(1).success_threshold(2).validate().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CircuitBreakerPolicy {
    pub(super) failure_threshold: u32,
    pub(super) reset_timeout: Duration,
    pub(super) half_open_max_calls: u32,
    pub(super) success_threshold: Option<u32>,
}

impl Default for CircuitBreakerPolicy {
    fn default() -> Self {
        Self::new()
    }
}

impl CircuitBreakerPolicy {
    /// The defaults.
    pub const fn new() -> Self {
        Self {
            failure_threshold: CIRCUIT_BREAKER_FAILURE_THRESHOLD,
            reset_timeout: CIRCUIT_BREAKER_RESET_TIMEOUT,
            half_open_max_calls: CIRCUIT_BREAKER_HALF_OPEN_MAX_CALLS,
            success_threshold: None,
        }
    }

    /// How many failures in a row open the circuit.
    pub const fn failure_threshold(mut self, failure_threshold: u32) -> Self {
        self.failure_threshold = failure_threshold;
        self
    }

    /// How long the circuit stays open before it lets trial calls through.
    pub const fn reset_timeout(mut self, reset_timeout: Duration) -> Self {
        self.reset_timeout = reset_timeout;
        self
    }

    /// How many trial calls may be under way at a time while the circuit is half-open.
    pub const fn half_open_max_calls(mut self, half_open_max_calls: u32) -> Self {
        self.half_open_max_calls = half_open_max_calls;
        self
    }

    /// How many trial calls must succeed before the circuit closes.
    pub const fn success_threshold(mut self, success_threshold: u32) -> Self {
        self.success_threshold = Some(success_threshold);
        self
    }

    /// Checks the settings as a whole.
    ///
    /// # Errors
    /// A zero anywhere, or a `success_threshold` above `half_open_max_calls`.
    pub const fn validate(&self) -> Result<(), ConfigError> {
        if self.failure_threshold == 0 {
            return Err(ConfigError::new("failure_threshold", "`failure_threshold` must be above zero"));
        }
        if self.reset_timeout.is_zero() {
            return Err(ConfigError::new("reset_timeout", "`reset_timeout` must be above zero"));
        }
        if self.half_open_max_calls == 0 {
            return Err(ConfigError::new("half_open_max_calls", "`half_open_max_calls` must be above zero"));
        }
        if self.successes_to_close() == 0 {
            return Err(ConfigError::new("success_threshold", "`success_threshold` must be above zero"));
        }
        if self.successes_to_close() > self.half_open_max_calls {
            return Err(ConfigError::new(
                "success_threshold",
                "`success_threshold` must not exceed `half_open_max_calls`: one round of trial calls could \
                 never close the circuit",
            ));
        }
        Ok(())
    }

    /// For constants: settings that can't work don't compile.
    ///
    /// # Panics
    /// In constant evaluation, if the settings can't work.
    pub const fn assert_valid(&self) {
        if let Err(error) = self.validate() {
            error.panic();
        }
    }

    pub(super) const fn successes_to_close(&self) -> u32 {
        match self.success_threshold {
            Some(threshold) => threshold,
            None => self.half_open_max_calls,
        }
    }
}

impl fmt::Display for CircuitBreakerPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "opens at {} failures in a row for {:?}, closes after {} of {} trials",
            self.failure_threshold,
            self.reset_timeout,
            self.successes_to_close(),
            self.half_open_max_calls
        )
    }
}
