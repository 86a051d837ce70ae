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
    single: Single,
    stripes: OnceLock<Box<Stripes>>,
}

/// The word of a counter whose stripes are kept elsewhere, with a mark on top once there are some. Nobody writes it from
/// then on.
#[derive(Debug, Default)]
pub(crate) struct Single(AtomicU64);

/// What a counter has grown.
#[derive(Debug)]
pub(crate) struct Stripes(Box<[Stripe]>);

/// No sum comes near it: at a nanosecond an increment that takes 292 years.
const STRIPED: u64 = 1 << 63;

/// Two cache lines, because processors fetch them in pairs.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Stripe(AtomicU64);

impl Counter {
    pub(crate) fn new() -> Self {
        Self { single: Single::new(), stripes: OnceLock::new() }
    }

    #[inline]
    pub(crate) fn increment(&self) {
        if !self.single.try_increment() {
            self.next_striped();
        }
    }

    /// Adds one, and gives its number among those that were added to the same stripe.
    #[inline]
    pub(crate) fn next(&self) -> u64 {
        self.single.try_next().unwrap_or_else(|| self.next_striped())
    }

    #[cold]
    #[inline(never)]
    fn next_striped(&self) -> u64 {
        self.single.stripe();
        self.stripes.get_or_init(Box::default).next()
    }

    pub(crate) fn get(&self) -> u64 {
        self.single.with(self.stripes.get().map(Box::as_ref))
    }
}

impl Single {
    pub(crate) fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// Counts if that takes one word and no other thread.
    #[inline]
    pub(crate) fn try_increment(&self) -> bool {
        self.try_next().is_some()
    }

    #[inline]
    fn try_next(&self) -> Option<u64> {
        let seen = self.0.load(Ordering::Relaxed);
        let counted = seen & STRIPED == 0
            && self.0.compare_exchange(seen, seen + 1, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        counted.then_some(seen + 1)
    }

    /// From here on no increment takes the short way.
    pub(crate) fn stripe(&self) {
        if self.0.load(Ordering::Relaxed) & STRIPED == 0 {
            self.0.fetch_or(STRIPED, Ordering::Relaxed);
        }
    }

    /// The sum, with what was counted in the stripes.
    pub(crate) fn with(&self, stripes: Option<&Stripes>) -> u64 {
        let single = self.0.load(Ordering::Relaxed) & !STRIPED;
        stripes.map_or(single, |stripes| stripes.get().wrapping_add(single))
    }
}

impl Default for Stripes {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(8, std::num::NonZero::get);
        Self((0..cores.next_power_of_two().min(64)).map(|_| Stripe::default()).collect())
    }
}

impl Stripes {
    /// Adds one, and gives its number among those that were added to the same stripe.
    pub(crate) fn next(&self) -> u64 {
        let (number, here) = (thread_number(), self.place(thread_number()));
        let seen = here.load(Ordering::Relaxed);
        if here.compare_exchange(seen, seen.wrapping_add(1), Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            return seen.wrapping_add(1);
        }
        // Another thread counts here. This one goes to the next stripe, and stays there.
        move_to(number.wrapping_add(1));
        self.place(number.wrapping_add(1)).fetch_add(1, Ordering::Relaxed).wrapping_add(1)
    }

    fn place(&self, number: usize) -> &AtomicU64 {
        &self.0[number & (self.0.len() - 1)].0
    }

    fn get(&self) -> u64 {
        self.0.iter().map(|stripe| stripe.0.load(Ordering::Relaxed)).fold(0, u64::wrapping_add)
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
        let each = if cfg!(miri) { 100 } else { 10_000 };
        let counter = Counter::new();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..each).for_each(|_| counter.increment()));
            }
        });
        counter.next_striped();
        assert_eq!(counter.get(), 4 * each + 1);
    }

    #[test]
    fn threads_that_meet_on_a_stripe_part() {
        let counter = Counter::new();
        counter.next_striped();
        let last = counter.stripes.get().map_or(0, |stripes| stripes.0.len() - 1);
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
