//! Circuit breakers that are objects with a `call`.

use std::sync::LazyLock;

use ::breaker::{CircuitBreaker as Breaker, CircuitBreakerConfig};
use circuitbreaker_rs::{CircuitBreaker as CircuitbreakerRs, DefaultPolicy};
use failsafe::backoff::{Constant, constant};
use failsafe::failure_policy::{
    ConsecutiveFailures, SuccessRateOverTimeWindow, consecutive_failures, success_rate_over_time_window,
};
use failsafe::{CircuitBreaker as _, StateMachine};
use recloser::{AsyncRecloser, Recloser};

use crate::beside::{
    Failed, HOUR, MINUTE, Way, Work, fail, fail_async, mixed, mixed_async, succeed, succeed_async,
};
use crate::drive::{drive, repeat};
use crate::measure::bytes_held;

const FAILSAFE: &str = "failsafe";
const RECLOSER: &str = "recloser";
const CIRCUITBREAKER_RS: &str = "circuitbreaker-rs";
const BREAKER: &str = "breaker";

const NO_METRICS: &str = "counts no successes";
const CLOCK_EACH: &str = "reads the clock twice a call";
const BOTH_RULES: &str = "failures in a row and the rate of the last 100 calls, both at once";

pub const ALL: &[Way] = &[
    Way::new(Work::BreakerInARow, FAILSAFE, "sync", |calls| {
        repeat(calls, |number| IN_A_ROW.call(|| succeed(number)));
    })
    .note(NO_METRICS),
    Way::new(Work::BreakerInARow, FAILSAFE, "async", |calls| {
        drive(calls, |number| failsafe::futures::CircuitBreaker::call(&*IN_A_ROW, succeed_async(number)));
    })
    .size(|| size_of_val(&failsafe::futures::CircuitBreaker::call(&*IN_A_ROW, succeed_async(0))))
    .note(NO_METRICS),
    Way::new(Work::BreakerInARow, CIRCUITBREAKER_RS, "sync", |calls| {
        repeat(calls, |number| TOTAL_RATE.call(|| succeed(number)));
    })
    .note("failures in a row and the rate since the start, both at once; reads the clock twice a call"),
    Way::new(Work::BreakerInARow, CIRCUITBREAKER_RS, "async", |calls| {
        drive(calls, |number| TOTAL_RATE.call_async(move || succeed_async(number)));
    })
    .size(|| size_of_val(&TOTAL_RATE.call_async(|| succeed_async(0))))
    .note(CLOCK_EACH),
    Way::new(Work::BreakerInARow, BREAKER, "async", |calls| {
        drive(calls, |number| STREAK.call(move || succeed_async(number)));
    })
    .size(|| size_of_val(&STREAK.call(|| succeed_async(0))))
    .note("the rate rule turned off"),
    Way::new(Work::BreakerLastCalls, RECLOSER, "sync", |calls| {
        repeat(calls, |number| RECENT.call(|| succeed(number)));
    })
    .note(NO_METRICS),
    Way::new(Work::BreakerLastCalls, RECLOSER, "async", |calls| {
        drive(calls, |number| RECENT_ASYNC.call(succeed_async(number)));
    })
    .size(|| size_of_val(&RECENT_ASYNC.call(succeed_async(0))))
    .note(NO_METRICS),
    Way::new(Work::BreakerLastCalls, BREAKER, "async", |calls| {
        drive(calls, |number| WINDOW.call(move || succeed_async(number)));
    })
    .size(|| size_of_val(&WINDOW.call(|| succeed_async(0))))
    .note(BOTH_RULES),
    Way::new(Work::BreakerRecentCalls, FAILSAFE, "sync", |calls| {
        repeat(calls, |number| OVER_TIME.call(|| succeed(number)));
    })
    .note("a moving average, not a window; counts no successes"),
    Way::new(Work::BreakerRecentCalls, FAILSAFE, "async", |calls| {
        drive(calls, |number| failsafe::futures::CircuitBreaker::call(&*OVER_TIME, succeed_async(number)));
    })
    .size(|| size_of_val(&failsafe::futures::CircuitBreaker::call(&*OVER_TIME, succeed_async(0))))
    .note("a moving average, not a window; counts no successes"),
    Way::new(Work::BreakerFailing, FAILSAFE, "sync", |calls| {
        repeat(calls, |number| IN_A_ROW.call(|| fail(number)));
    }),
    Way::new(Work::BreakerFailing, RECLOSER, "sync", |calls| {
        repeat(calls, |number| NEVER_OPENS.call(|| fail(number)));
    })
    .note("in its window of 100 calls"),
    Way::new(Work::BreakerFailing, CIRCUITBREAKER_RS, "sync", |calls| {
        repeat(calls, |number| TOTAL_RATE_FAILING.call(|| fail(number)));
    })
    .note(CLOCK_EACH),
    Way::new(Work::BreakerFailing, BREAKER, "async", |calls| {
        drive(calls, |number| STREAK_FAILING.call(move || fail_async(number)));
    })
    .size(|| size_of_val(&STREAK_FAILING.call(|| fail_async(0)))),
    Way::new(Work::BreakerLastCallsMixed, RECLOSER, "sync", |calls| {
        static HIGH_RATE: LazyLock<Recloser> =
            LazyLock::new(|| Recloser::custom().error_rate(0.9).closed_len(100).build());
        repeat(calls, |number| HIGH_RATE.call(|| mixed(number)));
    })
    .note(NO_METRICS),
    Way::new(Work::BreakerLastCallsMixed, BREAKER, "async", |calls| {
        static HIGH_RATE: LazyLock<Breaker> = LazyLock::new(|| window(0.9));
        drive(calls, |number| HIGH_RATE.call(move || mixed_async(number)));
    })
    .note(BOTH_RULES),
    Way::new(Work::BreakerRecentCallsMixed, FAILSAFE, "sync", |calls| {
        static HIGH_RATE: LazyLock<StateMachine<SuccessRateOverTimeWindow<Constant>, ()>> =
            LazyLock::new(|| over_time(0.1));
        repeat(calls, |number| HIGH_RATE.call(|| mixed(number)));
    })
    .note("a moving average, not a window; counts no successes"),
    Way::new(Work::BreakerIgnored, FAILSAFE, "sync", |calls| {
        repeat(calls, |number| IN_A_ROW.call_with(|_: &Failed| false, || fail(number)));
    })
    .note("counts it as a success"),
    Way::new(Work::BreakerIgnored, RECLOSER, "sync", |calls| {
        repeat(calls, |number| RECENT.call_with(|_: &Failed| false, || fail(number)));
    })
    .note("counts it as a success in its window of 100 calls"),
    Way::new(Work::BreakerOpen, FAILSAFE, "sync", |calls| {
        static OPEN: LazyLock<StateMachine<ConsecutiveFailures<Constant>, ()>> =
            LazyLock::new(|| in_a_row(1));
        OPEN.call(|| fail(0)).ok();
        repeat(calls, |number| OPEN.call(|| succeed(number)));
    })
    .note("counts no rejections"),
    Way::new(Work::BreakerOpen, RECLOSER, "sync", |calls| {
        static OPEN: LazyLock<Recloser> =
            LazyLock::new(|| Recloser::custom().closed_len(1).open_wait(HOUR).build());
        OPEN.call(|| fail(0)).ok();
        OPEN.call(|| fail(0)).ok();
        repeat(calls, |number| OPEN.call(|| succeed(number)));
    })
    .note("counts no rejections"),
    Way::new(Work::BreakerOpen, CIRCUITBREAKER_RS, "sync", |calls| {
        static OPEN: LazyLock<TotalRate> = LazyLock::new(|| total_rate(1));
        OPEN.call(|| fail(0)).ok();
        repeat(calls, |number| OPEN.call(|| succeed(number)));
    })
    .note("counts no rejections"),
    Way::new(Work::BreakerOpen, BREAKER, "async", |calls| {
        static OPEN: LazyLock<Breaker> = LazyLock::new(|| streak(1));
        drive(1, |_| OPEN.call(|| fail_async(0)));
        drive(calls, |number| OPEN.call(move || succeed_async(number)));
    })
    .note("counts no rejections"),
];

