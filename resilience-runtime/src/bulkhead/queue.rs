//! A fair semaphore that sync and async callers share.
//!
//! Free slots are counted in one atomic word. The word also says whether somebody waits; while nobody does, a
//! slot is taken and given back by one compare-and-swap. Once somebody waits, a slot that comes free is handed to
//! the first in line under the lock, so that nobody overtakes and no wake-up is lost: a waiter that goes away
//! after it was handed a slot passes it on.

use std::collections::VecDeque;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Waker};

use crate::sync::{AtomicBool, AtomicU64, Mutex, MutexGuard};

/// Somebody waits. The free slots stand above this bit.
const WAITING: u64 = 1;
const ONE: u64 = 2;

#[derive(Debug)]
pub(super) struct Queue {
    state: AtomicU64,
    waiters: Mutex<VecDeque<Arc<Waiter>>>,
}

/// A caller in line.
#[derive(Debug)]
struct Waiter {
    // Set under the queue's lock, read without it.
    granted: AtomicBool,
    waker: Mutex<Waker>,
}

/// What came of standing in line.
pub(super) enum Enqueued<'a> {
    /// A slot came free in between.
    Granted,
    /// In line.
    Waiting(Place<'a>),
    /// The line is as long as it may be.
    Full,
}

impl Queue {
    pub(super) fn new(slots: u32) -> Self {
        Self { state: AtomicU64::new(u64::from(slots) * ONE), waiters: Mutex::default() }
    }

    /// Takes a slot if one is free and nobody waits for it.
    #[inline]
    pub(super) fn try_acquire(&self) -> bool {
        let mut state = self.state.load(Ordering::Relaxed);
        while state >= ONE && state & WAITING == 0 {
            match self.state.compare_exchange_weak(state, state - ONE, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => return true,
                Err(now) => state = now,
            }
        }
        false
    }

    #[inline]
    pub(super) fn release(&self) {
        let mut state = self.state.load(Ordering::Relaxed);
        while state & WAITING == 0 {
            match self.state.compare_exchange_weak(state, state + ONE, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => return,
                Err(now) => state = now,
            }
        }
        self.hand_over();
    }

    /// Gives a slot to the first in line, or back if the line has gone.
    #[cold]
    #[inline(never)]
    fn hand_over(&self) {
        let mut waiters = self.lock();
        let Some(first) = waiters.pop_front() else {
            // The last waiter left between the look at the word and the lock. Nobody can join the line while the
            // lock is held, so that the slot can't be missed.
            self.state.fetch_add(ONE, Ordering::Release);
            return;
        };
        first.granted.store(true, Ordering::Release);
        if waiters.is_empty() {
            self.state.fetch_and(!WAITING, Ordering::Relaxed);
        }
        drop(waiters);
        first.wake();
    }

    /// Stands in line, behind at most `max_queue - 1` others.
    pub(super) fn enqueue(&self, max_queue: usize) -> Enqueued<'_> {
        let mut waiters = self.lock();
        if waiters.is_empty() {
            // From here on a release hands over instead of counting up.
            let mut state = self.state.load(Ordering::Relaxed);
            loop {
                let next = match state {
                    ONE.. => state - ONE,
                    // Nobody will stand in line, so nobody would take the mark away again.
                    _ if max_queue == 0 => return Enqueued::Full,
                    _ => state | WAITING,
                };
                match self.state.compare_exchange_weak(state, next, Ordering::Acquire, Ordering::Relaxed) {
                    Ok(_) if state >= ONE => return Enqueued::Granted,
                    Ok(_) => break,
                    Err(now) => state = now,
                }
            }
        }
        if waiters.len() >= max_queue {
            return Enqueued::Full;
        }
        let waiter =
            Arc::new(Waiter { granted: AtomicBool::new(false), waker: Mutex::new(Waker::noop().clone()) });
        waiters.push_back(Arc::clone(&waiter));
        Enqueued::Waiting(Place { queue: self, waiter, held: true })
    }

    pub(super) fn free(&self) -> u32 {
        u32::try_from(self.state.load(Ordering::Relaxed) / ONE).unwrap_or(u32::MAX)
    }

    pub(super) fn waiting(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Arc<Waiter>>> {
        self.waiters.lock().unwrap_or_else(PoisonError::into_inner)
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
        if self.waiter.granted.load(Ordering::Acquire) {
            self.held = false;
            return true;
        }
        false
    }

    /// Leaves the line; says whether the slot was handed over before that, and is the caller's now.
    pub(super) fn leave(mut self) -> bool {
        self.held = false;
        self.remove()
    }

    fn remove(&self) -> bool {
        let mut waiters = self.queue.lock();
        if self.waiter.granted.load(Ordering::Acquire) {
            return true;
        }
        waiters.retain(|waiter| !Arc::ptr_eq(waiter, &self.waiter));
        if waiters.is_empty() {
            self.queue.state.fetch_and(!WAITING, Ordering::Relaxed);
        }
        false
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if self.held && self.remove() {
            self.queue.release();
        }
    }
}

