//! The settings of a timeout as a plain value.

use std::time::Duration;

use super::policy::TimeoutPolicy;
use crate::config::ConfigError;
use crate::settings::plain_settings;

/// The settings of a [`TimeoutPolicy`] as public fields.
///
/// ```
/// use std::time::Duration;
/// use resilience::{TimeoutPolicy, TimeoutSettings};
///
/// let settings = TimeoutSettings { duration: Duration::from_millis(800) };
/// assert_eq!(TimeoutPolicy::from_settings(settings), Ok(TimeoutPolicy::new(settings.duration)));
///
/// let none = TimeoutSettings { duration: Duration::ZERO };
/// assert_eq!(TimeoutPolicy::from_settings(none).unwrap_err().setting(), "duration");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeoutSettings {
    /// The longest time that a call may take; the setter is [`limit`](TimeoutPolicy::limit).
    pub duration: Duration,
}

plain_settings!(TimeoutSettings of TimeoutPolicy);

#[cfg(feature = "serde")]
crate::settings::form::serialized!(
    TimeoutSettings from TimeoutSettings { duration: Duration::ZERO }, required [duration],
    { duration: Duration }
);
