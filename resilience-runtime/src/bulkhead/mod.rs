//! Bulkhead: at most so many calls at once, so that one slow dependency can't take everything down with it.
//!
//! The pattern is Michael Nygard's, "Release It!", 2007.

mod at_once;
mod core;
pub(crate) mod defaults;
mod event;
#[cfg(feature = "attributes")]
mod future;
mod policy;
mod queue;
mod settings;
#[cfg(feature = "attributes")]
mod site;
mod slot;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use self::at_once::AtOnceOr;
pub use self::core::Core;
pub use self::event::{BulkheadEvent, BulkheadMetrics};
pub use self::policy::BulkheadPolicy;
pub use self::settings::BulkheadSettings;
#[cfg(feature = "attributes")]
pub use self::site::BulkheadSite;
pub use self::slot::BulkheadSlot;
#[cfg(feature = "attributes")]
pub use self::slot::SharedSlot;
pub(crate) use self::slot::Slot;

use crate::config::{ConfigError, check_name};
use crate::error::Error;
use crate::event::{Subscription, erased};
use crate::name::Name;

/// A handle to a bulkhead; cloning it is cheap and shares the slots.
///
/// The bulkheads of attributes are found by name with `get_bulkhead`; one of your own is made by
/// [`new`](Self::new). Sync and async callers share its slots and its queue.
///
/// ```
/// use resilience::{Bulkhead, BulkheadPolicy};
///
/// let bulkhead = Bulkhead::new("reports", BulkheadPolicy::new(1))?;
/// let slot = bulkhead.try_acquire()?;
/// assert_eq!(bulkhead.available_slots(), 0);
/// assert!(bulkhead.try_acquire().unwrap_err().is_bulkhead_full());
/// drop(slot);
/// assert!(bulkhead.try_acquire().is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Bulkhead(Arc<Core>);

impl AsRef<Core> for Bulkhead {
    #[inline]
    fn as_ref(&self) -> &Core {
        &self.0
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
        self.0.policy()
    }

    /// How many slots are free.
    pub fn available_slots(&self) -> u32 {
        self.0.queue.free()
    }

    /// How many calls are under way. More than `max_concurrent` while a bulkhead that was made smaller has calls from
    /// before.
    pub fn active_calls(&self) -> u32 {
        self.0.queue.figures().active
    }

    /// How many callers are in line.
    pub fn queued(&self) -> u32 {
        self.0.queue.figures().waiting
    }

    /// What the bulkhead looks like now, and what it has seen since it was made.
    pub fn metrics(&self) -> BulkheadMetrics {
        self.0.metrics()
    }

