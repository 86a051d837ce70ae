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
    /// What all up to here take, this one included, from where `Line::passed` is counted from.
    through: u128,
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

/// Those who wait, in the order of arrival, and those who were let through since they last looked. Both are in the order
/// of their tickets, so that nobody has to be looked for from one end to the other: a change of the rate makes all of
/// them look.
#[derive(Debug, Default)]
pub(super) struct Line {
    waiting: VecDeque<Place>,
    granted: VecDeque<Granted>,
    /// What was taken by those who stood before the first.
    passed: u128,
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
    pub(super) fn units(&self) -> u64 {
        self.up_to(self.waiting.back())
    }

    /// What all up to that place will take.
    fn up_to(&self, place: Option<&Place>) -> u64 {
        place.map_or(0, |place| u64::try_from(place.through - self.passed).unwrap_or(u64::MAX))
    }

    /// Joins the line at its end.
    pub(super) fn join(&mut self, cost: f64, units: u64) -> (u64, Arc<Waiter>) {
        let (ticket, waiter) = (self.next, Arc::new(Waiter::new()));
        self.next += 1;
        let through = self.waiting.back().map_or(self.passed, |last| last.through) + u128::from(units);
        self.waiting.push_back(Place { ticket, cost, units, through, waiter: Arc::clone(&waiter) });
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
            let Some(Place { ticket, units, through, waiter, .. }) = self.waiting.pop_front() else { break };
            self.passed = through;
            self.granted.push_back(Granted { ticket, units, after: bucket.spent, at: now });
            wake.push(waiter);
        }
        if wake.len() > before {
            self.call_first(wake);
        }
    }

    fn call_first(&self, wake: &mut Vec<Arc<Waiter>>) {
        wake.extend(self.waiting.front().map(|first| Arc::clone(&first.waiter)));
    }

    fn place(&self, ticket: u64) -> Option<usize> {
        self.waiting.binary_search_by_key(&ticket, |place| looked_at(place.ticket)).ok()
    }

    fn grant(&self, ticket: u64) -> Option<usize> {
        self.granted.binary_search_by_key(&ticket, |granted| looked_at(granted.ticket)).ok()
    }

    /// Takes notice of having been let through; says when that was.
    pub(super) fn claim(&mut self, ticket: u64) -> Option<Instant> {
        let granted = self.granted.remove(self.grant(ticket)?)?;
        Some(granted.at)
    }

    /// What those ahead in line take, and what the caller takes.
    pub(super) fn ahead(&self, ticket: u64) -> (u64, u64) {
        let Some(place) = self.place(ticket) else { return (self.units(), 0) };
        let ahead = place.checked_sub(1).and_then(|before| self.waiting.get(before));
        (self.up_to(ahead), self.waiting[place].units)
    }

    /// Leaves the line, or gives back what was taken for a call that will not be made.
    pub(super) fn leave(
        &mut self,
        ticket: u64,
        bucket: &mut Bucket,
        now: Instant,
        wake: &mut Vec<Arc<Waiter>>,
    ) {
        if let Some(place) = self.place(ticket) {
            self.close_up(place);
            if place == 0 {
                self.call_first(wake);
            }
        } else if let Some(granted) = self.grant(ticket).and_then(|place| self.granted.remove(place)) {
            let Granted { units, after, .. } = granted;
            let given = bucket.give_back(now, units, after);
            self.given_back(given, after);
            self.call_first(wake);
        }
    }

    /// The bucket has got back `given`, which was taken by `after`: what was taken later comes back that much earlier.
    pub(super) fn given_back(&mut self, given: u64, after: u64) {
        for later in self.granted.iter_mut().filter(|later| later.after >= after) {
            later.after = later.after.saturating_sub(given);
        }
    }

    /// Takes a place out. Those behind count less, or, if those are fewer, those ahead count more.
    fn close_up(&mut self, place: usize) {
        let Some(left) = self.waiting.remove(place) else { return };
        let units = u128::from(left.units);
        if place > self.waiting.len() / 2 {
            for behind in self.waiting.range_mut(place..) {
                behind.through -= units;
            }
        } else {
            for ahead in self.waiting.range_mut(..place) {
                ahead.through += units;
            }
            self.passed += units;
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
        self.passed = 0;
        let mut through = 0;
        for place in &mut self.waiting {
            place.units = scale.units(place.cost).unwrap_or(scale.tolerance);
            through += u128::from(place.units);
            place.through = through;
        }
        // Everybody's turn has moved.
        wake.extend(self.waiting.iter().map(|place| Arc::clone(&place.waiter)));
    }
}

/// A step of a search, which the tests count.
fn looked_at(ticket: u64) -> u64 {
    #[cfg(test)]
    tests::LOOKED_AT.set(tests::LOOKED_AT.get() + 1);
    ticket
}

#[cfg(test)]
pub(super) mod tests {
    use std::cell::Cell;

    thread_local! {
        /// How many tickets were looked at to find a caller's own.
        pub(crate) static LOOKED_AT: Cell<usize> = const { Cell::new(0) };
    }
}
