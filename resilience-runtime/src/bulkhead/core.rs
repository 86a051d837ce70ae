//! One bulkhead: the queue with its settings, its figures and its listeners.

use std::future::poll_fn;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use super::event::{BulkheadEvent, BulkheadMetrics};
use super::policy::BulkheadPolicy;
use super::queue::{Enqueued, Place, Queue};
use crate::clock::{Instant, block_until, until};
use crate::counter::Counter;
use crate::deadline::{deadline, scoped};
use crate::error::Error;
use crate::event::{self, Emission, Event, Listen, Listeners, Listening};
use crate::name::Name;
use crate::report;
use crate::sync::{AtomicU64, Mutex, OnceLock};

/// In [`Core::brief`]: callers may wait.
const WAITS: u64 = 1 << 32;

/// One bulkhead.
#[derive(Debug)]
pub struct Core {
    pub(super) name: Name,
    pub(super) queue: Queue,
    policy: Mutex<BulkheadPolicy>,
    // What a refusal has to know of the settings: how many slots there are, and whether to wait for one.
    brief: AtomicU64,
    rejected: Counter,
    timed_out: Counter,
    listeners: OnceLock<Box<Listeners>>,
}

fn brief(policy: &BulkheadPolicy) -> u64 {
    let waits = if policy.settings.max_wait.is_zero() { 0 } else { WAITS };
    u64::from(policy.settings.max_concurrent) | waits
}

/// No slot is free, of so many. A whole word: half of one beside the variant of a [`Place`](super::future::Place) would
/// have every call write both halves.
#[derive(Clone, Copy, Debug)]
pub struct Full {
    brief: u64,
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
            // Queued before the slot, if there is one, goes to the next waiter. Delivered once the call is out of the
            // line: a listener may look at it.
            let emission = self.core.queued(|name| BulkheadEvent::Cancelled { name });
            drop(place);
            emission.deliver();
        }
    }
}

impl Core {
    pub(super) fn new(name: Name, policy: BulkheadPolicy) -> Self {
        Self {
            name,
            queue: Queue::new(policy.settings.max_concurrent),
            policy: Mutex::new(policy),
            brief: AtomicU64::new(brief(&policy)),
            rejected: Counter::new(),
            timed_out: Counter::new(),
            listeners: OnceLock::new(),
        }
    }

    pub(super) fn policy(&self) -> BulkheadPolicy {
        *self.policy.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The settings for a caller who waits for so long, where they don't decide on that.
    fn policy_for(&self, longest: Option<Duration>) -> BulkheadPolicy {
        let policy = self.policy();
        longest.map_or(policy, |longest| policy.max_wait(longest))
    }

    pub(super) fn reconfigure(&self, change: impl FnOnce(BulkheadPolicy) -> BulkheadPolicy) {
        let mut policy = self.policy.lock().unwrap_or_else(PoisonError::into_inner);
        let former = *policy;
        *policy = change(former);
        self.brief.store(brief(&policy), Ordering::Relaxed);
        let (from, to) = (former.settings.max_concurrent, policy.settings.max_concurrent);
        let mut emission = Emission::default();
        if from != to {
            let event = Event::Resized { name: self.name.clone(), from, to };
            emission.queue_change(|| self.listeners.get_or_init(Box::default), event);
            self.queue(&mut emission, |name| BulkheadEvent::Resized { name, from, to });
        }
        let granted = self.queue.resize(to);
        drop(policy);
        // Wakers and listeners are foreign code.
        granted.wake();
        emission.deliver();
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
        // Queued before the slot goes to the next waiter.
        let emission = self.queued(|name| BulkheadEvent::Finished { name });
        self.queue.hand_over();
        emission.deliver();
    }

    /// Whether a call has to be refused because there is no slot and it isn't to wait for one. `None` as well where
    /// somebody waits or listens: then the lock decides. Settings that change meanwhile are the former or the new.
    #[inline]
    pub(super) fn full(&self, longest: Option<Duration>) -> Option<Full> {
        let brief = self.brief.load(Ordering::Relaxed);
        let waits = longest.map_or(brief & WAITS != 0, |longest| !longest.is_zero());
        (!waits && self.queue.is_full()).then_some(Full { brief })
    }

    /// Blocks the thread until a slot is free, for as long as the settings say if `longest` doesn't.
    #[cold]
    #[inline(never)]
    #[track_caller]
    pub(super) fn wait_for_slot(&self, longest: Option<Duration>) -> Result<(), Error> {
        match self.full(longest) {
            Some(full) => Err(self.refused(full)),
            None => self.block(longest),
        }
    }

    #[cold]
    #[inline(never)]
    #[track_caller]
    fn block(&self, longest: Option<Duration>) -> Result<(), Error> {
        let policy = self.policy_for(longest);
        let Some(waiting) = self.enqueue(&policy)? else { return Ok(()) };
        report::blocks_this_thread();
        waiting.block(&policy)
    }

    pub(super) async fn wait_for_slot_async(&self, longest: Option<Duration>) -> Result<(), Error> {
        if let Some(full) = self.full(longest) {
            return Err(self.refused(full));
        }
        let policy = self.policy_for(longest);
        let Some(mut waiting) = self.enqueue(&policy)? else { return Ok(()) };
        // An async timeout drops this wait at its deadline and gives its own error. No other deadline does.
        let patience = waiting.since.after(policy.settings.max_wait);
        let patience = scoped().map_or(patience, |deadline| patience.min(deadline.at()));
        let granted = until(patience, poll_fn(|cx| waiting.poll(cx))).await;
        waiting.end(granted.is_some(), &policy)
    }

    /// For a caller that didn't get a slot the fast way: a place in line, or `None` if there was a slot after all.
    #[cold]
    #[inline(never)]
    fn enqueue(&self, policy: &BulkheadPolicy) -> Result<Option<Waiting<'_>>, Error> {
        if self.queue.try_acquire_slowly() {
            self.emit(|name| BulkheadEvent::Admitted { name, waited: Duration::ZERO });
            return Ok(None);
        }
        if policy.settings.max_wait.is_zero() {
            return Err(self.refuse(policy, Duration::ZERO));
        }
        let max_queue = policy.settings.max_queue.map_or(usize::MAX, |queue| queue as usize);
        match self.queue.enqueue(max_queue) {
            Enqueued::Granted => {
                self.emit(|name| BulkheadEvent::Admitted { name, waited: Duration::ZERO });
                Ok(None)
            }
            Enqueued::Waiting(place) => {
                let waiting = Waiting { core: self, place: Some(place), since: Instant::now() };
                self.emit(|name| BulkheadEvent::Queued { name });
                Ok(Some(waiting))
            }
            Enqueued::Full => Err(self.refuse(policy, Duration::ZERO)),
        }
    }

