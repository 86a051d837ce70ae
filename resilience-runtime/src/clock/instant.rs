//! A moment in one word, and the short way to it from the standard library's.
//!
//! `std::time::Instant` shows nothing but its distance to another one, which is worked out by two calls that the
//! compiler can't see through. But it tells a [`Hasher`] what it is made of: seconds, and nanoseconds below a second.
//! No promise says so. That is why the clock looks, when it is first asked, whether moments on both sides of every
//! carry are made of what their distances say. If one isn't, all moments go by their distances, for good.

use std::hash::{Hash, Hasher};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant as StdInstant};

use super::{read, read_system};

const SECOND: u64 = 1_000_000_000;

/// A moment, in nanoseconds. One word, so that an atomic can hold it; every operation saturates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instant(u64);

impl Instant {
    /// Later than any moment that will come.
    pub(crate) const NEVER: Self = Self(u64::MAX);

    #[inline]
    pub(crate) fn now() -> Self {
        let now = read();
        // Read again where that isn't enough: kept for it, the parts would take registers of every caller.
        Self::in_short(now).unwrap_or_else(Self::now_by_distance)
    }

    #[cold]
    #[inline(never)]
    fn now_by_distance() -> Self {
        Self::by_distance(read())
    }

    #[inline]
    pub(crate) fn from_std(at: StdInstant) -> Self {
        match Self::in_short(at) {
            Some(short) => short,
            None => Self::by_distance(at),
        }
    }

    /// By the short way, where there is one.
    #[inline]
    pub(crate) fn in_short(at: StdInstant) -> Option<Self> {
        let Parts { seconds, nanos } = Parts::of(at);
        if seconds >= SHORT_BELOW.load(Ordering::Relaxed) {
            return None;
        }
        let short = Self(seconds * SECOND + u64::from(nanos));
        debug_assert_eq!(short, Self::by_distance(at), "the short way ends elsewhere");
        Some(short)
    }

    /// The way that always works.
    #[cold]
    #[inline(never)]
    fn by_distance(at: StdInstant) -> Self {
        Self(nanos(at.saturating_duration_since(origin())))
    }

    /// For people: the same moment as the standard library has it.
    pub(crate) fn to_std(self) -> StdInstant {
        origin().checked_add(Duration::from_nanos(self.0)).unwrap_or_else(read)
    }

    /// The moment `delay` later; [`Instant::NEVER`] where there is none.
    #[inline]
    pub(crate) fn after(self, delay: Duration) -> Self {
        self.after_nanos(nanos(delay))
    }

    /// The same for a delay in nanoseconds.
    #[inline]
    pub(crate) const fn after_nanos(self, delay: u64) -> Self {
        Self(self.0.saturating_add(delay))
    }

    /// How long after `earlier` this is; zero if it is not.
    #[inline]
    pub(crate) const fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.nanos_since(earlier))
    }

    /// The same in nanoseconds.
    #[inline]
    pub(crate) const fn nanos_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    pub(crate) const fn to_bits(self) -> u64 {
        self.0
    }

    pub(crate) const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }
}

/// A duration in one word.
#[inline]
pub(crate) const fn nanos(duration: Duration) -> u64 {
    // Seconds times 10⁹ fits for 584 years; what is longer is for ever.
    match duration.as_secs().checked_mul(SECOND) {
        Some(nanos) => nanos.saturating_add(duration.subsec_nanos() as u64),
        None => u64::MAX,
    }
}

/// For how many seconds after the origin the short way goes, which then can't overflow: 68 years. What comes after them,
/// the time before the origin, and a standard library that is made otherwise all go by distance.
const LONGEST: u64 = i32::MAX as u64;

/// The short way is for moments of fewer seconds than that: none until it is known that there is one.
static SHORT_BELOW: AtomicU64 = AtomicU64::new(0);

