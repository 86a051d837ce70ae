//! The static that `#[retry]` leaves in a function.

use super::policy::RetryPolicy;

/// One `#[retry]`.
#[derive(Debug)]
pub struct RetrySite {
    function: &'static str,
    policy: RetryPolicy,
}

impl RetrySite {
    /// For the function of this name.
    pub const fn new(function: &'static str, policy: RetryPolicy) -> Self {
        Self { function, policy }
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
