//! The static that `#[timeout]` leaves in a function.

use std::fmt;
use std::time::Duration;

use super::policy::{TimeoutMode, TimeoutPolicy};
use crate::deadline::Deadline;

/// One `#[timeout]`.
#[derive(Debug)]
pub struct TimeoutSite {
    name: &'static str,
    policy: TimeoutPolicy,
    mode: TimeoutMode,
}

impl TimeoutSite {
    /// Of an async function, with the limit that the attribute gives. One that is worked out anew for every call is zero here.
    pub const fn new(name: &'static str, limit: Duration) -> Self {
        Self::by(name, TimeoutPolicy::new(limit))
    }

    /// The same with `policy = …`, or with a limit that is a constant of the user's.
    pub const fn by(name: &'static str, policy: TimeoutPolicy) -> Self {
        Self { name, policy, mode: TimeoutMode::Async }
    }

    /// Of a sync function.
    #[must_use]
    pub const fn mode(self, mode: TimeoutMode) -> Self {
        Self { mode, ..self }
    }

    /// The limit.
    #[inline]
    pub const fn limit(&self) -> Duration {
        self.policy.duration()
    }

    /// Its name; the function's, where it has none of its own.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The limit, unless it is worked out anew for every call.
    pub(crate) fn known_limit(&self) -> Option<Duration> {
        Some(self.policy.duration()).filter(|limit| !limit.is_zero())
    }

    /// Whether the caller leaves on time, whatever the body does.
    pub(crate) const fn ends_the_call(&self) -> bool {
        !matches!(self.mode, TimeoutMode::Cooperative)
    }

    /// The deadline of a call that begins now.
    #[inline]
    pub(super) fn deadline(&self, limit: Duration) -> Deadline {
        Deadline::begin(limit, self.name)
    }
}

impl fmt::Display for TimeoutSite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.known_limit() {
            Some(_) => self.policy.fmt(f)?,
            None => f.write_str("worked out for each call")?,
        }
        match self.mode {
            TimeoutMode::Async => Ok(()),
            mode => write!(f, ", {mode}"),
        }
    }
}
