//! The same work done in several ways: by this library, by hand, and by the libraries that users would take instead.

pub mod by_hand;
pub mod ours;

use std::cell::Cell;
use std::fmt;
use std::hint::black_box;
use std::task::Poll;
use std::time::Duration;

use crate::measure::Subject;

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    Bare,
    BreakerInARow,
    BreakerLastCalls,
    BreakerRecentCalls,
    BreakerFailing,
    BreakerLastCallsMixed,
    BreakerRecentCallsMixed,
    BreakerIgnored,
    BreakerOpen,
    RetrySync,
    RetryAsync,
    RetryThirdTimeSync,
    RetryThirdTimeAsync,
    TimeoutReady,
    TimeoutYield,
    Hedge,
    BulkheadTry,
    BulkheadAcquire,
    BulkheadFull,
    BulkheadKeyed,
    Fallback,
    RateLimit,
    RateLimitUsedUp,
    RateLimitKeyed,
    Stack,
    StackOpen,
}

impl Work {
    /// In the order of the document.
    pub const ALL: &[Self] = &[
        Self::Bare,
        Self::BreakerInARow,
        Self::BreakerLastCalls,
        Self::BreakerRecentCalls,
        Self::BreakerFailing,
        Self::BreakerLastCallsMixed,
        Self::BreakerRecentCallsMixed,
        Self::BreakerIgnored,
        Self::BreakerOpen,
        Self::RetrySync,
        Self::RetryAsync,
        Self::RetryThirdTimeSync,
        Self::RetryThirdTimeAsync,
        Self::TimeoutReady,
        Self::TimeoutYield,
        Self::Hedge,
        Self::BulkheadTry,
        Self::BulkheadAcquire,
        Self::BulkheadFull,
        Self::BulkheadKeyed,
        Self::Fallback,
        Self::RateLimit,
        Self::RateLimitUsedUp,
        Self::RateLimitKeyed,
        Self::Stack,
        Self::StackOpen,
    ];

    pub const fn title(self) -> &'static str {
        match self {
            Self::Bare => "The body by itself",
            Self::BreakerInARow => "Circuit breaker, closed, `Ok`: opens after failures in a row",
            Self::BreakerLastCalls => {
                "Circuit breaker, closed, `Ok`: opens by the failure rate of the last 100 calls"
            }
            Self::BreakerRecentCalls => {
                "Circuit breaker, closed, `Ok`: opens by the failure rate of the last minute"
            }
            Self::BreakerFailing => "Circuit breaker, closed, `Err` counted",
            Self::BreakerLastCallsMixed => {
                "Circuit breaker, closed, two of five calls fail: opens by the failure rate of the last 100 calls"
            }
            Self::BreakerRecentCallsMixed => {
                "Circuit breaker, closed, two of five calls fail: opens by the failure rate of the last minute"
            }
            Self::BreakerIgnored => "Circuit breaker, closed, `Err` that the filter leaves out",
            Self::BreakerOpen => "Circuit breaker, open: rejected",
            Self::RetrySync => "Retry, sync, `Ok` at once",
            Self::RetryAsync => "Retry, async, `Ok` at once",
            Self::RetryThirdTimeSync => "Retry, sync, `Err`, `Err`, `Ok`, no delay",
            Self::RetryThirdTimeAsync => "Retry, async, `Err`, `Err`, `Ok`, no delay",
            Self::TimeoutReady => "Timeout, ready at the first poll",
            Self::TimeoutYield => "Timeout, ready at the second poll",
            Self::Hedge => "Hedge, ready at the first poll",
            Self::BulkheadTry => "Bulkhead, free: a slot or a refusal",
            Self::BulkheadAcquire => "Bulkhead, free: a slot, with a wait if need be",
            Self::BulkheadFull => "Bulkhead, full: rejected",
            Self::BulkheadKeyed => "Bulkhead by key, 1,000 keys, free",
            Self::Fallback => "Fallback, not taken",
            Self::RateLimit => "Rate limiter, allowed",
            Self::RateLimitUsedUp => "Rate limiter, used up: rejected",
            Self::RateLimitKeyed => "Rate limiter by key, 1,000 keys, allowed",
            Self::Stack => "The whole stack, ready: fallback, retry, circuit breaker, bulkhead, timeout",
            Self::StackOpen => "The whole stack, circuit open: the fallback answers",
        }
    }

    /// Needs the one runtime of the benches, and its timer, so that two threads would only wait for each other there.
    pub const fn needs_the_runtime(self) -> bool {
        matches!(self, Self::TimeoutYield | Self::RetryThirdTimeAsync)
    }

    const fn id(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::BreakerInARow => "breaker_in_a_row",
            Self::BreakerLastCalls => "breaker_last_calls",
            Self::BreakerRecentCalls => "breaker_recent_calls",
            Self::BreakerFailing => "breaker_failing",
            Self::BreakerLastCallsMixed => "breaker_last_calls_mixed",
            Self::BreakerRecentCallsMixed => "breaker_recent_calls_mixed",
            Self::BreakerIgnored => "breaker_ignored",
            Self::BreakerOpen => "breaker_open",
            Self::RetrySync => "retry_sync",
            Self::RetryAsync => "retry_async",
            Self::RetryThirdTimeSync => "retry_third_time_sync",
            Self::RetryThirdTimeAsync => "retry_third_time_async",
            Self::TimeoutReady => "timeout_ready",
            Self::TimeoutYield => "timeout_yield",
            Self::Hedge => "hedge",
            Self::BulkheadTry => "bulkhead_try",
            Self::BulkheadAcquire => "bulkhead_acquire",
            Self::BulkheadFull => "bulkhead_full",
            Self::BulkheadKeyed => "bulkhead_keyed",
            Self::Fallback => "fallback",
            Self::RateLimit => "rate_limit",
            Self::RateLimitUsedUp => "rate_limit_used_up",
            Self::RateLimitKeyed => "rate_limit_keyed",
            Self::Stack => "stack",
            Self::StackOpen => "stack_open",
        }
    }
}

