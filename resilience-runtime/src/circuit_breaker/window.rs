//! The calls that a rate is about. Constant time a call, whatever the window's size.
//!
//! Most successes never come here. Once the window holds enough calls to be judged, a success can only lower a
//! rate, so it is enough to know how many there were when a failure asks. They are counted elsewhere, in counters
//! that threads don't fight over, and the window is told their sums.

use std::time::Duration;

use super::policy::Window;
use crate::clock::Instant;

/// Into how many parts a window of time is cut.
pub(super) const PARTS: usize = 10;

/// What a window holds at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) calls: u64,
    pub(crate) failures: u64,
    pub(crate) slow: u64,
}

/// The sums of successes that were counted past the window since the breaker was made.
pub(crate) trait Passed {
    /// For a window of calls.
    fn passed(&self) -> u64;

    /// For a part of a window of time.
    fn passed_in(&self, part: usize) -> u64;

    /// The moment that the parts of a window of time are counted from: the breaker's own, so that what it does in a
    /// test's time depends on nothing else. Settled before there is such a window to ask about.
    fn began(&self) -> Instant;
}

#[derive(Debug)]
pub(crate) enum Calls {
    Last(LastCalls),
    Recent(Box<RecentCalls>),
}

impl Calls {
    /// An empty window that begins now.
    pub(crate) fn new(window: Window, passed: &impl Passed) -> Self {
        match window {
            Window::Calls(size) => Self::Last(LastCalls::new(size, passed)),
            Window::Time(length) => Self::Recent(Box::new(RecentCalls::new(length, passed))),
        }
    }

    /// Takes in one call.
    pub(crate) fn record(&mut self, now: Instant, passed: &impl Passed, failed: bool, slow: bool) {
        match self {
            Self::Last(calls) => calls.record(passed, failed, slow),
            Self::Recent(calls) => calls.record(now, passed, failed, slow),
        }
    }

    pub(crate) fn tally(&self, now: Instant, passed: &impl Passed) -> Tally {
        match self {
            Self::Last(calls) => calls.tally(passed),
            Self::Recent(calls) => calls.tally(now, passed),
        }
    }

    /// Gets the part of this moment ready, so that successes may be counted past it.
    pub(crate) fn turn_to(&mut self, now: Instant, passed: &impl Passed) {
        if let Self::Recent(calls) = self {
            calls.turn_to(now, passed);
        }
    }

    /// Whether the time matters to it.
    pub(crate) const fn is_timed(&self) -> bool {
        matches!(self, Self::Recent(_))
    }
}

/// The last so many calls. Every call has a number, and only those that count against the service are marked.
#[derive(Debug)]
pub(crate) struct LastCalls {
    size: u64,
    failures: Marks,
    slow: Marks,
    recorded: u64,
    passed_before: u64,
}

impl LastCalls {
    fn new(size: u32, passed: &impl Passed) -> Self {
        Self {
            size: u64::from(size),
            failures: Marks::default(),
            slow: Marks::default(),
            recorded: 0,
            passed_before: passed.passed(),
        }
    }

    fn latest(&self, passed: &impl Passed) -> u64 {
        self.recorded + passed.passed().saturating_sub(self.passed_before)
    }

    fn record(&mut self, passed: &impl Passed, failed: bool, slow: bool) {
        self.recorded += 1;
        let number = self.latest(passed);
        for (marks, marked) in [(&mut self.failures, failed), (&mut self.slow, slow)] {
            marks.turn_to(number, self.size);
            if marked {
                marks.set(number, self.size);
            }
        }
    }

    fn tally(&self, passed: &impl Passed) -> Tally {
        let latest = self.latest(passed);
        Tally {
            calls: latest.min(self.size),
            failures: self.failures.among_the_last(latest, self.size),
            slow: self.slow.among_the_last(latest, self.size),
        }
    }
}

/// A bit for each place of a window of calls, set if the call there is of a kind. For most of the other calls nobody comes
/// here: what has left the window is cleared when somebody does, 64 calls at a time and each of them once.
#[derive(Debug, Default)]
struct Marks {
    // Made for the first mark, so that a breaker whose calls succeed has none.
    bits: Box<[u64]>,
    // The last call that somebody came for, and how many marks there were in the window then.
    latest: u64,
    count: u64,
}

impl Marks {
    /// Clears what has left the window with this call, marked or not: else each call would have to look at all that
    /// came since the last marked one.
    fn turn_to(&mut self, number: u64, size: u64) {
        if self.count > 0 {
            for (word, mask) in places(self.latest + 1, number, size) {
                self.count -= u64::from((self.bits[word] & mask).count_ones());
                self.bits[word] &= !mask;
            }
        }
        self.latest = number;
    }

    /// Marks the call that was turned to.
    fn set(&mut self, number: u64, size: u64) {
        if self.bits.is_empty() {
            self.bits = vec![0; usize::try_from(size.div_ceil(BITS)).unwrap_or(usize::MAX)].into();
        }
        let (word, bit) = place_of(number % size);
        self.bits[word] |= 1 << bit;
        self.count += 1;
    }