#[cfg(all(test, loom))]
mod loom_tests;

#[cfg(test)]
mod tests {
    use super::*;

    fn poll(place: &mut Place<'_>) -> bool {
        place.poll(&mut Context::from_waker(Waker::noop())).is_ready()
    }

    fn wait(queue: &Queue) -> Place<'_> {
        match queue.enqueue(usize::MAX) {
            Enqueued::Waiting(place) => place,
            _ => panic!("a slot was free"),
        }
    }

    #[test]
    fn slots_go_to_the_waiting_in_the_order_of_arrival() {
        let queue = Queue::new(1);
        assert!(queue.try_acquire());
        let (mut first, mut second) = (wait(&queue), wait(&queue));
        queue.release();
        assert!(!poll(&mut second) && poll(&mut first));
        assert!(!queue.try_acquire(), "nobody overtakes");
        queue.release();
        assert!(poll(&mut second));
        queue.release();
        assert_eq!((queue.free(), queue.waiting()), (1, 0));
    }

    #[test]
    fn a_waiter_that_goes_away_loses_no_slot() {
        let queue = Queue::new(1);
        assert!(queue.try_acquire());
        let (first, mut second) = (wait(&queue), wait(&queue));
        queue.release();
        drop(first); // it was handed the slot
        assert!(poll(&mut second));
        let third = wait(&queue);
        drop(third); // it was not
        queue.release();
        assert_eq!((queue.free(), queue.waiting()), (1, 0));
        assert!(queue.try_acquire());
    }

    #[test]
    fn the_line_is_as_long_as_it_may_be() {
        let queue = Queue::new(1);
        assert!(queue.try_acquire());
        let place = wait(&queue);
        assert!(matches!(queue.enqueue(1), Enqueued::Full));
        assert!(!place.leave());
        assert!(matches!(queue.enqueue(1), Enqueued::Waiting(_)));
    }

    /// Settings that an attribute works out may come to this, unchecked.
    #[test]
    fn a_line_of_no_length_leaves_no_trace() {
        let queue = Queue::new(1);
        assert!(queue.try_acquire());
        assert!(matches!(queue.enqueue(0), Enqueued::Full));
        queue.release();
        assert!(queue.try_acquire(), "nobody is in line");
        queue.release();
        assert!(matches!(queue.enqueue(0), Enqueued::Granted));
    }

    #[test]
    fn every_slot_comes_back_when_threads_crowd_it() {
        let queue = Queue::new(2);
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let queue = &queue;
                scope.spawn(move || {
                    for turn in 0..2_000 {
                        if queue.try_acquire() {
                            queue.release();
                            continue;
                        }
                        match queue.enqueue(usize::MAX) {
                            Enqueued::Granted => queue.release(),
                            Enqueued::Waiting(place) if (turn + thread) % 3 == 0 => drop(place),
                            Enqueued::Waiting(mut place) => {
                                while !poll(&mut place) {
                                    std::thread::yield_now();
                                }
                                queue.release();
                            }
                            Enqueued::Full => unreachable!("the line has no bound"),
                        }
                    }
                });
            }
        });
        assert_eq!((queue.free(), queue.waiting()), (2, 0));
    }
}
