//! Time that a test has in hand: a clock that stands still, and waits that take no time.

#[cfg(feature = "tokio")]
mod timer;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant as StdInstant};

use super::kit::{InPlace, parts};
use crate::clock::{Instant, nanos, origin};
use crate::deadline::Deadline;

#[cfg(feature = "tokio")]
pub(crate) use self::timer::{poll_wait, reaches, skip_async, takes_no_time};

/// How often a blocked thread looks at a clock that moves unseen by what the thread blocks on.
const GLANCE: Duration = Duration::from_millis(1);

/// What stands between the real clock and the library.
#[derive(Debug)]
pub(crate) struct Clock {
    /// Time passes by waits alone; else by waits and by itself.
    stands_still: bool,
    moved: AtomicU64,
    /// The latest time that it gave.
    looked: AtomicU64,
    waits: Mutex<Vec<Duration>>,
}

impl Clock {
    const fn new(stands_still: bool) -> Self {
        Self {
            stands_still,
            moved: AtomicU64::new(0),
            looked: AtomicU64::new(0),
            waits: Mutex::new(Vec::new()),
        }
    }

    fn advance(&self, by: Duration) {
        let by = nanos(by);
        self.moved
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |moved| Some(moved.saturating_add(by)))
            .ok();
    }

    fn wait(&self, wait: Duration) {
        self.waits.lock().unwrap_or_else(PoisonError::into_inner).push(wait);
        self.advance(wait);
    }

    fn waits(&self) -> Vec<Duration> {
        self.waits.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn moved(&self) -> Duration {
        Duration::from_nanos(self.moved.load(Ordering::SeqCst))
    }
}

/// A clock for sync code, which stands still until it is told to move. Waits move it themselves, so that a
/// retry with long delays returns at once.
///
/// It holds until it is dropped, for the thread that installed it, for the detached bodies that start from there, and
/// for what is [carried](super::carry) from there.
///
/// ```
/// use std::time::Duration;
/// use resilience::testing::ManualClock;
/// use resilience::{CircuitBreaker, CircuitBreakerPolicy, CircuitState};
///
/// let clock = ManualClock::install();
/// let policy = CircuitBreakerPolicy::new().failure_threshold(1).reset_timeout(Duration::from_secs(30));
/// let breaker = CircuitBreaker::new("quotes", policy)?;
/// breaker.try_acquire()?.failure();
/// assert_eq!(breaker.state(), CircuitState::Open);
///
/// clock.advance(Duration::from_secs(30));
/// assert_eq!(breaker.state(), CircuitState::HalfOpen);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "the clock is real again as soon as this is dropped"]
pub struct ManualClock(InPlace<Clock>);

impl ManualClock {
    /// Stops the time on this thread, until the guard is dropped.
    pub fn install() -> Self {
        Self(InPlace::new(Clock::new(true)))
    }

    /// Moves the time on.
    pub fn advance(&self, by: Duration) {
        self.0.part.advance(by);
    }

    /// How far the time has moved since the clock was installed, waits included.
    pub fn elapsed(&self) -> Duration {
        self.0.part.moved()
    }

    /// The library's waits since the clock was installed, in order.
    pub fn waits(&self) -> Vec<Duration> {
        self.0.part.waits()
    }
}

/// Makes every wait of the library take no time, until the guard is dropped: the delays of `#[retry]`, the lines of
/// `#[bulkhead]` and `#[rate_limit]`, the delays that [`inject`](super::inject) makes; in sync code and
/// in async code.
///
/// Every wait still counts as one: the library's time is the real one, or tokio's, and all waits on top of it. So a
/// `max_elapsed` is used up by delays that nobody waited for, a circuit that a retry waited for is half-open
/// afterwards, and a delay that is longer than a timeout leaves room for is cut short by that timeout. A place in a
/// queue is given up at once if it isn't granted at once.
///
/// A limit is no wait: a `#[timeout]` ends a body that hangs when its time is over, and not before. What the program
/// itself waits for, by `tokio::time::sleep` say, takes its time.
///
/// It holds for this thread, for the detached bodies that start from here, and for what is [carried](super::carry)
/// from here; held across an `.await`, it holds on after it.
///
/// ```
/// use std::time::Duration;
/// use resilience::{retry, testing};
///
/// #[retry(max_attempts = 2, base_delay = "20s", jitter = "none")]
/// fn quote() -> Result<u32, String> {
///     Err("the exchange is down".to_owned())
/// }
///
/// let instant = testing::instant();
/// assert!(quote().is_err());
/// assert_eq!(instant.waits(), [Duration::from_secs(20)]);
/// ```
pub fn instant() -> InstantWaits {
    InstantWaits(InPlace::new(Clock::new(false)))
}

/// The guard of [`instant`].
#[derive(Debug)]
#[must_use = "waits take their time again as soon as this is dropped"]
pub struct InstantWaits(InPlace<Clock>);

impl InstantWaits {
    /// How long each wait would have been, in order.
    pub fn waits(&self) -> Vec<Duration> {
        self.0.part.waits()
    }

    /// How long all waits would have been.
    pub fn total(&self) -> Duration {
        self.0.part.moved()
    }
}

/// The time by the clocks in place; `None` without any.
pub(crate) fn now(real: impl FnOnce() -> StdInstant) -> Option<StdInstant> {
    let clocks = parts::<Clock>();
    let latest = clocks.first()?;
    let (moved, stands_still) = moved(&clocks);
    let base = if stands_still { origin() } else { real() };
    let now = base.checked_add(moved).unwrap_or(base);
    latest.looked.store(Instant::from_std(now).to_bits(), Ordering::SeqCst);
    Some(now)
}

/// How far the clocks have moved, down to the first that stands still, and whether there is one.
fn moved(clocks: &[Arc<Clock>]) -> (Duration, bool) {
    let mut sum = Duration::ZERO;
    for clock in clocks {
        sum = sum.saturating_add(clock.moved());
        if clock.stands_still {
            return (sum, true);
        }
    }
    (sum, false)
}

/// How far the clocks in place have moved.
pub(crate) fn moved_so_far() -> Duration {
    moved(&parts()).0
}

/// Lets a wait pass at once; says whether waits do so here.
pub(crate) fn skip(wait: Duration) -> bool {
    latest().map(|clock| clock.wait(wait)).is_some()
}

fn latest() -> Option<Arc<Clock>> {
    parts().into_iter().next()
}

/// How long a wait until a moment is, where waits take no time: from the latest look at the clock, by which the moment
/// was worked out, so that it is as long as its setting says.
pub(crate) fn wait_until(until: Instant) -> Option<Duration> {
    let clock = latest()?;
    let looked = Instant::from_bits(clock.looked.load(Ordering::SeqCst));
    Some(until.since(looked))
}

/// Whether a deadline is over by the clocks in place.
pub(crate) fn is_past(deadline: &Deadline) -> bool {
    latest().is_some() && deadline.is_expired()
}

/// How much of the time that a blocked thread has left is left by the clocks in place, which had moved so far when
/// it began.
pub(crate) fn left(real: Duration, until: Instant, moved_before: Duration) -> Duration {
    let clocks = parts::<Clock>();
    if clocks.is_empty() {
        return real;
    }
    let (moved, stands_still) = moved(&clocks);
    let left = if stands_still {
        until.since(Instant::now())
    } else {
        real.saturating_sub(moved.saturating_sub(moved_before))
    };
    left.min(GLANCE)
}
