//! The settings of a retry budget.

use std::fmt;

use super::bucket::TOKEN;
use super::defaults::{RETRY_BUDGET_MIN_PER_SECOND, RETRY_BUDGET_RATIO};
use super::settings::RetryBudgetSettings;
use crate::config::{ConfigError, checked};

/// The settings of a retry budget: how many retries there may be for how many calls.
///
/// | setting | default |
/// |---|---|
/// | [`ratio`](Self::ratio) | 0.2: one retry for every five calls |
/// | [`min_per_second`](Self::min_per_second) | 10, whatever the traffic |
///
/// ```
/// use resilience::{RetryBudgetPolicy, RetryPolicy};
///
/// const SPARING: RetryBudgetPolicy = RetryBudgetPolicy::new().ratio(0.1).min_per_second(1);
/// const PAYMENTS: RetryPolicy = RetryPolicy::new().budget_with("payments", SPARING);
/// assert!(PAYMENTS.validate().is_ok());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RetryBudgetPolicy {
    pub(super) settings: RetryBudgetSettings,
}

impl Default for RetryBudgetPolicy {
    fn default() -> Self {
        Self::new()
    }
}

impl RetryBudgetPolicy {
    /// The defaults.
    pub const fn new() -> Self {
        Self {
            settings: RetryBudgetSettings {
                ratio: RETRY_BUDGET_RATIO,
                min_per_second: RETRY_BUDGET_MIN_PER_SECOND,
            },
        }
    }

    /// How many retries each call pays for, from 0.0 to 1.0; kept to four decimals.
    pub const fn ratio(mut self, ratio: f64) -> Self {
        self.settings.ratio = ratio;
        self
    }

    /// How many retries a second there may be without any calls to pay for them.
    pub const fn min_per_second(mut self, min_per_second: u32) -> Self {
        self.settings.min_per_second = min_per_second;
        self
    }

    /// Checks the settings as a whole.
    ///
    /// # Errors
    /// A ratio outside of `0.0..=1.0`, or one so small that it comes to nothing, and settings that allow no retry at
    /// all.
    pub const fn validate(&self) -> Result<(), ConfigError> {
        if !(self.settings.ratio >= 0.0 && self.settings.ratio <= 1.0) {
            return Err(ConfigError::new(
                "ratio",
                "a budget's `ratio` is the retries for each call and must lie in 0.0..=1.0",
            ));
        }
        if self.settings.ratio > 0.0 && self.per_deposit() == 0 {
            return Err(ConfigError::new("ratio", "a budget's `ratio` must be 0.0, or 0.0001 and above"));
        }
        if self.per_deposit() == 0 && self.settings.min_per_second == 0 {
            return Err(ConfigError::new(
                "ratio",
                "a budget without `ratio` and without `min_per_second` would never allow a retry",
            ));
        }
        Ok(())
    }

    checked! {
        /// ```
        /// use resilience::RetryBudgetPolicy;
        ///
        /// const CARDS: RetryBudgetPolicy = RetryBudgetPolicy::new().ratio(0.1).checked();
        /// ```
        ///
        /// ```compile_fail,E0080
        /// use resilience::RetryBudgetPolicy;
        ///
        /// const CARDS: RetryBudgetPolicy = RetryBudgetPolicy::new().ratio(10.0).checked();
        /// ```
    }

    /// What one call pays in, in parts of a token.
    pub(super) const fn per_deposit(&self) -> u64 {
        // In range once the settings are valid, and a cast of a float saturates where they aren't.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
        let parts = (self.settings.ratio * TOKEN as f64 + 0.5) as u64;
        if parts > TOKEN { TOKEN } else { parts }
    }

    pub(super) const fn minimum(&self) -> u32 {
        self.settings.min_per_second
    }
}

impl fmt::Display for RetryBudgetPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} retries a call and {} a second", self.settings.ratio, self.settings.min_per_second)
    }
}
