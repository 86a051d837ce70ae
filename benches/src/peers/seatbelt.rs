//! Seatbelt: layers around an async service.

use layered::{Execute, Service, Stack};
use seatbelt::breaker::Breaker;
use seatbelt::fallback::Fallback;
use seatbelt::retry::Retry;
use seatbelt::timeout::Timeout;
use seatbelt::{RecoveryInfo, ResilienceContext};
use std::time::Duration;
use tick::Clock;

use super::shared;
use crate::beside::{
    Failed, HOUR, MINUTE, Outcome, SECOND, Way, Work, fail_async, mixed_async, succeed_after_a_yield,
    succeed_async, succeed_the_third_time_async,
};
use crate::drive::{block_on, drive, drive_on};

const SEATBELT: &str = "seatbelt";

pub const ALL: &[Way] = &[
    Way::new(Work::BreakerRecentCalls, SEATBELT, "async", |calls| {
        let service = shared(|| breaker(Execute::new(succeed_async)));
        drive(calls, |number| service.execute(number));
    })
    .size(|| size_of_val(&breaker(Execute::new(succeed_async)).execute(0))),
    Way::new(Work::BreakerFailing, SEATBELT, "async", |calls| {
        let service = shared(|| breaker_that_opens(u32::MAX, Execute::new(fail_async)));
        drive(calls, |number| service.execute(number));
    })
    .note("in its window of time"),
    Way::new(Work::BreakerRecentCallsMixed, SEATBELT, "async", |calls| {
        let service = shared(|| breaker_with(0.9, 10, recovery, Execute::new(mixed_async)));
        drive(calls, |number| service.execute(number));
    }),
    Way::new(Work::BreakerIgnored, SEATBELT, "async", |calls| {
        let service = shared(|| breaker_with(0.5, 10, |_| RecoveryInfo::never(), Execute::new(fail_async)));
        drive(calls, |number| service.execute(number));
    })
    .note("counts it as a success in its window of time"),
    Way::new(Work::BreakerOpen, SEATBELT, "async", |calls| {
        let service = shared(|| breaker_that_opens(1, Execute::new(fail_async)));
        drive(2, |number| service.execute(number));
        drive(calls, |number| service.execute(number));
    })
    .note("counts no rejections without a feature"),
    Way::new(Work::RetryAsync, SEATBELT, "async", |calls| {
        let service = shared(|| retry(SECOND, Execute::new(succeed_async)));
        drive(calls, |number| service.execute(number));
    })
    .size(|| size_of_val(&retry(SECOND, Execute::new(succeed_async)).execute(0))),
    Way::new(Work::RetryThirdTimeAsync, SEATBELT, "async", |calls| {
        let service = shared(|| retry(Duration::ZERO, Execute::new(succeed_the_third_time_async)));
        block_on(calls, |number| service.execute(number));
    })
    .size(|| size_of_val(&retry(Duration::ZERO, Execute::new(succeed_the_third_time_async)).execute(0))),
    Way::new(Work::TimeoutReady, SEATBELT, "async", |calls| {
        let service = shared(|| timeout(Execute::new(succeed_async)));
        drive(calls, |number| service.execute(number));
    })
    .size(|| size_of_val(&timeout(Execute::new(succeed_async)).execute(0))),
    Way::new(Work::TimeoutYield, SEATBELT, "async", |calls| {
        let service = shared(|| timeout(Execute::new(succeed_after_a_yield)));
        drive_on(calls, |number| service.execute(number));
    })
    .size(|| size_of_val(&timeout(Execute::new(succeed_after_a_yield)).execute(0))),
    Way::new(Work::Fallback, SEATBELT, "async", |calls| {
        let service = shared(|| fallback(Execute::new(succeed_async)));
        drive(calls, |number| service.execute(number));
    })
    .size(|| size_of_val(&fallback(Execute::new(succeed_async)).execute(0))),
    Way::new(Work::Stack, SEATBELT, "async", |calls| {
        let service = shared(stack);
        drive(calls, |number| service.execute(number));
    })
    .size(|| size_of_val(&stack().execute(0)))
    .note("no bulkhead"),
];

fn context() -> ResilienceContext<u64, Outcome> {
    ResilienceContext::new(Clock::new_tokio())
}

fn recovery(outcome: &Outcome) -> RecoveryInfo {
    if outcome.is_ok() { RecoveryInfo::never() } else { RecoveryInfo::retry() }
}

fn breaker<S: Service<u64, Out = Outcome>>(inner: S) -> impl Service<u64, Out = Outcome> {
    breaker_that_opens(10, inner)
}

/// Opens when half of so many calls within a minute have failed.
fn breaker_that_opens<S: Service<u64, Out = Outcome>>(
    min: u32,
    inner: S,
) -> impl Service<u64, Out = Outcome> {
    breaker_with(0.5, min, recovery, inner)
}

fn breaker_with<S: Service<u64, Out = Outcome>>(
    rate: f32,
    min: u32,
    recovery: fn(&Outcome) -> RecoveryInfo,
    inner: S,
) -> impl Service<u64, Out = Outcome> {
    let layer = Breaker::layer("breaker", &context())
        .recovery_with(move |outcome, _| recovery(outcome))
        .rejected_input_error(|_, _| Failed)
        .failure_threshold(rate)
        .min_throughput(min)
        .sampling_duration(MINUTE)
        .break_duration(HOUR);
    (layer, inner).into_service()
}

fn retry<S: Service<u64, Out = Outcome>>(base_delay: Duration, inner: S) -> impl Service<u64, Out = Outcome> {
    let layer = Retry::layer("retry", &context())
        .clone_input()
        .recovery_with(|outcome, _| recovery(outcome))
        .max_retry_attempts(2)
        .base_delay(base_delay);
    (layer, inner).into_service()
}

fn timeout<S: Service<u64, Out = Outcome>>(inner: S) -> impl Service<u64, Out = Outcome> {
    (Timeout::layer("timeout", &context()).timeout_error(|_| Failed).timeout(SECOND), inner).into_service()
}

fn fallback<S: Service<u64, Out = Outcome>>(inner: S) -> impl Service<u64, Out = Outcome> {
    let layer =
        Fallback::layer("fallback", &context()).should_fallback(Result::is_err).fallback_output(Ok(0));
    (layer, inner).into_service()
}

fn stack() -> impl Service<u64, Out = Outcome> {
    fallback(retry(SECOND, breaker(timeout(Execute::new(succeed_async)))))
}