    /// Has another number of slots from here on. More of them go to those in line, in their order. Fewer end no call:
    /// those under way go on, and their slots are gone once they come free.
    ///
    /// # Errors
    /// Zero, with which no call could ever run. Nothing changes then.
    ///
    /// ```
    /// use resilience::{Bulkhead, BulkheadPolicy};
    ///
    /// let bulkhead = Bulkhead::new("reports", BulkheadPolicy::new(2))?;
    /// let slots = (bulkhead.try_acquire()?, bulkhead.try_acquire()?);
    /// bulkhead.resize(1)?;
    /// assert_eq!((bulkhead.active_calls(), bulkhead.available_slots()), (2, 0));
    /// drop(slots);
    /// assert_eq!((bulkhead.active_calls(), bulkhead.available_slots()), (0, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn resize(&self, max_concurrent: u32) -> Result<(), ConfigError> {
        BulkheadPolicy::new(max_concurrent).validate()?;
        self.0.reconfigure(|policy| policy.max_concurrent(max_concurrent));
        Ok(())
    }

    /// Takes other settings. Another `max_concurrent` holds at once, as [`resize`](Self::resize) says; callers that
    /// are in line already stay there, for as long as they came to wait.
    ///
    /// # Errors
    /// Settings that can't work; see [`BulkheadPolicy::validate`]. Nothing changes then.
    pub fn reconfigure(&self, policy: BulkheadPolicy) -> Result<(), ConfigError> {
        policy.validate()?;
        self.0.reconfigure(|_| policy);
        Ok(())
    }

    /// Tells a listener what happens, until the subscription is dropped.
    ///
    /// A listener gets events in the order in which they happened, one at a time. It runs on the thread of a call,
    /// outside of every lock, and may use the bulkhead. A thread that emits an event while another one runs the listener
    /// leaves it to that thread and goes on; so does a listener whose own calls emit events. For a listener that takes
    /// long, up to 1,024 events wait, and beyond that the latest ones; see [`Subscription::lost`]. One that panics is
    /// reported and changes nothing.
    ///
    /// While there is a listener, releasing a slot takes a lock; without one, events cost nothing.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicU32, Ordering};
    /// use resilience::{Bulkhead, BulkheadEvent, BulkheadPolicy};
    ///
    /// let bulkhead = Bulkhead::new("reports", BulkheadPolicy::new(1))?;
    /// let refused = Arc::new(AtomicU32::new(0));
    /// let counted = Arc::clone(&refused);
    /// let subscription = bulkhead.subscribe(move |event| {
    ///     if let BulkheadEvent::Rejected { .. } = event {
    ///         counted.fetch_add(1, Ordering::Relaxed);
    ///     }
    /// });
    /// let slot = bulkhead.try_acquire()?;
    /// assert!(bulkhead.try_acquire().is_err());
    /// drop(subscription);
    /// assert!(bulkhead.try_acquire().is_err());
    /// assert_eq!(refused.load(Ordering::Relaxed), 1);
    /// drop(slot);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn subscribe(&self, listener: impl Fn(&BulkheadEvent) + Send + Sync + 'static) -> Subscription {
        let listening = self.0.subscribe(erased(listener));
        let core = Arc::downgrade(&self.0);
        Subscription::new(listening, move |listening| {
            if let Some(core) = core.upgrade() {
                core.unsubscribe(listening);
            }
        })
    }

    /// Takes a slot if one is free and nobody waits for it.
    ///
    /// # Errors
    /// [`Error::BulkheadFull`].
    #[inline]
    pub fn try_acquire(&self) -> Result<BulkheadSlot, Error> {
        self.acquire(Duration::ZERO)
    }

    /// Takes a slot, and blocks the thread for up to `timeout` if none is free, in the order of arrival. It is this
    /// timeout that counts and not the policy's `max_wait`; an outer deadline that is nearer ends the wait too.
    ///
    /// # Errors
    /// [`Error::BulkheadFull`].
    ///
    /// ```
    /// use std::time::Duration;
    /// use resilience::{Bulkhead, BulkheadPolicy};
    ///
    /// let bulkhead = Bulkhead::new("reports", BulkheadPolicy::new(1))?;
    /// let slot = bulkhead.acquire(Duration::from_secs(1))?;
    /// assert!(bulkhead.acquire(Duration::from_millis(1)).is_err());
    /// drop(slot);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    #[track_caller]
    pub fn acquire(&self, timeout: Duration) -> Result<BulkheadSlot, Error> {
        if !self.0.queue.try_acquire() {
            self.0.wait_for_slot(Some(timeout))?;
        }
        Ok(BulkheadSlot::new(self.clone()))
    }

    /// Takes a slot, and waits for up to `timeout` if none is free, in the order of arrival. A caller that stops
    /// waiting loses nothing for the others. Without the feature `tokio` there is no timer, and the wait ends with
    /// the slot only.
    ///
    /// # Errors
    /// [`Error::BulkheadFull`].
    #[inline]
    pub fn acquire_async(&self, timeout: Duration) -> impl Future<Output = Result<BulkheadSlot, Error>> {
        let at_once = || self.0.queue.try_acquire().then(|| Ok(BulkheadSlot::new(self.clone())));
        AtOnceOr::new(at_once, async move {
            self.0.wait_for_slot_async(Some(timeout)).await?;
            Ok(BulkheadSlot::new(self.clone()))
        })
    }

    /// A slot without a reference count, if one is free.
    #[inline]
    pub(crate) fn try_slot(&self) -> Option<Slot<&Self>> {
        if self.0.queue.try_acquire() { Some(Slot::new(self)) } else { None }
    }

    #[track_caller]
    pub(crate) fn wait_slot(&self) -> Result<Slot<&Self>, Error> {
        self.0.wait_for_slot(None)?;
        Ok(Slot::new(self))
    }

    pub(crate) async fn wait_slot_async(&self) -> Result<Slot<&Self>, Error> {
        self.0.wait_for_slot_async(None).await?;
        Ok(Slot::new(self))
    }

    /// Runs one call in a slot, for which it may wait as long as the settings say.
    ///
    /// # Errors
    /// The call's own, or a refusal as `E`.
    #[track_caller]
    #[inline]
    pub fn call<T, E: From<Error>>(&self, call: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let _slot = Slot::acquire(self)?;
        call()
    }

    /// Runs one call in a slot, for which it may wait as long as the settings say.
    ///
    /// # Errors
    /// The call's own, or a refusal as `E`.
    pub async fn call_async<T, E: From<Error>>(
        &self,
        call: impl AsyncFnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let _slot = match self.try_slot() {
            Some(slot) => slot,
            None => self.wait_slot_async().await?,
        };
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
    use super::*;

    #[test]
    fn a_blocking_wait_ends_although_the_runtimes_clock_stands_still() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.expect("a runtime").block_on(async {
            let bulkhead = Bulkhead::new("paused", BulkheadPolicy::new(1)).expect("settings that work");
            let _slot = bulkhead.try_acquire();
            assert!(bulkhead.acquire(Duration::from_millis(1)).is_err());
        });
    }
}
