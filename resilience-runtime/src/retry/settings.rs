//! The settings of retry as a plain value.

use std::time::Duration;

use super::policy::{Backoff, Jitter, RetryPolicy};
use crate::budget::NamedBudget;
use crate::config::ConfigError;
use crate::settings::plain_settings;

/// The settings of a [`RetryPolicy`] as public fields. Each is described at the setter of its name.
///
/// ```
/// use resilience::{RetryPolicy, RetrySettings};
///
/// const HTTP: RetryPolicy = RetryPolicy::new().max_attempts(5);
/// assert_eq!(HTTP.settings().max_attempts, 5);
/// let patient = RetrySettings { max_attempts: 10, ..HTTP.settings() };
/// assert_eq!(RetryPolicy::from_settings(patient), Ok(HTTP.max_attempts(10)));
///
/// let never = RetrySettings { max_attempts: 0, ..RetrySettings::default() };
/// assert_eq!(RetryPolicy::from_settings(never).unwrap_err().setting(), "max_attempts");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RetrySettings {
    /// The number of attempts, the first call included; `u32::MAX` for unlimited.
    pub max_attempts: u32,
    /// The growth of the waits.
    pub backoff: Backoff,
    /// The first wait.
    pub base_delay: Duration,
    /// The factor of exponential backoff, the step of linear backoff; `None` for the backoff's default.
    pub multiplier: Option<f64>,
    /// The longest wait, jitter included.
    pub max_delay: Duration,
    /// The spread of the waits.
    pub jitter: Jitter,
    /// The longest time from the start of the call to the start of its last attempt.
    pub max_elapsed: Option<Duration>,
    /// The longest `retry_after` hint that is waited for.
    pub max_retry_after: Duration,
    /// The budget that retries take a token out of.
    pub budget: Option<NamedBudget>,
}

impl Default for RetrySettings {
    fn default() -> Self {
        RetryPolicy::new().settings()
    }
}

plain_settings!(RetrySettings of RetryPolicy);

#[cfg(feature = "serde")]
mod serialized {
    use serde::de::{Deserializer, Error};
    use serde::ser::{Error as _, Serializer};

    use super::{Backoff, Duration, Jitter, NamedBudget, RetrySettings};
    use crate::settings::form::{Form, Scalar, serialized};

    serialized!(
        RetrySettings from RetrySettings::default(), required [],
        {
            max_attempts: Attempts,
            backoff: Backoff,
            base_delay: Duration,
            multiplier: Option<f64>,
            max_delay: Duration,
            jitter: Jitter,
            max_elapsed: Option<Duration>,
            max_retry_after: Duration,
            budget: Option<NamedBudget>,
        }
    );

    /// A number of attempts, or "unlimited".
    #[derive(Clone, Copy)]
    struct Attempts(u32);

    impl From<u32> for Attempts {
        fn from(attempts: u32) -> Self {
            Self(attempts)
        }
    }

    impl From<Attempts> for u32 {
        fn from(attempts: Attempts) -> Self {
            attempts.0
        }
    }

    impl Form for Attempts {
        fn write<S: Serializer>(self, serializer: S) -> Result<S::Ok, S::Error> {
            match self.0 {
                u32::MAX => serializer.serialize_str("unlimited"),
                attempts => serializer.serialize_u32(attempts),
            }
        }

        fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let number = match Scalar::read(deserializer, "a number of attempts, or \"unlimited\"")? {
                Scalar::Text(text) if text == "unlimited" => Some(u32::MAX),
                Scalar::Whole(number) => u32::try_from(number).ok(),
                _ => None,
            };
            let wrong = "write a number up to 4294967294, or \"unlimited\"";
            number.map(Self).ok_or_else(|| D::Error::custom(wrong))
        }
    }

    const BACKOFFS: [(&str, Backoff); 4] = [
        ("exponential", Backoff::Exponential),
        ("constant", Backoff::Constant),
        ("linear", Backoff::Linear),
        ("fibonacci", Backoff::Fibonacci),
    ];

    impl Form for Backoff {
        fn write<S: Serializer>(self, serializer: S) -> Result<S::Ok, S::Error> {
            match BACKOFFS.iter().find(|(_, backoff)| *backoff == self) {
                Some((name, _)) => serializer.serialize_str(name),
                None => {
                    Err(S::Error::custom("a custom `backoff` is a function, which can't be written as text"))
                }
            }
        }

        fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let wrong = "write \"exponential\", \"constant\", \"linear\" or \"fibonacci\"";
            let Scalar::Text(text) = Scalar::read(deserializer, "the name of a backoff")? else {
                return Err(D::Error::custom(wrong));
            };
            let named = BACKOFFS.iter().find(|(name, _)| *name == text);
            named.map(|(_, backoff)| *backoff).ok_or_else(|| D::Error::custom(wrong))
        }
    }

    const JITTERS: [(&str, Jitter); 4] = [
        ("full", Jitter::Full),
        ("equal", Jitter::Equal),
        ("decorrelated", Jitter::Decorrelated),
        ("none", Jitter::None),
    ];

    impl Form for Jitter {
        fn write<S: Serializer>(self, serializer: S) -> Result<S::Ok, S::Error> {
            match (self, JITTERS.iter().find(|(_, jitter)| *jitter == self)) {
                (_, Some((name, _))) => serializer.serialize_str(name),
                (Self::Factor(factor), _) => serializer.serialize_f64(factor),
                (_, None) => Err(S::Error::custom("this `jitter` has no name")),
            }
        }

        #[allow(clippy::cast_precision_loss)] // no factor is above 1
        fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let named = match Scalar::read(deserializer, "the name of a jitter, or a factor")? {
                Scalar::Text(text) => {
                    JITTERS.iter().find(|(name, _)| *name == text).map(|(_, jitter)| *jitter)
                }
                Scalar::Whole(factor) => Some(Self::Factor(factor as f64)),
                Scalar::Number(factor) => Some(Self::Factor(factor)),
            };
            let wrong = "write \"full\", \"equal\", \"decorrelated\", \"none\", or a factor from 0.0 to 1.0";
            named.ok_or_else(|| D::Error::custom(wrong))
        }
    }
}
