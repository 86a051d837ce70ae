//! This library's way, as its documentation recommends: attributes, and handles where there is no function.

use std::hint::black_box;
use std::sync::{LazyLock, Once};
use std::time::Duration;

use resilience::{
    Bulkhead, BulkheadPolicy, CircuitBreaker, CircuitBreakerPolicy, CircuitState, FallbackChain, HedgePolicy,
    Pipeline, RateLimitPolicy, RateLimiter, RetryPolicy, Window, bulkhead, circuit_breaker, fallback, hedge,
    rate_limit, retry, timeout, with_timeout,
};

use super::{
    Failed, HOUR, MINUTE, NEVER, OURS, Outcome, SECOND, Way, Work, fail, key_of, meet_all_keys, mixed,
    succeed, succeed_after_a_yield, succeed_async, succeed_the_third_time, succeed_the_third_time_async,
    work, yield_once,
};
use crate::drive::{block_on, drive, drive_on, repeat};

const WITHOUT_ATTRIBUTE: &str = "without attributes";

pub const ALL: &[Way] = &[
    Way::new(Work::BreakerInARow, OURS, "attribute, sync", |calls| repeat(calls, in_a_row)),
    Way::new(Work::BreakerInARow, OURS, "attribute, async", |calls| drive(calls, in_a_row_async))
        .size(|| size_of_val(&in_a_row_async(0))),
    Way::new(Work::BreakerInARow, OURS, "handle", |calls| {
        repeat(calls, |number| IN_A_ROW.call(|| succeed(number)));
    }),
    Way::new(Work::BreakerLastCalls, OURS, "attribute, sync", |calls| repeat(calls, last_calls)),
    Way::new(Work::BreakerLastCalls, OURS, "attribute, async", |calls| drive(calls, last_calls_async))
        .size(|| size_of_val(&last_calls_async(0))),
    Way::new(Work::BreakerLastCalls, OURS, "handle", |calls| {
        repeat(calls, |number| LAST_CALLS.call(|| succeed(number)));
    }),
    Way::new(Work::BreakerRecentCalls, OURS, "attribute, sync", |calls| repeat(calls, recent_calls)),
    Way::new(Work::BreakerRecentCalls, OURS, "attribute, async", |calls| drive(calls, recent_calls_async))
        .size(|| size_of_val(&recent_calls_async(0))),
    Way::new(Work::BreakerRecentCalls, OURS, "handle", |calls| {
        repeat(calls, |number| RECENT_CALLS.call(|| succeed(number)));
    }),
    Way::new(Work::BreakerFailing, OURS, "attribute, sync", |calls| {
        resilience::get_circuit_breaker("beside::failing").expect("declared in this file").reset();
        repeat(calls, failing);
    }),
    Way::new(Work::BreakerFailing, OURS, "handle", |calls| {
        FAILING.reset();
        repeat(calls, |number| FAILING.call(|| fail(number)));
    }),
    Way::new(Work::BreakerLastCallsMixed, OURS, "attribute, sync", |calls| repeat(calls, last_calls_mixed)),
    Way::new(Work::BreakerLastCallsMixed, OURS, "handle", |calls| {
        repeat(calls, |number| LAST_CALLS_MIXED.call(|| mixed(number)));
    }),
    Way::new(Work::BreakerRecentCallsMixed, OURS, "attribute, sync", |calls| {
        repeat(calls, recent_calls_mixed)
    }),
    Way::new(Work::BreakerRecentCallsMixed, OURS, "handle", |calls| {
        repeat(calls, |number| RECENT_CALLS_MIXED.call(|| mixed(number)));
    }),
    Way::new(Work::BreakerIgnored, OURS, "attribute, sync", |calls| repeat(calls, ignored)),
    Way::new(Work::BreakerIgnored, OURS, "permit", |calls| repeat(calls, ignored_by_permit)),
    Way::new(Work::BreakerOpen, OURS, "attribute, sync", |calls| {
        open("beside::opened");
        repeat(calls, opened);
    }),
    Way::new(Work::BreakerOpen, OURS, "handle", |calls| {
        OPEN.reset();
        OPEN.call(|| fail(0)).ok();
        repeat(calls, |number| OPEN.call(|| succeed(number)));
    }),
    Way::new(Work::RetrySync, OURS, "attribute, sync", |calls| repeat(calls, retried)),
    Way::new(Work::RetrySync, OURS, "policy", |calls| {
        repeat(calls, |number| RETRY.call(|| succeed(number)));
    })
    .note(WITHOUT_ATTRIBUTE),
    Way::new(Work::RetryAsync, OURS, "attribute, async", |calls| drive(calls, retried_async))
        .size(|| size_of_val(&retried_async(0))),
    Way::new(Work::RetryAsync, OURS, "policy, async", |calls| drive(calls, retried_by_policy))
        .size(|| size_of_val(&retried_by_policy(0)))
        .note(WITHOUT_ATTRIBUTE),
    Way::new(Work::RetryThirdTimeSync, OURS, "attribute, sync", |calls| repeat(calls, third_time)),
    Way::new(Work::RetryThirdTimeSync, OURS, "policy", |calls| {
        repeat(calls, |number| AT_ONCE.call(|| succeed_the_third_time(number)));
    })
    .note(WITHOUT_ATTRIBUTE),
    Way::new(Work::RetryThirdTimeAsync, OURS, "attribute, async", |calls| block_on(calls, third_time_async))
        .size(|| size_of_val(&third_time_async(0))),
    Way::new(Work::RetryThirdTimeAsync, OURS, "policy, async", |calls| block_on(calls, third_time_by_policy))
        .size(|| size_of_val(&third_time_by_policy(0)))
        .note(WITHOUT_ATTRIBUTE),
    Way::new(Work::TimeoutReady, OURS, "attribute, async", |calls| drive(calls, timed))
        .size(|| size_of_val(&timed(0))),
    Way::new(Work::TimeoutReady, OURS, "with_timeout", |calls| drive(calls, limited))
        .size(|| size_of_val(&limited(0)))
        .note(WITHOUT_ATTRIBUTE),
    Way::new(Work::TimeoutYield, OURS, "attribute, async", |calls| drive_on(calls, timed_yield))
        .size(|| size_of_val(&timed_yield(0))),
    Way::new(Work::TimeoutYield, OURS, "with_timeout", |calls| drive_on(calls, limited_yield))
        .size(|| size_of_val(&limited_yield(0)))
        .note(WITHOUT_ATTRIBUTE),
    Way::new(Work::Hedge, OURS, "attribute, async", |calls| drive(calls, hedged))
        .size(|| size_of_val(&hedged(0))),
    Way::new(Work::Hedge, OURS, "policy, async", |calls| drive(calls, hedged_by_policy))
        .size(|| size_of_val(&hedged_by_policy(0)))
        .note(WITHOUT_ATTRIBUTE),
    Way::new(Work::BulkheadTry, OURS, "attribute, sync", |calls| repeat(calls, bulkheaded)),
    Way::new(Work::BulkheadTry, OURS, "handle", |calls| {
        repeat(calls, |number| BULKHEAD.call(|| succeed(number)));
    }),
    Way::new(Work::BulkheadAcquire, OURS, "attribute, async", |calls| drive(calls, waiting))
        .size(|| size_of_val(&waiting(0))),
    Way::new(Work::BulkheadAcquire, OURS, "handle, async", |calls| drive(calls, waiting_by_hand))
        .size(|| size_of_val(&waiting_by_hand(0))),
    Way::new(Work::BulkheadFull, OURS, "attribute, sync", |calls| {
        fill("beside::full");
        repeat(calls, full);
    }),
    Way::new(Work::BulkheadFull, OURS, "attribute, async", |calls| {
        fill("beside::full_async");
        drive(calls, full_async);
    })
    .size(|| size_of_val(&full_async(0))),
    Way::new(Work::BulkheadFull, OURS, "handle", |calls| {
        repeat(calls, |number| FULL.call(|| succeed(number)));
    }),
    Way::new(Work::BulkheadKeyed, OURS, "attribute, sync", |calls| {
        static ALL_KNOWN: Once = Once::new();
        ALL_KNOWN.call_once(|| meet_all_keys(bulkheaded_by_key));
        repeat(calls, bulkheaded_by_key);
    })
    .varies(),
    Way::new(Work::Fallback, OURS, "attribute, sync", |calls| repeat(calls, fallen)),
    Way::new(Work::Fallback, OURS, "attribute, async", |calls| drive(calls, fallen_async))
        .size(|| size_of_val(&fallen_async(0))),
    Way::new(Work::Fallback, OURS, "FallbackChain", |calls| {
        static CHAIN: LazyLock<FallbackChain<u64, Failed>> =
            LazyLock::new(|| FallbackChain::new("beside").default(0));
        repeat(calls, |number| CHAIN.call(|| succeed(number)));
    })
    .note(WITHOUT_ATTRIBUTE),
    Way::new(Work::RateLimit, OURS, "attribute, sync", |calls| repeat(calls, rated)),
    Way::new(Work::RateLimit, OURS, "attribute, async", |calls| drive(calls, rated_async))
        .size(|| size_of_val(&rated_async(0))),
    Way::new(Work::RateLimit, OURS, "handle", |calls| {
        repeat(calls, |number| RATE.try_acquire(1).map_err(Failed::from).and_then(|_| succeed(number)));
    }),
    Way::new(Work::RateLimitUsedUp, OURS, "attribute, sync", |calls| {
        used_up(0).ok();
        repeat(calls, used_up);
    }),
    Way::new(Work::RateLimitUsedUp, OURS, "attribute, async", |calls| {
        drive(1, used_up_async);
        drive(calls, used_up_async);
    })
    .size(|| size_of_val(&used_up_async(0))),
    Way::new(Work::RateLimitUsedUp, OURS, "handle", |calls| {
        repeat(calls, |number| USED_UP.try_acquire(1).map_err(Failed::from).and_then(|_| succeed(number)));
    }),
    Way::new(Work::RateLimitKeyed, OURS, "attribute, sync", |calls| {
        static ALL_KNOWN: Once = Once::new();
        ALL_KNOWN.call_once(|| meet_all_keys(rated_by_key));
        repeat(calls, rated_by_key);
    })
    .varies(),
    Way::new(Work::Stack, OURS, "attributes, async", |calls| drive(calls, stack))
        .size(|| size_of_val(&stack(0))),
    Way::new(Work::Stack, OURS, "pipeline, async", |calls| drive(calls, piped))
        .size(|| size_of_val(&piped(0)))
        .note(WITHOUT_ATTRIBUTE),
    Way::new(Work::StackOpen, OURS, "attributes, async", |calls| {
        open("beside::stack_opened");
        drive(calls, stack_opened);
    })
    .size(|| size_of_val(&stack_opened(0))),
];

