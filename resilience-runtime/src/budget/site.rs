//! The static that `budget = …` leaves in a function.

use std::borrow::Borrow;

use super::RetryBudget;
use super::policy::RetryBudgetPolicy;
use super::settings::NamedBudget;
use crate::config::ConfigError;
use crate::name::Name;
use crate::registry::Instance;
use crate::site::{InstanceSite, PolicyKind};

/// One use of a budget.
pub type BudgetSite = InstanceSite<RetryBudget>;

impl BudgetSite {
    /// Runs with the budget.
    pub(crate) fn with<T>(&'static self, run: impl FnOnce(&RetryBudget) -> T) -> T {
        run(Borrow::<RetryBudget>::borrow(&self.instance()))
    }
}

impl NamedBudget {
    /// Runs with the budget of this name: the attribute's own, unless other settings were made for this call.
    #[inline(never)]
    pub(crate) fn with_own<T>(
        self,
        site: Option<&'static BudgetSite>,
        run: impl FnOnce(&RetryBudget) -> T,
    ) -> T {
        match site {
            // Most often it is the same text, which then needn't be compared.
            Some(site) if std::ptr::eq(site.name(), self.name) || site.name() == self.name => site.with(run),
            _ => self.with(run),
        }
    }

    /// The same with the settings that are in force, where an attribute names it.
    pub(crate) fn in_force(self, site: Option<&'static BudgetSite>) -> Self {
        Self { settings: site.map(|site| site.with(RetryBudget::policy).settings()), ..self }
    }
}

/// The use of the budget that settings name, if they do.
pub const fn budget_site(budget: Option<NamedBudget>, settings: fn() -> RetryBudgetPolicy) -> BudgetSite {
    match budget {
        Some(NamedBudget { name, settings: Some(_) }) => BudgetSite::named(name, settings),
        Some(NamedBudget { name, settings: None }) => BudgetSite::sharing(name),
        None => BudgetSite::unnamed("", settings),
    }
}

/// The settings that a budget is given where it is named.
pub const fn budget_settings(budget: Option<NamedBudget>) -> RetryBudgetPolicy {
    if let Some(budget) = budget
        && let Some(policy) = budget.policy()
    {
        return policy;
    }
    RetryBudgetPolicy::new()
}

impl Instance for RetryBudget {
    type Policy = RetryBudgetPolicy;

    const KIND: PolicyKind = PolicyKind::RetryBudget;

    fn make(name: Name, policy: Self::Policy) -> Self {
        Self::from_checked(name, policy)
    }

    fn policy(&self) -> Self::Policy {
        self.policy()
    }

    fn reconfigured(&self, _: Self::Policy) -> bool {
        false
    }

    fn default_policy() -> Self::Policy {
        RetryBudgetPolicy::new()
    }

    fn validate(policy: &Self::Policy) -> Result<(), ConfigError> {
        policy.validate()
    }

    const NEEDS_SETTINGS: bool = false;

    fn repaired(_: Self::Policy) -> Self::Policy {
        RetryBudgetPolicy::new()
    }

    #[cfg(feature = "keyed")]
    fn has_nothing_to_remember(&self, _: &Self) -> bool {
        crate::last_use::has_one_owner(&self.0)
    }

    #[cfg(feature = "keyed")]
    fn make_rejecting(name: Name) -> Self {
        Self::make(name, RetryBudgetPolicy::new().ratio(0.0).min_per_second(0))
    }
}
