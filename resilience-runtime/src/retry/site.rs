//! The static that `#[retry]` leaves in a function.

use std::fmt;
use std::time::Duration;

use super::policy::RetryPolicy;
use super::settings::RetrySettings;
use crate::budget::BudgetSite;

/// One `#[retry]`.
#[derive(Debug)]
pub struct RetrySite {
    function: &'static str,
    policy: RetryPolicy,
    dynamic: &'static [&'static str],
    // Not a reference: the compiler would find out for each annotated function that threads may share what it refers to.
    budget: Option<fn() -> &'static BudgetSite>,
    hinted: bool,
    waits_for_circuits: bool,
}

impl RetrySite {
    /// For the function of this name.
    pub const fn new(function: &'static str, policy: RetryPolicy) -> Self {
        Self { function, policy, dynamic: &[], budget: None, hinted: false, waits_for_circuits: false }
    }

    /// Settings that are worked out anew for every call, as the source spells them.
    #[must_use]
    pub const fn dynamic(mut self, settings: &'static [&'static str]) -> Self {
        self.dynamic = settings;
        self
    }

    /// Where the budget is that the policy may name. It stands apart, so that the site itself stays a constant for the
    /// optimiser.
    #[must_use]
    pub const fn with_budget(mut self, budget: fn() -> &'static BudgetSite) -> Self {
        if self.policy.settings.budget.is_some() {
            self.budget = Some(budget);
        }
        self
    }

    /// Its waits may be as long as something else says.
    #[must_use]
    pub const fn hinted(mut self) -> Self {
        self.hinted = true;
        self
    }

    /// It waits for open circuits, which burns no attempt.
    #[must_use]
    pub const fn waiting_for_circuits(mut self) -> Self {
        self.waits_for_circuits = true;
        self
    }

    pub(crate) const fn waits_for_circuits(&self) -> bool {
        self.waits_for_circuits
    }

    pub(crate) const fn longest_waits(&self) -> Duration {
        if self.hinted { self.policy.longest_hinted_waits() } else { self.policy.longest_waits() }
    }

    /// The longest that all attempts and waits together can take.
    pub const fn worst_case(&self, per_attempt: Option<Duration>) -> Option<Duration> {
        if self.waits_for_circuits {
            // How often a circuit opens between two attempts is not the retry's to say.
            self.policy.unlimited_attempts().worst_case(per_attempt)
        } else if self.hinted {
            self.policy.worst_case_with_hints(per_attempt)
        } else {
            self.policy.worst_case(per_attempt)
        }
    }

    /// The budget, if the attribute's own settings name one.
    #[inline]
    pub(crate) fn budget(&self) -> Option<&'static BudgetSite> {
        self.budget.map(|budget| budget())
    }

    /// The settings that are worked out anew for every call, as the source spells them.
    pub(crate) const fn of_each_call(&self) -> &'static [&'static str] {
        self.dynamic
    }

    /// The settings, without those that are worked out anew for every call.
    #[inline]
    pub const fn policy(&self) -> &RetryPolicy {
        &self.policy
    }

    /// The function, as `module::function`.
    pub const fn function(&self) -> &'static str {
        self.function
    }
}

impl fmt::Display for RetrySite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let budget = self.policy.settings.budget.map(|budget| budget.in_force(self.budget()));
        let settings = RetrySettings { budget, ..self.policy.settings };
        RetryPolicy { settings }.fmt(f)?;
        if !self.dynamic.is_empty() {
            write!(f, "; for each call {}", self.dynamic.join(", "))?;
        }
        Ok(())
    }
}
