//! The settings of a hedge.

use std::fmt;
use std::time::Duration;

use super::defaults::{HEDGE_MAX, HEDGE_MAX_LIMIT};
use super::settings::HedgeSettings;
use crate::budget::{NamedBudget, RetryBudgetPolicy};
use crate::clock::Length;
use crate::config::{ConfigError, checked};

/// The settings of `#[hedge]`, as a value to share between functions.
///
/// | setting | default |
/// |---|---|
/// | [`after`](Self::after) | none: it must be given. Best is what nineteen calls in twenty take at the most |
/// | [`max`](Self::max) | 1 further call |
/// | [`budget`](Self::budget) | none |
///
/// ```
/// use std::time::Duration;
/// use resilience::HedgePolicy;
///
/// const READS: HedgePolicy = HedgePolicy::new(Duration::from_millis(50)).max(2);
/// assert!(READS.validate().is_ok());
/// assert_eq!(READS.max(0).validate().unwrap_err().setting(), "max");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HedgePolicy {
    pub(super) settings: HedgeSettings,
}

impl HedgePolicy {
    /// One further call beside a call that takes longer than this.
    pub const fn new(after: Duration) -> Self {
        Self { settings: HedgeSettings { after, max: HEDGE_MAX, budget: None } }
    }

    /// How long a call may take before a further one is made, and so long again before the next. Zero means at once: a
    /// call that has to wait for anything has all further calls beside it, and no timer is touched.
    pub const fn after(mut self, after: Duration) -> Self {
        self.settings.after = after;
        self
    }

    /// How many further calls there may be, from 1 to 10; the first call isn't counted.
    pub const fn max(mut self, max: u32) -> Self {
        self.settings.max = max;
        self
    }

    /// Every further call takes a token out of the [`RetryBudget`](crate::RetryBudget) of this name, which it shares
    /// with all retries that name it; where none is left, no further call is made. Its settings are those that somebody
    /// else gives for the name, or the defaults.
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
    /// No further calls or more than ten, or a budget without a name or with settings that can't work.
    pub const fn validate(&self) -> Result<(), ConfigError> {
        if self.settings.max == 0 {
            return Err(ConfigError::new("max", "`max` must be above zero: no further call would be made"));
        }
        if self.settings.max > HEDGE_MAX_LIMIT {
            return Err(ConfigError::new(
                "max",
                "`max` is 10 at the most: each further call is as much load as the first",
            ));
        }
        match &self.settings.budget {
            Some(budget) => budget.validate(),
            None => Ok(()),
        }
    }

    checked! {
        /// ```
        /// use resilience::HedgePolicy;
        /// use std::time::Duration;
        ///
        /// const READS: HedgePolicy = HedgePolicy::new(Duration::from_millis(50)).checked();
        /// ```
        ///
        /// ```compile_fail,E0080
        /// use resilience::HedgePolicy;
        /// use std::time::Duration;
        ///
        /// const READS: HedgePolicy = HedgePolicy::new(Duration::from_millis(50)).max(0).checked();
        /// ```
    }

    /// The same, but for what can't work.
    pub(super) fn repaired(mut self) -> Self {
        while let Err(error) = self.validate() {
            match error.setting() {
                "max" => self.settings.max = self.settings.max.clamp(1, HEDGE_MAX_LIMIT),
                _ => self.settings.budget = None,
            }
        }
        self
    }

