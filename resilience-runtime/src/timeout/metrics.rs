//! Counts of timeouts.

use crate::figures::Counts;

/// Counts of timeouts since the program began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TimeoutMetrics {
    /// Calls that timed out.
    pub fired: u64,
    /// Results of sync bodies that came after the time was over, and were dropped. An async body is dropped itself, and
    /// has none.
    pub late: u64,
    /// Detached bodies whose callers have left, and which have not returned yet.
    pub abandoned: u64,
}

impl TimeoutMetrics {
    pub(crate) fn add(self, counts: &Counts) -> Self {
        let counts = &counts.timeouts;
        Self {
            fired: self.fired + counts.fired.get(),
            late: self.late + counts.late.get(),
            abandoned: self.abandoned + counts.abandoned.get(),
        }
    }
}
