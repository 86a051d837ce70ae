//! What a rate limiter reports: its events and its figures.

use std::fmt;
use std::time::Duration;

use crate::name::Name;

/// What happened at a rate limiter; what its listeners are told.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum RateLimiterEvent {
    /// A call was let through.
    #[non_exhaustive]
    Allowed {
        /// The rate limiter.
        name: Name,
        /// How long it waited for its turn; zero for most.
        waited: Duration,
    },
    /// A call was refused.
    #[non_exhaustive]
    Rejected {
        /// The rate limiter.
        name: Name,
        /// How long until it would be let through; `None` for a call that never is.
        retry_after: Option<Duration>,
    },
    /// The rate in force changed.
    #[non_exhaustive]
    RateChanged {
        /// The rate limiter.
        name: Name,
        /// The calls every `per` before.
        from: f64,
        /// The calls every `per` from now on.
        to: f64,
        /// Why.
        cause: RateChangeCause,
    },
}

impl RateLimiterEvent {
    /// The rate limiter's name.
    pub fn name(&self) -> &str {
        match self {
            Self::Allowed { name, .. } | Self::Rejected { name, .. } | Self::RateChanged { name, .. } => name,
        }
    }
}

/// Why the rate in force changed.
///
/// ```
/// assert_eq!(resilience::RateChangeCause::Server.to_string(), "the server said so");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RateChangeCause {
    /// By `set_rate`, `reconfigure` or `reset`.
    Manual,
    /// A call failed.
    Failure,
    /// The headers of a response.
    Server,
    /// Time went by since one of the others.
    Recovery,
}

impl fmt::Display for RateChangeCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Manual => "by hand",
            Self::Failure => "a call failed",
            Self::Server => "the server said so",
            Self::Recovery => "time went by",
        })
    }
}

/// What a rate limiter looks like at a moment.
///
/// ```
/// use resilience::{RateLimitPolicy, RateLimiter};
///
/// let limiter = RateLimiter::new("quotes", RateLimitPolicy::new().rate(1))?;
/// limiter.try_acquire(1)?;
/// assert!(limiter.try_acquire(1).is_err());
/// let metrics = limiter.metrics();
/// assert_eq!((metrics.allowed, metrics.rejected, metrics.waited), (1, 1, 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct RateLimiterMetrics {
    /// Calls that were let through since the limiter was made; those that waited among them.
    pub allowed: u64,
    /// Calls that were refused.
    pub rejected: u64,
    /// Calls that were let through after they had waited.
    pub waited: u64,
    /// Callers in line.
    pub queued: u32,
    /// What could be let through at once now, in calls.
    pub available: f64,
    /// The rate in force: calls every `per`.
    pub rate: f64,
}
