//! Randomness for jitter: one small generator a thread, seeded once from the standard library's hasher keys,
//! which the operating system made. Nothing here needs to be unpredictable, only different.

use std::cell::Cell;
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

thread_local! {
    static GENERATOR: Cell<u64> = Cell::new(RandomState::new().hash_one(std::thread::current().id()));
}

/// `SplitMix64` (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014): every seed gives all
/// 2⁶⁴ numbers, each once.
fn next() -> u64 {
    let state = GENERATOR.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
    GENERATOR.set(state);
    let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// Uniform in `low..=high`; `low` where the range is empty.
pub(crate) fn between(low: Duration, high: Duration) -> Duration {
    if low >= high {
        return low;
    }
    // As nanoseconds in 128 bits nothing overflows, `Duration::MAX` included. The bias is below one in 2³³ for it, and
    // smaller for whatever is shorter.
    let count = high.as_nanos() - low.as_nanos() + 1;
    let drawn = match u64::try_from(count) {
        Ok(count) => (u128::from(next()) * u128::from(count)) >> 64,
        Err(_) => (u128::from(next()) << 64 | u128::from(next())) % count,
    };
    let nanos = low.as_nanos() + drawn;
    Duration::new(
        u64::try_from(nanos / 1_000_000_000).unwrap_or(u64::MAX),
        u32::try_from(nanos % 1_000_000_000).unwrap_or(0),
    )
}

/// Makes this thread's draws repeatable.
#[cfg(feature = "testing")]
pub(crate) fn seed(seed: u64) {
    GENERATOR.set(seed);
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

    #[test]
    fn the_ends_are_drawn_and_the_middle_as_often() {
        let low = Duration::from_nanos(5);
        let mut counts = [0_u32; 4];
        for _ in 0..4_000 {
            let drawn = between(low, Duration::from_nanos(8)).as_nanos() - low.as_nanos();
            counts[usize::try_from(drawn).unwrap()] += 1;
        }
        // Fair draws are within these bounds but for one run in 10²⁰.
        assert!(counts.iter().all(|count| (700..1_300).contains(count)), "{counts:?}");
    }

    #[test]
    fn the_longest_range_is_drawn_from_all_over() {
        let draws: Vec<_> = (0..1_000).map(|_| between(Duration::ZERO, Duration::MAX)).collect();
        let middle = Duration::MAX / 2;
        let above = draws.iter().filter(|draw| **draw > middle).count();
        assert!((300..700).contains(&above), "{above}");
    }
}
