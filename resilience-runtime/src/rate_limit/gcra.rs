//! The generic cell rate algorithm, in whole numbers: a token bucket that is one number.
//!
//! From ITU-T Recommendation I.371, "Traffic control and congestion control in B-ISDN", as the virtual scheduling
//! algorithm: what has been taken is a moment, the one at which it will all have come back. A call may take its part
//! if that moment doesn't get further ahead of now than the burst is long.
//!
//! The moment is counted in units, of which a nanosecond brings `speed` and a call takes `token`. Both are chosen so
//! that the rate is met exactly: at 3 calls a second a nanosecond brings 3 units, and a call takes 10⁹. So nothing is
//! rounded, and nothing drifts.

use std::time::Duration;

use crate::clock::{Instant, nanos};

/// A full bucket is at most so many units.
const MOST_TOLERANCE: u64 = 1 << 55;

/// Counted from one base, the time brings at most so many units.
const MOST_REFILLED: u64 = 1 << 54;

/// What has been taken is at most so many units: it has room beside eight bits in a word.
pub(super) const MOST_SPENT: u64 = (1 << 56) - 1;

/// A nanosecond brings at most this number of units, where the rate leaves a choice.
const FINEST: u64 = 1 << 20;

/// A call takes at least this number of units, so that costs are exact to a thousandth of a call.
const LEAST_TOKEN: u64 = 1 << 10;

/// What a call takes where nothing comes back: fine enough for fractions of it, and the largest burst of such calls fits.
const FOR_EVER: u64 = 1 << 20;

/// A rate in units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scale {
    /// Units that a nanosecond brings; none, where nothing ever comes back.
    pub(super) speed: u64,
    /// Units that a call takes.
    pub(super) token: u64,
    /// Units of a full bucket.
    pub(super) tolerance: u64,
}

impl Scale {
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    // Whole and in range where they are cast.
    pub(super) fn new(rate: f64, per: Duration, burst: u32) -> Self {
        let (per, burst) = (nanos(per).max(1), u64::from(burst.max(1)));
        if per == u64::MAX {
            return Self { speed: 0, token: FOR_EVER, tolerance: FOR_EVER * burst };
        }
        if rate.fract() == 0.0 && (1.0..=f64::from(u32::MAX)).contains(&rate) {
            let rate = rate as u64;
            let common = greatest_common_divisor(rate, per);
            let (speed, token) = (rate / common, per / common);
            let finer = LEAST_TOKEN.div_ceil(token).min(FINEST / speed).max(1);
            let (speed, token) = (speed * finer, token * finer);
            if let Some(tolerance) = token.checked_mul(burst).filter(|units| *units <= MOST_TOLERANCE) {
                return Self { speed, token, tolerance };
            }
        }
        // As fine as there is room for, and rather a little slower than a little faster. A rate at which the bucket
        // would take years to fill is as slow as can be told from standing still.
        let interval = (per as f64 / rate).min(MOST_TOLERANCE as f64 / burst as f64);
        let speed = (MOST_TOLERANCE as f64 / (interval * burst as f64)).floor().clamp(1.0, FINEST as f64);
        let token = ((speed * interval).ceil() as u64).clamp(1, MOST_TOLERANCE / burst);
        Self { speed: speed as u64, token, tolerance: token * burst }
    }

    /// What a call takes; `None` for one that could never be let through.
    #[inline]
    pub(super) fn units(&self, cost: f64) -> Option<u64> {
        units(cost, self.token, self.tolerance)
    }

    /// Units that a full bucket holds beside one call.
    pub(super) const fn rest(&self) -> u64 {
        self.tolerance.saturating_sub(self.token)
    }

    #[allow(clippy::cast_precision_loss)]
    pub(super) fn calls(&self, units: u64) -> f64 {
        units as f64 / self.token as f64
    }