/// Opens a breaker that an attribute declares, for longer than any run, by a failure and not by hand: a forced one
/// asks no clock.
fn open(name: &str) {
    let breaker = resilience::get_circuit_breaker(name).expect("declared in this file");
    // Two threads may come here at once: neither closes what the other has opened.
    if breaker.state() != CircuitState::Open {
        breaker.call(|| Err::<u64, _>(Failed)).expect_err("it failed");
    }
    assert_eq!(breaker.state(), CircuitState::Open);
}

/// Takes the only slot of a bulkhead that an attribute declares, for good.
fn fill(name: &str) {
    let bulkhead = resilience::get_bulkhead(name).expect("declared in this file");
    // Two threads may come here at once: whichever is second finds it full.
    bulkhead.try_acquire().ok().map(std::mem::forget);
    assert_eq!(bulkhead.available_slots(), 0);
}

fn breaker(policy: CircuitBreakerPolicy) -> CircuitBreaker {
    CircuitBreaker::new("beside", policy).expect("settings that work")
}

/// The circuit stays closed while two of five calls fail.
const BY_HIGH_RATE: CircuitBreakerPolicy = CircuitBreakerPolicy::new().failure_rate(0.9);

static LAST_CALLS_MIXED: LazyLock<CircuitBreaker> = LazyLock::new(|| breaker(BY_HIGH_RATE));
static RECENT_CALLS_MIXED: LazyLock<CircuitBreaker> =
    LazyLock::new(|| breaker(BY_HIGH_RATE.window(Window::Time(MINUTE))));

