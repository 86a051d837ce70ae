//! Bulkhead: at most so many calls at once, so that one slow dependency can't take everything down with it.
//!
//! The pattern is Michael Nygard's, "Release It!", 2007.

pub(crate) mod defaults;
mod policy;
mod queue;
mod site;
mod slot;

use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;

pub use self::policy::BulkheadPolicy;
pub use self::site::BulkheadSite;
pub(crate) use self::slot::Slot;
pub use self::slot::{BulkheadSlot, SharedSlot};

use self::queue::{Enqueued, Place, Queue};
use crate::clock::{Instant, block_until, until};
use crate::config::{ConfigError, check_name};
use crate::counter::Counter;
use crate::deadline::deadline;
use crate::error::Error;
use crate::name::Name;

/// A handle to a bulkhead; cloning it is cheap and shares the slots.
///
/// The bulkheads of attributes are found by name with `get_bulkhead`; one of your own is made by
/// [`new`](Self::new). Sync and async callers share its slots and its queue.
///
/// ```
/// use resilience_runtime::{Bulkhead, BulkheadPolicy};
///
/// let bulkhead = Bulkhead::new("reports", BulkheadPolicy::new(1))?;
/// let slot = bulkhead.acquire()?;
/// assert_eq!(bulkhead.available_slots(), 0);
/// assert!(bulkhead.acquire().unwrap_err().is_bulkhead_full());
/// drop(slot);
/// assert!(bulkhead.acquire().is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Bulkhead(Arc<Core>);

/// One bulkhead.
#[derive(Debug)]
pub struct Core {
    name: Name,
    policy: BulkheadPolicy,
    queue: Queue,
    rejected: Counter,
}

/// What a bulkhead looks like at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BulkheadMetrics {
    /// Calls under way.
    pub active: u32,
    /// Callers in line.
    pub queued: u32,
    /// Calls that were refused since the bulkhead was made.
    pub rejected: u64,
}

impl AsRef<Core> for Bulkhead {
    #[inline]
    fn as_ref(&self) -> &Core {
        &self.0
    }
}

impl Core {
    fn new(name: Name, policy: BulkheadPolicy) -> Self {
        let queue = Queue::new(policy.max_concurrent);
        Self { name, policy, queue, rejected: Counter::new() }
    }

    /// Until when a caller who comes now may wait.
    fn patience(&self) -> Instant {
        Instant::now().after(self.policy.max_wait)
    }

    #[cold]
    #[inline(never)]
    fn enqueue(&self) -> Result<Option<Place<'_>>, Error> {
        if self.policy.max_wait.is_zero() {
            return Err(self.refuse());
        }
        let max_queue = self.policy.max_queue.map_or(usize::MAX, |queue| queue as usize);
        match self.queue.enqueue(max_queue) {
            Enqueued::Granted => Ok(None),
            Enqueued::Waiting(place) => Ok(Some(place)),
            Enqueued::Full => Err(self.refuse()),
        }
    }

    fn refuse(&self) -> Error {
        self.rejected.increment();
        Error::BulkheadFull { name: self.name.clone(), max_concurrent: self.policy.max_concurrent }
    }

    fn wait_for_slot(&self) -> Result<(), Error> {
        let Some(mut place) = self.enqueue()? else { return Ok(()) };
        // Nothing but the wait itself can end it at the deadline.
        let patience = self.patience();
        let patience = deadline().map_or(patience, |deadline| patience.min(deadline.at()));
        let granted = block_until(patience, |cx| place.poll(cx));
        self.after_wait(granted, place)
    }

    async fn wait_for_slot_async(&self) -> Result<(), Error> {
        let Some(mut place) = self.enqueue()? else { return Ok(()) };
        // At a deadline the timeout drops this wait, and it is the timeout that the caller has to hear of.
        let granted = until(self.patience(), poll_fn(|cx| place.poll(cx))).await;
        self.after_wait(granted.is_some(), place)
    }

    fn after_wait(&self, granted: bool, place: Place<'_>) -> Result<(), Error> {
        // The slot may have been handed over at the last moment.
        if granted || place.leave() { Ok(()) } else { Err(self.refuse()) }
    }
}