fn in_a_row(failures: u32) -> StateMachine<ConsecutiveFailures<Constant>, ()> {
    failsafe::Config::new().failure_policy(consecutive_failures(failures, constant(HOUR))).build()
}

static IN_A_ROW: LazyLock<StateMachine<ConsecutiveFailures<Constant>, ()>> =
    LazyLock::new(|| in_a_row(u32::MAX));

static OVER_TIME: LazyLock<StateMachine<SuccessRateOverTimeWindow<Constant>, ()>> =
    LazyLock::new(|| over_time(0.5));

/// Opens when fewer than this share of calls succeed.
fn over_time(rate: f64) -> StateMachine<SuccessRateOverTimeWindow<Constant>, ()> {
    let policy = success_rate_over_time_window(rate, 10, MINUTE, constant(HOUR));
    failsafe::Config::new().failure_policy(policy).build()
}

static RECENT: LazyLock<Recloser> = LazyLock::new(|| Recloser::custom().closed_len(100).build());
static RECENT_ASYNC: LazyLock<AsyncRecloser> =
    LazyLock::new(|| AsyncRecloser::from(Recloser::custom().closed_len(100).build()));
// No rate is above all of them.
static NEVER_OPENS: LazyLock<Recloser> =
    LazyLock::new(|| Recloser::custom().error_rate(2.0).closed_len(100).build());

type TotalRate = CircuitbreakerRs<DefaultPolicy, Failed>;

fn total_rate(failures: u64) -> TotalRate {
    // A rate above all rates: the failures in a row decide.
    TotalRate::builder().failure_threshold(2.0).consecutive_failures(failures).cooldown(HOUR).build()
}

static TOTAL_RATE: LazyLock<TotalRate> = LazyLock::new(|| total_rate(5));
static TOTAL_RATE_FAILING: LazyLock<TotalRate> = LazyLock::new(|| total_rate(u64::MAX));

fn streak(failures: u32) -> Breaker {
    let config = CircuitBreakerConfig::builder()
        .failure_rate_threshold(0.0)
        .consecutive_failures(failures)
        .wait_duration(HOUR)
        .build();
    Breaker::new(config)
}

static STREAK: LazyLock<Breaker> = LazyLock::new(|| streak(5));
static STREAK_FAILING: LazyLock<Breaker> = LazyLock::new(|| streak(u32::MAX));
static WINDOW: LazyLock<Breaker> = LazyLock::new(|| window(0.5));

fn window(rate: f32) -> Breaker {
    let config = CircuitBreakerConfig::builder()
        .failure_rate_threshold(rate)
        .sliding_window_size(100)
        .minimum_calls(10);
    Breaker::new(config.build())
}

/// Bytes that an instance holds.
pub fn held() -> Vec<(&'static str, u64)> {
    vec![
        ("failsafe, moving average of a minute", bytes_held(|| over_time(0.5))),
        ("failsafe, failures in a row", bytes_held(|| in_a_row(5))),
        ("recloser, window of 100 calls", bytes_held(|| Recloser::custom().closed_len(100).build())),
        ("circuitbreaker-rs", bytes_held(|| total_rate(5))),
        ("breaker, window of 100 calls", bytes_held(|| window(0.5))),
    ]
}
