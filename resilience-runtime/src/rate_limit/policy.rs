//! The settings of a rate limiter.

use std::fmt;
use std::time::Duration;

use super::defaults::{
    RATE_LIMIT_INCREASE_SHARE, RATE_LIMIT_MAX_WAIT, RATE_LIMIT_MIN_RATE_SHARE, RATE_LIMIT_PER,
    RATE_LIMIT_SAFETY,
};
use super::settings::RateLimitSettings;
use crate::clock::{Length, nanos};
use crate::config::{ConfigError, checked};

/// The longest that an empty bucket may take to fill: what is slower is no rate but a mistake in the unit.
pub(super) const LONGEST_FILL: Duration = Duration::from_secs(366 * 86_400);

/// The settings of `#[rate_limit]`, as a value to share.
///
/// | setting | default |
/// |---|---|
/// | [`rate`](Self::rate) | none: it must be given |
/// | [`per`](Self::per) | 1 s |
/// | [`burst`](Self::burst) | as `rate` |
/// | [`max_wait`](Self::max_wait) | zero: a used-up rate refuses at once |
/// | [`decrease`](Self::decrease) | none: failures don't change the rate |
/// | [`increase`](Self::increase) | a tenth of `rate`, every `per` |
/// | [`min_rate`](Self::min_rate) | a hundredth of `rate` |
/// | [`safety`](Self::safety) | 0.9 |
///
/// ```
/// use std::time::Duration;
/// use resilience::RateLimitPolicy;
///
/// const API: RateLimitPolicy = RateLimitPolicy::new().rate(100).per(Duration::from_secs(60)).burst(10);
/// assert!(API.validate().is_ok());
/// assert!(RateLimitPolicy::new().validate().is_err(), "it has no rate");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateLimitPolicy {
    pub(super) settings: RateLimitSettings,
}

impl Default for RateLimitPolicy {
    fn default() -> Self {
        Self::new()
    }
}

impl RateLimitPolicy {
    /// The defaults. There is none for `rate`.
    pub const fn new() -> Self {
        let settings = RateLimitSettings {
            rate: 0.0,
            per: RATE_LIMIT_PER,
            burst: None,
            max_wait: RATE_LIMIT_MAX_WAIT,
            decrease: None,
            increase: None,
            min_rate: None,
            safety: RATE_LIMIT_SAFETY,
        };
        Self { settings }
    }

    /// So many calls every [`per`](Self::per), spread evenly once the burst is used up. One call in two seconds is
    /// `rate(1)` with a `per` of two seconds.
    pub const fn rate(mut self, rate: u32) -> Self {
        self.settings.rate = rate as f64;
        self
    }

    /// What the rate is a rate of. [`Duration::MAX`] is for ever: the burst is let through, and nothing after it until a
    /// [`reset`](crate::RateLimiter::reset).
    pub const fn per(mut self, per: Duration) -> Self {
        self.settings.per = per;
        self
    }

    /// How many calls may come at once after a rest, and what one call may cost at the most.
    pub const fn burst(mut self, burst: u32) -> Self {
        self.settings.burst = Some(burst);
        self
    }

    /// How long a caller may wait for its turn, in the order of arrival. A wait that can't end in time is not begun.
    pub const fn max_wait(mut self, max_wait: Duration) -> Self {
        self.settings.max_wait = max_wait;
        self
    }

    /// What the rate is multiplied by when a call fails, in `0.0..1.0`; it grows again by
    /// [`increase`](Self::increase). Additive increase with multiplicative decrease makes clients that share a service
    /// meet at equal shares of it: Chiu and Jain, "Analysis of the Increase and Decrease Algorithms for Congestion
    /// Avoidance in Computer Networks", 1989.
    pub const fn decrease(mut self, decrease: f64) -> Self {
        self.settings.decrease = Some(decrease);
        self
    }

    /// By how many calls the rate grows every [`per`](Self::per) after it was decreased, up to [`rate`](Self::rate).
    pub const fn increase(mut self, increase: f64) -> Self {
        self.settings.increase = Some(increase);
        self
    }

    /// What the rate never falls below, whatever fails and whatever a server says; a pause that a server asks for
    /// apart.
    pub const fn min_rate(mut self, min_rate: f64) -> Self {
        self.settings.min_rate = Some(min_rate);
        self
    }

    /// The share that is used of what a server says is left, above `0.0` and at most `1.0`.
    pub const fn safety(mut self, safety: f64) -> Self {
        self.settings.safety = safety;
        self
    }

