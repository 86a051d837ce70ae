//! A fair semaphore that sync and async callers share, and whose size may change.
//!
//! Free slots are counted in one atomic word. The word also says whether a slot that comes free has a taker already;
//! while none has, a slot is taken and given back by one compare-and-swap. Once somebody waits, a slot that comes free
//! is handed to the first in line under the lock, so that nobody overtakes and no wake-up is lost: a waiter that goes
//! away after it was handed a slot passes it on. One whose task doesn't poll it, because it awaits something else, is
//! passed over: a waiter whose time is over takes such a slot, and the other goes on in front of the line when it is
//! polled again. A queue that shrinks takes the free slots away at once, and those in
//! use as they come free.
//!
//! The word counts the callers as well, which costs next to nothing: taking a slot is one addition that does both.

use std::collections::VecDeque;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::clock::Instant;
use crate::sync::{AtomicBool, AtomicU32, AtomicU64, Mutex, MutexGuard};

/// One free slot. They are counted in the lower half of the word.
const ONE: u64 = 1;
/// One caller that took a slot the fast way. They are counted above the slots.
const CALLER: u64 = 1 << 32;
/// Slots are taken and given back under the lock: somebody waits, or there are too many slots in use, or somebody
/// wants to hear of each. One caller too many to be counted sets it too.
const SLOWLY: u64 = 1 << 63;

fn free(state: u64) -> u32 {
    u32::try_from(state & (CALLER - ONE)).unwrap_or(u32::MAX)
}

const fn has_free(state: u64) -> bool {
    state & (CALLER - ONE) != 0
}

#[derive(Debug)]
pub(super) struct Queue {
    state: AtomicU64,
    // Somebody wants to hear of every slot.
    watched: AtomicBool,
    line: Mutex<Line>,
}

#[derive(Debug)]
struct Line {
    waiters: VecDeque<Arc<Waiter>>,
    // Waiters that were handed a slot and haven't seen it yet.
    granted: Vec<Grant>,
    // How many slots there are.
    size: u32,
    // How many of those in use there are too many.
    owed: u32,
    // Callers that the word doesn't count, or not any more.
    callers: u64,
    // Whether it is for one of the reasons for it that the word says `SLOWLY`.
    marked: bool,
    watched: bool,
}

/// A caller in line.
#[derive(Debug)]
struct Waiter {
    // Set under the queue's lock, read without it.
    state: AtomicU32,
    waker: Mutex<Waker>,
}

/// In line.
const WAITING: u32 = 0;
/// Handed a slot.
const GRANTED: u32 = 1;
/// Handed a slot that another waiter took, since this one didn't come for it; out of the line until it is polled.
const PASSED_OVER: u32 = 2;

/// A slot that was handed to a waiter.
#[derive(Debug)]
struct Grant {
    waiter: Arc<Waiter>,
    at: Instant,
}

/// The time in which a waiter comes for its slot, unless its task doesn't poll it. Longer than any scheduler takes that
/// isn't overloaded.
const COMES_WITHIN: Duration = Duration::from_millis(10);

/// What came of standing in line.
pub(super) enum Enqueued<'a> {
    /// A slot came free in between.
    Granted,
    /// In line.
    Waiting(Place<'a>),
    /// The line is as long as it may be.
    Full,
}

/// The queue at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Figures {
    pub(super) size: u32,
    pub(super) active: u32,
    pub(super) waiting: u32,
    pub(super) callers: u64,
}

impl Queue {
    pub(super) fn new(slots: u32) -> Self {
        let line = Line {
            waiters: VecDeque::new(),
            granted: Vec::new(),
            size: slots,
            owed: 0,
            callers: 0,
            marked: false,
            watched: false,
        };
        Self {
            state: AtomicU64::new(u64::from(slots) * ONE),
            watched: AtomicBool::new(false),
            line: Mutex::new(line),
        }
    }

