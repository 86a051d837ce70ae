//! How bodies end, under lints that look at ends.

#![deny(clippy::implicit_return, clippy::diverging_sub_expression)]
#![allow(dead_code, clippy::missing_const_for_fn, clippy::unnecessary_wraps, clippy::needless_return, clippy::unused_async, clippy::exit)]

use std::process::exit;

use steadfast::{bulkhead, circuit_breaker, fallback, hedge, rate_limit, retry, timeout};

use crate::Failure;

#[retry(crate = ::steadfast)]
fn retried_return(number: i32) -> Result<i32, Failure> {
    return Ok(number);
}

#[retry(crate = ::steadfast)]
fn retried_exit(number: i32) -> Result<i32, Failure> {
    exit(number)
}

#[retry(crate = ::steadfast)]
async fn retried_return_async(number: i32) -> Result<i32, Failure> {
    return Ok(number);
}

#[retry(crate = ::steadfast)]
async fn retried_exit_async(number: i32) -> Result<i32, Failure> {
    exit(number)
}

#[circuit_breaker(crate = ::steadfast)]
fn broken_return(number: i32) -> Result<i32, Failure> {
    return Ok(number);
}

#[circuit_breaker(crate = ::steadfast)]
fn broken_exit(number: i32) -> Result<i32, Failure> {
    exit(number)
}

#[circuit_breaker(crate = ::steadfast)]
async fn broken_return_async(number: i32) -> Result<i32, Failure> {
    return Ok(number);
}

#[circuit_breaker(crate = ::steadfast)]
async fn broken_exit_async(number: i32) -> Result<i32, Failure> {
    exit(number)
}

#[bulkhead(max_concurrent = 2, max_wait = "1s", crate = ::steadfast)]
fn bounded_return(number: i32) -> Result<i32, Failure> {
    return Ok(number);
}

#[bulkhead(max_concurrent = 2, max_wait = "1s", crate = ::steadfast)]
fn bounded_exit(number: i32) -> Result<i32, Failure> {
    exit(number)
}

#[bulkhead(max_concurrent = 2, max_wait = "1s", crate = ::steadfast)]
async fn bounded_return_async(number: i32) -> Result<i32, Failure> {
    return Ok(number);
}

#[bulkhead(max_concurrent = 2, max_wait = "1s", crate = ::steadfast)]
async fn bounded_exit_async(number: i32) -> Result<i32, Failure> {
    exit(number)
}

#[rate_limit(rate = 10, max_wait = "1s", crate = ::steadfast)]
fn limited_return(number: i32) -> Result<i32, Failure> {
    return Ok(number);
}

#[rate_limit(rate = 10, max_wait = "1s", crate = ::steadfast)]
fn limited_exit(number: i32) -> Result<i32, Failure> {
    exit(number)
}

#[rate_limit(rate = 10, max_wait = "1s", crate = ::steadfast)]
async fn limited_return_async(number: i32) -> Result<i32, Failure> {
    return Ok(number);
}

#[rate_limit(rate = 10, max_wait = "1s", crate = ::steadfast)]
async fn limited_exit_async(number: i32) -> Result<i32, Failure> {
    exit(number)
}

#[timeout("1s", crate = ::steadfast)]
fn timed_return(number: i32) -> Result<i32, Failure> {
    return Ok(number);
}

#[timeout("1s", crate = ::steadfast)]
fn timed_exit(number: i32) -> Result<i32, Failure> {
    exit(number)
}

#[timeout("1s", crate = ::steadfast)]
async fn timed_return_async(number: i32) -> Result<i32, Failure> {
    return Ok(number);
}

#[timeout("1s", crate = ::steadfast)]
async fn timed_exit_async(number: i32) -> Result<i32, Failure> {
    exit(number)
}

#[fallback(value = 3, crate = ::steadfast)]
fn answered_return(number: i32) -> Result<i32, Failure> {
    return Ok(number);
}

#[fallback(value = 3, crate = ::steadfast)]
fn answered_exit(number: i32) -> Result<i32, Failure> {
    exit(number)
}

#[fallback(value = 3, crate = ::steadfast)]
async fn answered_return_async(number: i32) -> Result<i32, Failure> {
    return Ok(number);
}

#[fallback(value = 3, crate = ::steadfast)]
async fn answered_exit_async(number: i32) -> Result<i32, Failure> {
    exit(number)
}

#[hedge(after = "1s", crate = ::steadfast)]
async fn hedged_return_async(number: i32) -> Result<i32, Failure> {
    return Ok(number);
}

#[hedge(after = "1s", crate = ::steadfast)]
async fn hedged_exit_async(number: i32) -> Result<i32, Failure> {
    exit(number)
}

