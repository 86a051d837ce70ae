//! Retry budget: retries are a share of the calls, so that those who retry can't bring down what is struggling.
//!
//! The idea is that of Finagle's `RetryBudget` and of the chapter "Handling Overload" in "Site Reliability
//! Engineering" (Beyer and others, 2016).

mod bucket;
pub(crate) mod defaults;
mod policy;
mod settings;
#[cfg(feature = "attributes")]
mod site;

use std::any::TypeId;
use std::fmt;
use std::sync::Arc;

pub use self::policy::RetryBudgetPolicy;
pub use self::settings::{NamedBudget, RetryBudgetSettings};
#[cfg(feature = "attributes")]
pub use self::site::{BudgetSite, budget_settings, budget_site};

use self::bucket::Bucket;
use crate::clock::Instant;
use crate::config::{ConfigError, check_name};
use crate::counter::Counter;
use crate::name::Name;
use crate::registry;

/// A handle to a retry budget; cloning it is cheap and shares the tokens.
///
/// Every call pays [`ratio`](RetryBudgetPolicy::ratio) tokens in, and every retry takes one out. Where none is left,
/// nothing is retried, and the last error comes out at once. What a call has paid in lasts for nine to ten seconds.
/// Besides that there are [`min_per_second`](RetryBudgetPolicy::min_per_second) tokens a second, of which those of
/// one second can be saved up. So a dependency that is down sees at most `1 + ratio` times its calls, and the minimum.
///
/// The budgets of `#[retry(budget = …)]` are found by name with `get_retry_budget`. One of your own, for loops of your
/// own, is made by [`new`](Self::new).
///
/// ```
/// use resilience::{RetryBudget, RetryBudgetPolicy};
///
/// let budget = RetryBudget::new("payments", RetryBudgetPolicy::new().ratio(0.5).min_per_second(0))?;
/// budget.deposit();
/// assert!(!budget.try_withdraw());
/// budget.deposit();
/// assert_eq!(budget.available(), 1);
/// assert!(budget.try_withdraw());
/// assert_eq!(budget.metrics().refused, 1);
/// # Ok::<(), resilience::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct RetryBudget(Arc<Core>);

/// One budget.
#[derive(Debug)]
struct Core {
    name: Name,
    policy: RetryBudgetPolicy,
    bucket: Bucket,
    withdrawals: Counter,
    refused: Counter,
}

/// What went through a retry budget since it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryBudgetMetrics {
    /// Calls that paid in.
    pub deposits: u64,
    /// Retries that were paid for.
    pub withdrawals: u64,
    /// Retries that there was no token for.
    pub refused: u64,
}

impl RetryBudget {
    /// A budget of its own, which no registry knows.
    ///
    /// # Errors
    /// An empty name, or settings that can't work; see [`RetryBudgetPolicy::validate`].
    pub fn new(name: impl Into<Name>, policy: RetryBudgetPolicy) -> Result<Self, ConfigError> {
        let name = name.into();
        check_name(&name)?;
        policy.validate()?;
        Ok(Self::from_checked(name, policy))
    }

    pub(crate) fn from_checked(name: Name, policy: RetryBudgetPolicy) -> Self {
        let bucket = Bucket::new(&policy, Instant::now());
        Self(Arc::new(Core { name, policy, bucket, withdrawals: Counter::new(), refused: Counter::new() }))
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The settings in force.
    pub fn policy(&self) -> RetryBudgetPolicy {
        self.0.policy
    }

    /// How many retries there could be right now.
    pub fn available(&self) -> u32 {
        u32::try_from(self.0.bucket.available(Instant::now())).unwrap_or(u32::MAX)
    }

    /// What went through since the budget was made.
    pub fn metrics(&self) -> RetryBudgetMetrics {
        RetryBudgetMetrics {
            deposits: self.0.bucket.deposits(),
            withdrawals: self.0.withdrawals.get(),
            refused: self.0.refused.get(),
        }
    }

    /// Pays in for one call. Once a call, before its first attempt.
    #[inline]
    pub fn deposit(&self) {
        self.0.bucket.deposit(Instant::now);
    }

    /// Takes a token out for one retry; says whether there was one.
    pub fn try_withdraw(&self) -> bool {
        let granted = self.0.bucket.withdraw(Instant::now());
        let counter = if granted { &self.0.withdrawals } else { &self.0.refused };
        counter.increment();
        granted
    }
}

impl NamedBudget {
    /// Runs with the budget of this name. What attributes say of the name comes first.
    #[inline(never)]
    pub(crate) fn with<T>(self, run: impl FnOnce(&RetryBudget) -> T) -> T {
        let id = (self.name, TypeId::of::<RetryBudget>(), 0);
        let make = || {
            let policy = registry::budget_settings(self.name).or(self.policy()).unwrap_or_default();
            RetryBudget::from_checked(Name::from_static(self.name), policy)
        };
        run(&registry::with_registry(|registry| registry.get_or_make(id, make)))
    }
}

impl fmt::Debug for RetryBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RetryBudget")
            .field("name", &self.name())
            .field("available", &self.available())
            .finish_non_exhaustive()
    }
}