/// One way to do it.
#[derive(Clone, Copy)]
pub struct Way {
    pub work: Work,
    /// The library.
    pub who: &'static str,
    /// Which of its ways.
    pub form: &'static str,
    pub run: fn(u64),
    /// Of the future, where there is one.
    pub size: Option<fn() -> usize>,
    /// Sleeps for real, so that it is called less often and no figure of time is taken.
    pub sleeps: bool,
    /// Its start-up measures time, so that no two runs start with the same instructions.
    pub varies: bool,
    /// Sleeps for real where two threads meet.
    pub alone: bool,
    /// What it does less, or more, than the others.
    pub note: &'static str,
}

impl Way {
    pub const fn new(work: Work, who: &'static str, form: &'static str, run: fn(u64)) -> Self {
        Self { work, who, form, run, size: None, sleeps: false, varies: false, alone: false, note: "" }
    }

    pub const fn size(mut self, size: fn() -> usize) -> Self {
        self.size = Some(size);
        self
    }

    pub const fn sleeps(mut self) -> Self {
        self.sleeps = true;
        self
    }

    pub const fn varies(mut self) -> Self {
        self.varies = true;
        self
    }

    pub const fn alone(mut self) -> Self {
        self.alone = true;
        self
    }

    pub const fn note(mut self, note: &'static str) -> Self {
        self.note = note;
        self
    }

    pub fn is_ours(&self) -> bool {
        self.who == OURS
    }

    pub fn subject(&self) -> Subject {
        Subject { id: self.id(), run: self.run, sleeps: self.sleeps, varies: self.varies }
    }

    /// A word to choose it by.
    pub fn id(&self) -> String {
        format!("{}.{}.{}", self.work.id(), self.who, self.form).replace([',', ':'], "").replace(' ', "_")
    }
}

pub const OURS: &str = "resilience";
pub const BY_HAND: &str = "by hand";

/// All ways, in the order of the document.
pub fn all() -> Vec<Way> {
    let ways = ours::ALL.iter().chain(by_hand::ALL);
    #[cfg(feature = "peers")]
    let ways = ways.chain(crate::peers::all());
    ways.copied().collect()
}

/// An error that costs nothing to make.
#[derive(Clone, Copy, Debug)]
pub struct Failed;

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("failed")
    }
}

impl std::error::Error for Failed {}

impl From<resilience::Error> for Failed {
    fn from(_: resilience::Error) -> Self {
        Self
    }
}

pub type Outcome = Result<u64, Failed>;

/// Longer than any run.
pub const HOUR: Duration = Duration::from_secs(3600);
pub const SECOND: Duration = Duration::from_secs(1);
pub const MINUTE: Duration = Duration::from_secs(60);

/// More failures in a row than any run has, as a `u32` for those who take one.
pub const NEVER: u32 = 16_000_000;

/// The body's work. It fails for one number, which no run reaches and the compiler doesn't know: around a body that
/// can't fail, nothing that answers a failure would be compiled.
#[inline(always)]
pub fn work(number: u64) -> Outcome {
    match black_box(number) {
        u64::MAX => Err(Failed),
        number => Ok(number + 1),
    }
}

/// One of a thousand keys, in no order: the finalizer of SplitMix64 (Guy Steele and others, 2014).
pub fn key_of(number: u64) -> u64 {
    scattered(number) % KEYS
}

pub const KEYS: u64 = 1_000;

/// Makes enough calls that every key is known.
pub fn meet_all_keys<T>(call: impl FnMut(u64) -> T) {
    crate::repeat(20 * KEYS, call);
}

/// Neighbours end up far apart.
pub fn scattered(number: u64) -> u64 {
    let mixed = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[inline(never)]
pub fn succeed(number: u64) -> Outcome {
    work(number)
}

/// Fails two times out of five.
#[inline(never)]
pub fn mixed(number: u64) -> Outcome {
    if number % 5 < 3 { work(number) } else { Err(Failed) }
}

#[inline(never)]
pub async fn mixed_async(number: u64) -> Outcome {
    if number % 5 < 3 { work(number) } else { Err(Failed) }
}

#[inline(never)]
pub fn fail(number: u64) -> Outcome {
    black_box(number);
    Err(Failed)
}

#[inline(never)]
pub async fn succeed_async(number: u64) -> Outcome {
    work(number)
}

#[inline(never)]
pub async fn fail_async(number: u64) -> Outcome {
    black_box(number);
    Err(Failed)
}

/// Fails two times out of three.
#[inline(never)]
pub fn succeed_the_third_time(number: u64) -> Outcome {
    thread_local! {
        static TIMES: Cell<u32> = const { Cell::new(0) };
    }
    let times = TIMES.get() + 1;
    if times < 3 {
        TIMES.set(times);
        return Err(Failed);
    }
    TIMES.set(0);
    work(number)
}

#[inline(never)]
pub async fn succeed_the_third_time_async(number: u64) -> Outcome {
    succeed_the_third_time(number)
}

/// Ready at the second poll.
pub async fn yield_once() {
    let mut polled = false;
    std::future::poll_fn(
        |_| {
            if std::mem::replace(&mut polled, true) { Poll::Ready(()) } else { Poll::Pending }
        },
    )
    .await;
}

#[inline(never)]
pub async fn succeed_after_a_yield(number: u64) -> Outcome {
    yield_once().await;
    work(number)
}
