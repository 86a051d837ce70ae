//! The settings of a circuit breaker.

mod packed;

use std::fmt;
use std::time::Duration;

pub(super) use self::packed::Packed;
use super::defaults::{
    CIRCUIT_BREAKER_FAILURE_THRESHOLD, CIRCUIT_BREAKER_HALF_OPEN_MAX_CALLS,
    CIRCUIT_BREAKER_MAX_RESET_TIMEOUT, CIRCUIT_BREAKER_MIN_CALLS, CIRCUIT_BREAKER_RESET_MULTIPLIER,
    CIRCUIT_BREAKER_RESET_TIMEOUT, CIRCUIT_BREAKER_SLOW_RATE, CIRCUIT_BREAKER_WINDOW,
};
use super::settings::CircuitBreakerSettings;
use crate::clock::Length;
use crate::config::{ConfigError, checked};

/// What a rate is a rate of.
///
/// ```
/// use std::time::Duration;
/// use resilience::{CircuitBreakerPolicy, Window};
///
/// let over_time = CircuitBreakerPolicy::new().failure_rate(0.5).window(Window::Time(Duration::from_secs(10)));
/// assert!(over_time.validate().is_ok());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Window {
    /// The last so many calls.
    Calls(u32),
    /// The calls of the last so long. It slides by tenths: a call stays for between 0.9 and 1.0 times as long.
    Time(Duration),
}

/// How far failures in a row are counted: as far as there is room beside the state in one atomic word.
pub(super) const MOST_FAILURES_IN_A_ROW: u32 = (1 << 24) - 1;

/// The settings of `#[circuit_breaker]`, as a value to share.
///
/// The rules for opening stand beside each other, and the first one that is met opens the circuit.
///
/// | setting | default |
/// |---|---|
/// | [`failure_threshold`](Self::failure_threshold) | 5 in a row, where no rate is given |
/// | [`failure_rate`](Self::failure_rate) | none |
/// | [`window`](Self::window) | the last 100 calls |
/// | [`min_calls`](Self::min_calls) | 10, or the window's calls if those are fewer |
/// | [`slow_call`](Self::slow_call) | none |
/// | [`slow_rate`](Self::slow_rate) | 1.0 |
/// | [`reset_timeout`](Self::reset_timeout) | 30 s |
/// | [`reset_multiplier`](Self::reset_multiplier) | 1.0: the open time doesn't grow |
/// | [`max_reset_timeout`](Self::max_reset_timeout) | 5 min, and never below `reset_timeout` |
/// | [`reset_jitter`](Self::reset_jitter) | 0.0: none |
/// | [`half_open_max_calls`](Self::half_open_max_calls) | 3 |
/// | [`success_threshold`](Self::success_threshold) | as `half_open_max_calls` |
///
/// ```
/// use resilience::CircuitBreakerPolicy;
///
/// const STRICT: CircuitBreakerPolicy = CircuitBreakerPolicy::new().failure_threshold(2);
/// assert!(STRICT.validate().is_ok());
/// // It would need more successes than it ever lets calls through.
/// assert!(STRICT.half_open_max_calls(1).success_threshold(2).validate().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CircuitBreakerPolicy {
    pub(super) settings: CircuitBreakerSettings,
}

impl Default for CircuitBreakerPolicy {
    fn default() -> Self {
        Self::new()
    }
}

impl CircuitBreakerPolicy {
    /// The defaults.
    pub const fn new() -> Self {
        let settings = CircuitBreakerSettings {
            failure_threshold: None,
            failure_rate: None,
            window: None,
            min_calls: None,
            slow_call: None,
            slow_rate: None,
            reset_timeout: CIRCUIT_BREAKER_RESET_TIMEOUT,
            reset_multiplier: CIRCUIT_BREAKER_RESET_MULTIPLIER,
            max_reset_timeout: None,
            reset_jitter: 0.0,
            half_open_max_calls: CIRCUIT_BREAKER_HALF_OPEN_MAX_CALLS,
            success_threshold: None,
        };
        Self { settings }
    }

