//! The settings of a timeout.

use std::fmt;
use std::time::Duration;

use super::settings::TimeoutSettings;
use crate::clock::Length;
use crate::config::{ConfigError, checked};

/// The settings of `#[timeout]`, as a value to share.
///
/// ```
/// use std::time::Duration;
/// use resilience::TimeoutPolicy;
///
/// const QUICK: TimeoutPolicy = TimeoutPolicy::new(Duration::from_millis(800));
/// assert!(QUICK.validate().is_ok());
/// assert!(QUICK.limit(Duration::ZERO).validate().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeoutPolicy {
    pub(super) settings: TimeoutSettings,
}

impl TimeoutPolicy {
    /// A call may take so long.
    pub const fn new(limit: Duration) -> Self {
        Self { settings: TimeoutSettings { duration: limit } }
    }

    /// A call may take so long.
    pub const fn limit(mut self, limit: Duration) -> Self {
        self.settings.duration = limit;
        self
    }

    /// How long a call may take.
    ///
    /// ```
    /// use std::time::Duration;
    /// use resilience::TimeoutPolicy;
    ///
    /// const QUICK: TimeoutPolicy = TimeoutPolicy::new(Duration::from_millis(800));
    /// const ALL_ATTEMPTS: Duration = Duration::from_secs(1).saturating_add(QUICK.duration());
    /// assert_eq!(ALL_ATTEMPTS, Duration::from_millis(1800));
    /// ```
    #[inline]
    pub const fn duration(&self) -> Duration {
        self.settings.duration
    }

    /// The longest that a call can take, where what is inside takes `inside` at the most.
    ///
    /// ```
    /// use std::time::Duration;
    /// use resilience::TimeoutPolicy;
    ///
    /// const QUICK: TimeoutPolicy = TimeoutPolicy::new(Duration::from_millis(800));
    /// assert_eq!(QUICK.worst_case(None), Duration::from_millis(800));
    /// assert_eq!(QUICK.worst_case(Some(Duration::from_millis(5))), Duration::from_millis(5));
    /// ```
    pub const fn worst_case(&self, inside: Option<Duration>) -> Duration {
        match inside {
            Some(inside) if inside.as_nanos() < self.settings.duration.as_nanos() => inside,
            _ => self.settings.duration,
        }
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// A zero limit.
    pub const fn validate(&self) -> Result<(), ConfigError> {
        if self.settings.duration.is_zero() {
            return Err(ConfigError::new("duration", "a timeout's `duration` must be above zero"));
        }
        Ok(())
    }

    checked! {
        /// ```
        /// use resilience::TimeoutPolicy;
        /// use std::time::Duration;
        ///
        /// const FETCH: TimeoutPolicy = TimeoutPolicy::new(Duration::from_secs(1)).checked();
        /// ```
        ///
        /// ```compile_fail,E0080
        /// use resilience::TimeoutPolicy;
        /// use std::time::Duration;
        ///
        /// const FETCH: TimeoutPolicy = TimeoutPolicy::new(Duration::ZERO).checked();
        /// ```
    }
}

impl From<Duration> for TimeoutPolicy {
    fn from(limit: Duration) -> Self {
        Self::new(limit)
    }
}

impl fmt::Display for TimeoutPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Length(self.settings.duration).fmt(f)
    }
}

/// What a timeout does with a body that takes too long.
///
/// ```
/// assert_eq!(resilience::TimeoutMode::Detached.to_string(), "detached");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TimeoutMode {
    /// An async body is dropped at its next `.await`.
    Async,
    /// A sync body runs on a thread of its own. The caller leaves on time; the body goes on to its end, which
    /// nobody waits for.
    Detached,
    /// A sync body runs in place and ends by itself, after a look at `resilience::deadline()`. A result that
    /// comes too late is replaced by the error.
    Cooperative,
}

impl fmt::Display for TimeoutMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Async => "async",
            Self::Detached => "detached",
            Self::Cooperative => "cooperative",
        })
    }
}
