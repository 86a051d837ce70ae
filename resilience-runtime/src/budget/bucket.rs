//! The tokens: calls pay parts of one in, and a retry takes a whole one out.
//!
//! It is the retry budget of Finagle (`com.twitter.finagle.service.RetryBudget`), which puts numbers to the advice of
//! the chapter "Handling Overload" in "Site Reliability Engineering" (Beyer and others, 2016): a process may only
//! spend a share of its calls on retries. Here nobody waits for anybody:
//!
//! - A deposit is one addition to a [`Counter`] that threads share no word of once they collide.
//! - What was withdrawn, and what has expired, is one word in the same count as the deposits. It only grows, and never
//!   beyond them: that is why there can't be more withdrawals in all than deposits pay for, whatever the threads do.
//! - When the deposits were made is known from marks, the count of them at the beginning of each of the last ten
//!   seconds. The first deposit or withdrawal of a second writes its mark. Up to 256 deposits a second each read the
//!   clock. Of more, one in n does, so that about a hundredth of a second's deposits has no time of its own. These count
//!   as new when the clock is read next: after a rush they may live for some seconds more, and none is lost.
//! - The minimum is a bucket of its own, as the moment at which it will be full again: one word too.

use crate::clock::{Instant, nanos};
use crate::counter::Counter;
use crate::sync::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use super::defaults::RETRY_BUDGET_TTL;
use super::policy::RetryBudgetPolicy;

/// One retry, in parts.
pub(super) const TOKEN: u64 = 10_000;

/// How many seconds have a mark.
const SLICES: u64 = RETRY_BUDGET_TTL.as_secs();
const SLICE: u64 = 1_000_000_000;

/// So many deposits a second are each seen for themselves.
const EXACT: u64 = 256;

#[derive(Debug)]
pub(super) struct Bucket {
    per_deposit: u64,
    deposits: Counter,
    // Parts withdrawn or expired, counted as the deposits are. Both wrap around; what counts is how far they are apart.
    spent: AtomicU64,
    // Seconds are counted from the budget's own beginning, so that what it does in a test's time depends on nothing else.
    began: Instant,
    slice: AtomicU64,
    #[allow(clippy::cast_possible_truncation)] // ten
    marks: [AtomicU64; RETRY_BUDGET_TTL.as_secs() as usize],
    // A deposit reads the clock if its number has none of these bits.
    unseen: AtomicU64,
    // The count of deposits when the clock was read last.
    seen: AtomicU64,
    minimum: Minimum,
}

impl Bucket {
    pub(super) fn new(policy: &RetryBudgetPolicy, now: Instant) -> Self {
        Self {
            per_deposit: policy.per_deposit(),
            deposits: Counter::new(),
            spent: AtomicU64::new(0),
            began: now,
            slice: AtomicU64::new(0),
            marks: std::array::from_fn(|_| AtomicU64::new(0)),
            unseen: AtomicU64::new(0),
            seen: AtomicU64::new(0),
            minimum: Minimum::new(policy.minimum()),
        }
    }

    /// A call pays in.
    #[inline]
    pub(super) fn deposit(&self, now: impl FnOnce() -> Instant) {
        let number = self.deposits.next();
        if number & self.unseen.load(Relaxed) == 0 {
            self.see(now());
        }
    }

    #[cold]
    #[inline(never)]
    fn see(&self, now: Instant) {
        let deposits = self.deposits.get();
        let slice = self.turn(now);
        self.seen.store(deposits, Relaxed);
        self.look_every(deposits.wrapping_sub(self.mark(slice)));
    }

    /// Adapts how often deposits read the clock to their number in a second.
    fn look_every(&self, per_second: u64) {
        self.unseen.store((per_second / EXACT + 1).next_power_of_two() - 1, Relaxed);
    }

    /// Takes one token, if there is one.
    pub(super) fn withdraw(&self, now: Instant) -> bool {
        self.withdraw_deposited(now) || self.minimum.withdraw(now)
    }

