//! What a call says about the service.

use std::time::Duration;

/// How a call ended, as far as the breaker is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It worked.
    Success,
    /// It failed in a way that counts.
    Failure,
    /// It failed in a way that counts, and said for how long to leave the service alone.
    FailureWithHint(Duration),
    /// It says nothing about the service: left out by the filter, cancelled, or refused further in.
    Ignored,
}

impl Verdict {
    /// A failure, with what the error says about when to come back.
    #[inline]
    pub fn failure(retry_after: Option<Duration>) -> Self {
        retry_after.map_or(Self::Failure, Self::FailureWithHint)
    }

    pub(super) const fn is_failure(self) -> bool {
        matches!(self, Self::Failure | Self::FailureWithHint(_))
    }

    pub(super) const fn hint(self) -> Option<Duration> {
        match self {
            Self::FailureWithHint(hint) => Some(hint),
            _ => None,
        }
    }
}