    /// How many nanoseconds it takes until a call may take `units`, where so many are owed; `u64::MAX` for ever.
    #[inline]
    pub(super) const fn wait(&self, owed: u64, units: u64) -> u64 {
        match owed.saturating_add(units).saturating_sub(self.tolerance) {
            0 => 0,
            _ if self.speed == 0 => u64::MAX,
            missing => missing.div_ceil(self.speed),
        }
    }

    /// For how long the time can be counted from one base, in nanoseconds.
    const fn horizon(&self) -> u64 {
        match MOST_REFILLED.checked_div(self.speed) {
            Some(horizon) => horizon,
            None => u64::MAX,
        }
    }
}

const fn greatest_common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// What a call takes, to the nearest unit, and one at least unless it costs nothing. `None`: more than a full bucket
/// holds, or nothing that could be taken.
#[inline]
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::float_cmp
)]
// In range where it is cast.
pub(super) fn units(cost: f64, token: u64, tolerance: u64) -> Option<u64> {
    if is_ordinary(cost) {
        return Some(token);
    }
    if cost == 0.0 {
        return Some(0);
    }
    let units = (cost * token as f64).round().max(1.0);
    (cost > 0.0 && units <= tolerance as f64).then_some(units as u64)
}

/// Whether a call costs what a call costs.
#[inline]
#[allow(clippy::float_cmp)] // the same number, or another one
pub(super) fn is_ordinary(cost: f64) -> bool {
    cost == 1.0
}

/// What will have been taken after a call that takes `units` and may leave a full bucket with `rest`, if it may be made.
#[inline]
pub(super) const fn taken(spent: u64, refilled: u64, rest: u64, units: u64) -> Option<u64> {
    let from = if spent > refilled { spent } else { refilled };
    // What comes of values that don't belong together is thrown away, but mustn't panic before.
    if from <= refilled.wrapping_add(rest) { Some(from.wrapping_add(units)) } else { None }
}

/// A bucket. Times and units are counted from its base.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bucket {
    pub(super) scale: Scale,
    /// In the future while the bucket is paused: until then nothing is let through and nothing comes back.
    pub(super) base: Instant,
    /// When all that was taken will have come back.
    pub(super) spent: u64,
    /// By one clock no more than that is ever owed: a full bucket, or what was owed when the bucket became a smaller one.
    pub(super) most_owed: u64,
    /// The units that a server's quota withholds until its reset.
    pub(super) withheld: Withheld,
}

/// Units taken for no call, which are given back later.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Withheld {
    units: u64,
    /// When all that was taken by then will have come back, in units of the bucket.
    after: u64,
}

impl Bucket {
    /// A full one.
    pub(super) const fn new(scale: Scale) -> Self {
        let withheld = Withheld { units: 0, after: 0 };
        Self { scale, base: Instant::from_bits(0), spent: 0, most_owed: scale.tolerance, withheld }
    }

    /// How many nanoseconds from the base on the bucket needs no new one.
    pub(super) const fn horizon(&self) -> u64 {
        self.scale.horizon()
    }

    fn refilled(&self, now: Instant) -> u64 {
        now.nanos_since(self.base).saturating_mul(self.scale.speed)
    }

    /// When a call may take `units`, after others have taken `ahead`: now, later, or never.
    pub(super) fn earliest(&self, now: Instant, ahead: u64, units: u64) -> Instant {
        let wait = self.scale.wait(self.owed(now).saturating_add(ahead), units);
        now.max(self.base).after_nanos(wait)
    }

    /// Takes `units` if that can be done now.
    pub(super) fn take(&mut self, now: Instant, units: u64) -> bool {
        if now < self.base {
            return false;
        }
        let rest = self.scale.tolerance.saturating_sub(units);
        match taken(self.spent, self.refilled(now), rest, units) {
            Some(after) => {
                self.spent = after;
                true
            }
            None => false,
        }
    }