    /// So many failures in a row open the circuit; less than 16,777,215.
    pub const fn failure_threshold(mut self, failure_threshold: u32) -> Self {
        self.settings.failure_threshold = Some(failure_threshold);
        self
    }

    /// Such a share of failures among the calls of the window opens the circuit, in `0.0..=1.0`: at or above
    /// `max(1, ⌈rate · calls⌉)` failures, judged after every call.
    pub const fn failure_rate(mut self, failure_rate: f64) -> Self {
        self.settings.failure_rate = Some(failure_rate);
        self
    }

    /// The calls that the rates are about.
    pub const fn window(mut self, window: Window) -> Self {
        self.settings.window = Some(window);
        self
    }

    /// The rates are not judged before the window holds so many calls.
    pub const fn min_calls(mut self, min_calls: u32) -> Self {
        self.settings.min_calls = Some(min_calls);
        self
    }

    /// A call that takes at least so long is slow, whatever comes of it.
    pub const fn slow_call(mut self, slow_call: Duration) -> Self {
        self.settings.slow_call = Some(slow_call);
        self
    }

    /// Such a share of slow calls in the window opens the circuit, in `0.0..=1.0`.
    pub const fn slow_rate(mut self, slow_rate: f64) -> Self {
        self.settings.slow_rate = Some(slow_rate);
        self
    }

    /// How long the circuit stays open before it lets trial calls through.
    pub const fn reset_timeout(mut self, reset_timeout: Duration) -> Self {
        self.settings.reset_timeout = reset_timeout;
        self
    }

    /// Each time a trial fails, the open time is so many times longer than the one before.
    pub const fn reset_multiplier(mut self, reset_multiplier: f64) -> Self {
        self.settings.reset_multiplier = reset_multiplier;
        self
    }

    /// The longest open time, however it comes about.
    pub const fn max_reset_timeout(mut self, max_reset_timeout: Duration) -> Self {
        self.settings.max_reset_timeout = Some(max_reset_timeout);
        self
    }

    /// Spreads the open time by such a share up and down, in `0.0..=1.0`, so that many processes don't send
    /// their trials at the same moment.
    pub const fn reset_jitter(mut self, reset_jitter: f64) -> Self {
        self.settings.reset_jitter = reset_jitter;
        self
    }

    /// How many trial calls may be under way at a time while the circuit is half-open.
    pub const fn half_open_max_calls(mut self, half_open_max_calls: u32) -> Self {
        self.settings.half_open_max_calls = half_open_max_calls;
        self
    }

    /// How many trial calls must succeed before the circuit closes.
    pub const fn success_threshold(mut self, success_threshold: u32) -> Self {
        self.settings.success_threshold = Some(success_threshold);
        self
    }

    /// Checks the settings as a whole.
    ///
    /// # Errors
    /// A zero, a `failure_threshold` of 16,777,215 or more, a rate outside of `0.0..=1.0`, a window, `min_calls` or
    /// `slow_rate` without the rate they belong to, `min_calls` above the window's calls, a `reset_multiplier` below
    /// 1.0, a `max_reset_timeout` below `reset_timeout`, a `reset_jitter` outside of `0.0..=1.0`, or a
    /// `success_threshold` above `half_open_max_calls`.
    pub const fn validate(&self) -> Result<(), ConfigError> {
        if let Err(error) = self.validate_rules() {
            return Err(error);
        }
        self.validate_recovery()
    }

