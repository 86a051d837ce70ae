//! The static that `#[retry(budget = …)]` leaves in a function.

use std::borrow::Borrow;

use super::RetryBudget;
use super::policy::RetryBudgetPolicy;
use crate::config::ConfigError;
use crate::name::Name;
use crate::registry::{Instance, Registry, Table};
use crate::site::{InstanceSite, Location, PolicyKind, SiteName, SitePolicy};

/// One use of a budget.
#[derive(Debug)]
pub struct BudgetSite(pub(crate) InstanceSite<RetryBudget>);

impl BudgetSite {
    /// Without settings, the site takes those that another site declares for the name.
    pub const fn new(
        name: SiteName,
        settings: Option<fn() -> RetryBudgetPolicy>,
        location: Location,
    ) -> Self {
        Self(InstanceSite::new(name, settings, location))
    }

    /// The name.
    pub(crate) const fn name(&self) -> &'static str {
        self.0.name.as_str()
    }

    /// Runs with the budget.
    pub(crate) fn with<T>(&'static self, run: impl FnOnce(&RetryBudget) -> T) -> T {
        run(Borrow::<RetryBudget>::borrow(&self.0.instance()))
    }
}

impl Instance for RetryBudget {
    type Policy = RetryBudgetPolicy;

    const KIND: PolicyKind = PolicyKind::RetryBudget;

    fn make(name: Name, policy: Self::Policy) -> Self {
        Self::from_checked(name, policy)
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

    fn site(policy: &SitePolicy) -> Option<&'static InstanceSite<Self>> {
        match policy {
            SitePolicy::Retry(site) => site.budget().map(|budget| &budget.0),
            _ => None,
        }
    }

    /// A budget has a name of its own, in a pipeline too.
    fn of_pipeline(_: &dyn crate::pipeline::Entry) -> Option<Self> {
        None
    }

    fn table(registry: &Registry) -> &Table<Self> {
        &registry.budgets
    }

    #[cfg(feature = "keyed")]
    fn has_nothing_to_remember(&self, _: &Self::Policy) -> bool {
        std::sync::Arc::strong_count(&self.0) == 1
    }
}
