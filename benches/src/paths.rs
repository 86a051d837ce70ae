//! The measured paths: each attribute alone and all five, on a body that is ready and does next to nothing.

use std::cell::Cell;
use std::future::poll_fn;
use std::hint::black_box;
use std::io::Result;
use std::pin::pin;
use std::sync::LazyLock;
use std::task::Poll;
use std::time::Duration;

use resilience::{
    Bulkhead, BulkheadPolicy, CircuitBreaker, CircuitBreakerPolicy, Pipeline, RateLimitPolicy, RateLimiter,
    RetryPolicy, Window, bulkhead, circuit_breaker, fallback, hedge, rate_limit, retry, timeout,
};

use crate::measure::Named;
use crate::{drive, in_tokio, repeat};

pub const ALL: &[Named] = &[
    ("bare", |calls| drive(calls, bare)),
    ("retry", |calls| drive(calls, retried)),
    ("hedge", |calls| drive(calls, hedged)),
    ("circuit_breaker", |calls| drive(calls, broken)),
    ("timeout", |calls| drive(calls, timed)),
    ("bulkhead", |calls| drive(calls, bulkheaded)),
    ("rate_limit", |calls| drive(calls, rated)),
    ("fallback", |calls| drive(calls, fallen)),
    ("all_five", |calls| drive(calls, all_five)),
    ("pipeline", |calls| drive(calls, piped)),
    ("sync_pipeline", |calls| repeat(calls, sync_piped)),
    ("retry_third_time", |calls| drive(calls, third_time)),
    ("one_yield_bare", |calls| in_tokio(calls, yielding)),
    ("one_yield_timer", |calls| in_tokio(calls, timer_yielding)),
    ("one_yield_timeout", |calls| in_tokio(calls, timed_yielding)),
    ("sync_bare", |calls| repeat(calls, sync_bare)),
    ("sync_retry", |calls| repeat(calls, sync_retried)),
    ("sync_circuit_breaker", |calls| repeat(calls, sync_broken)),
    ("sync_timeout", |calls| repeat(calls, sync_timed)),
    ("sync_bulkhead", |calls| repeat(calls, sync_bulkheaded)),
    ("sync_rate_limit", |calls| repeat(calls, sync_rated)),
    ("sync_rate_limit_cost", |calls| repeat(calls, sync_rated_by_cost)),
    ("sync_all_five", |calls| repeat(calls, sync_all_five)),
    ("open_rejected", |calls| {
        if let Some(breaker) = resilience::get_circuit_breaker("opened") {
            breaker.reconfigure(CircuitBreakerPolicy::new().failure_threshold(1).reset_timeout(HOUR)).ok();
            breaker.reset();
            breaker.call(|| Err::<u64, _>(Failed)).ok();
        }
        repeat(calls, rejected);
    }),
    ("failing", |calls| repeat(calls, failing)),
    ("sync_recent_calls", |calls| repeat(calls, sync_recent)),
    ("sync_fallback", |calls| repeat(calls, sync_fallen)),
    ("handle_consecutive", |calls| repeat(calls, |number| by_hand(&CONSECUTIVE, number))),
    ("handle_last_calls", |calls| repeat(calls, |number| by_hand(&LAST_CALLS, number))),
    ("handle_recent_calls", |calls| repeat(calls, |number| by_hand(&RECENT_CALLS, number))),
    ("handle_bulkhead_call", |calls| repeat(calls, |number| in_a_slot(&SLOTS, number))),
    ("handle_bulkhead_try", |calls| repeat(calls, |_| SLOTS.try_acquire().is_ok())),
    ("handle_bulkhead_acquire", |calls| repeat(calls, |_| SLOTS.acquire(HOUR).is_ok())),
    ("handle_bulkhead_acquire_async", |calls| drive(calls, |_| SLOTS.acquire_async(HOUR))),
    ("handle_bulkhead_full", |calls| repeat(calls, |number| in_a_slot(&NO_SLOTS, number))),
    ("handle_rate_limit", |calls| repeat(calls, |number| turn_by_hand(&LIMITER, number))),
    ("rate_limited", |calls| repeat(calls, rate_limited)),
];

/// It fails for one number, which no run reaches and the compiler doesn't know: around a body that can't fail, nothing
/// that answers a failure would be compiled.
macro_rules! body {
    ($number:ident) => {
        match black_box($number) {
            u64::MAX => Err(Failed.into()),
            number => Ok(number + 1),
        }
    };
}

