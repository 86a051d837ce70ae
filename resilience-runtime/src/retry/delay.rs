//! The length of a wait: pure arithmetic on seconds, and one draw.

use std::time::Duration;

use super::policy::{Backoff, Jitter, RetryPolicy};
use crate::clock::scaled;
use crate::random;

/// The wait after `n` earlier ones, of which the last took `previous`. Never above `max_delay`.
pub(super) fn delay(policy: &RetryPolicy, n: u32, previous: Duration) -> Duration {
    spread(policy, planned(policy, n), previous).min(policy.settings.max_delay)
}

/// The wait before jitter, at most `max_delay`.
pub(super) fn planned(policy: &RetryPolicy, n: u32) -> Duration {
    match policy.settings.backoff {
        Backoff::Custom(schedule) => schedule(n).min(policy.settings.max_delay),
        _ => longest_planned(policy, n),
    }
}

/// The same where nobody can be asked: a schedule of the user's may say anything up to `max_delay`.
const fn longest_planned(policy: &RetryPolicy, n: u32) -> Duration {
    let base = policy.settings.base_delay;
    #[allow(clippy::cast_lossless)] // `From` can't be asked in a constant
    let delay = match policy.settings.backoff {
        Backoff::Constant => base,
        Backoff::Linear => scaled(base, 1.0 + policy.growth() * n as f64),
        Backoff::Exponential => scaled(base, power(policy.growth(), n)),
        Backoff::Fibonacci => scaled(base, fibonacci(n)),
        Backoff::Custom(_) => policy.settings.max_delay,
    };
    shorter(delay, policy.settings.max_delay)
}

/// The sum of so many waits, each as long as it can be, and the longest of them.
pub(super) const fn longest_waits(policy: &RetryPolicy, count: u32) -> (Duration, Duration) {
    let mut sum = Duration::ZERO;
    let mut longest = Duration::ZERO;
    let mut wait = Duration::ZERO;
    let mut n = 0;
    while n < count {
        let before = wait;
        wait = longest_wait(policy, n, before);
        sum = sum.saturating_add(wait);
        longest = longer(longest, wait);
        n += 1;
        // Once a wait is like the one before, so are all that follow.
        if n > 2 && wait.as_nanos() == before.as_nanos() {
            return (sum.saturating_add(wait.saturating_mul(count - n)), longest);
        }
        if n == COUNTED {
            let rest = policy.settings.max_delay.saturating_mul(count - n);
            return (sum.saturating_add(rest), policy.settings.max_delay);
        }
    }
    (sum, longest)
}

/// After so many waits that still grow, the others count as `max_delay`: constants have to be worked out in time.
const COUNTED: u32 = 1_000;

const fn longest_wait(policy: &RetryPolicy, n: u32, before: Duration) -> Duration {
    match policy.settings.jitter {
        Jitter::None | Jitter::Full | Jitter::Equal => longest_planned(policy, n),
        Jitter::Factor(factor) => {
            shorter(scaled(longest_planned(policy, n), 1.0 + factor), policy.settings.max_delay)
        }
        Jitter::Decorrelated => {
            let before = longer(before, policy.settings.base_delay);
            shorter(before.saturating_mul(3), policy.settings.max_delay)
        }
    }
}

/// The first wait, as short as it can be.
pub(super) const fn shortest_first_wait(policy: &RetryPolicy) -> Duration {
    if matches!(policy.settings.backoff, Backoff::Custom(_)) {
        return Duration::ZERO;
    }
    let planned = longest_planned(policy, 0);
    match policy.settings.jitter {
        Jitter::None => planned,
        Jitter::Full => Duration::ZERO,
        Jitter::Equal => scaled(planned, 0.5),
        Jitter::Factor(factor) => scaled(planned, 1.0 - factor),
        Jitter::Decorrelated => shorter(policy.settings.base_delay, policy.settings.max_delay),
    }
}

/// What `min` and `max` can't do in a constant.
pub(super) const fn shorter(one: Duration, other: Duration) -> Duration {
    if one.as_nanos() <= other.as_nanos() { one } else { other }
}

pub(super) const fn longer(one: Duration, other: Duration) -> Duration {
    if one.as_nanos() >= other.as_nanos() { one } else { other }
}

fn spread(policy: &RetryPolicy, delay: Duration, previous: Duration) -> Duration {
    match policy.settings.jitter {
        Jitter::None => delay,
        Jitter::Full => random::between(Duration::ZERO, delay),
        Jitter::Equal => random::between(delay / 2, delay),
        Jitter::Decorrelated => {
            let base = policy.settings.base_delay.min(policy.settings.max_delay);
            let previous = previous.max(base);
            random::between(base, previous.saturating_mul(3).min(policy.settings.max_delay))
        }
        Jitter::Factor(factor) => random::between(
            scaled(delay, 1.0 - factor),
            scaled(delay, 1.0 + factor).min(policy.settings.max_delay),
        ),
    }
}

/// As floats, what is large becomes infinite instead of overflowing.
const fn power(base: f64, exponent: u32) -> f64 {
    let (mut result, mut square, mut left) = (1.0, base, exponent);
    while left > 0 {
        if left % 2 == 1 {
            result *= square;
        }
        square *= square;
        left /= 2;
    }
    result
}

