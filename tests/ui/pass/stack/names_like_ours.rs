//! Nothing of the function's own is taken for something of ours: not its arguments and locals, its labels, its
//! lifetimes, its types.
#![allow(non_camel_case_types, clippy::too_many_arguments)]

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use resilience::{Error, bulkhead, circuit_breaker, fallback, rate_limit, retry, timeout};

type Answer = Result<u32, Error>;

macro_rules! stacks {
    ($($name:ident($($argument:ident)*))*) => {$(
        #[fallback(|error| Err(error), rejected(timed_out))]
        #[retry(max_attempts = 2, base_delay = "0s", when = |error| error.is_timed_out(), on_retry = |event| assert!(event.attempt() > 0))]
        #[circuit_breaker(failure_threshold = 5, except(Error::TimedOut { .. }))]
        #[rate_limit(rate = 1000, cost = 1)]
        #[bulkhead(max_concurrent = 8)]
        #[timeout("1s")]
        async fn $name($($argument: u32),*) -> Answer {
            Ok(0 $(+ $argument)*)
        }
    )*};
}

stacks! {
    of_the_call(shape outcome failure answer arguments value subject)
    of_the_retry(attempts_1 delay step event error policy_1 kept)
    of_the_breaker(permit_2 outcome_2 rejection result is_failure)
    of_the_others(turns_3 admission_3 cost slot_4 slots_4 limit_5 time_5 keep run_0 pipeline_0)
}

#[retry(max_attempts = 2, base_delay = "0s", exhausted = |failed| failed.last)]
#[circuit_breaker(failure_threshold = 5)]
#[rate_limit(rate = 1000, cost = 1)]
#[bulkhead(max_concurrent = 8)]
#[timeout("1s", mode = "cooperative")]
fn in_sync(
    shape: u32,
    outcome: u32,
    attempts_0: u32,
    permit_1: u32,
    turns_2: u32,
    slot_3: u32,
    time_4: u32,
) -> Answer {
    let (result, rejection, error, value, step, delay) = (1, 1, 1, 1, 1, 1);
    Ok(shape
        + outcome
        + attempts_0
        + permit_1
        + turns_2
        + slot_3
        + time_4
        + result
        + rejection
        + error
        + value
        + step
        + delay)
}

#[fallback(cached)]
#[circuit_breaker(failure_threshold = 5)]
#[bulkhead(max_concurrent = 8)]
fn with_a_handler(failure: u32, answer: u32, arguments: u32) -> Option<u32> {
    (failure + answer + arguments).checked_sub(100)
}

fn cached(failure: u32, answer: u32, arguments: u32) -> Option<u32> {
    Some(failure + answer + arguments)
}

#[fallback(value = "none")]
#[circuit_breaker(failure_threshold = 5)]
#[rate_limit(rate = 1000)]
#[bulkhead(max_concurrent = 8)]
fn labels_and_lifetimes<'fallback_0, 'circuit_breaker_1: 'fallback_0, R, F, T, E>(
    name: &'circuit_breaker_1 str,
    _others: (R, F, T, E),
) -> Result<&'fallback_0 str, Error> {
    'fallback_0: loop {
        'circuit_breaker_1: loop {
            'rate_limit_2: loop {
                'bulkhead_3: loop {
                    match name.len() {
                        0 => break 'bulkhead_3,
                        1 => break 'rate_limit_2,
                        2 => break 'circuit_breaker_1,
                        _ => break 'fallback_0,
                    }
                }
            }
        }
    }
    Ok(name)
}

struct Attempts(u32);
struct Shape<T>(T);
struct Kinds;
struct Step;

#[retry(base_delay = "0s")]
#[circuit_breaker]
#[timeout("1s", mode = "cooperative")]
fn types<Failure: Into<u32>, Verdict>(
    Shape(shape): Shape<Failure>,
    Attempts(attempts): Attempts,
    _: (Kinds, Step, Verdict),
) -> Answer
where
    Failure: Copy,
{
    Ok(shape.into() + attempts)
}

fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits for nothing"),
    }
}

fn main() {
    assert_eq!(now(of_the_call(1, 2, 3, 4, 5, 6, 7)), Ok(28));
    assert_eq!(now(of_the_retry(1, 2, 3, 4, 5, 6, 7)), Ok(28));
    assert_eq!(now(of_the_breaker(1, 2, 3, 4, 5)), Ok(15));
    assert_eq!(now(of_the_others(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)), Ok(55));
    assert_eq!(in_sync(1, 2, 3, 4, 5, 6, 7), Ok(34));
    assert_eq!(with_a_handler(1, 2, 3), Some(6));
    assert_eq!(labels_and_lifetimes("abc", ((), (), (), ())), Ok("abc"));
    assert_eq!(types(Shape(1_u32), Attempts(2), (Kinds, Step, ())), Ok(3));
}
