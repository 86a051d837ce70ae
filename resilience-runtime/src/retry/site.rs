//! The static that `#[retry]` leaves in a function.

use std::fmt;

use super::policy::RetryPolicy;

/// One `#[retry]`.
#[derive(Debug)]
pub struct RetrySite {
    function: &'static str,
    policy: RetryPolicy,
    dynamic: &'static [&'static str],
}

impl RetrySite {
    /// For the function of this name.
    pub const fn new(function: &'static str, policy: RetryPolicy) -> Self {
        Self { function, policy, dynamic: &[] }
    }

    /// Settings that are worked out anew for every call, as the source spells them.
    #[must_use]
    pub const fn dynamic(mut self, settings: &'static [&'static str]) -> Self {
        self.dynamic = settings;
        self
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
        self.policy.fmt(f)?;
        if !self.dynamic.is_empty() {
            write!(f, "; for each call {}", self.dynamic.join(", "))?;
        }
        Ok(())
    }
}
