//! The settings of a rate limiter as a plain value.

use std::time::Duration;

use super::policy::RateLimitPolicy;
use crate::config::ConfigError;
use crate::settings::plain_settings;

/// The settings of a [`RateLimitPolicy`] as public fields. Each is described at the setter of its name.
///
/// ```
/// use resilience::{RateLimitPolicy, RateLimitSettings};
///
/// const API: RateLimitPolicy = RateLimitPolicy::new().rate(100);
/// let settings = RateLimitSettings { burst: Some(10), ..API.settings() };
/// assert_eq!(RateLimitPolicy::from_settings(settings), Ok(API.burst(10)));
///
/// // There is no default for `rate`.
/// let error = RateLimitPolicy::from_settings(RateLimitSettings::default()).unwrap_err();
/// assert_eq!(error.setting(), "rate");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateLimitSettings {
    /// The number of calls in each `per`. It has a fraction only where it was set on a handle.
    pub rate: f64,
    /// The time that the rate counts in.
    pub per: Duration,
    /// The number of calls that may come at once; `None` for as many as `rate`.
    pub burst: Option<u32>,
    /// The longest wait for a permit.
    pub max_wait: Duration,
    /// The factor by which a failure lowers the rate; `None` for failures that don't change the rate.
    pub decrease: Option<f64>,
    /// The number of calls by which the rate grows in each `per`; `None` for a tenth of `rate`.
    pub increase: Option<f64>,
    /// The lowest rate that failures lead to; `None` for a hundredth of `rate`.
    pub min_rate: Option<f64>,
    /// The share that is used of the quota that a server states.
    pub safety: f64,
}

impl Default for RateLimitSettings {
    fn default() -> Self {
        RateLimitPolicy::new().settings()
    }
}

plain_settings!(RateLimitSettings of RateLimitPolicy);

#[cfg(feature = "serde")]
crate::settings::form::serialized!(
    RateLimitSettings from RateLimitSettings::default(), required [rate],
    {
        rate: f64,
        per: Duration,
        burst: Option<u32>,
        max_wait: Duration,
        decrease: Option<f64>,
        increase: Option<f64>,
        min_rate: Option<f64>,
        safety: f64,
    }
);