/// 1, 1, 2, 3, 5 …
const fn fibonacci(n: u32) -> f64 {
    let (mut current, mut next) = (1.0_f64, 1.0_f64);
    let mut left = n;
    while left > 0 && current.is_finite() {
        (current, next) = (next, current + next);
        left -= 1;
    }
    current
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn first(policy: RetryPolicy, count: u32) -> Vec<u128> {
        (0..count).map(|n| planned(&policy, n).as_millis()).collect()
    }

    #[test]
    fn each_backoff_grows_as_its_formula_says() {
        let policy = RetryPolicy::new().base_delay(50 * MS);
        assert_eq!(first(policy, 4), [50, 100, 200, 400]);
        assert_eq!(first(policy.multiplier(3.0), 4), [50, 150, 450, 1350]);
        assert_eq!(first(policy.multiplier(1.5), 3), [50, 75, 112]);
        assert_eq!(first(policy.backoff(Backoff::Constant), 3), [50, 50, 50]);
        assert_eq!(first(policy.backoff(Backoff::Linear), 4), [50, 100, 150, 200]);
        assert_eq!(first(policy.backoff(Backoff::Linear).multiplier(2.0), 3), [50, 150, 250]);
        assert_eq!(first(policy.backoff(Backoff::Fibonacci), 6), [50, 50, 100, 150, 250, 400]);
        assert_eq!(first(policy.backoff(Backoff::Custom(|n| MS * (n + 7))), 3), [7, 8, 9]);
        assert_eq!(first(policy.max_delay(120 * MS), 4), [50, 100, 120, 120]);
    }

    #[test]
    #[cfg_attr(miri, ignore = "arithmetic of one thread, in more rounds than it has time for")]
    fn the_bounds_hold_what_is_drawn() {
        for jitter in [Jitter::None, Jitter::Full, Jitter::Equal, Jitter::Decorrelated, Jitter::Factor(0.3)] {
            for backoff in [Backoff::Constant, Backoff::Linear, Backoff::Exponential, Backoff::Fibonacci] {
                let policy = RetryPolicy::new().base_delay(7 * MS).max_delay(900 * MS).multiplier(1.7);
                let policy = policy.jitter(jitter).backoff(backoff);
                for _ in 0..50 {
                    let (mut previous, mut sum) = (Duration::ZERO, Duration::ZERO);
                    for n in 0..12 {
                        previous = delay(&policy, n, previous);
                        sum += previous;
                        assert!(n > 0 || previous >= shortest_first_wait(&policy), "{jitter:?} {backoff:?}");
                        assert!(sum <= longest_waits(&policy, n + 1).0, "{jitter:?} {backoff:?} {n}");
                    }
                }
                let (sum, longest) = longest_waits(&policy, u32::MAX);
                assert!(sum <= policy.settings.max_delay * u32::MAX && longest <= policy.settings.max_delay);
            }
        }
        let custom = RetryPolicy::new().backoff(Backoff::Custom(|_| MS)).max_delay(5 * MS);
        assert_eq!((longest_waits(&custom, 4).0, shortest_first_wait(&custom)), (20 * MS, Duration::ZERO));
    }

    #[test]
    #[cfg_attr(miri, ignore = "arithmetic of one thread, in more rounds than it has time for")]
    fn no_wait_exceeds_the_maximum_whatever_the_jitter() {
        let cap = Duration::from_secs(2);
        for jitter in [Jitter::None, Jitter::Full, Jitter::Equal, Jitter::Decorrelated, Jitter::Factor(1.0)] {
            for backoff in [Backoff::Constant, Backoff::Linear, Backoff::Exponential, Backoff::Fibonacci] {
                let policy =
                    RetryPolicy::new().base_delay(1900 * MS).max_delay(cap).jitter(jitter).backoff(backoff);
                let mut previous = Duration::ZERO;
                for n in 0..5_000 {
                    previous = delay(&policy, n, previous);
                    assert!(previous <= cap, "{jitter:?} {backoff:?} {n}: {previous:?}");
                }
            }
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "arithmetic of one thread, in more rounds than it has time for")]
    fn nothing_overflows_at_the_edges() {
        let lengths =
            [Duration::ZERO, Duration::from_nanos(1), MS, Duration::from_secs(1 << 40), Duration::MAX];
        let exponents = [0, 1, 31, 32, 63, 64, 65, 1_475, 1_476, 100_000, u32::MAX - 1];
        let jitters = [Jitter::None, Jitter::Full, Jitter::Equal, Jitter::Decorrelated, Jitter::Factor(1.0)];
        let backoffs = [Backoff::Constant, Backoff::Linear, Backoff::Exponential, Backoff::Fibonacci];
        for base in lengths {
            for cap in lengths {
                for n in exponents {
                    for (jitter, backoff) in
                        jitters.iter().flat_map(|j| backoffs.iter().map(move |b| (*j, *b)))
                    {
                        let policy = RetryPolicy::new()
                            .base_delay(base)
                            .max_delay(cap)
                            .jitter(jitter)
                            .backoff(backoff);
                        assert!(delay(&policy, n, cap) <= cap);
                    }
                }
            }
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "arithmetic of one thread, in more rounds than it has time for")]
    fn jitter_stays_in_its_range_and_is_drawn_per_wait() {
        let policy = RetryPolicy::new().base_delay(100 * MS).backoff(Backoff::Constant);
        let draw = |jitter| (0..2_000).map(move |_| delay(&policy.jitter(jitter), 0, Duration::ZERO));
        assert!(draw(Jitter::Equal).all(|d| d >= 50 * MS && d <= 100 * MS));
        assert!(draw(Jitter::Factor(0.1)).all(|d| d >= 90 * MS && d <= 110 * MS));
        assert!(draw(Jitter::Decorrelated).all(|d| d >= 100 * MS && d <= 300 * MS));
        let full: Vec<_> = draw(Jitter::Full).collect();
        assert!(full.iter().any(|d| *d < 10 * MS) && full.iter().any(|d| *d > 90 * MS));
        assert!(full.windows(2).any(|pair| pair[0] != pair[1]));
    }
}