    const fn validate_rules(&self) -> Result<(), ConfigError> {
        match self.settings.failure_threshold {
            Some(0) => {
                return Err(ConfigError::new("failure_threshold", "`failure_threshold` must be above zero"));
            }
            Some(MOST_FAILURES_IN_A_ROW..) => {
                return Err(ConfigError::new(
                    "failure_threshold",
                    "`failure_threshold` must be below 16,777,215: failures in a row are counted no further",
                ));
            }
            _ => {}
        }
        if let Some(rate) = self.settings.failure_rate
            && !is_rate(rate)
        {
            return Err(ConfigError::new("failure_rate", "`failure_rate` must be above 0.0 and at most 1.0"));
        }
        if let Some(rate) = self.settings.slow_rate {
            if !is_rate(rate) {
                return Err(ConfigError::new("slow_rate", "`slow_rate` must be above 0.0 and at most 1.0"));
            }
            if self.settings.slow_call.is_none() {
                return Err(ConfigError::new(
                    "slow_rate",
                    "`slow_rate` needs `slow_call`: say how long a slow call takes",
                ));
            }
        }
        if let Some(limit) = self.settings.slow_call
            && limit.is_zero()
        {
            return Err(ConfigError::new("slow_call", "`slow_call` must be above zero"));
        }
        if !self.has_rate() {
            if self.settings.window.is_some() {
                return Err(ConfigError::new("window", "`window` needs a `failure_rate` or a `slow_call`"));
            }
            if self.settings.min_calls.is_some() {
                return Err(ConfigError::new(
                    "min_calls",
                    "`min_calls` needs a `failure_rate` or a `slow_call`",
                ));
            }
        }
        match (self.settings.window, self.settings.min_calls) {
            (Some(Window::Calls(0)), _) => {
                return Err(ConfigError::new("window", "`window` must be above zero"));
            }
            (Some(Window::Time(time)), _) if time.is_zero() => {
                return Err(ConfigError::new("window", "`window` must be above zero"));
            }
            (_, Some(0)) => return Err(ConfigError::new("min_calls", "`min_calls` must be above zero")),
            _ => {}
        }
        if let (Window::Calls(window), Some(min_calls)) = (self.window_in_force(), self.settings.min_calls)
            && min_calls > window
        {
            return Err(ConfigError::new(
                "min_calls",
                "`min_calls` must not exceed the calls of the `window`: the rate would never be judged",
            ));
        }
        Ok(())
    }

    const fn validate_recovery(&self) -> Result<(), ConfigError> {
        if self.settings.reset_timeout.is_zero() {
            return Err(ConfigError::new("reset_timeout", "`reset_timeout` must be above zero"));
        }
        if !(self.settings.reset_multiplier.is_finite() && self.settings.reset_multiplier >= 1.0) {
            return Err(ConfigError::new("reset_multiplier", "`reset_multiplier` must be 1.0 or above"));
        }
        if let Some(longest) = self.settings.max_reset_timeout
            && longest.as_nanos() < self.settings.reset_timeout.as_nanos()
        {
            return Err(ConfigError::new(
                "max_reset_timeout",
                "`max_reset_timeout` must not be below `reset_timeout`",
            ));
        }
        if !(self.settings.reset_jitter >= 0.0 && self.settings.reset_jitter <= 1.0) {
            return Err(ConfigError::new("reset_jitter", "`reset_jitter` must lie in 0.0..=1.0"));
        }
        if self.settings.half_open_max_calls == 0 {
            return Err(ConfigError::new("half_open_max_calls", "`half_open_max_calls` must be above zero"));
        }
        if self.successes_to_close() == 0 {
            return Err(ConfigError::new("success_threshold", "`success_threshold` must be above zero"));
        }
        if self.successes_to_close() > self.settings.half_open_max_calls {
            return Err(ConfigError::new(
                "success_threshold",
                "`success_threshold` must not exceed `half_open_max_calls`: one round of trial calls could \
                 never close the circuit",
            ));
        }
        Ok(())
    }

    checked! {
        /// ```
        /// use resilience::CircuitBreakerPolicy;
        ///
        /// const QUOTES: CircuitBreakerPolicy = CircuitBreakerPolicy::new().failure_threshold(5).checked();
        /// ```
        ///
        /// ```compile_fail,E0080
        /// use resilience::CircuitBreakerPolicy;
        ///
        /// const QUOTES: CircuitBreakerPolicy = CircuitBreakerPolicy::new().failure_threshold(0).checked();
        /// ```
    }

    const fn has_rate(&self) -> bool {
        self.settings.failure_rate.is_some() || self.settings.slow_call.is_some()
    }

