//! The line of those who wait for their turn.

use std::collections::VecDeque;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Waker};

use super::gcra::{Bucket, Scale};
use crate::clock::Instant;
use crate::sync::{AtomicBool, Mutex, MutexGuard};

/// A caller in line, as seen from both sides.
#[derive(Debug)]
pub(super) struct Waiter {
    // Set by whoever lets it through or moves it to the front; it looks then.
    called: AtomicBool,
    waker: Mutex<Waker>,
}

impl Waiter {
    fn new() -> Self {
        Self { called: AtomicBool::new(false), waker: Mutex::new(Waker::noop().clone()) }
    }

    /// Ready once the line has something to say.
    pub(super) fn poll(&self, cx: &mut Context<'_>) -> Poll<()> {
        if self.called.swap(false, Ordering::AcqRel) {
            return Poll::Ready(());
        }
        self.lock().clone_from(cx.waker());
        // Called before the waker stood there, it was the old one that was woken.
        if self.called.swap(false, Ordering::AcqRel) { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Outside of every lock: a waker is foreign code, and may do anything.
    pub(super) fn call(&self) {
        // A swap, and not a store: loom lets a store come before a swap that didn't see it.
        self.called.swap(true, Ordering::AcqRel);
        let waker = std::mem::replace(&mut *self.lock(), Waker::noop().clone());
        waker.wake();
    }

    fn lock(&self) -> MutexGuard<'_, Waker> {
        self.waker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place in line.
#[derive(Debug)]
struct Place {
    ticket: u64,
    cost: f64,
    units: u64,
    waiter: Arc<Waiter>,
}

/// One that was let through and doesn't know it yet.
#[derive(Debug)]
struct Granted {
    ticket: u64,
    units: u64,
    /// When all that was taken by then will have come back, in units of the bucket.
    after: u64,
    at: Instant,
}

/// Those who wait, in the order of arrival, and those who were let through since they last looked.
#[derive(Debug, Default)]
pub(super) struct Line {
    waiting: VecDeque<Place>,
    granted: Vec<Granted>,
    /// What all who wait will take.
    units: u64,
    next: u64,
}

impl Line {
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether nobody has to be told anything.
    pub(super) fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.granted.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// What all who wait will take.
    pub(super) const fn units(&self) -> u64 {
        self.units
    }

    /// Joins the line at its end.
    pub(super) fn join(&mut self, cost: f64, units: u64) -> (u64, Arc<Waiter>) {
        let (ticket, waiter) = (self.next, Arc::new(Waiter::new()));
        self.next += 1;
        self.units = self.units.saturating_add(units);
        self.waiting.push_back(Place { ticket, cost, units, waiter: Arc::clone(&waiter) });
        (ticket, waiter)
    }

    /// Lets through whose turn it is. Says whom that concerns: they, and who is at the front now, who has to set the
    /// clock by which the others move up.
    pub(super) fn advance(&mut self, bucket: &mut Bucket, now: Instant, wake: &mut Vec<Arc<Waiter>>) {
        let before = wake.len();
        while let Some(first) = self.waiting.front() {
            if !bucket.take(now, first.units) {
                break;
            }
            let Some(Place { ticket, units, waiter, .. }) = self.waiting.pop_front() else { break };
            self.units = self.units.saturating_sub(units);
            self.granted.push(Granted { ticket, units, after: bucket.spent, at: now });
            wake.push(waiter);
        }
        if wake.len() > before {
            self.call_first(wake);
        }
    }

    fn call_first(&self, wake: &mut Vec<Arc<Waiter>>) {
        wake.extend(self.waiting.front().map(|first| Arc::clone(&first.waiter)));
    }

    /// Takes notice of having been let through; says when that was.
    pub(super) fn claim(&mut self, ticket: u64) -> Option<Instant> {
        let place = self.granted.iter().position(|granted| granted.ticket == ticket)?;
        Some(self.granted.swap_remove(place).at)
    }

    /// What those ahead in line take, and what the caller takes.
    pub(super) fn ahead(&self, ticket: u64) -> (u64, u64) {
        let mut ahead = 0_u64;
        for place in &self.waiting {
            if place.ticket == ticket {
                return (ahead, place.units);
            }
            ahead = ahead.saturating_add(place.units);
        }
        (ahead, 0)
    }

    /// Leaves the line, or gives back what was taken for a call that will not be made.
    pub(super) fn leave(
        &mut self,
        ticket: u64,
        bucket: &mut Bucket,
        now: Instant,
        wake: &mut Vec<Arc<Waiter>>,
    ) {
        if let Ok(place) = self.waiting.binary_search_by_key(&ticket, |place| place.ticket) {
            if let Some(left) = self.waiting.remove(place) {
                self.units = self.units.saturating_sub(left.units);
            }
            if place == 0 {
                self.call_first(wake);
            }
        } else if let Some(place) = self.granted.iter().position(|granted| granted.ticket == ticket) {
            let Granted { units, after, .. } = self.granted.swap_remove(place);
            let given = bucket.give_back(now, units, after);
            // What was taken by those after it comes back that much earlier.
            for later in self.granted.iter_mut().filter(|later| later.after >= after) {
                later.after = later.after.saturating_sub(given);
            }
            self.call_first(wake);
        }
    }

    /// The bucket counts from another base, so many units later.
    pub(super) fn moved(&mut self, units: u64) {
        for granted in &mut self.granted {
            granted.after = granted.after.saturating_sub(units);
        }
    }

    /// The bucket counts in other units. Who waits already keeps the place, also where a call like theirs would not be
    /// admitted any more: it takes a full bucket then.
    pub(super) fn rescale(&mut self, bucket: &Bucket, scale: &Scale, wake: &mut Vec<Arc<Waiter>>) {
        for granted in &mut self.granted {
            granted.units = bucket.in_scale(granted.units, scale);
            granted.after = bucket.in_scale(granted.after, scale);
        }
        self.units = 0;
        for place in &mut self.waiting {
            place.units = scale.units(place.cost).unwrap_or(scale.tolerance);
            self.units = self.units.saturating_add(place.units);
        }
        // Everybody's turn has moved.
        wake.extend(self.waiting.iter().map(|place| Arc::clone(&place.waiter)));
    }
}
