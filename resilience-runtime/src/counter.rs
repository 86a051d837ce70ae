//! Counters that many threads add to without a shared write, once it shows that they do.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::sync::{AtomicU64, OnceLock};

/// A sum. It is one word until two threads collide on it, then grows a stripe for every core, each in cache
/// lines of its own: the scheme of Java's `LongAdder` (Doug Lea, JSR-166). A thread that collides with another one on a
/// stripe moves on, so that as many threads as there are cores don't stay together by chance. Reading adds the stripes
/// up.
#[derive(Debug, Default)]
pub(crate) struct Counter {
    // With a mark on top once there are stripes. Nobody writes it from then on.
    single: AtomicU64,
    // A box around it, because it is a word less for all the counters that never need it.
    stripes: OnceLock<Box<Box<[Stripe]>>>,
}

/// No sum comes near it: at a nanosecond an increment that takes 292 years.
const STRIPED: u64 = 1 << 63;

/// Two cache lines, because processors fetch them in pairs.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct Stripe(AtomicU64);

impl Counter {
    pub(crate) fn new() -> Self {
        Self { single: AtomicU64::new(0), stripes: OnceLock::new() }
    }

    #[inline]
    pub(crate) fn increment(&self) {
        if !self.try_increment() {
            self.next_striped();
        }
    }

    /// Counts if that takes one word and no other thread.
    #[inline]
    pub(crate) fn try_increment(&self) -> bool {
        let seen = self.single.load(Ordering::Relaxed);
        seen & STRIPED == 0
            && self.single.compare_exchange(seen, seen + 1, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    /// Adds one, and gives its number among those that were added to the same stripe.
    #[inline]
    pub(crate) fn next(&self) -> u64 {
        let seen = self.single.load(Ordering::Relaxed);
        if seen & STRIPED == 0
            && self.single.compare_exchange(seen, seen + 1, Ordering::Relaxed, Ordering::Relaxed).is_ok()
        {
            return seen + 1;
        }
        self.next_striped()
    }

    #[cold]
    #[inline(never)]
    fn next_striped(&self) -> u64 {
        let stripes = self.stripe();
        let place = |number: usize| &stripes[number & (stripes.len() - 1)].0;
        let (number, here) = (thread_number(), place(thread_number()));
        let seen = here.load(Ordering::Relaxed);
        if here.compare_exchange(seen, seen.wrapping_add(1), Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            return seen.wrapping_add(1);
        }
        // Another thread counts here. This one goes to the next stripe, and stays there.
        move_to(number.wrapping_add(1));
        place(number.wrapping_add(1)).fetch_add(1, Ordering::Relaxed).wrapping_add(1)
    }

    /// From here on no increment takes the short way.
    pub(crate) fn stripe(&self) -> &[Stripe] {
        let stripes = self.stripes.get_or_init(|| {
            let cores = std::thread::available_parallelism().map_or(8, std::num::NonZero::get);
            Box::new((0..cores.next_power_of_two().min(64)).map(|_| Stripe::default()).collect())
        });
        if self.single.load(Ordering::Relaxed) & STRIPED == 0 {
            self.single.fetch_or(STRIPED, Ordering::Relaxed);
        }
        stripes
    }

    pub(crate) fn get(&self) -> u64 {
        let stripes = self.stripes.get().into_iter().flat_map(|stripes| stripes.iter());
        stripes
            .map(|stripe| stripe.0.load(Ordering::Relaxed))
            .fold(self.single.load(Ordering::Relaxed) & !STRIPED, u64::wrapping_add)
    }
}

thread_local! {
    static NUMBER: Cell<usize> = const { Cell::new(UNNUMBERED) };
}

const UNNUMBERED: usize = usize::MAX;

/// Small, and different for every thread that hasn't met another one.
#[inline]
fn thread_number() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let number = NUMBER.get();
    if number != UNNUMBERED {
        return number;
    }
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    NUMBER.set(number);
    number
}

/// The race checker's threads are all on one, whose number must be the same in every order that it tries.
fn move_to(number: usize) {
    if cfg!(not(loom)) {
        NUMBER.set(number);
    }
}

#[cfg(all(test, loom))]
mod loom_tests;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_increment_is_lost_between_threads() {
        let counter = Counter::new();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..10_000).for_each(|_| counter.increment()));
            }
        });
        counter.next_striped();
        assert_eq!(counter.get(), 40_001);
    }

    #[test]
    fn threads_that_meet_on_a_stripe_part() {
        let counter = Counter::new();
        let last = counter.stripe().len() - 1;
        let met = std::sync::Barrier::new(2);
        let parted = AtomicUsize::new(usize::from(last == 0));
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    NUMBER.set(0);
                    met.wait();
                    // Either of the two may be the one that moves; which is no matter of a few calls.
                    for _ in 0..100_000_000_u64 {
                        if parted.load(Ordering::Relaxed) > 0 {
                            break;
                        }
                        counter.increment();
                        parted.fetch_add(usize::from(NUMBER.get() & last != 0), Ordering::Relaxed);
                    }
                });
            }
        });
        assert!(parted.load(Ordering::Relaxed) > 0);
    }
}