    /// Gives back what a call has taken that was not made, when all of it would have come back at `after`. What has come
    /// back by now, or has been lost to a full bucket, isn't given twice. Says how much it is.
    pub(super) fn give_back(&mut self, now: Instant, units: u64, after: u64) -> u64 {
        let given = after.saturating_sub(self.refilled(now)).min(units);
        self.spent = self.spent.saturating_sub(given);
        if self.withheld.after >= after {
            self.withheld.after = self.withheld.after.saturating_sub(given);
        }
        given
    }

    /// What has been taken and hasn't come back by now.
    pub(super) fn owed(&self, now: Instant) -> u64 {
        self.spent.saturating_sub(self.refilled(now))
    }

    /// What a call could take now, in units.
    pub(super) fn available(&self, now: Instant) -> u64 {
        if now < self.base { 0 } else { self.scale.tolerance.saturating_sub(self.owed(now)) }
    }

    #[cfg(any(test, feature = "keyed"))]
    pub(super) fn is_full(&self, now: Instant) -> bool {
        self.base <= now && self.spent <= self.refilled(now)
    }

    /// Counts from `now` on; says how many units the others of the same base have to be brought forward by.
    pub(super) fn move_to(&mut self, now: Instant) -> u64 {
        let refilled = self.refilled(now);
        self.spent = self.spent.saturating_sub(refilled);
        self.withheld.after = self.withheld.after.saturating_sub(refilled);
        self.base = self.base.max(now);
        refilled
    }

    /// A call is let through at a moment that the clock doesn't show yet: it stands still for a thread that is blocked.
    pub(super) fn owes_by_two_clocks(&mut self) {
        self.most_owed = u64::MAX;
    }

    /// Takes another scale. Counted in calls, what was taken stays what it was; all of it is owed, because the base has
    /// just been moved.
    pub(super) fn rescale(&mut self, scale: Scale) {
        self.spent = self.in_scale(self.spent, &scale);
        self.most_owed = self.spent.max(scale.tolerance);
        let Withheld { units, after } = self.withheld;
        self.withheld = Withheld { units: self.in_scale(units, &scale), after: self.in_scale(after, &scale) };
        self.scale = scale;
    }

    /// Units of this scale in those of another one.
    #[allow(clippy::cast_possible_truncation)] // just made small enough
    pub(super) fn in_scale(&self, units: u64, scale: &Scale) -> u64 {
        let rescaled = (u128::from(units) * u128::from(scale.token)).div_ceil(self.scale.token.into());
        rescaled.min(MOST_SPENT.into()) as u64
    }

    /// Leaves at most `units` in the bucket, until [`uncap`](Self::uncap).
    pub(super) fn cap(&mut self, now: Instant, units: u64) {
        let owed = self.scale.tolerance.saturating_sub(units);
        let before = self.spent.max(self.refilled(now));
        self.spent = self.spent.max(self.refilled(now).saturating_add(owed));
        self.withheld = Withheld { units: self.spent.saturating_sub(before), after: self.spent };
    }

    /// Gives back what a cap withholds, as far as it hasn't come back already. Returns how much that is, and `after` as of
    /// [`give_back`](Self::give_back).
    pub(super) fn uncap(&mut self, now: Instant) -> (u64, u64) {
        let Withheld { units, after } = std::mem::take(&mut self.withheld);
        (self.give_back(now, units, after), after)
    }

