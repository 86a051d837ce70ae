//! Randomness for jitter: one small generator a thread, seeded once from the standard library's hasher keys,
//! which the operating system made. Nothing here needs to be unpredictable, only different.

use std::cell::RefCell;
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

thread_local! {
    static GENERATOR: RefCell<SmallRng> =
        RefCell::new(SmallRng::seed_from_u64(RandomState::new().hash_one(std::thread::current().id())));
}

/// Uniform in `low..=high`; `low` where the range is empty.
pub(crate) fn between(low: Duration, high: Duration) -> Duration {
    if low >= high {
        return low;
    }
    // As nanoseconds in 128 bits nothing overflows, `Duration::MAX` included.
    let nanos = GENERATOR.with_borrow_mut(|rng| rng.random_range(low.as_nanos()..=high.as_nanos()));
    Duration::new(
        u64::try_from(nanos / 1_000_000_000).unwrap_or(u64::MAX),
        u32::try_from(nanos % 1_000_000_000).unwrap_or(0),
    )
}

/// Makes this thread's draws repeatable.
#[cfg(feature = "testing")]
pub(crate) fn seed(seed: u64) {
    GENERATOR.set(SmallRng::seed_from_u64(seed));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_stay_in_range_and_differ() {
        let high = Duration::from_secs(10);
        let draws: Vec<_> = (0..1_000).map(|_| between(Duration::ZERO, high)).collect();
        assert!(draws.iter().all(|draw| *draw <= high));
        assert!(draws.windows(2).any(|pair| pair[0] != pair[1]));
        assert!(between(Duration::ZERO, Duration::MAX) <= Duration::MAX);
        assert_eq!(between(high, Duration::ZERO), high);
    }
}