const RETRY: RetryPolicy = RetryPolicy::new();
const AT_ONCE: RetryPolicy = RetryPolicy::new().base_delay(Duration::ZERO);
const HEDGE: HedgePolicy = HedgePolicy::new(SECOND);

const BY_RATE: CircuitBreakerPolicy = CircuitBreakerPolicy::new().failure_rate(0.5);

static IN_A_ROW: LazyLock<CircuitBreaker> = LazyLock::new(|| breaker(CircuitBreakerPolicy::new()));
static LAST_CALLS: LazyLock<CircuitBreaker> = LazyLock::new(|| breaker(BY_RATE));
static RECENT_CALLS: LazyLock<CircuitBreaker> =
    LazyLock::new(|| breaker(BY_RATE.window(Window::Time(MINUTE))));
static FAILING: LazyLock<CircuitBreaker> =
    LazyLock::new(|| breaker(CircuitBreakerPolicy::new().failure_threshold(NEVER)));
static OPEN: LazyLock<CircuitBreaker> =
    LazyLock::new(|| breaker(CircuitBreakerPolicy::new().failure_threshold(1).reset_timeout(HOUR)));
static BULKHEAD: LazyLock<Bulkhead> =
    LazyLock::new(|| Bulkhead::new("beside", BulkheadPolicy::new(32)).expect("settings that work"));