    /// How long a call takes at the most whose inside takes so long, its wait for a turn included; `None` where nothing
    /// limits the inside.
    ///
    /// ```
    /// use std::time::Duration;
    /// use resilience::RateLimitPolicy;
    ///
    /// const API: RateLimitPolicy = RateLimitPolicy::new().rate(100).max_wait(Duration::from_millis(100));
    /// assert_eq!(API.worst_case(Some(Duration::from_secs(1))), Some(Duration::from_millis(1_100)));
    /// assert_eq!(API.worst_case(None), None);
    /// ```
    pub const fn worst_case(&self, inside: Option<Duration>) -> Option<Duration> {
        match inside {
            Some(inside) => Some(inside.saturating_add(self.settings.max_wait)),
            None => None,
        }
    }

    /// Checks the settings as a whole.
    ///
    /// # Errors
    /// No `rate`, a zero, a `burst` that takes more than a year to fill, a `decrease` outside of `0.0..1.0`, an
    /// `increase` that isn't between a thousandth and all of the rate, one without `decrease`, a `min_rate` above the
    /// rate, or a `safety` outside of `0.0..=1.0`.
    pub const fn validate(&self) -> Result<(), ConfigError> {
        if let Err(error) = Self::validate_rate(self.settings.rate) {
            return Err(error);
        }
        if self.settings.per.is_zero() {
            return Err(ConfigError::new(
                "per",
                "`per` must be above zero: it is what the rate is a rate of",
            ));
        }
        if matches!(self.settings.burst, Some(0)) {
            return Err(ConfigError::new(
                "burst",
                "`burst` must be above zero: no call could ever be let through",
            ));
        }
        if nanos(self.settings.per) < u64::MAX
            && self.burst_in_force() as f64 * self.interval() > LONGEST_FILL.as_secs_f64()
        {
            return Err(ConfigError::new(
                "burst",
                "`burst` must not take more than a year to fill at this `rate` and `per`; a `per` of `Duration::MAX` is for ever",
            ));
        }
        self.validate_adaption()
    }

    #[allow(clippy::cast_precision_loss)] // the largest rate is an exact float
    pub(super) const fn validate_rate(rate: f64) -> Result<(), ConfigError> {
        if rate > 0.0 && rate <= u32::MAX as f64 {
            return Ok(());
        }
        Err(ConfigError::new("rate", "`rate` must be given, and be above zero: so many calls every `per`"))
    }

    const fn validate_adaption(&self) -> Result<(), ConfigError> {
        if let Some(decrease) = self.settings.decrease
            && !(decrease > 0.0 && decrease < 1.0)
        {
            return Err(ConfigError::new("decrease", "`decrease` must be above 0.0 and below 1.0"));
        }
        if let Some(increase) = self.settings.increase {
            if self.settings.decrease.is_none() {
                return Err(ConfigError::new(
                    "increase",
                    "`increase` needs `decrease`: without it no failure lowers the rate",
                ));
            }
            if !(increase >= self.settings.rate / 1000.0 && increase <= self.settings.rate) {
                return Err(ConfigError::new(
                    "increase",
                    "`increase` must be at least a thousandth of `rate`, and at most all of it",
                ));
            }
        }
        if let Some(min_rate) = self.settings.min_rate
            && !(min_rate > 0.0 && min_rate <= self.settings.rate)
        {
            return Err(ConfigError::new("min_rate", "`min_rate` must be above zero and at most `rate`"));
        }
        if !(self.settings.safety > 0.0 && self.settings.safety <= 1.0) {
            return Err(ConfigError::new("safety", "`safety` must be above 0.0 and at most 1.0"));
        }
        Ok(())
    }

    checked! {
        /// ```
        /// use resilience::RateLimitPolicy;
        ///
        /// const SEARCH: RateLimitPolicy = RateLimitPolicy::new().rate(100).checked();
        /// ```
        ///
        /// ```compile_fail,E0080
        /// use resilience::RateLimitPolicy;
        ///
        /// const SEARCH: RateLimitPolicy = RateLimitPolicy::new().checked();
        /// ```
    }

    /// The time between two calls at the rate, in seconds.
    const fn interval(&self) -> f64 {
        self.settings.per.as_secs_f64() / self.settings.rate
    }

    /// How many calls may come at once.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a rate is checked to be in the range of `u32`
    pub(super) const fn burst_in_force(&self) -> u32 {
        match self.settings.burst {
            Some(burst) => burst,
            None if self.settings.rate > 1.0 => self.settings.rate as u32,
            None => 1,
        }
    }
}