    #[cold]
    fn refuse(&self, policy: &BulkheadPolicy, waited: Duration) -> Error {
        let error = self.refused(Full { brief: brief(policy) });
        self.emit(|name| BulkheadEvent::Rejected { name, waited });
        error
    }

    /// The refusal, of which nobody is told.
    #[inline]
    #[allow(clippy::cast_possible_truncation)] // the lower half
    pub(super) fn refused(&self, Full { brief }: Full) -> Error {
        let max_concurrent = brief as u32;
        self.rejected.increment();
        if event::is_heard() {
            self.emit_rejection(max_concurrent);
        }
        self.rejection(max_concurrent)
    }

    #[inline]
    fn rejection(&self, max_concurrent: u32) -> Error {
        Error::BulkheadFull { name: self.name.clone(), max_concurrent }
    }

    /// With an error of its own: the caller's stays in registers.
    #[cold]
    #[inline(never)]
    fn emit_rejection(&self, max_concurrent: u32) {
        event::emit(|| Event::Rejected { rejection: self.rejection(max_concurrent) });
    }

    pub(super) fn subscribe(&self, listener: Listen) -> Arc<Listening> {
        let listeners = self.listeners.get_or_init(Box::default);
        let listening = listeners.add(listener);
        self.queue.watch(true);
        listening
    }

    pub(super) fn unsubscribe(&self, listening: &Arc<Listening>) {
        if let Some(listeners) = self.listeners.get() {
            listeners.remove(listening);
            if listeners.is_empty() {
                self.queue.watch(false);
                // Somebody may have come in between.
                if !listeners.is_empty() {
                    self.queue.watch(true);
                }
            }
        }
    }

    fn queue(&self, emission: &mut Emission, event: impl FnOnce(Name) -> BulkheadEvent) {
        if self.queue.is_watched()
            && let Some(listeners) = self.listeners.get()
        {
            emission.queue(listeners, event(self.name.clone()));
        }
    }

    fn queued(&self, event: impl FnOnce(Name) -> BulkheadEvent) -> Emission {
        let mut emission = Emission::default();
        self.queue(&mut emission, event);
        emission
    }

    #[inline]
    fn emit(&self, event: impl FnOnce(Name) -> BulkheadEvent) {
        if self.queue.is_watched() {
            self.queued(event).deliver();
        }
    }
}

impl Waiting<'_> {
    /// Blocks the thread until the slot is there, for as long as the policy says.
    fn block(mut self, policy: &BulkheadPolicy) -> Result<(), Error> {
        // Nothing but the wait itself can end it at the deadline.
        let patience = self.since.after(policy.settings.max_wait);
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
        if granted || place.is_some_and(|place| place.leave(Instant::now())) {
            core.emit(|name| BulkheadEvent::Admitted { name, waited });
            return Ok(());
        }
        core.timed_out.increment();
        Err(core.refuse(policy, waited))
    }
}

#[cfg(all(test, loom))]
mod loom_tests;
