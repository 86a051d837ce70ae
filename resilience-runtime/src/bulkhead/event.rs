//! What a bulkhead reports: its events, its figures.

use std::time::Duration;

use crate::name::Name;

/// What happened at a bulkhead; what its listeners are told.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BulkheadEvent {
    /// A call got its slot.
    #[non_exhaustive]
    Admitted {
        /// The bulkhead.
        name: Name,
        /// How long it stood in line; zero where a slot was free.
        waited: Duration,
    },
    /// No slot was free, and the call stands in line.
    #[non_exhaustive]
    Queued {
        /// The bulkhead.
        name: Name,
    },
    /// A call was refused.
    #[non_exhaustive]
    Rejected {
        /// The bulkhead.
        name: Name,
        /// How long it stood in line; zero where it was refused at once.
        waited: Duration,
    },
    /// A call in line was given up by its caller: its future was dropped.
    #[non_exhaustive]
    Cancelled {
        /// The bulkhead.
        name: Name,
    },
    /// A call ended, and gave its slot back.
    #[non_exhaustive]
    Finished {
        /// The bulkhead.
        name: Name,
    },
    /// The number of slots was changed.
    #[non_exhaustive]
    Resized {
        /// The bulkhead.
        name: Name,
        /// How many calls could run at once.
        from: u32,
        /// How many can now.
        to: u32,
    },
}

impl BulkheadEvent {
    /// The bulkhead's name.
    pub fn name(&self) -> &str {
        match self {
            Self::Admitted { name, .. }
            | Self::Queued { name }
            | Self::Rejected { name, .. }
            | Self::Cancelled { name }
            | Self::Finished { name }
            | Self::Resized { name, .. } => name,
        }
    }
}

/// What a bulkhead looks like at a moment, and what it has seen since it was made.
///
/// ```
/// use resilience::{Bulkhead, BulkheadPolicy};
///
/// let bulkhead = Bulkhead::new("reports", BulkheadPolicy::new(1))?;
/// let slot = bulkhead.try_acquire()?;
/// assert!(bulkhead.try_acquire().is_err());
/// let metrics = bulkhead.metrics();
/// assert_eq!((metrics.active, metrics.queued), (1, 0));
/// assert_eq!((metrics.admitted, metrics.rejected, metrics.timed_out), (1, 1, 0));
/// drop(slot);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BulkheadMetrics {
    /// Calls under way.
    pub active: u32,
    /// Callers in line.
    pub queued: u32,
    /// Calls that got a slot.
    pub admitted: u64,
    /// Calls that were refused, those that stood in line in vain among them.
    pub rejected: u64,
    /// Of those that were refused, the ones that stood in line until their time was over. A call whose future was
    /// dropped there is not counted anywhere.
    pub timed_out: u64,
}
