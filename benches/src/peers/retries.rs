//! Retries that are functions or methods.

use std::future::ready;
use std::time::Duration;

use backon::{BlockingRetryable, ExponentialBuilder, Retryable};
use tokio_retry2::strategy::{ExponentialBackoff, FixedInterval};
use tokio_retry2::{Retry, RetryError};

use crate::beside::{
    Failed, Way, Work, succeed, succeed_async, succeed_the_third_time, succeed_the_third_time_async,
};
use crate::drive::{block_on, drive, repeat};

const BACKON: &str = "backon";
const TOKIO_RETRY2: &str = "tokio-retry2";
const TRYHARD: &str = "tryhard";
const RETRY: &str = "retry";

const SLEEPS: &str = "a delay of zero still sleeps on tokio's timer";

pub const ALL: &[Way] = &[
    Way::new(Work::RetrySync, BACKON, "sync", |calls| {
        repeat(calls, |number| (|| succeed(number)).retry(backoff()).call());
    }),
    Way::new(Work::RetrySync, RETRY, "sync", |calls| {
        repeat(calls, |number| {
            retry::retry(retry::delay::Exponential::from_millis(1_000).take(2), || succeed(number))
        });
    })
    .note("no jitter without a feature"),
    Way::new(Work::RetryAsync, BACKON, "async", |calls| drive(calls, backon_async))
        .size(|| size_of_val(&backon_async(0))),
    Way::new(Work::RetryAsync, TOKIO_RETRY2, "async", |calls| drive(calls, tokio_retry2))
        .size(|| size_of_val(&tokio_retry2(0)))
        .note("no jitter without a feature"),
    Way::new(Work::RetryAsync, TRYHARD, "async", |calls| drive(calls, tryhard))
        .size(|| size_of_val(&tryhard(0)))
        .note("no jitter"),
    Way::new(Work::RetryThirdTimeSync, BACKON, "sync", |calls| {
        repeat(calls, |number| {
            (|| succeed_the_third_time(number)).retry(backoff()).sleep(|_: Duration| ()).call()
        });
    })
    .note("with a sleep that does nothing: a delay of zero is a system call"),
    Way::new(Work::RetryThirdTimeSync, RETRY, "sync", |calls| {
        repeat(calls, |number| {
            retry::retry(retry::delay::NoDelay.take(2), || succeed_the_third_time(number))
        });
    }),
    Way::new(Work::RetryThirdTimeAsync, BACKON, "async", |calls| block_on(calls, backon_third_time))
        .size(|| size_of_val(&backon_third_time(0)))
        .note("with a sleep that does nothing: a delay of zero sleeps on tokio's timer"),
    Way::new(Work::RetryThirdTimeAsync, TOKIO_RETRY2, "async", |calls| {
        block_on(calls, tokio_retry2_third_time)
    })
    .size(|| size_of_val(&tokio_retry2_third_time(0)))
    .sleeps()
    .note(SLEEPS),
    Way::new(Work::RetryThirdTimeAsync, TRYHARD, "async", |calls| block_on(calls, tryhard_third_time))
        .size(|| size_of_val(&tryhard_third_time(0)))
        .sleeps()
        .note(SLEEPS),
];

fn backoff() -> ExponentialBuilder {
    ExponentialBuilder::default().with_jitter().with_max_times(2)
}

fn backon_async(number: u64) -> impl Future<Output = Result<u64, Failed>> {
    (move || succeed_async(number)).retry(backoff()).into_future()
}

fn backon_third_time(number: u64) -> impl Future<Output = Result<u64, Failed>> {
    (move || succeed_the_third_time_async(number))
        .retry(backoff())
        .sleep(|_: Duration| ready(()))
        .into_future()
}

fn tokio_retry2(number: u64) -> impl Future<Output = Result<u64, Failed>> {
    let strategy = ExponentialBackoff::from_millis(1_000).take(2);
    Retry::spawn(strategy, move || async move { succeed_async(number).await.map_err(RetryError::transient) })
}

fn tokio_retry2_third_time(number: u64) -> impl Future<Output = Result<u64, Failed>> {
    Retry::spawn(FixedInterval::from_millis(0).take(2), move || async move {
        succeed_the_third_time_async(number).await.map_err(RetryError::transient)
    })
}

fn tryhard(number: u64) -> impl Future<Output = Result<u64, Failed>> {
    tryhard::retry_fn(move || succeed_async(number))
        .retries(2)
        .exponential_backoff(Duration::from_secs(1))
        .into_future()
}

fn tryhard_third_time(number: u64) -> impl Future<Output = Result<u64, Failed>> {
    tryhard::retry_fn(move || succeed_the_third_time_async(number)).retries(2).no_backoff().into_future()
}