/// The moment that all others are counted from: the one whose parts are zero, where that can be told. The operating
/// system's clock began there, and no other one of a test stands before it. Where it can't be told, an hour before the
/// first reading leaves room for a paused clock that stands at a moment before that.
pub(crate) fn origin() -> StdInstant {
    static ORIGIN: OnceLock<StdInstant> = OnceLock::new();
    *ORIGIN.get_or_init(|| {
        let first = read_system();
        let Parts { seconds, nanos } = Parts::of(first);
        let zero = first
            .checked_sub(Duration::from_secs(seconds).saturating_add(Duration::from_nanos(nanos.into())));
        if let Some(zero) = zero
            && Parts::tell_the_distance_to(zero)
        {
            SHORT_BELOW.store(LONGEST, Ordering::Relaxed);
            return zero;
        }
        first.checked_sub(Duration::from_secs(3600)).unwrap_or(first)
    })
}

/// What a moment tells a hasher that it is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Parts {
    seconds: u64,
    nanos: u32,
}

impl Parts {
    #[inline]
    fn of(at: StdInstant) -> Self {
        let mut parts = Self::default();
        at.hash(&mut parts);
        parts
    }

    /// Whether the parts of moments after the origin are their distance to it.
    fn tell_the_distance_to(origin: StdInstant) -> bool {
        let is_told = |seconds, nanos| {
            let after = origin.checked_add(Duration::new(seconds, nanos));
            after.map(Self::of) == Some(Self { seconds, nanos })
        };
        [0, 1, LONGEST / 2, LONGEST]
            .iter()
            .all(|seconds| [0, 1, 999_999_999].iter().all(|nanos| is_told(*seconds, *nanos)))
    }
}

impl Hasher for Parts {
    #[inline]
    fn write_u64(&mut self, seconds: u64) {
        self.seconds = seconds;
    }

    #[inline]
    fn write_i64(&mut self, seconds: i64) {
        self.seconds = seconds.cast_unsigned();
    }

    #[inline]
    fn write_u32(&mut self, nanos: u32) {
        self.nanos = nanos;
    }

    /// Anything else isn't understood. What is left out then shows when the parts are looked at.
    fn write(&mut self, _: &[u8]) {}

    fn finish(&self) -> u64 {
        self.seconds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_saturates_at_never() {
        let now = Instant::now();
        assert_eq!(now.after(Duration::MAX), Instant::NEVER);
        assert_eq!(now.since(now.after(Duration::from_secs(1))), Duration::ZERO);
        assert_eq!(now.after(Duration::from_secs(1)).since(now), Duration::from_secs(1));
    }

    #[test]
    fn moments_before_the_first_reading_keep_their_distance() {
        let first = origin() + Duration::from_secs(3600);
        let earlier = first.checked_sub(Duration::from_secs(5)).map(Instant::from_std);
        assert_eq!(earlier.map(|at| Instant::from_std(first).since(at)), Some(Duration::from_secs(5)));
    }

    #[test]
    fn a_moment_survives_the_way_to_the_standard_library_and_back() {
        let now = Instant::now();
        assert_eq!(Instant::from_std(now.to_std()), now);
    }

    /// Where this fails the library works as well, and each reading of the clock costs some seventy instructions more.
    #[test]
    #[cfg(any(unix, windows))]
    fn this_standard_library_allows_the_short_way() {
        origin();
        assert_eq!(SHORT_BELOW.load(Ordering::Relaxed), LONGEST);
    }

    #[test]
    fn both_ways_lead_to_the_same_moment() {
        let longest = Duration::from_secs(LONGEST);
        let second = Duration::from_secs(1);
        let nano = Duration::from_nanos(1);
        let distances = [
            Duration::ZERO,
            nano,
            Duration::from_nanos(999_999_999),
            second,
            second + nano,
            3600 * second,
            longest,
            longest + nano,
            longest + second,
            2 * longest,
            4 * longest,
            8 * longest,
        ];
        for distance in distances {
            if let Some(after) = origin().checked_add(distance) {
                assert_eq!(Instant::from_std(after), Instant(nanos(distance)), "{distance:?} after");
            }
            if let Some(before) = origin().checked_sub(distance) {
                assert_eq!(Instant::from_std(before), Instant(0), "{distance:?} before");
            }
        }
    }
}