    fn among_the_last(&self, latest: u64, size: u64) -> u64 {
        if self.count == 0 || latest == self.latest {
            return self.count;
        }
        let gone = places(self.latest + 1, latest, size);
        self.count - gone.map(|(word, mask)| u64::from((self.bits[word] & mask).count_ones())).sum::<u64>()
    }
}

/// How many calls a word has places for.
const BITS: u64 = u64::BITS as u64;

/// The word of a place, and the bit in it.
#[allow(clippy::cast_possible_truncation)] // as many as a breaker has memory for
const fn place_of(place: u64) -> (usize, u64) {
    ((place / BITS) as usize, place % BITS)
}

/// The places of the calls from one to another: words, and the bits of them. Each place comes once.
fn places(first: u64, last: u64, size: u64) -> impl Iterator<Item = (usize, u64)> {
    let mut left = (last + 1).saturating_sub(first).min(size);
    let mut place = first % size;
    std::iter::from_fn(move || {
        (left > 0).then(|| {
            let (word, bit) = place_of(place);
            let bits = (BITS - bit).min(size - place).min(left);
            left -= bits;
            place = (place + bits) % size;
            (word, (u64::MAX >> (BITS - bits)) << bit)
        })
    })
}

/// The calls of the last so long, in a ring of parts.
#[derive(Debug)]
pub(crate) struct RecentCalls {
    part_nanos: u64,
    parts: [Part; PARTS],
}

#[derive(Clone, Copy, Debug, Default)]
struct Part {
    // Which part of all time it holds; zero for none.
    number: u64,
    failures: u64,
    slow: u64,
    recorded: u64,
    passed_before: u64,
}

/// How long a part of a window is, in nanoseconds.
pub(super) fn part_nanos(length: Duration) -> u64 {
    u64::try_from(length.as_nanos() / PARTS as u128).unwrap_or(u64::MAX).max(1)
}

/// Which part of all time this moment lies in, from one, and when that part ends.
#[inline]
pub(super) const fn part_at(began: Instant, now: Instant, part_nanos: u64) -> (u64, u64) {
    // A test may have put a clock in place, since the breaker was made, that is behind: that has parts too.
    let since = now.to_bits().wrapping_sub(began.to_bits());
    // A part of the greatest length there is holds all of time.
    let number = (since / part_nanos).saturating_add(1);
    (number, now.to_bits().saturating_add(part_nanos - since % part_nanos))
}

/// Where in the ring a part stands.
#[allow(clippy::cast_possible_truncation)] // it is below PARTS
pub(super) const fn place(number: u64) -> usize {
    (number % PARTS as u64) as usize
}

impl RecentCalls {
    fn new(length: Duration, passed: &impl Passed) -> Self {
        let mut parts = [Part::default(); PARTS];
        for (place, part) in parts.iter_mut().enumerate() {
            part.passed_before = passed.passed_in(place);
        }
        Self { part_nanos: part_nanos(length), parts }
    }

    fn record(&mut self, now: Instant, passed: &impl Passed, failed: bool, slow: bool) {
        let part = self.turn_to(now, passed);
        part.recorded += 1;
        part.failures += u64::from(failed);
        part.slow += u64::from(slow);
    }

    /// The part of this moment, emptied if it still holds an older one.
    fn turn_to(&mut self, now: Instant, passed: &impl Passed) -> &mut Part {
        let (number, _) = part_at(passed.began(), now, self.part_nanos);
        let place = place(number);
        let part = &mut self.parts[place];
        if part.number != number {
            *part = Part { number, passed_before: passed.passed_in(place), ..Part::default() };
        }
        part
    }

    fn tally(&self, now: Instant, passed: &impl Passed) -> Tally {
        let (latest, _) = part_at(passed.began(), now, self.part_nanos);
        let held = self.parts.iter().enumerate().filter(|(_, part)| {
            part.number != 0 && part.number <= latest && latest - part.number < PARTS as u64
        });
        held.fold(Tally::default(), |tally, (place, part)| Tally {
            calls: tally.calls + part.recorded + passed.passed_in(place).saturating_sub(part.passed_before),
            failures: tally.failures + part.failures,
            slow: tally.slow + part.slow,
        })
    }
}