    fn withdraw_deposited(&self, now: Instant) -> bool {
        let (deposited, expired) = self.deposited(now);
        let take = |spent: u64| {
            let gone = if distance(spent, expired) > 0 { expired } else { spent };
            let spent = gone.wrapping_add(TOKEN);
            (distance(spent, deposited) >= 0).then_some(spent)
        };
        self.spent.fetch_update(Relaxed, Relaxed, take).is_ok()
    }

    /// How many tokens there are.
    pub(super) fn available(&self, now: Instant) -> u64 {
        let (deposited, expired) = self.deposited(now);
        let spent = self.spent.load(Relaxed);
        let left = distance(spent, deposited).min(distance(expired, deposited));
        u64::try_from(left).unwrap_or(0) / TOKEN + self.minimum.available(now)
    }

    pub(super) fn deposits(&self) -> u64 {
        self.deposits.get()
    }

    /// What was paid in since the beginning, and what of it is too old, in parts.
    fn deposited(&self, now: Instant) -> (u64, u64) {
        let deposits = self.deposits.get();
        let (last, seen) = (self.slice.load(Relaxed), self.seen.load(Relaxed));
        let slice = self.turn(now);
        if let Some(passed) = slice.checked_sub(last).filter(|passed| *passed > 0) {
            // The pace of a rush lasts for minutes where little comes after it.
            self.seen.store(deposits, Relaxed);
            self.look_every(deposits.wrapping_sub(seen) / passed);
        }
        let expired = self.mark(slice.wrapping_add(1));
        (deposits.wrapping_mul(self.per_deposit), expired.wrapping_mul(self.per_deposit))
    }

    /// Returns the second that it is, and writes the marks up to it. Deposits since the clock was read last count as
    /// made after all of these marks.
    fn turn(&self, now: Instant) -> u64 {
        let slice = now.nanos_since(self.began) / SLICE;
        let last = self.slice.load(Relaxed);
        if slice <= last {
            return last;
        }
        if self.slice.compare_exchange(last, slice, Relaxed, Relaxed).is_ok() {
            // A thread that comes by before the marks are written sees older ones: deposits live longer for it, and
            // can be spent once all the same.
            let (first, seen) = (slice.saturating_sub(SLICES - 1).max(last + 1), self.seen.load(Relaxed));
            for passed in first..=slice {
                self.marks[index(passed)].store(seen, Relaxed);
            }
        }
        slice
    }

    /// How many deposits there were when the second began.
    fn mark(&self, slice: u64) -> u64 {
        self.marks[index(slice)].load(Relaxed)
    }
}

/// How far it is from one count to another, of two that wrap around.
fn distance(from: u64, to: u64) -> i64 {
    to.wrapping_sub(from).cast_signed()
}

fn index(slice: u64) -> usize {
    // Below ten.
    #[allow(clippy::cast_possible_truncation)]
    let index = (slice % SLICES) as usize;
    index
}

/// So many tokens a second, and those of one second at most at once: the generic cell rate algorithm (ITU-T I.371).
#[derive(Debug)]
struct Minimum {
    /// Between two tokens; zero where there are none.
    period: u64,
    most: u64,
    full_at: AtomicU64,
}

impl Minimum {
    fn new(per_second: u32) -> Self {
        let most = u64::from(per_second);
        let period =
            nanos(std::time::Duration::from_secs(1)).checked_div(most).map_or(0, |period| period.max(1));
        Self { period, most, full_at: AtomicU64::new(0) }
    }

    fn withdraw(&self, now: Instant) -> bool {
        let now = now.to_bits();
        let take = |full_at: u64| {
            let full_at = full_at.max(now).saturating_add(self.period);
            (full_at - now <= self.period * self.most).then_some(full_at)
        };
        self.period > 0 && self.full_at.fetch_update(Relaxed, Relaxed, take).is_ok()
    }

    fn available(&self, now: Instant) -> u64 {
        let missing = self.full_at.load(Relaxed).saturating_sub(now.to_bits());
        (self.period * self.most).saturating_sub(missing).checked_div(self.period).unwrap_or(0)
    }
}