static FULL: LazyLock<Bulkhead> = LazyLock::new(|| {
    let bulkhead = Bulkhead::new("beside", BulkheadPolicy::new(1)).expect("settings that work");
    std::mem::forget(bulkhead.try_acquire().expect("the only slot"));
    bulkhead
});

static RATE: LazyLock<RateLimiter> = LazyLock::new(|| {
    let policy = RateLimitPolicy::new().rate(1_000_000_000);
    RateLimiter::new("beside", policy).expect("settings that work")
});

static USED_UP: LazyLock<RateLimiter> = LazyLock::new(|| {
    let policy = RateLimitPolicy::new().rate(1).per(HOUR);
    let limiter = RateLimiter::new("beside", policy).expect("settings that work");
    limiter.try_acquire(1).expect("the only turn");
    limiter
});

#[rate_limit(rate = 1, per = "1h")]
#[inline(never)]
fn used_up(number: u64) -> Outcome {
    work(number)
}

#[rate_limit(rate = 1, per = "1h")]
#[inline(never)]
async fn used_up_async(number: u64) -> Outcome {
    work(number)
}

#[rate_limit(rate = 1_000_000_000)]
#[inline(never)]
fn rated(number: u64) -> Outcome {
    work(number)
}

#[rate_limit(rate = 1_000_000_000)]
#[inline(never)]
async fn rated_async(number: u64) -> Outcome {
    work(number)
}

static PIPELINE: LazyLock<Pipeline<u64, Failed>> = LazyLock::new(|| {
    Pipeline::builder()
        .fallback(|_| Ok(0))
        .retry(RetryPolicy::new())
        .circuit_breaker(CircuitBreakerPolicy::new())
        .bulkhead(BulkheadPolicy::new(32).max_wait(SECOND))
        .timeout(SECOND)
        .build()
        .expect("policies that fit")
});

#[inline(never)]
async fn piped(number: u64) -> Outcome {
    PIPELINE.call_async(async || work(number)).await
}

#[circuit_breaker]
#[inline(never)]
fn in_a_row(number: u64) -> Outcome {
    work(number)
}

#[circuit_breaker]
#[inline(never)]
async fn in_a_row_async(number: u64) -> Outcome {
    work(number)
}

#[circuit_breaker(failure_rate = 0.5, window = 100)]
#[inline(never)]
fn last_calls(number: u64) -> Outcome {
    work(number)
}

#[circuit_breaker(failure_rate = 0.5, window = 100)]
#[inline(never)]
async fn last_calls_async(number: u64) -> Outcome {
    work(number)
}

#[circuit_breaker(failure_rate = 0.5, window = "1m")]
#[inline(never)]
fn recent_calls(number: u64) -> Outcome {
    work(number)
}

#[circuit_breaker(failure_rate = 0.5, window = "1m")]
#[inline(never)]
async fn recent_calls_async(number: u64) -> Outcome {
    work(number)
}

#[circuit_breaker(name = "beside::failing", failure_threshold = 16_000_000)]
#[inline(never)]
fn failing(number: u64) -> Outcome {
    black_box(number);
    Err(Failed)
}

#[circuit_breaker(name = "beside::opened", failure_threshold = 1, reset_timeout = "1h")]
#[inline(never)]
fn opened(number: u64) -> Outcome {
    work(number)
}

#[circuit_breaker(failure_rate = 0.9, window = 100)]
#[inline(never)]
fn last_calls_mixed(number: u64) -> Outcome {
    if number % 5 < 3 { work(number) } else { Err(Failed) }
}

#[circuit_breaker(failure_rate = 0.9, window = "1m")]
#[inline(never)]
fn recent_calls_mixed(number: u64) -> Outcome {
    if number % 5 < 3 { work(number) } else { Err(Failed) }
}