#[inline(never)]
async fn bare(number: u64) -> Result<u64> {
    body!(number)
}

#[retry]
#[inline(never)]
async fn retried(number: u64) -> Result<u64> {
    body!(number)
}

#[hedge(after = "1s")]
#[inline(never)]
async fn hedged(number: u64) -> Result<u64> {
    body!(number)
}

/// Fails twice, and is tried again without a wait.
#[retry(base_delay = "0s")]
#[inline(never)]
async fn third_time(number: u64) -> std::result::Result<u64, Failed> {
    thread_local! {
        static TRIED: Cell<u64> = const { Cell::new(0) };
    }
    let tried = TRIED.get();
    if tried == 2 {
        TRIED.set(0);
        return body!(number);
    }
    TRIED.set(tried + 1);
    Err(Failed)
}

#[inline(never)]
async fn yielding(number: u64) -> Result<u64> {
    tokio::task::yield_now().await;
    body!(number)
}

/// tokio's timer by itself, without anything that would look at it: the least that a limit takes.
#[inline(never)]
async fn timer_yielding(number: u64) -> Result<u64> {
    let mut timer = pin!(tokio::time::sleep(Duration::from_secs(1)));
    poll_fn(|cx| Poll::Ready(black_box(timer.as_mut().poll(cx).is_ready()))).await;
    tokio::task::yield_now().await;
    body!(number)
}

#[timeout("1s")]
#[inline(never)]
async fn timed_yielding(number: u64) -> Result<u64> {
    tokio::task::yield_now().await;
    body!(number)
}

#[circuit_breaker]
#[inline(never)]
async fn broken(number: u64) -> Result<u64> {
    body!(number)
}

#[timeout("1s")]
#[inline(never)]
async fn timed(number: u64) -> Result<u64> {
    body!(number)
}

#[bulkhead(max_concurrent = 32)]
#[inline(never)]
async fn bulkheaded(number: u64) -> Result<u64> {
    body!(number)
}

#[rate_limit(rate = 1_000_000_000)]
#[inline(never)]
async fn rated(number: u64) -> Result<u64> {
    body!(number)
}

#[fallback(value = 0)]
#[inline(never)]
async fn fallen(number: u64) -> Result<u64> {
    body!(number)
}

#[fallback(value = 0)]
#[retry]
#[circuit_breaker]
#[bulkhead(max_concurrent = 32, max_wait = "100ms")]
#[timeout("1s")]
#[inline(never)]
async fn all_five(number: u64) -> Result<u64> {
    body!(number)
}

static PIPELINE: LazyLock<Pipeline<u64, std::io::Error>> = LazyLock::new(|| {
    Pipeline::builder()
        .fallback(|_| Ok(0))
        .retry(RetryPolicy::new())
        .circuit_breaker(CircuitBreakerPolicy::new())
        .bulkhead(BulkheadPolicy::new(32).max_wait(Duration::from_millis(100)))
        .timeout(Duration::from_secs(1))
        .build()
        .expect("policies that fit")
});

#[inline(never)]
async fn piped(number: u64) -> Result<u64> {
    PIPELINE.call_async(async || body!(number)).await
}

#[inline(never)]
fn sync_piped(number: u64) -> Result<u64> {
    PIPELINE.call(|| body!(number))
}

#[inline(never)]
fn sync_bare(number: u64) -> Result<u64> {
    body!(number)
}

#[retry]
#[inline(never)]
fn sync_retried(number: u64) -> Result<u64> {
    body!(number)
}

#[circuit_breaker]
#[inline(never)]
fn sync_broken(number: u64) -> Result<u64> {
    body!(number)
}

#[circuit_breaker(failure_rate = 0.5, window = "1h")]
#[inline(never)]
fn sync_recent(number: u64) -> Result<u64> {
    body!(number)
}

#[fallback(value = 0)]
#[inline(never)]
fn sync_fallen(number: u64) -> Result<u64> {
    body!(number)
}

#[timeout("1s", mode = "cooperative")]
#[inline(never)]
fn sync_timed(number: u64) -> Result<u64> {
    body!(number)
}

#[bulkhead(max_concurrent = 32)]
#[inline(never)]
fn sync_bulkheaded(number: u64) -> Result<u64> {
    body!(number)
}

#[rate_limit(rate = 1_000_000_000)]
#[inline(never)]
fn sync_rated(number: u64) -> Result<u64> {
    body!(number)
}

#[rate_limit(rate = 1_000_000_000, cost = black_box(0.5))]
#[inline(never)]
fn sync_rated_by_cost(number: u64) -> Result<u64> {
    body!(number)
}

