//! One bulkhead: the queue with its settings, its figures and its listeners.

use std::future::poll_fn;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use super::event::{BulkheadEvent, BulkheadMetrics};
use super::policy::BulkheadPolicy;
use super::queue::{Enqueued, Place, Queue};
use crate::clock::{Instant, block_until, until};
use crate::counter::Counter;
use crate::deadline::deadline;
use crate::error::Error;
use crate::event::Listeners;
use crate::name::Name;
use crate::report;
use crate::sync::{Mutex, OnceLock};

/// One bulkhead.
#[derive(Debug)]
pub struct Core {
    pub(super) name: Name,
    pub(super) queue: Queue,
    policy: Mutex<BulkheadPolicy>,
    rejected: Counter,
    timed_out: Counter,
    listeners: OnceLock<Box<Listeners<BulkheadEvent>>>,
}

/// A caller in line.
struct Waiting<'a> {
    core: &'a Core,
    place: Option<Place<'a>>,
    since: Instant,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if let Some(place) = self.place.take() {
            // Out of the line first: a listener may look at it.
            drop(place);
            self.core.tell(|name| BulkheadEvent::Cancelled { name });
        }
    }
}

impl Core {
    pub(super) fn new(name: Name, policy: BulkheadPolicy) -> Self {
        Self {
            name,
            queue: Queue::new(policy.max_concurrent),
            policy: Mutex::new(policy),
            rejected: Counter::new(),
            timed_out: Counter::new(),
            listeners: OnceLock::new(),
        }
    }

    pub(super) fn policy(&self) -> BulkheadPolicy {
        *self.policy.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn reconfigure(&self, change: impl FnOnce(BulkheadPolicy) -> BulkheadPolicy) {
        let mut policy = self.policy.lock().unwrap_or_else(PoisonError::into_inner);
        let former = *policy;
        *policy = change(former);
        let (from, to) = (former.max_concurrent, policy.max_concurrent);
        let granted = self.queue.resize(to);
        drop(policy);
        // Wakers and listeners are foreign code.
        granted.wake();
        if from != to {
            self.tell(|name| BulkheadEvent::Resized { name, from, to });
        }
    }

    pub(super) fn metrics(&self) -> BulkheadMetrics {
        let figures = self.queue.figures();
        BulkheadMetrics {
            active: figures.active,
            queued: figures.waiting,
            admitted: figures.callers,
            rejected: self.rejected.get(),
            timed_out: self.timed_out.get(),
        }
    }

    /// Whether a new bulkhead of the same settings would do the same.
    #[cfg(feature = "keyed")]
    pub(super) fn is_like_new(&self, policy: &BulkheadPolicy) -> bool {
        self.policy() == *policy && !self.queue.is_watched()
    }

    #[inline]
    pub(super) fn release(&self) {
        if !self.queue.try_release() {
            self.release_slowly();
        }
    }

    #[cold]
    #[inline(never)]
    fn release_slowly(&self) {
        if self.queue.try_release_again() {
            return;
        }
        self.queue.hand_over();
        self.tell(|name| BulkheadEvent::Finished { name });
    }

    /// Blocks the thread until a slot is free, for as long as the policy says.
    #[cold]
    #[track_caller]
    pub(super) fn wait_for_slot(&self, policy: BulkheadPolicy) -> Result<(), Error> {
        let Some(waiting) = self.enqueue(&policy)? else { return Ok(()) };
        report::blocks_this_thread();
        waiting.block(&policy)
    }

    pub(super) async fn wait_for_slot_async(&self, policy: BulkheadPolicy) -> Result<(), Error> {
        let Some(mut waiting) = self.enqueue(&policy)? else { return Ok(()) };
        // At a deadline the timeout drops this wait, and it is the timeout that the caller has to hear of.
        let patience = waiting.since.after(policy.max_wait);
        let granted = until(patience, poll_fn(|cx| waiting.poll(cx))).await;
        waiting.end(granted.is_some(), &policy)
    }

    /// For a caller that didn't get a slot the fast way: a place in line, or `None` if there was a slot after all.
    #[cold]
    #[inline(never)]
    fn enqueue(&self, policy: &BulkheadPolicy) -> Result<Option<Waiting<'_>>, Error> {
        if self.queue.try_acquire_slowly() {
            self.tell(|name| BulkheadEvent::Admitted { name, waited: Duration::ZERO });
            return Ok(None);
        }
        if policy.max_wait.is_zero() {
            return Err(self.refuse(policy, Duration::ZERO));
        }
        let max_queue = policy.max_queue.map_or(usize::MAX, |queue| queue as usize);
        match self.queue.enqueue(max_queue) {
            Enqueued::Granted => {
                self.tell(|name| BulkheadEvent::Admitted { name, waited: Duration::ZERO });
                Ok(None)
            }
            Enqueued::Waiting(place) => {
                let waiting = Waiting { core: self, place: Some(place), since: Instant::now() };
                self.tell(|name| BulkheadEvent::Queued { name });
                Ok(Some(waiting))
            }
            Enqueued::Full => Err(self.refuse(policy, Duration::ZERO)),
        }
    }

    #[cold]
    fn refuse(&self, policy: &BulkheadPolicy, waited: Duration) -> Error {
        self.rejected.increment();
        self.tell(|name| BulkheadEvent::Rejected { name, waited });
        Error::BulkheadFull { name: self.name.clone(), max_concurrent: policy.max_concurrent }.told()
    }

    pub(super) fn subscribe(&self, listener: Arc<dyn Fn(&BulkheadEvent) + Send + Sync>) -> u64 {
        let listeners = self.listeners.get_or_init(Box::default);
        let number = listeners.add(listener);
        self.queue.watch(true);
        number
    }

    pub(super) fn unsubscribe(&self, number: u64) {
        if let Some(listeners) = self.listeners.get() {
            listeners.remove(number);
            if listeners.is_empty() {
                self.queue.watch(false);
                // Somebody may have come in between.
                if !listeners.is_empty() {
                    self.queue.watch(true);
                }
            }
        }
    }

    #[inline]
    fn tell(&self, event: impl FnOnce(Name) -> BulkheadEvent) {
        if self.queue.is_watched()
            && let Some(listeners) = self.listeners.get()
        {
            listeners.tell(&event(self.name.clone()));
        }
    }
}

impl Waiting<'_> {
    /// Blocks the thread until the slot is there, for as long as the policy says.
    fn block(mut self, policy: &BulkheadPolicy) -> Result<(), Error> {
        // Nothing but the wait itself can end it at the deadline.
        let patience = self.since.after(policy.max_wait);
        let patience = deadline().map_or(patience, |deadline| patience.min(deadline.at()));
        let granted = block_until(patience, |cx| self.poll(cx));
        self.end(granted, policy)
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.place.as_mut().map_or(Poll::Ready(()), |place| place.poll(cx))
    }

    fn end(mut self, granted: bool, policy: &BulkheadPolicy) -> Result<(), Error> {
        let core = self.core;
        let place = self.place.take();
        let waited = if core.queue.is_watched() { Instant::now().since(self.since) } else { Duration::ZERO };
        // The slot may have been handed over at the last moment.
        if granted || place.is_some_and(Place::leave) {
            core.tell(|name| BulkheadEvent::Admitted { name, waited });
            return Ok(());
        }
        core.timed_out.increment();
        Err(core.refuse(policy, waited))
    }
}

#[cfg(all(test, loom))]
mod loom_tests;