#[circuit_breaker(except(Failed))]
#[inline(never)]
fn ignored(number: u64) -> Outcome {
    black_box(number);
    Err(Failed)
}

#[inline(never)]
fn ignored_by_permit(number: u64) -> Outcome {
    let permit = IN_A_ROW.try_acquire()?;
    let outcome = fail(number);
    match outcome {
        Ok(_) => permit.success(),
        Err(Failed) => permit.ignore(),
    }
    outcome
}

#[inline(never)]
async fn retried_by_policy(number: u64) -> Outcome {
    RETRY.call_async(async || succeed_async(number).await).await.map_err(|exhausted| exhausted.last)
}

#[inline(never)]
async fn third_time_by_policy(number: u64) -> Outcome {
    AT_ONCE
        .call_async(async || succeed_the_third_time_async(number).await)
        .await
        .map_err(|exhausted| exhausted.last)
}

#[inline(never)]
async fn limited(number: u64) -> Outcome {
    with_timeout(SECOND, succeed_async(number)).await?
}

#[inline(never)]
async fn limited_yield(number: u64) -> Outcome {
    with_timeout(SECOND, succeed_after_a_yield(number)).await?
}

#[hedge(after = "1s")]
#[inline(never)]
async fn hedged(number: u64) -> Outcome {
    work(number)
}

#[inline(never)]
async fn hedged_by_policy(number: u64) -> Outcome {
    HEDGE.call_async(async || succeed_async(number).await).await
}

#[bulkhead(key = key_of(number), max_concurrent = 32)]
#[inline(never)]
fn bulkheaded_by_key(number: u64) -> Outcome {
    work(number)
}

#[rate_limit(key = key_of(number), rate = 1_000_000_000)]
#[inline(never)]
fn rated_by_key(number: u64) -> Outcome {
    work(number)
}

#[retry]
#[inline(never)]
fn retried(number: u64) -> Outcome {
    work(number)
}

#[retry]
#[inline(never)]
async fn retried_async(number: u64) -> Outcome {
    work(number)
}

#[retry(base_delay = "0s")]
#[inline(never)]
fn third_time(number: u64) -> Outcome {
    succeed_the_third_time(number)
}

#[retry(base_delay = "0s")]
#[inline(never)]
async fn third_time_async(number: u64) -> Outcome {
    succeed_the_third_time(number)
}

#[timeout("1s")]
#[inline(never)]
async fn timed(number: u64) -> Outcome {
    work(number)
}

#[timeout("1s")]
#[inline(never)]
async fn timed_yield(number: u64) -> Outcome {
    yield_once().await;
    work(number)
}

#[bulkhead(max_concurrent = 32)]
#[inline(never)]
fn bulkheaded(number: u64) -> Outcome {
    work(number)
}

#[bulkhead(name = "beside::full", max_concurrent = 1)]
#[inline(never)]
fn full(number: u64) -> Outcome {
    work(number)
}

#[bulkhead(name = "beside::full_async", max_concurrent = 1)]
#[inline(never)]
async fn full_async(number: u64) -> Outcome {
    work(number)
}

#[bulkhead(max_concurrent = 32, max_wait = "1s")]
#[inline(never)]
async fn waiting(number: u64) -> Outcome {
    work(number)
}

#[inline(never)]
async fn waiting_by_hand(number: u64) -> Outcome {
    let _slot = BULKHEAD.acquire_async(SECOND).await?;
    work(number)
}

#[fallback(value = 0)]
#[inline(never)]
fn fallen(number: u64) -> Outcome {
    work(number)
}

#[fallback(value = 0)]
#[inline(never)]
async fn fallen_async(number: u64) -> Outcome {
    work(number)
}

#[fallback(value = 0)]
#[retry]
#[circuit_breaker]
#[bulkhead(max_concurrent = 32, max_wait = "1s")]
#[timeout("1s")]
#[inline(never)]
async fn stack(number: u64) -> Outcome {
    work(number)
}

#[fallback(value = 0)]
#[retry]
#[circuit_breaker(name = "beside::stack_opened", failure_threshold = 1, reset_timeout = "1h")]
#[bulkhead(max_concurrent = 32, max_wait = "1s")]
#[timeout("1s")]
#[inline(never)]
async fn stack_opened(number: u64) -> Outcome {
    work(number)
}
