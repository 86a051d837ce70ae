//! The static that `#[hedge]` leaves in a function.

use std::fmt;
use std::time::Duration;

#[cfg(feature = "tokio")]
use super::future::Caller;
use super::policy::HedgePolicy;
use super::settings::HedgeSettings;
#[cfg(feature = "tokio")]
use crate::budget::NamedBudget;
use crate::budget::{BudgetSite, RetryBudget};
#[cfg(feature = "tokio")]
use crate::figures::Key;

/// One `#[hedge]`.
#[derive(Debug)]
pub struct HedgeSite {
    function: &'static str,
    policy: HedgePolicy,
    dynamic: &'static [&'static str],
    // See that of a retry's site.
    budget: Option<fn() -> &'static BudgetSite>,
}

impl HedgeSite {
    /// For the function of this name.
    pub const fn new(function: &'static str, policy: HedgePolicy) -> Self {
        Self { function, policy, dynamic: &[], budget: None }
    }

    /// Settings that are worked out anew for every call, as the source spells them.
    #[must_use]
    pub const fn dynamic(mut self, settings: &'static [&'static str]) -> Self {
        self.dynamic = settings;
        self
    }

    /// Where the budget is that the policy may name.
    #[must_use]
    pub const fn with_budget(mut self, budget: fn() -> &'static BudgetSite) -> Self {
        if self.policy.settings.budget.is_some() {
            self.budget = Some(budget);
        }
        self
    }

    /// The longest that all calls together can take; `None` where each call has settings of its own as well.
    pub const fn worst_case(&self, inside: Option<Duration>) -> Option<Duration> {
        if self.dynamic.is_empty() { self.policy.worst_case(inside) } else { None }
    }

    /// How long a call may take before a further one is made, unless each call works something out.
    pub(crate) fn delay(&self) -> Option<Duration> {
        self.dynamic.is_empty().then_some(self.policy.settings.after)
    }

    /// Pays in for one call, by the settings in force for it.
    #[inline]
    pub fn deposit(&'static self, policy: &HedgePolicy) {
        if let Some(budget) = policy.settings.budget {
            budget.with_own(self.budget(), RetryBudget::deposit);
        }
    }

    /// The budget, if the attribute's own settings name one.
    pub(crate) fn budget(&self) -> Option<&'static BudgetSite> {
        self.budget.map(|budget| budget())
    }

    /// The settings, without those that are worked out anew for every call.
    #[inline]
    pub const fn policy(&self) -> &HedgePolicy {
        &self.policy
    }

    /// The function, as `module::function`.
    pub const fn function(&self) -> &'static str {
        self.function
    }
}

#[cfg(feature = "tokio")]
impl Caller for &'static HedgeSite {
    fn function(self) -> &'static str {
        HedgeSite::function(self)
    }

    fn with_budget<T>(self, budget: NamedBudget, run: impl FnOnce(&RetryBudget) -> T) -> T {
        budget.with_own(self.budget(), run)
    }

    fn key(self) -> Key {
        Key::site(self)
    }
}

impl fmt::Display for HedgeSite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let budget = self.policy.settings.budget.map(|budget| budget.in_force(self.budget()));
        let after = self.delay();
        let settings = HedgeSettings { budget, ..self.policy.settings };
        HedgePolicy { settings }.describe(f, after)?;
        if !self.dynamic.is_empty() {
            write!(f, "; for each call {}", self.dynamic.join(", "))?;
        }
        Ok(())
    }
}