#[cfg(all(test, loom))]
mod loom_tests;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const START: u64 = 3_600 * SLICE;

    fn at(nanos: u64) -> Instant {
        Instant::from_bits(START + nanos)
    }

    fn bucket(ratio: f64, min_per_second: u32) -> Bucket {
        Bucket::new(&RetryBudgetPolicy::new().ratio(ratio).min_per_second(min_per_second), at(0))
    }

    fn deposit(bucket: &Bucket, count: u32, nanos: u64) {
        (0..count).for_each(|_| bucket.deposit(|| at(nanos)));
    }

    fn withdrawn(bucket: &Bucket, nanos: u64) -> u64 {
        (0..u64::MAX).find(|_| !bucket.withdraw(at(nanos))).unwrap_or_default()
    }

    #[test]
    fn a_retry_costs_as_many_deposits_as_the_ratio_says() {
        for (ratio, deposits, retries) in [
            (0.2, 4, 0),
            (0.2, 5, 1),
            (0.2, 99, 19),
            (1.0, 7, 7),
            (0.1, 100, 10),
            (0.0001, 10_000, 1),
            (0.0, 99, 0),
        ] {
            let bucket = bucket(ratio, 0);
            deposit(&bucket, deposits, 0);
            assert_eq!(bucket.available(at(0)), retries, "{ratio} of {deposits}");
            assert_eq!(withdrawn(&bucket, 0), retries, "{ratio} of {deposits}");
        }
    }

    #[test]
    fn deposits_last_for_nine_seconds_and_are_gone_after_ten() {
        for offset in [0, 1, SLICE / 2, SLICE - 1] {
            let bucket = bucket(0.2, 0);
            deposit(&bucket, 100, offset);
            assert_eq!(bucket.available(at(offset + 9 * SLICE)), 20);
            assert_eq!(bucket.available(at(offset + 10 * SLICE)), 0);
            deposit(&bucket, 5, offset + 10 * SLICE);
            assert_eq!(withdrawn(&bucket, offset + 10 * SLICE), 1);
        }
    }

    #[test]
    fn the_oldest_deposits_are_spent_first() {
        let bucket = bucket(1.0, 0);
        deposit(&bucket, 3, 0);
        deposit(&bucket, 4, 5 * SLICE);
        assert!(bucket.withdraw(at(5 * SLICE)));
        assert_eq!(bucket.available(at(11 * SLICE)), 4);
        assert_eq!(bucket.available(at(16 * SLICE)), 0);
    }

    #[test]
    fn a_long_quiet_time_leaves_nothing() {
        let bucket = bucket(1.0, 0);
        for slice in 0..40 {
            deposit(&bucket, 10, slice * SLICE);
        }
        assert_eq!(bucket.available(at(39 * SLICE)), 100);
        assert_eq!(bucket.available(at(1_000 * SLICE)), 0);
    }

    #[test]
    #[cfg_attr(miri, ignore = "arithmetic of one thread, in more rounds than it has time for")]
    fn steady_traffic_without_a_failure_is_known_to_within_a_hundredth() {
        let bucket = bucket(1.0, 0);
        let per_second = 20_000;
        let mut looks = 0;
        for number in 0..60 * per_second {
            bucket.deposit(|| {
                looks += 1;
                at(number * SLICE / per_second)
            });
        }
        let available = bucket.available(at(60 * SLICE - 1));
        assert!((198_000..=202_000).contains(&available), "{available}");
        assert!(looks < 60 * per_second / 10, "the clock was read {looks} times");
    }

    #[test]
    #[cfg_attr(miri, ignore = "arithmetic of one thread, in more rounds than it has time for")]
    fn deposits_after_a_rush_are_there_and_the_pace_follows_the_traffic() {
        let bucket = bucket(1.0, 0);
        deposit(&bucket, 1_000_000, 0);
        for second in 1..=30 {
            deposit(&bucket, 100, second * SLICE);
        }
        // Of the rush a hundredth at most counts as new.
        let available = bucket.available(at(30 * SLICE));
        assert!((1_000..=11_000).contains(&available), "{available}");
        for second in 31..=45 {
            deposit(&bucket, 100, second * SLICE);
        }
        assert_eq!(bucket.available(at(45 * SLICE)), 1_000);
    }

    #[test]
    fn the_minimum_is_there_without_traffic_and_can_be_saved_up_for_a_second() {
        let bucket = bucket(0.0, 10);
        assert_eq!(bucket.available(at(0)), 10);
        assert_eq!(withdrawn(&bucket, 0), 10);
        assert_eq!(withdrawn(&bucket, SLICE / 10 - 1), 0);
        assert_eq!(withdrawn(&bucket, SLICE / 10), 1);
        assert_eq!(withdrawn(&bucket, 60 * SLICE), 10);
        assert_eq!(
            (super::tests::bucket(0.0, 0).available(at(0)), withdrawn(&super::tests::bucket(0.0, 0), 0)),
            (0, 0)
        );
    }

    #[test]
    fn a_clock_that_stands_before_the_last_moment_changes_nothing() {
        let bucket = bucket(1.0, 1);
        deposit(&bucket, 3, 5 * SLICE);
        assert_eq!(bucket.available(Instant::from_bits(0)), 4);
        assert_eq!((0..9).filter(|_| bucket.withdraw(Instant::from_bits(0))).count(), 4);
    }

    #[test]
    fn counts_that_wrap_around_keep_their_distance() {
        let bucket = bucket(1.0, 0);
        bucket.spent.store(u64::MAX - 5, Relaxed);
        deposit(&bucket, 2, 0);
        assert_eq!(withdrawn(&bucket, 0), 2);
    }

    #[derive(Clone, Copy, Debug)]
    enum Step {
        Call,
        Failure,
        Wait(u64),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => Just(Step::Call),
            4 => Just(Step::Failure),
            1 => (0..3 * SLICE).prop_map(Step::Wait),
            1 => (0..30 * SLICE).prop_map(Step::Wait),
        ]
    }

    proptest! {
        /// Against a list of all deposits, of which each withdrawal takes the oldest that are left.
        #[test]
        #[cfg_attr(miri, ignore = "arithmetic of one thread, in more rounds than it has time for")]
        fn no_history_yields_more_retries_than_were_paid_for(
            steps in proptest::collection::vec(step(), 1..400),
            per_deposit in 0..=TOKEN,
            min_per_second in 0..5_u32,
        ) {
            #[allow(clippy::cast_precision_loss)]
            let bucket = bucket(per_deposit as f64 / TOKEN as f64, min_per_second);
            let (mut now, mut deposits, mut reserve) = (0, Vec::<(u64, u64)>::new(), u64::from(min_per_second) * SLICE);
            let full = reserve;
            let (mut calls, mut retries) = (0_u64, 0_u64);
            for step in steps {
                match step {
                    Step::Wait(nanos) => {
                        now += nanos;
                        reserve = full.min(reserve + nanos * u64::from(min_per_second));
                    }
                    Step::Call => {
                        calls += 1;
                        bucket.deposit(|| at(now));
                        deposits.push(((START + now) / SLICE, per_deposit));
                    }
                    Step::Failure => {
                        deposits.retain(|(slice, _)| slice + SLICES > (START + now) / SLICE);
                        let left: u64 = deposits.iter().map(|(_, parts)| parts).sum();
                        let granted = bucket.withdraw(at(now));
                        retries += u64::from(granted);
                        if left >= TOKEN {
                            prop_assert!(granted);
                            let mut price = TOKEN;
                            for (_, parts) in &mut deposits {
                                let paid = price.min(*parts);
                                *parts -= paid;
                                price -= paid;
                            }
                        } else {
                            // A token of the minimum is a second of one in so many: allow for the division's remainder.
                            if granted {
                                prop_assert!(reserve + 5 * SLICE / 1_000_000 >= SLICE);
                                reserve = reserve.saturating_sub(SLICE);
                            } else {
                                prop_assert!(reserve < SLICE + 5 * SLICE / 1_000_000);
                            }
                        }
                    }
                }
            }
            let minimum = u64::from(min_per_second) * (now / SLICE + 2);
            prop_assert!(retries <= calls * per_deposit / TOKEN + minimum);
        }
    }
}