impl Bulkhead {
    /// A bulkhead of its own, which no registry knows.
    ///
    /// # Errors
    /// An empty name, or settings that can't work; see [`BulkheadPolicy::validate`].
    pub fn new(name: impl Into<Name>, policy: BulkheadPolicy) -> Result<Self, ConfigError> {
        let name = name.into();
        check_name(&name)?;
        policy.validate()?;
        Ok(Self::from_checked(name, policy))
    }

    pub(crate) fn from_checked(name: Name, policy: BulkheadPolicy) -> Self {
        Self(Arc::new(Core::new(name, policy)))
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The settings in force.
    pub fn policy(&self) -> BulkheadPolicy {
        self.0.policy
    }

    /// How many slots are free.
    pub fn available_slots(&self) -> u32 {
        self.0.queue.free()
    }

    /// How many calls are under way.
    pub fn active_calls(&self) -> u32 {
        self.0.policy.max_concurrent.saturating_sub(self.available_slots())
    }

    /// How many callers are in line.
    pub fn queued(&self) -> u32 {
        u32::try_from(self.0.queue.waiting()).unwrap_or(u32::MAX)
    }

    /// What the bulkhead looks like now.
    pub fn metrics(&self) -> BulkheadMetrics {
        BulkheadMetrics {
            active: self.active_calls(),
            queued: self.queued(),
            rejected: self.0.rejected.get(),
        }
    }

    /// Takes a slot, and blocks the thread for up to `max_wait` if none is free.
    ///
    /// # Errors
    /// [`Error::BulkheadFull`].
    pub fn acquire(&self) -> Result<BulkheadSlot, Error> {
        if !self.0.queue.try_acquire() {
            self.0.wait_for_slot()?;
        }
        Ok(BulkheadSlot::new(self.clone()))
    }

    /// Takes a slot, and waits for up to `max_wait` if none is free. A caller that stops waiting loses nothing
    /// for the others.
    ///
    /// # Errors
    /// [`Error::BulkheadFull`].
    pub async fn acquire_async(&self) -> Result<BulkheadSlot, Error> {
        if !self.0.queue.try_acquire() {
            self.0.wait_for_slot_async().await?;
        }
        Ok(BulkheadSlot::new(self.clone()))
    }

    /// A slot without a reference count, if one is free.
    #[inline]
    pub(crate) fn try_slot(&self) -> Option<Slot<&Self>> {
        if self.0.queue.try_acquire() { Some(Slot::new(self)) } else { None }
    }

    #[track_caller]
    pub(crate) fn wait_slot(&self) -> Result<Slot<&Self>, Error> {
        self.0.wait_for_slot()?;
        Ok(Slot::new(self))
    }

    #[cfg(feature = "tokio")]
    pub(crate) async fn wait_slot_async(&self) -> Result<Slot<&Self>, Error> {
        self.0.wait_for_slot_async().await?;
        Ok(Slot::new(self))
    }

    /// Runs one call in a slot.
    ///
    /// # Errors
    /// The call's own, or a refusal as `E`.
    pub fn call<T, E: From<Error>>(&self, call: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let _slot = self.acquire()?;
        call()
    }

    /// Runs one call in a slot.
    ///
    /// # Errors
    /// The call's own, or a refusal as `E`.
    pub async fn call_async<T, E: From<Error>>(
        &self,
        call: impl AsyncFnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let _slot = self.acquire_async().await?;
        call().await
    }
}

impl fmt::Debug for Bulkhead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bulkhead")
            .field("name", &self.name())
            .field("active", &self.active_calls())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_blocking_wait_ends_although_the_runtimes_clock_stands_still() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.expect("a runtime").block_on(async {
            let policy = BulkheadPolicy::new(1).max_wait(Duration::from_millis(1));
            let bulkhead = Bulkhead::new("paused", policy).expect("settings that work");
            let _slot = bulkhead.acquire();
            assert!(bulkhead.acquire().is_err());
        });
    }
}