    /// The longest that all calls together can take, where one takes `inside` at the most; `None` where nothing limits
    /// it.
    ///
    /// It is for constants too, and saturates.
    ///
    /// ```
    /// use std::time::Duration;
    /// use resilience::HedgePolicy;
    ///
    /// const READS: HedgePolicy = HedgePolicy::new(Duration::from_millis(50)).max(2);
    /// // The last call is begun after 100 ms.
    /// assert_eq!(READS.worst_case(Some(Duration::from_millis(800))), Some(Duration::from_millis(900)));
    /// assert_eq!(READS.worst_case(Some(Duration::from_millis(40))), Some(Duration::from_millis(40)));
    /// assert_eq!(READS.worst_case(None), None);
    /// ```
    pub const fn worst_case(&self, inside: Option<Duration>) -> Option<Duration> {
        match inside {
            Some(inside) if self.settings.after.as_nanos() < inside.as_nanos() => {
                Some(self.settings.after.saturating_mul(self.settings.max).saturating_add(inside))
            }
            // Over before a further call is due.
            _ => inside,
        }
    }

    /// The budget, for the site of it.
    #[doc(hidden)]
    pub const fn named_budget(&self) -> Option<NamedBudget> {
        self.settings.budget
    }

    pub(crate) const fn delay(&self) -> Duration {
        self.settings.after
    }

    pub(crate) const fn further_calls(&self) -> u32 {
        self.settings.max
    }
}

impl HedgePolicy {
    /// In words, with the time that calls are given if it is known.
    pub(super) fn describe(&self, f: &mut fmt::Formatter<'_>, after: Option<Duration>) -> fmt::Result {
        match self.settings.max {
            1 => f.write_str("1 further call")?,
            max => write!(f, "{max} further calls")?,
        }
        match (after, self.settings.max) {
            (None, _) => {}
            (Some(Duration::ZERO), _) => f.write_str(" at once")?,
            (Some(after), 1) => write!(f, " after {}", Length(after))?,
            (Some(after), _) => write!(f, ", one each {}", Length(after))?,
        }
        match self.settings.budget {
            Some(budget) => write!(f, ", {budget}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for HedgePolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.describe(f, Some(self.settings.after))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);
    const POLICY: HedgePolicy = HedgePolicy::new(Duration::from_millis(50));

    #[test]
    fn settings_that_can_not_work_are_refused_and_made_do_without() {
        let told = |policy: HedgePolicy| policy.validate().map_err(|error| error.setting());
        assert_eq!(told(POLICY.max(0)), Err("max"));
        assert_eq!(told(POLICY.max(11)), Err("max"));
        assert_eq!(told(POLICY.budget(" ")), Err("budget"));
        let nothing = RetryBudgetPolicy::new().ratio(0.0).min_per_second(0);
        assert_eq!(told(POLICY.budget_with("b", nothing)), Err("ratio"));
        for after in [Duration::ZERO, Duration::MAX] {
            assert_eq!(told(POLICY.after(after).max(10).budget("b")), Ok(()));
        }
        assert_eq!(POLICY.max(0).repaired(), POLICY);
        assert_eq!(POLICY.max(99).budget("").repaired(), POLICY.max(10));
        assert_eq!(POLICY.budget_with("b", nothing).repaired(), POLICY);
    }

    #[test]
    fn the_worst_case_saturates() {
        assert_eq!(POLICY.max(10).worst_case(Some(51 * MS)), Some(551 * MS));
        assert_eq!(POLICY.worst_case(Some(50 * MS)), Some(50 * MS));
        assert_eq!(POLICY.after(Duration::ZERO).worst_case(Some(MS)), Some(MS));
        assert_eq!(POLICY.worst_case(Some(Duration::MAX)), Some(Duration::MAX));
    }

    #[test]
    fn it_reads_as_a_sentence() {
        assert_eq!(POLICY.to_string(), "1 further call after 50ms");
        assert_eq!(POLICY.max(3).to_string(), "3 further calls, one each 50ms");
        assert_eq!(POLICY.after(Duration::ZERO).max(2).to_string(), "2 further calls at once");
        let budget = RetryBudgetPolicy::new();
        assert_eq!(POLICY.budget("b").to_string(), "1 further call after 50ms, budget `b`");
        assert_eq!(
            POLICY.budget_with("b", budget).to_string(),
            "1 further call after 50ms, budget `b` of 0.2 retries a call and 10 a second"
        );
    }
}