#[rate_limit(rate = 1, per = "1h")]
#[inline(never)]
fn rate_limited(number: u64) -> std::result::Result<u64, Failed> {
    body!(number)
}

#[fallback(value = 0)]
#[retry]
#[circuit_breaker]
#[bulkhead(max_concurrent = 32, max_wait = "100ms")]
#[timeout("1s", mode = "cooperative")]
#[inline(never)]
fn sync_all_five(number: u64) -> Result<u64> {
    body!(number)
}

const HOUR: Duration = Duration::from_secs(3600);

/// An error that costs nothing to make.
pub struct Failed;

impl From<resilience::Error> for Failed {
    fn from(_: resilience::Error) -> Self {
        Self
    }
}

impl From<Failed> for std::io::Error {
    fn from(_: Failed) -> Self {
        std::io::ErrorKind::Other.into()
    }
}

#[circuit_breaker(name = "opened")]
#[inline(never)]
fn rejected(number: u64) -> std::result::Result<u64, Failed> {
    body!(number)
}

/// Failures that never trip it: a bound that no run reaches.
#[circuit_breaker(failure_threshold = 16_000_000)]
#[inline(never)]
fn failing(number: u64) -> std::result::Result<u64, Failed> {
    black_box(number);
    Err(Failed)
}

static CONSECUTIVE: LazyLock<CircuitBreaker> = LazyLock::new(|| breaker(CircuitBreakerPolicy::new()));
static LAST_CALLS: LazyLock<CircuitBreaker> =
    LazyLock::new(|| breaker(CircuitBreakerPolicy::new().failure_rate(0.5)));
static RECENT_CALLS: LazyLock<CircuitBreaker> =
    LazyLock::new(|| breaker(CircuitBreakerPolicy::new().failure_rate(0.5).window(Window::Time(HOUR))));

fn breaker(policy: CircuitBreakerPolicy) -> CircuitBreaker {
    CircuitBreaker::new("bench", policy).expect("settings that work")
}

#[inline(never)]
fn by_hand(breaker: &CircuitBreaker, number: u64) -> std::result::Result<u64, Failed> {
    breaker.call(|| body!(number))
}

static SLOTS: LazyLock<Bulkhead> =
    LazyLock::new(|| Bulkhead::new("bench", BulkheadPolicy::new(32)).expect("settings that work"));

static NO_SLOTS: LazyLock<Bulkhead> = LazyLock::new(|| {
    let bulkhead = Bulkhead::new("bench", BulkheadPolicy::new(1)).expect("settings that work");
    std::mem::forget(bulkhead.try_acquire());
    bulkhead
});

#[inline(never)]
fn in_a_slot(bulkhead: &Bulkhead, number: u64) -> std::result::Result<u64, Failed> {
    bulkhead.call(|| body!(number))
}

static LIMITER: LazyLock<RateLimiter> = LazyLock::new(|| {
    let policy = RateLimitPolicy::new().rate(1_000_000_000);
    RateLimiter::new("bench", policy).expect("settings that work")
});

#[inline(never)]
fn turn_by_hand(limiter: &RateLimiter, number: u64) -> std::result::Result<u64, Failed> {
    limiter.try_acquire(1)?;
    body!(number)
}

/// A body that keeps 16 KiB across an await.
macro_rules! large_body {
    () => {{
        let kept = black_box([0_u8; 16 * 1024]);
        std::future::ready(()).await;
        Ok(kept.len() as u64)
    }};
}

async fn large() -> Result<u64> {
    large_body!()
}

#[fallback(value = 0)]
#[retry]
#[circuit_breaker]
#[bulkhead(max_concurrent = 32, max_wait = "100ms")]
#[timeout("1s")]
async fn large_all_five() -> Result<u64> {
    large_body!()
}

#[hedge(after = "1s")]
async fn large_hedged() -> Result<u64> {
    large_body!()
}

/// Of futures, in bytes.
pub fn sizes() -> Vec<(&'static str, usize)> {
    vec![
        ("a future over a body of 16 KiB", size_of_val(&large())),
        ("the same with five attributes", size_of_val(&large_all_five())),
        ("the same with a hedge", size_of_val(&large_hedged())),
        ("a future over a ready body", size_of_val(&bare_0())),
        ("the same body with five attributes", size_of_val(&all_five(0))),
    ]
}

fn bare_0() -> impl Future<Output = Result<u64>> {
    bare(0)
}