impl RateLimitPolicy {
    /// Only the rate is asked for without a default: one call a `per` is the most careful reading.
    pub(super) fn repaired(self) -> Self {
        let bare = Self::new().rate(1);
        let RateLimitSettings { rate, per, burst, max_wait, .. } = self.settings;
        let settings = RateLimitSettings { rate, per, burst, max_wait, ..bare.settings };
        let with_rate = Self { settings };
        let as_burst = Self { settings: RateLimitSettings { burst: None, ..settings } };
        [with_rate, as_burst, bare.per(per)]
            .into_iter()
            .find(|policy| policy.validate().is_ok())
            .unwrap_or(bare)
    }

    pub(crate) const fn longest_wait(&self) -> Duration {
        self.settings.max_wait
    }

    pub(super) const fn ceiling(&self) -> f64 {
        self.settings.rate
    }

    pub(super) const fn period(&self) -> Duration {
        self.settings.per
    }

    pub(super) const fn decrease_factor(&self) -> Option<f64> {
        self.settings.decrease
    }

    pub(super) fn step(&self) -> f64 {
        self.settings.increase.unwrap_or(self.settings.rate * RATE_LIMIT_INCREASE_SHARE)
    }

    pub(super) fn floor(&self) -> f64 {
        self.settings.min_rate.unwrap_or(self.settings.rate * RATE_LIMIT_MIN_RATE_SHARE)
    }

    pub(super) const fn safe_share(&self) -> f64 {
        self.settings.safety
    }

    /// Another rate, which is [valid](Self::validate_rate), the burst as it is.
    pub(super) fn with_rate(self, rate: f64) -> Self {
        let settings = RateLimitSettings {
            rate,
            burst: Some(self.burst_in_force()),
            // What was said in calls keeps its meaning as far as the new rate has room for it.
            increase: self.settings.increase.map(|increase| increase.clamp(rate / 1000.0, rate)),
            min_rate: self.settings.min_rate.map(|min_rate| min_rate.min(rate)),
            ..self.settings
        };
        Self { settings }
    }
}

impl fmt::Display for RateLimitPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} in {}, {} at once",
            self.settings.rate,
            Length(self.settings.per),
            self.burst_in_force()
        )?;
        if self.settings.max_wait.is_zero() {
            f.write_str(", no waiting")?;
        } else {
            write!(f, ", waits up to {}", Length(self.settings.max_wait))?;
        }
        match self.settings.decrease {
            Some(decrease) => {
                write!(f, "; × {decrease} after a failure, down to {}, then + {}", self.floor(), self.step())
            }
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: RateLimitPolicy = RateLimitPolicy::new().rate(10);

    #[test]
    fn every_setting_that_can_not_work_is_told() {
        let second = Duration::from_secs(1);
        let cases = [
            (RateLimitPolicy::new(), "rate"),
            (POLICY.rate(0), "rate"),
            (POLICY.per(Duration::ZERO), "per"),
            (POLICY.burst(0), "burst"),
            (POLICY.per(second * u32::MAX), "burst"),
            (POLICY.burst(u32::MAX).per(second * 3600), "burst"),
            (POLICY.decrease(0.0), "decrease"),
            (POLICY.decrease(1.0), "decrease"),
            (POLICY.decrease(f64::NAN), "decrease"),
            (POLICY.increase(1.0), "increase"),
            (POLICY.decrease(0.5).increase(0.0), "increase"),
            (POLICY.decrease(0.5).increase(10.1), "increase"),
            (POLICY.decrease(0.5).increase(f64::NAN), "increase"),
            (POLICY.min_rate(0.0), "min_rate"),
            (POLICY.min_rate(10.1), "min_rate"),
            (POLICY.safety(0.0), "safety"),
            (POLICY.safety(1.1), "safety"),
        ];
        for (policy, setting) in cases {
            assert_eq!(policy.validate().map_err(|error| error.setting()), Err(setting), "{policy:?}");
            assert!(policy.repaired().validate().is_ok(), "{policy:?}");
        }
        let works =
            POLICY.burst(1).max_wait(Duration::from_nanos(1)).decrease(0.5).increase(10.0).min_rate(10.0);
        assert_eq!(works.validate(), Ok(()));
        assert_eq!(RateLimitPolicy::new().rate(u32::MAX).validate(), Ok(()));
        assert_eq!(POLICY.per(Duration::MAX).burst(u32::MAX).validate(), Ok(()));
    }

    #[test]
    fn the_settings_read_as_words() {
        assert_eq!(POLICY.to_string(), "10 in 1s, 10 at once, no waiting");
        let policy = POLICY.burst(3).max_wait(Duration::from_millis(250)).decrease(0.5);
        assert_eq!(
            policy.to_string(),
            "10 in 1s, 3 at once, waits up to 250ms; × 0.5 after a failure, down to 0.1, then + 1"
        );
    }
}