    /// Failures in a row that open the circuit, if that rule is in force.
    pub(super) const fn failures_in_a_row(&self) -> Option<u32> {
        match self.settings.failure_threshold {
            None if !self.has_rate() => Some(CIRCUIT_BREAKER_FAILURE_THRESHOLD),
            threshold => threshold,
        }
    }

    pub(super) const fn failure_share(&self) -> Option<f64> {
        self.settings.failure_rate
    }

    pub(super) const fn slow_share(&self) -> Option<f64> {
        match (self.settings.slow_call, self.settings.slow_rate) {
            (None, _) => None,
            (Some(_), None) => Some(CIRCUIT_BREAKER_SLOW_RATE),
            (Some(_), rate) => rate,
        }
    }

    pub(super) const fn slow_after(&self) -> Option<Duration> {
        self.settings.slow_call
    }

    const fn window_in_force(&self) -> Window {
        match self.settings.window {
            Some(window) => window,
            None => CIRCUIT_BREAKER_WINDOW,
        }
    }

    /// The window that the rules need, if they need one.
    pub(super) const fn rate_window(&self) -> Option<Window> {
        if self.has_rate() { Some(self.window_in_force()) } else { None }
    }

    pub(super) const fn calls_to_judge(&self) -> u32 {
        match (self.settings.min_calls, self.window_in_force()) {
            (Some(min_calls), _) => min_calls,
            (None, Window::Calls(window)) if window < CIRCUIT_BREAKER_MIN_CALLS => window,
            (None, _) => CIRCUIT_BREAKER_MIN_CALLS,
        }
    }

    pub(super) const fn first_open_time(&self) -> Duration {
        self.settings.reset_timeout
    }

    pub(super) const fn growth(&self) -> f64 {
        self.settings.reset_multiplier
    }

    pub(super) const fn spread(&self) -> f64 {
        self.settings.reset_jitter
    }

    pub(super) fn longest_open_time(&self) -> Duration {
        self.settings
            .max_reset_timeout
            .unwrap_or(CIRCUIT_BREAKER_MAX_RESET_TIMEOUT)
            .max(self.settings.reset_timeout)
    }

    pub(super) const fn trials_at_a_time(&self) -> u32 {
        self.settings.half_open_max_calls
    }

    pub(super) const fn successes_to_close(&self) -> u32 {
        match self.settings.success_threshold {
            Some(threshold) => threshold,
            None => self.settings.half_open_max_calls,
        }
    }
}

const fn is_rate(rate: f64) -> bool {
    rate > 0.0 && rate <= 1.0
}

impl fmt::Display for CircuitBreakerPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("opens at ")?;
        let mut or = "";
        if let Some(failures) = self.failures_in_a_row() {
            match failures {
                1 => f.write_str("a failure")?,
                _ => write!(f, "{failures} failures in a row")?,
            }
            or = " or ";
        }
        if let Some(rate) = self.failure_share() {
            write!(f, "{or}{}% failures", rate * 100.0)?;
            or = " or ";
        }
        if let (Some(rate), Some(limit)) = (self.slow_share(), self.slow_after()) {
            write!(f, "{or}{}% slower than {}", rate * 100.0, Length(limit))?;
        }
        if let Some(window) = self.rate_window() {
            let min_calls = self.calls_to_judge();
            match window {
                Window::Calls(calls) => write!(f, " of the last {calls} calls (at least {min_calls})")?,
                Window::Time(time) => write!(f, " within {} (at least {min_calls} calls)", Length(time))?,
            }
        }
        write!(f, ", for {}", Length(self.settings.reset_timeout))?;
        if self.settings.reset_multiplier > 1.0 {
            write!(f, " × {} up to {}", self.settings.reset_multiplier, Length(self.longest_open_time()))?;
        }
        if self.settings.reset_jitter > 0.0 {
            write!(f, " ± {}%", self.settings.reset_jitter * 100.0)?;
        }
        write!(
            f,
            "; closes after {} of {} trials",
            self.successes_to_close(),
            self.settings.half_open_max_calls
        )
    }
}
