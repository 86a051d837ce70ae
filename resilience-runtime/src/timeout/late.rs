//! What came when nobody waited for it any more, counted for each timeout.

use std::sync::Arc;

use super::site::TimeoutSite;
use crate::figures::Figures;
use crate::registry::with_registry;

/// What timeouts have seen since the program began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TimeoutMetrics {
    /// Results of sync bodies that came after the time was over, and were dropped. An async body is dropped itself, and
    /// has none.
    pub late: u64,
    /// Detached bodies that nobody waits for any more, and which have not returned yet.
    pub abandoned: u64,
}

/// The figures of all timeouts: the program's, or those of a test that is isolated.
pub(super) fn figures() -> Arc<Figures> {
    with_registry(|registry| Arc::clone(&registry.figures))
}

/// A result came too late.
#[cold]
pub(super) fn count(site: &'static TimeoutSite) {
    figures().count(site, |seen| seen.timeout.late += 1);
}
