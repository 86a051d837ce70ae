//! The settings of a circuit breaker as a plain value.

use std::time::Duration;

use super::policy::{CircuitBreakerPolicy, Window};
use crate::config::ConfigError;
use crate::settings::plain_settings;

/// The settings of a [`CircuitBreakerPolicy`] as public fields. Each is described at the setter of its name.
///
/// ```
/// use resilience::{CircuitBreakerPolicy, CircuitBreakerSettings};
///
/// const QUOTES: CircuitBreakerPolicy = CircuitBreakerPolicy::new().failure_threshold(5);
/// let settings = CircuitBreakerSettings { half_open_max_calls: 1, ..QUOTES.settings() };
/// assert_eq!(CircuitBreakerPolicy::from_settings(settings), Ok(QUOTES.half_open_max_calls(1)));
///
/// let never = CircuitBreakerSettings { failure_threshold: Some(0), ..QUOTES.settings() };
/// assert_eq!(CircuitBreakerPolicy::from_settings(never).unwrap_err().setting(), "failure_threshold");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CircuitBreakerSettings {
    /// The number of failures in a row that opens the circuit; `None` for 5 where no rate is given, or no such rule.
    pub failure_threshold: Option<u32>,
    /// The share of failures in the window that opens the circuit.
    pub failure_rate: Option<f64>,
    /// The calls that the rates count; `None` for the last 100.
    pub window: Option<Window>,
    /// The number of calls in the window before a rate is judged; `None` for 10, or the window's calls if those are fewer.
    pub min_calls: Option<u32>,
    /// The shortest time that makes a call slow.
    pub slow_call: Option<Duration>,
    /// The share of slow calls in the window that opens the circuit; `None` for 1.0.
    pub slow_rate: Option<f64>,
    /// The time from opening to the first trial call.
    pub reset_timeout: Duration,
    /// The factor by which the open time grows when a trial call fails.
    pub reset_multiplier: f64,
    /// The longest open time; `None` for 5 minutes, or `reset_timeout` if that is longer.
    pub max_reset_timeout: Option<Duration>,
    /// The share by which the open time is spread.
    pub reset_jitter: f64,
    /// The number of trial calls that may be under way at a time.
    pub half_open_max_calls: u32,
    /// The number of trial calls that must succeed to close the circuit; `None` for `half_open_max_calls`.
    pub success_threshold: Option<u32>,
}

impl Default for CircuitBreakerSettings {
    fn default() -> Self {
        CircuitBreakerPolicy::new().settings()
    }
}

plain_settings!(CircuitBreakerSettings of CircuitBreakerPolicy);

#[cfg(feature = "serde")]
mod serialized {
    use serde::de::{Deserializer, Error};
    use serde::ser::Serializer;

    use super::{CircuitBreakerSettings, Duration, Window};
    use crate::settings::form::{Form, Scalar, serialized};

    serialized!(
        CircuitBreakerSettings from CircuitBreakerSettings::default(), required [],
        {
            failure_threshold: Option<u32>,
            failure_rate: Option<f64>,
            window: Option<Window>,
            min_calls: Option<u32>,
            slow_call: Option<Duration>,
            slow_rate: Option<f64>,
            reset_timeout: Duration,
            reset_multiplier: f64,
            max_reset_timeout: Option<Duration>,
            reset_jitter: f64,
            half_open_max_calls: u32,
            success_threshold: Option<u32>,
        }
    );

    /// A count or a duration, as in `window = 100` and `window = "10s"`.
    impl Form for Window {
        fn write<S: Serializer>(self, serializer: S) -> Result<S::Ok, S::Error> {
            match self {
                Self::Calls(calls) => calls.write(serializer),
                Self::Time(time) => time.write(serializer),
            }
        }

        fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            match Scalar::read(deserializer, "a number of calls, or a duration such as \"10s\"")? {
                Scalar::Whole(calls) => match u32::try_from(calls) {
                    Ok(calls) => Ok(Self::Calls(calls)),
                    Err(_) => Err(D::Error::custom("a window holds at most 4294967295 calls")),
                },
                other => other.duration().map(Self::Time),
            }
        }
    }
}
