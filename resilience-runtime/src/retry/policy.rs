//! The settings of retry.

use std::fmt;
use std::time::Duration;

use super::defaults::{
    RETRY_BASE_DELAY, RETRY_LINEAR_MULTIPLIER, RETRY_MAX_ATTEMPTS, RETRY_MAX_DELAY, RETRY_MAX_RETRY_AFTER,
    RETRY_MULTIPLIER,
};
use super::delay::{longer, longest_waits, shorter, shortest_first_wait};
use super::settings::RetrySettings;
use crate::budget::{NamedBudget, RetryBudgetPolicy};
use crate::clock::Length;
use crate::config::{ConfigError, checked};

/// How the waits between attempts grow. `n` counts the waits from 0.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Backoff {
    /// Always the base delay.
    Constant,
    /// `base · (1 + multiplier · n)`.
    Linear,
    /// `base · multiplierⁿ`.
    Exponential,
    /// 1, 1, 2, 3, 5, 8 … times the base delay.
    Fibonacci,
    /// The function's answer for `n`; the base delay has no part in it.
    Custom(fn(u32) -> Duration),
}

impl PartialEq for Backoff {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Custom(a), Self::Custom(b)) => std::ptr::fn_addr_eq(*a, *b),
            (a, b) => std::mem::discriminant(a) == std::mem::discriminant(b),
        }
    }
}

/// How a wait is spread, so that clients that failed together don't come back together. Drawn anew for every
/// wait; no result is above `max_delay`. The names are those of Marc Brooker, "Exponential Backoff And Jitter",
/// AWS Architecture Blog, 2015.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Jitter {
    /// The delay as it is.
    None,
    /// Uniform in `0..=delay`.
    Full,
    /// Uniform in `delay/2..=delay`.
    Equal,
    /// Uniform in `base..=3 · previous wait`; the backoff's growth has no part in it.
    Decorrelated,
    /// Uniform in `delay · (1 − f) ..= delay · (1 + f)`, with `f` in `0.0..=1.0`.
    Factor(f64),
}

/// The settings of `#[retry]`, as a value to share between functions.
///
/// | setting | default |
/// |---|---|
/// | [`max_attempts`](Self::max_attempts) | 3, the first call included |
/// | [`backoff`](Self::backoff) | [`Backoff::Exponential`] |
/// | [`base_delay`](Self::base_delay) | 1 s |
/// | [`multiplier`](Self::multiplier) | 2.0 for exponential, 1.0 for linear |
/// | [`max_delay`](Self::max_delay) | 30 s |
/// | [`jitter`](Self::jitter) | [`Jitter::Full`] |
/// | [`max_elapsed`](Self::max_elapsed) | none |
/// | [`max_retry_after`](Self::max_retry_after) | 5 min |
/// | [`budget`](Self::budget) | none |
///
/// ```
/// use std::time::Duration;
/// use resilience::{Jitter, RetryPolicy};
///
/// const HTTP: RetryPolicy = RetryPolicy::new().max_attempts(5).jitter(Jitter::Equal);
/// assert!(HTTP.validate().is_ok());
/// assert_eq!(HTTP.max_attempts(0).validate().unwrap_err().setting(), "max_attempts");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RetryPolicy {
    pub(super) settings: RetrySettings,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::new()
    }
}

impl RetryPolicy {
    /// The defaults.
    pub const fn new() -> Self {
        let settings = RetrySettings {
            max_attempts: RETRY_MAX_ATTEMPTS,
            backoff: Backoff::Exponential,
            base_delay: RETRY_BASE_DELAY,
            multiplier: None,
            max_delay: RETRY_MAX_DELAY,
            jitter: Jitter::Full,
            max_elapsed: None,
            max_retry_after: RETRY_MAX_RETRY_AFTER,
            budget: None,
        };
        Self { settings }
    }

    /// How often the body may run, the first call included.
    pub const fn max_attempts(mut self, max_attempts: u32) -> Self {
        self.settings.max_attempts = max_attempts;
        self
    }

    /// No limit on the number of attempts; needs [`max_elapsed`](Self::max_elapsed).
    pub const fn unlimited_attempts(mut self) -> Self {
        self.settings.max_attempts = u32::MAX;
        self
    }

    /// How the waits grow.
    pub const fn backoff(mut self, backoff: Backoff) -> Self {
        self.settings.backoff = backoff;
        self
    }

    /// The first wait. Zero means no waits, and then no timer is touched.
    pub const fn base_delay(mut self, base_delay: Duration) -> Self {
        self.settings.base_delay = base_delay;
        self
    }

    /// The factor of exponential backoff, the step of linear backoff.
    pub const fn multiplier(mut self, multiplier: f64) -> Self {
        self.settings.multiplier = Some(multiplier);
        self
    }

    /// The longest wait, jitter included.
    pub const fn max_delay(mut self, max_delay: Duration) -> Self {
        self.settings.max_delay = max_delay;
        self
    }

    /// How the waits are spread.
    pub const fn jitter(mut self, jitter: Jitter) -> Self {
        self.settings.jitter = jitter;
        self
    }

