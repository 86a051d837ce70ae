//! What kinds of policies there are.

use std::fmt;

/// The kinds of policies that a function can carry.
///
/// ```
/// assert_eq!(resilience::PolicyKind::CircuitBreaker.to_string(), "circuit_breaker");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PolicyKind {
    /// `#[retry]`
    Retry,
    /// `#[circuit_breaker]`
    CircuitBreaker,
    /// `#[timeout]`
    Timeout,
    /// `#[bulkhead]`
    Bulkhead,
    /// `#[fallback]`
    Fallback,
    /// The budget of `#[retry]` and `#[hedge]`
    RetryBudget,
    /// `#[rate_limit]`
    RateLimit,
    /// `#[resilient]`
    Pipeline,
    /// `#[hedge]`
    Hedge,
}

impl PolicyKind {
    /// The attribute's name, or in words what an attribute makes use of.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::CircuitBreaker => "circuit_breaker",
            Self::Timeout => "timeout",
            Self::Bulkhead => "bulkhead",
            Self::Fallback => "fallback",
            Self::RetryBudget => "retry budget",
            Self::RateLimit => "rate_limit",
            Self::Pipeline => "resilient",
            Self::Hedge => "hedge",
        }
    }
}

impl fmt::Display for PolicyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