    /// Takes a slot if one is free and nothing else is to be done about it.
    #[inline]
    pub(super) fn try_acquire(&self) -> bool {
        let state = self.state.load(Ordering::Relaxed);
        if !has_free(state) {
            return false;
        }
        // What comes of either is asked elsewhere: one condition made of both would take longer than two.
        state < SLOWLY && self.try_take(state).is_ok() || self.try_acquire_again()
    }

    /// Somebody else came or went in between, or slots are taken under the lock.
    #[cold]
    #[inline(never)]
    fn try_acquire_again(&self) -> bool {
        let mut state = self.state.load(Ordering::Relaxed);
        while has_free(state) && state < SLOWLY {
            match self.try_take(state) {
                Ok(_) => return true,
                Err(now) => state = now,
            }
        }
        false
    }

    #[inline]
    fn try_take(&self, state: u64) -> Result<u64, u64> {
        let next = state + (CALLER - ONE);
        self.state.compare_exchange(state, next, Ordering::Acquire, Ordering::Relaxed)
    }

    /// The same for a caller whom that has turned away, maybe for no want of slots.
    pub(super) fn try_acquire_slowly(&self) -> bool {
        if self.state.load(Ordering::Relaxed) < SLOWLY {
            return self.try_acquire();
        }
        let mut line = self.lock();
        line.waiters.is_empty() && self.take(&mut line)
    }

    /// Whether there is no slot, and nothing else is to be done about that.
    #[inline]
    pub(super) fn is_full(&self) -> bool {
        let state = self.state.load(Ordering::Relaxed);
        state < SLOWLY && !has_free(state)
    }

    /// Takes a slot under the lock.
    fn take(&self, line: &mut Line) -> bool {
        let mut state = self.state.load(Ordering::Relaxed);
        while free(state) > 0 {
            match self.state.compare_exchange_weak(state, state - ONE, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => {
                    line.callers += 1;
                    return true;
                }
                Err(now) => state = now,
            }
        }
        false
    }

    /// Gives a slot back if that takes one step: nobody wants to have it or to hear of it, and nobody comes in between.
    #[inline]
    pub(super) fn try_release(&self) -> bool {
        let state = self.state.load(Ordering::Relaxed);
        state < SLOWLY && self.try_give_back(state).is_ok()
    }

    /// The same, whoever comes in between.
    pub(super) fn try_release_again(&self) -> bool {
        let mut state = self.state.load(Ordering::Relaxed);
        while state < SLOWLY {
            match self.try_give_back(state) {
                Ok(_) => return true,
                Err(now) => state = now,
            }
        }
        false
    }

    #[inline]
    fn try_give_back(&self, state: u64) -> Result<u64, u64> {
        self.state.compare_exchange(state, state + ONE, Ordering::Release, Ordering::Relaxed)
    }

    /// Gives a slot to whoever is to have it: nobody, if the queue has shrunk, or the first in line, or the next that
    /// comes.
    pub(super) fn hand_over(&self) {
        let mut line = self.lock();
        let first = if line.owed > 0 {
            line.owed -= 1;
            None
        } else if let Some(first) = line.grant_first() {
            Some(first)
        } else {
            // The last waiter left between the look at the word and the lock, or there was none. Nobody can join the
            // line while the lock is held, so that the slot can't be missed.
            self.state.fetch_add(ONE, Ordering::Release);
            None
        };
        self.unmark(&mut line);
        drop(line);
        if let Some(first) = first {
            first.wake();
        }
    }

    fn release(&self) {
        if !self.try_release_again() {
            self.hand_over();
        }
    }