    /// The longest time from the start of the call to the start of its last attempt, attempts included.
    /// A wait that would end at or after it is not begun.
    pub const fn max_elapsed(mut self, max_elapsed: Duration) -> Self {
        self.settings.max_elapsed = Some(max_elapsed);
        self
    }

    /// The longest `retry_after` hint that is waited for; a longer one ends the retries.
    pub const fn max_retry_after(mut self, max_retry_after: Duration) -> Self {
        self.settings.max_retry_after = max_retry_after;
        self
    }

    /// Every retry takes a token out of the [`RetryBudget`](crate::RetryBudget) of this name, which all who name it
    /// share; an empty one ends the retries. Its settings are those that somebody else gives for the name, or the
    /// defaults.
    pub const fn budget(mut self, name: &'static str) -> Self {
        self.settings.budget = Some(NamedBudget { name, settings: None });
        self
    }

    /// As [`budget`](Self::budget), and gives the settings for the name.
    pub const fn budget_with(mut self, name: &'static str, policy: RetryBudgetPolicy) -> Self {
        self.settings.budget = Some(NamedBudget { name, settings: Some(policy.settings()) });
        self
    }

    /// Checks the settings as a whole.
    ///
    /// # Errors
    /// Zero attempts, unlimited attempts without `max_elapsed`, a multiplier that is not above zero or not finite or
    /// that the backoff has no use for, a jitter factor outside of `0.0..=1.0`, a zero `max_elapsed`, or a budget
    /// without a name or with settings that can't work.
    pub const fn validate(&self) -> Result<(), ConfigError> {
        if self.settings.max_attempts == 0 {
            return Err(ConfigError::new(
                "max_attempts",
                "`max_attempts` must be above zero: the first call counts too",
            ));
        }
        if self.settings.max_attempts == u32::MAX && self.settings.max_elapsed.is_none() {
            return Err(ConfigError::new(
                "max_attempts",
                "unlimited `max_attempts` needs `max_elapsed`: something must end the retries",
            ));
        }
        if let Some(multiplier) = self.settings.multiplier {
            if !matches!(self.settings.backoff, Backoff::Exponential | Backoff::Linear) {
                return Err(ConfigError::new(
                    "multiplier",
                    "`multiplier` has no meaning for this backoff: only exponential and linear grow by one",
                ));
            }
            if !(multiplier.is_finite() && multiplier >= 0.0) {
                return Err(ConfigError::new(
                    "multiplier",
                    "`multiplier` must be a finite number, zero or above",
                ));
            }
        }
        if let Jitter::Factor(factor) = self.settings.jitter
            && !(factor >= 0.0 && factor <= 1.0)
        {
            return Err(ConfigError::new("jitter", "a `jitter` factor must lie in 0.0..=1.0"));
        }
        if let Some(max_elapsed) = self.settings.max_elapsed
            && max_elapsed.is_zero()
        {
            return Err(ConfigError::new("max_elapsed", "`max_elapsed` must be above zero"));
        }
        match &self.settings.budget {
            Some(budget) => budget.validate(),
            None => Ok(()),
        }
    }

    checked! {
        /// ```
        /// use resilience::RetryPolicy;
        ///
        /// const HTTP: RetryPolicy = RetryPolicy::new().max_attempts(5).checked();
        /// ```
        ///
        /// ```compile_fail,E0080
        /// use resilience::RetryPolicy;
        ///
        /// const HTTP: RetryPolicy = RetryPolicy::new().max_attempts(0).checked();
        /// ```
    }

    /// The same, but for what can't work.
    pub(super) fn repaired(mut self) -> Self {
        while let Err(error) = self.validate() {
            match error.setting() {
                "max_attempts" if self.settings.max_attempts == 0 => self.settings.max_attempts = 1,
                "max_attempts" => self.settings.max_attempts = RETRY_MAX_ATTEMPTS,
                "multiplier" => self.settings.multiplier = None,
                "jitter" => self.settings.jitter = Jitter::Full,
                "max_elapsed" => self.settings.max_elapsed = None,
                _ => self.settings.budget = None,
            }
        }
        self
    }

    /// The longest that all attempts and waits together can take, where one attempt takes `per_attempt` at the most;
    /// `None` where nothing limits it. A custom backoff counts as `max_delay`, jitter as its upper bound.
    ///
    /// It is for constants too, and saturates.
    ///
    /// ```
    /// use std::time::Duration;
    /// use resilience::RetryPolicy;
    ///
    /// const HTTP: RetryPolicy = RetryPolicy::new().max_attempts(4).base_delay(Duration::from_millis(50));
    /// // Four attempts, and waits of 50, 100 and 200 ms.
    /// const LONGEST: Option<Duration> = HTTP.worst_case(Some(Duration::from_millis(800)));
    /// assert_eq!(LONGEST, Some(Duration::from_millis(3_550)));
    /// assert_eq!(HTTP.worst_case(None), None);
    /// ```
    pub const fn worst_case(&self, per_attempt: Option<Duration>) -> Option<Duration> {
        self.worst_case_of(per_attempt, self.longest_waits())
    }