/// How many of so many calls make up the share: at least one.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub(crate) fn threshold(share: f64, calls: u64) -> u64 {
    // The product of a share and a whole number of calls may lie a hair above a whole number for want of digits:
    // 0.07 · 100 is 7.000000000000001, and means seven.
    let exact = share * calls as f64 - 1e-9;
    // Rounded up by hand: on most processors `ceil` is a call.
    let whole = exact as u64;
    (whole + u64::from((whole as f64) < exact)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Sums([u64; PARTS]);

    impl Passed for Sums {
        fn passed(&self) -> u64 {
            self.0[0]
        }

        fn passed_in(&self, part: usize) -> u64 {
            self.0[part]
        }

        fn began(&self) -> Instant {
            Instant::from_bits(0)
        }
    }

    const NONE: Sums = Sums([0; PARTS]);

    #[test]
    fn the_threshold_is_the_share_rounded_up_and_at_least_one() {
        let cases = [(0.5, 10, 5), (0.5, 9, 5), (0.01, 10, 1), (1.0, 7, 7), (0.07, 100, 7), (0.3, 10, 3)];
        for (share, calls, expected) in cases {
            assert_eq!(threshold(share, calls), expected, "{share} of {calls}");
        }
    }

    #[test]
    fn a_window_of_calls_slides() {
        let mut sums = NONE;
        let mut calls = Calls::new(Window::Calls(10), &sums);
        let now = Instant::from_bits(0);
        for _ in 0..4 {
            calls.record(now, &sums, true, false);
        }
        assert_eq!(calls.tally(now, &sums), Tally { calls: 4, failures: 4, slow: 0 });
        sums.0[0] += 6;
        assert_eq!(calls.tally(now, &sums), Tally { calls: 10, failures: 4, slow: 0 });
        sums.0[0] += 1;
        assert_eq!(calls.tally(now, &sums).failures, 3, "the first failure has left the window");
        calls.record(now, &sums, true, false);
        assert_eq!(calls.tally(now, &sums).failures, 3);
        sums.0[0] += 1_000_000;
        assert_eq!(calls.tally(now, &sums), Tally { calls: 10, failures: 0, slow: 0 });
    }

    #[test]
    #[cfg_attr(miri, ignore = "arithmetic of one thread, in more rounds than it has time for")]
    fn a_window_of_calls_is_what_a_list_of_them_says() {
        for size in [1, 2, 63, 64, 65, 128, 150] {
            let mut sums = NONE;
            let mut calls = LastCalls::new(size, &sums);
            let mut all = vec![];
            let mut random = 0x9e37_79b9_u64;
            for _ in 0..2_000 {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let (kind, run) = (random >> 60, random >> 40 & 0xff);
                if kind < 10 {
                    let (failed, slow) = (kind % 2 == 0, kind % 3 == 0);
                    calls.record(&sums, failed, slow);
                    all.push((failed, slow));
                } else {
                    // Successes that are counted past the window, now and then more of them than it holds.
                    sums.0[0] += run;
                    all.extend((0..run).map(|_| (false, false)));
                }
                let last = &all[all.len().saturating_sub(size as usize)..];
                let expected = Tally {
                    calls: last.len() as u64,
                    failures: last.iter().filter(|(failed, _)| *failed).count() as u64,
                    slow: last.iter().filter(|(_, slow)| *slow).count() as u64,
                };
                assert_eq!(calls.tally(&sums), expected, "the last {size} of {}", all.len());
            }
        }
    }

    #[test]
    fn a_call_that_is_not_marked_leaves_nothing_to_look_at_for_the_next() {
        let mut sums = NONE;
        let mut calls = LastCalls::new(1_000_000, &sums);
        calls.record(&sums, true, true);
        sums.0[0] += 100_000;
        calls.record(&sums, false, false);
        assert_eq!((calls.failures.latest, calls.slow.latest), (100_002, 100_002));
        assert_eq!(calls.tally(&sums), Tally { calls: 100_002, failures: 1, slow: 1 });
    }

    #[test]
    fn a_window_of_calls_takes_a_bit_for_each_and_none_before_the_first_failure() {
        let mut calls = LastCalls::new(1_000_000, &NONE);
        calls.record(&NONE, false, false);
        assert!(calls.failures.bits.is_empty() && calls.slow.bits.is_empty());
        (0..10_000).for_each(|_| calls.record(&NONE, true, false));
        assert_eq!((calls.failures.bits.len(), calls.slow.bits.len()), (15_625, 0));
    }

    #[test]
    fn a_window_of_time_slides_by_tenths() {
        let second = Duration::from_secs(1);
        let mut sums = NONE;
        let mut calls = Calls::new(Window::Time(10 * second), &sums);
        let start = Instant::from_bits(1_000_000_000_000);
        calls.record(start, &sums, true, false);
        sums.0[place(1_001)] += 3;
        assert_eq!(calls.tally(start, &sums), Tally { calls: 4, failures: 1, slow: 0 });
        calls.record(start.after(5 * second), &sums, false, true);
        let later = start.after(9 * second + second / 2);
        assert_eq!(calls.tally(later, &sums), Tally { calls: 5, failures: 1, slow: 1 });
        let later = start.after(10 * second);
        assert_eq!(calls.tally(later, &sums), Tally { calls: 1, failures: 0, slow: 1 });
        calls.record(later, &sums, false, false);
        assert_eq!(
            calls.tally(later, &sums),
            Tally { calls: 2, failures: 0, slow: 1 },
            "the old sums are gone"
        );
        assert_eq!(calls.tally(start.after(Duration::MAX), &sums), Tally::default());
    }
}