    /// Has this many slots from here on. The callers that are to be woken come out, in their order, to be woken outside
    /// of every lock.
    pub(super) fn resize(&self, size: u32) -> Granted {
        let mut line = self.lock();
        let fewer = line.size.saturating_sub(size);
        let more = size.saturating_sub(line.size);
        line.size = size;
        if fewer > 0 {
            let taken = |state| fewer.min(free(state));
            let change = |state| {
                let rest = state - u64::from(taken(state)) * ONE;
                if taken(state) < fewer { rest | SLOWLY } else { rest }
            };
            let before = self.change(&mut line, change);
            line.owed += fewer - taken(before);
        }
        let forgiven = more.min(line.owed);
        line.owed -= forgiven;
        let mut left = more - forgiven;
        let mut granted = Vec::new();
        while left > 0
            && let Some(first) = line.grant_first()
        {
            granted.push(first);
            left -= 1;
        }
        self.state.fetch_add(u64::from(left) * ONE, Ordering::Release);
        self.unmark(&mut line);
        Granted(granted)
    }

    /// Stands in line, behind at most `max_queue - 1` others.
    pub(super) fn enqueue(&self, max_queue: usize) -> Enqueued<'_> {
        let mut line = self.lock();
        if line.waiters.is_empty() {
            if self.take(&mut line) {
                return Enqueued::Granted;
            }
            // Nobody will stand in line, so nobody would take the mark away again.
            if max_queue == 0 {
                return Enqueued::Full;
            }
            // From here on a release hands over instead of counting up, unless it comes just before.
            let before =
                self.change(&mut line, |state| if free(state) > 0 { state - ONE } else { state | SLOWLY });
            if free(before) > 0 {
                line.callers += 1;
                return Enqueued::Granted;
            }
        }
        if line.waiters.len() >= max_queue {
            return Enqueued::Full;
        }
        let waiter =
            Arc::new(Waiter { state: AtomicU32::new(WAITING), waker: Mutex::new(Waker::noop().clone()) });
        line.waiters.push_back(Arc::clone(&waiter));
        Enqueued::Waiting(Place { queue: self, waiter, held: true })
    }

    /// Whether somebody wants to hear of every slot.
    pub(super) fn is_watched(&self) -> bool {
        self.watched.load(Ordering::Relaxed)
    }

    pub(super) fn watch(&self, on: bool) {
        let mut line = self.lock();
        line.watched = on;
        self.watched.store(on, Ordering::Relaxed);
        if on {
            self.change(&mut line, |state| state | SLOWLY);
        }
        self.unmark(&mut line);
    }

    pub(super) fn free(&self) -> u32 {
        free(self.state.load(Ordering::Relaxed))
    }

    pub(super) fn figures(&self) -> Figures {
        let mut line = self.lock();
        let state = self.change(&mut line, |state| state);
        Figures {
            size: line.size,
            active: line.size.saturating_sub(free(state)).saturating_add(line.owed),
            waiting: u32::try_from(line.waiters.len()).unwrap_or(u32::MAX),
            callers: line.callers.wrapping_add(state % SLOWLY / CALLER),
        }
    }

    /// Changes the word under the lock, and gives what it was before. The line says from here on whether the word says
    /// `SLOWLY` for a reason.
    fn change(&self, line: &mut Line, change: impl Fn(u64) -> u64) -> u64 {
        let mut state = self.state.load(Ordering::Relaxed);
        loop {
            // A mark that nobody made is the count of the callers, which has run over.
            let is_over = state >= SLOWLY && !line.marked;
            let before = if is_over { state - SLOWLY } else { state };
            let next = change(before);
            match self.state.compare_exchange_weak(state, next, Ordering::AcqRel, Ordering::Relaxed) {
                Ok(_) => {
                    line.callers += if is_over { SLOWLY / CALLER } else { 0 };
                    line.marked = next >= SLOWLY;
                    return before;
                }
                Err(now) => state = now,
            }
        }
    }

    /// Opens the fast ways again, if nothing speaks against it.
    fn unmark(&self, line: &mut Line) {
        if line.marked && line.waiters.is_empty() && line.owed == 0 && !line.watched {
            self.change(line, |state| state % SLOWLY);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Line {
    /// Hands a slot to the first in line.
    fn grant_first(&mut self) -> Option<Arc<Waiter>> {
        let first = self.waiters.pop_front()?;
        first.state.store(GRANTED, Ordering::Release);
        self.granted.push(Grant { waiter: Arc::clone(&first), at: Instant::now() });
        Some(first)
    }

    /// Takes the slot that a waiter was handed, unless another one has taken it.
    fn claim(&mut self, waiter: &Arc<Waiter>) -> bool {
        let at = self.granted.iter().position(|grant| Arc::ptr_eq(&grant.waiter, waiter));
        at.map(|at| self.granted.remove(at)).is_some()
    }

    /// Takes a slot whose waiter hasn't come for it.
    fn take_over(&mut self, now: Instant) -> bool {
        let is_late = |grant: &Grant| now.since(grant.at) >= COMES_WITHIN;
        let Some(at) = self.granted.iter().position(is_late) else { return false };
        self.granted.remove(at).waiter.state.store(PASSED_OVER, Ordering::Release);
        true
    }
}

/// Callers that were handed a slot, to be woken.
#[must_use]
pub(super) struct Granted(Vec<Arc<Waiter>>);

impl Granted {
    pub(super) fn wake(self) {
        for waiter in self.0 {
            waiter.wake();
        }
    }
}

impl Waiter {
    fn wake(&self) {
        // Taken out first: a waker is foreign code, and may do anything.
        let waker = std::mem::replace(&mut *self.lock(), Waker::noop().clone());
        waker.wake();
    }

    fn lock(&self) -> MutexGuard<'_, Waker> {
        self.waker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place in line. Whoever leaves gives it up; a slot that was already handed over goes to the next.
#[derive(Debug)]
pub(super) struct Place<'a> {
    queue: &'a Queue,
    waiter: Arc<Waiter>,
    held: bool,
}

impl Place<'_> {
    /// Ready once the slot is ours.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.granted() {
            return Poll::Ready(());
        }
        self.waiter.lock().clone_from(cx.waker());
        // Handed over before the waker stood there, it was the old one that was woken.
        if self.granted() { Poll::Ready(()) } else { Poll::Pending }
    }

    fn granted(&mut self) -> bool {
        if !self.held {
            return true;
        }
        if self.waiter.state.load(Ordering::Acquire) == WAITING {
            return false;
        }
        let mut line = self.queue.lock();
        let granted = line.claim(&self.waiter) || self.rejoin(&mut line);
        self.held = !granted;
        line.callers += u64::from(granted);
        granted
    }

    /// Goes on in front of the line after it was passed over; says whether there was a slot.
    fn rejoin(&self, line: &mut Line) -> bool {
        let take = |state| if free(state) > 0 { state - ONE } else { state | SLOWLY };
        if free(self.queue.change(line, take)) > 0 {
            return true;
        }
        self.waiter.state.store(WAITING, Ordering::Release);
        line.waiters.push_front(Arc::clone(&self.waiter));
        false
    }

    /// Leaves the line; says whether the slot was handed over before that, or another waiter's slot was left to it, and
    /// is the caller's now.
    pub(super) fn leave(mut self, now: Instant) -> bool {
        self.held = false;
        let mut line = self.queue.lock();
        let granted = self.remove(&mut line) || line.take_over(now);
        line.callers += u64::from(granted);
        granted
    }

    /// Out of the line; says whether the slot was handed over before that.
    fn remove(&self, line: &mut Line) -> bool {
        if line.claim(&self.waiter) {
            return true;
        }
        line.waiters.retain(|waiter| !Arc::ptr_eq(waiter, &self.waiter));
        self.queue.unmark(line);
        false
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if !self.held {
            return;
        }
        let granted = self.remove(&mut self.queue.lock());
        if granted {
            self.queue.release();
        }
    }
}

#[cfg(all(test, loom))]
mod loom_tests;

#[cfg(all(test, not(loom)))]
mod model_tests;

#[cfg(test)]
mod tests;