    /// Lets nothing through until then. The bucket keeps what it holds. Meanwhile time fills it up to one call only, so
    /// that waiters don't all come at once when the pause is over.
    pub(super) fn pause(&mut self, now: Instant, until: Instant) -> u64 {
        let moved = self.move_to(now);
        let all_but_one = self.scale.tolerance - self.scale.token;
        let before = self.spent;
        self.spent = self.spent.min(self.owed(until).max(all_but_one));
        let filled = before - self.spent;
        self.withheld.after = self.withheld.after.saturating_sub(filled);
        self.base = self.base.max(until);
        moved.saturating_add(filled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn at(nanos: u64) -> Instant {
        Instant::from_bits(nanos)
    }

    #[test]
    #[cfg_attr(miri, ignore = "arithmetic of one thread, in more rounds than it has time for")]
    fn a_rate_is_met_to_the_nanosecond_however_it_divides() {
        for rate in [1_u32, 3, 7, 10, 997, 1_000_003] {
            let mut bucket = Bucket::new(Scale::new(f64::from(rate), SECOND, 1));
            let mut let_through = 0_u64;
            let mut now = at(1);
            while let_through < 10_000 {
                assert!(bucket.take(now, bucket.scale.token));
                let_through += 1;
                let next = bucket.earliest(now, 0, bucket.scale.token);
                assert!(!bucket.take(at(next.to_bits() - 1), bucket.scale.token), "a nanosecond too early");
                // The call after this one is due at the whole nanosecond above its exact moment.
                let exact = (let_through * 1_000_000_000).div_ceil(u64::from(rate)) + 1;
                assert!(next.to_bits().abs_diff(exact) <= let_through, "{rate}: {next:?} and not {exact}");
                now = next;
            }
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "arithmetic of one thread, in more rounds than it has time for")]
    fn a_burst_every_second_is_let_through_every_second_for_ever() {
        // Three don't divide a second: with an interval in nanoseconds one of them would drift out of it.
        let mut bucket = Bucket::new(Scale::new(3.0, SECOND, 3));
        for second in 0..100_000 {
            let now = at(second * 1_000_000_000);
            for _ in 0..3 {
                assert!(bucket.take(now, bucket.scale.token), "second {second}");
            }
            assert!(!bucket.take(now, 1), "second {second}");
            if now.nanos_since(bucket.base) > bucket.horizon() / 2 {
                bucket.move_to(now);
            }
        }
    }

    #[test]
    fn every_rate_has_a_scale_that_fits_and_is_not_too_fast() {
        let pers = [1, 1_000, 999_999_937, 1_000_000_000, 86_400 * 1_000_000_000, 31_000_000 * 1_000_000_000];
        let rates = [1.0e-9, 0.1, 1.0, 7.3, 999.0, 1_000_003.0, f64::from(u32::MAX)];
        for (per, rate, burst) in pers
            .iter()
            .flat_map(|per| rates.iter().map(move |rate| (*per, *rate)))
            .flat_map(|(per, rate)| [1, 5, 1_000, u32::MAX].map(|burst| (per, rate, burst)))
        {
            let scale = Scale::new(rate, Duration::from_nanos(per), burst);
            assert!(scale.speed >= 1 && scale.token >= 1 && scale.tolerance <= MOST_TOLERANCE);
            assert_eq!(scale.tolerance, scale.token * u64::from(burst));
            #[allow(clippy::cast_precision_loss)]
            let ratio = (scale.speed as f64 / scale.token as f64) / (rate / per as f64);
            #[allow(clippy::cast_precision_loss)]
            let fill = per as f64 / rate * f64::from(burst);
            // One that would take years to fill is filled in a year.
            if fill < 3.0e16 {
                assert!(ratio <= 1.0 + 1.0e-12 && ratio > 0.999, "{rate} in {per} ns, {burst}: {ratio}");
            }
        }
    }

    #[test]
    fn costs_are_taken_to_the_nearest_unit() {
        let scale = Scale::new(10.0, SECOND, 5);
        assert_eq!(scale.units(1.0), Some(scale.token));
        assert_eq!(scale.units(0.1).map(|units| units * 10), Some(scale.token));
        assert_eq!(scale.units(5.0), Some(scale.tolerance));
        assert_eq!(scale.units(0.0), Some(0));
        assert_eq!(scale.units(1.0e-300), Some(1));
        for never in [5.1, f64::INFINITY, f64::NAN, -1.0, f64::NEG_INFINITY] {
            assert_eq!(scale.units(never), None, "{never}");
        }
    }

    #[test]
    fn what_is_given_back_is_what_it_would_be_without_the_call() {
        let scale = Scale::new(1.0, SECOND, 10);
        let second = |seconds: u64| at(1_000_000_000 * seconds);
        let mut bucket = Bucket::new(scale);
        assert!(bucket.take(second(0), scale.token * 4));
        let after = bucket.spent;
        let without = bucket;
        assert!(bucket.take(second(0), scale.token));
        let mut given_back = bucket;
        given_back.give_back(second(0), scale.token * 4, after);
        assert_eq!(given_back.available(second(0)), 9 * scale.token);
        // Three of the four have come back by themselves, and the bucket held no more than ten all the time.
        let mut late = without;
        late.give_back(second(3), scale.token * 4, after);
        assert!(late.is_full(second(3)));
        assert!(late.take(second(3), scale.token * 10) && !late.take(second(3), 1));
        // Of a call that came back whole there is nothing to give.
        let mut later = without;
        assert!(later.take(second(100), scale.token * 10));
        later.give_back(second(100), scale.token * 4, after);
        assert_eq!(later.available(second(100)), 0);
    }

    #[test]
    fn a_pause_leaves_the_bucket_as_it_was() {
        let scale = Scale::new(10.0, SECOND, 5);
        let mut bucket = Bucket::new(scale);
        assert!(bucket.take(at(100), 3 * scale.token));
        bucket.pause(at(100), at(1_000));
        assert_eq!((bucket.available(at(999)), bucket.available(at(1_000))), (0, 2 * scale.token));
        assert_eq!(bucket.earliest(at(100), 0, 2 * scale.token), at(1_000));
        assert_eq!(bucket.earliest(at(100), 0, 3 * scale.token), at(100_001_000));
        assert!(
            !bucket.take(at(999), 1) && bucket.take(at(1_000), 2 * scale.token) && !bucket.take(at(1_000), 1)
        );
    }

    #[test]
    fn a_cap_gives_back_what_time_has_not_brought_back() {
        let scale = Scale::new(10.0, SECOND, 5);
        let after = |nanos: u64, taken: u64| {
            let mut bucket = Bucket::new(scale);
            bucket.cap(at(0), 2 * scale.token);
            assert_eq!(bucket.available(at(0)), 2 * scale.token);
            assert!(bucket.take(at(nanos), taken * scale.token));
            bucket.uncap(at(nanos));
            bucket.available(at(nanos)) / scale.token
        };
        assert_eq!((after(0, 0), after(0, 2)), (5, 3));
        // One of the three has come back, and then all of them: the bucket held five, and no more.
        assert_eq!((after(100_000_000, 3), after(300_000_000, 5)), (2, 0));
        let mut twice = Bucket::new(scale);
        twice.cap(at(0), 0);
        twice.uncap(at(0));
        twice.uncap(at(0));
        assert!(twice.is_full(at(0)));
    }

    #[test]
    fn a_pause_fills_an_empty_bucket_up_to_one_call_and_only_as_fast_as_the_rate() {
        let scale = Scale::new(10.0, SECOND, 5);
        let available = |scale: Scale, pause: u64| {
            let mut bucket = Bucket::new(scale);
            assert!(bucket.take(at(0), scale.tolerance));
            bucket.pause(at(0), at(pause));
            bucket.available(at(pause)) * 2 / scale.token
        };
        let half_calls = [50_000_000, 100_000_000, 10_000_000_000].map(|pause| available(scale, pause));
        assert_eq!(half_calls, [1, 2, 2]);
        assert_eq!(available(Scale::new(10.0, Duration::MAX, 5), 10_000_000_000), 0);
    }

    #[test]
    fn fractions_of_a_call_add_up_at_the_highest_rates() {
        for (rate, per) in [(1_000_000.0, SECOND / 1_000), (1.0e9, SECOND), (4.0e9, SECOND)] {
            let scale = Scale::new(rate, per, 1_000);
            for parts in [4_u64, 8, 64] {
                #[allow(clippy::cast_precision_loss)]
                let units = scale.units(1.0 / parts as f64).unwrap();
                assert_eq!(units * parts, scale.token, "{rate} in {per:?}, {parts} parts");
            }
        }
    }
}