    /// The same where errors may say when to come back: any wait can be as long as
    /// [`max_retry_after`](Self::max_retry_after).
    ///
    /// ```
    /// use std::time::Duration;
    /// use resilience::RetryPolicy;
    ///
    /// const HTTP: RetryPolicy = RetryPolicy::new().max_retry_after(Duration::from_secs(10));
    /// assert_eq!(HTTP.worst_case_with_hints(Some(Duration::from_secs(1))), Some(Duration::from_secs(23)));
    /// ```
    pub const fn worst_case_with_hints(&self, per_attempt: Option<Duration>) -> Option<Duration> {
        self.worst_case_of(per_attempt, self.longest_hinted_waits())
    }

    const fn worst_case_of(&self, per_attempt: Option<Duration>, waits: Duration) -> Option<Duration> {
        let Some(per_attempt) = per_attempt else { return None };
        // The last attempt begins before the limit, and then takes its time.
        let limited = match self.settings.max_elapsed {
            Some(limit) => Some(limit.saturating_add(per_attempt)),
            None => None,
        };
        if self.settings.max_attempts == u32::MAX {
            return limited;
        }
        let counted = per_attempt.saturating_mul(self.settings.max_attempts).saturating_add(waits);
        match limited {
            Some(limited) => Some(shorter(limited, counted)),
            None => Some(counted),
        }
    }

    /// How many attempts there may be; `None` for no limit.
    pub(crate) fn attempts(&self) -> Option<u32> {
        (self.settings.max_attempts != u32::MAX).then_some(self.settings.max_attempts)
    }

    pub(crate) const fn longest_waits(&self) -> Duration {
        longest_waits(self, self.waits()).0
    }

    pub(crate) const fn longest_hinted_waits(&self) -> Duration {
        let (_, longest) = longest_waits(self, self.waits());
        longer(longest, self.settings.max_retry_after).saturating_mul(self.waits())
    }

    const fn waits(&self) -> u32 {
        self.settings.max_attempts.saturating_sub(1)
    }

    /// The least that the first wait takes, if there may be one.
    pub(crate) const fn shortest_first_wait(&self) -> Option<Duration> {
        if self.waits() == 0 { None } else { Some(shortest_first_wait(self)) }
    }

    /// The budget, for the site of it.
    #[doc(hidden)]
    pub const fn named_budget(&self) -> Option<NamedBudget> {
        self.settings.budget
    }

    pub(crate) const fn has_budget(&self) -> bool {
        self.settings.budget.is_some()
    }

    pub(crate) const fn limit(&self) -> Option<Duration> {
        self.settings.max_elapsed
    }

    /// Whether every wait is zero, however it grows and whatever is drawn.
    #[inline]
    pub(super) const fn never_waits(&self) -> bool {
        self.settings.base_delay.is_zero() && !matches!(self.settings.backoff, Backoff::Custom(_))
    }

    /// Whether a failed attempt is followed by the next one with nothing to work out: no wait, no limit and no budget.
    #[inline]
    pub(super) const fn is_at_once(&self) -> bool {
        self.never_waits() && self.settings.budget.is_none() && self.settings.max_elapsed.is_none()
    }

    pub(super) const fn growth(&self) -> f64 {
        match (self.settings.multiplier, self.settings.backoff) {
            (Some(multiplier), _) => multiplier,
            (None, Backoff::Linear) => RETRY_LINEAR_MULTIPLIER,
            (None, _) => RETRY_MULTIPLIER,
        }
    }
}

impl fmt::Display for RetryPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.settings.max_attempts {
            u32::MAX => f.write_str("unlimited attempts")?,
            1 => f.write_str("1 attempt")?,
            attempts => write!(f, "{attempts} attempts")?,
        }
        let (growth, base) = (self.growth(), Length(self.settings.base_delay));
        match self.settings.backoff {
            Backoff::Constant => write!(f, ", every {base}")?,
            Backoff::Linear => write!(f, ", linear from {base} by {growth}")?,
            Backoff::Exponential => write!(f, ", exponential from {base} × {growth}")?,
            Backoff::Fibonacci => write!(f, ", fibonacci from {base}")?,
            Backoff::Custom(_) => f.write_str(", custom backoff")?,
        }
        if !matches!(self.settings.backoff, Backoff::Constant) {
            write!(f, " to {}", Length(self.settings.max_delay))?;
        }
        match self.settings.jitter {
            Jitter::None => {}
            Jitter::Full => f.write_str(", full jitter")?,
            Jitter::Equal => f.write_str(", equal jitter")?,
            Jitter::Decorrelated => f.write_str(", decorrelated jitter")?,
            Jitter::Factor(factor) => write!(f, ", jitter ±{factor}")?,
        }
        if let Some(limit) = self.settings.max_elapsed {
            write!(f, ", within {}", Length(limit))?;
        }
        match self.settings.budget {
            Some(budget) => write!(f, ", {budget}"),
            None => Ok(()),
        }
    }
}
