//! Every order of retry, breaker, bulkhead and timeout, sync and async: what holds whatever the order is, and what
//! the order decides.

use resilience::{CircuitState, get_bulkhead, get_circuit_breaker};
use tokio::task::yield_now;

use crate::support::{Fault, Runs};

macro_rules! order {
    ($name:ident: $($attribute:ident)*) => {
        mod $name {
            use super::{Fault, Runs, check, yield_now};

            written!([] cooperative $($attribute)* => pub(crate) fn in_sync(first: u32, runs: &Runs) -> Result<u32, Fault> {
                runs.works_at(first)
            });

            written!([] asynchronous $($attribute)* => pub(crate) async fn in_async(first: u32, runs: &Runs) -> Result<u32, Fault> {
                yield_now().await;
                let result = runs.works_at(first);
                yield_now().await;
                result
            });

            #[tokio::test]
            async fn does_what_its_order_says() {
                let attributes = [$(stringify!($attribute)),*];
                let run = async |first| {
                    let runs = Runs::new();
                    (in_sync(first, &runs), runs.count())
                };
                check(concat!(module_path!(), "::in_sync"), attributes, run).await;
                let run = async |first| {
                    let runs = Runs::new();
                    (in_async(first, &runs).await, runs.count())
                };
                check(concat!(module_path!(), "::in_async"), attributes, run).await;
            }
        }
    };
}

macro_rules! written {
    ([$($on:tt)*] $mode:ident retry $($rest:ident)* => $($function:tt)*) => {
        written!(
            [$($on)* #[resilience::retry(max_attempts = 3, base_delay = "0s")]]
            $mode $($rest)* => $($function)*
        );
    };
    ([$($on:tt)*] $mode:ident circuit_breaker $($rest:ident)* => $($function:tt)*) => {
        written!(
            [$($on)* #[resilience::circuit_breaker(failure_threshold = 9)]]
            $mode $($rest)* => $($function)*
        );
    };
    ([$($on:tt)*] $mode:ident bulkhead $($rest:ident)* => $($function:tt)*) => {
        written!(
            [$($on)* #[resilience::bulkhead(max_concurrent = 1, max_wait = "1m")]]
            $mode $($rest)* => $($function)*
        );
    };
    ([$($on:tt)*] cooperative timeout $($rest:ident)* => $($function:tt)*) => {
        written!(
            [$($on)* #[resilience::timeout("1h", mode = "cooperative")]]
            cooperative $($rest)* => $($function)*
        );
    };
    ([$($on:tt)*] asynchronous timeout $($rest:ident)* => $($function:tt)*) => {
        written!([$($on)* #[resilience::timeout("1h")]] asynchronous $($rest)* => $($function)*);
    };
    ([$($on:tt)*] $mode:ident => $($function:tt)*) => {
        $($on)* $($function)*
    };
}

/// The function is called with the run at which it works, and gives its result and how often its body ran.
async fn check(function: &str, order: [&str; 4], run: impl AsyncFn(u32) -> (Result<u32, Fault>, u32)) {
    let place = |name| order.iter().position(|attribute| *attribute == name);
    // Inside of the retry the breaker sees each attempt, outside of it the call.
    let sees_attempts = place("circuit_breaker") > place("retry");
    assert_eq!(run(1).await, (Ok(1), 1));
    assert_eq!(run(3).await, (Ok(3), 3));
    assert_eq!(run(9).await, (Err(Fault::Transient(3)), 3));
    let breaker = get_circuit_breaker(function).unwrap();
    let metrics = breaker.metrics();
    let expected = if sees_attempts { (2, 2 + 3) } else { (2, 1) };
    assert_eq!((metrics.success, metrics.failure, metrics.ignored), (expected.0, expected.1, 0));
    assert_eq!(breaker.failure_count(), if sees_attempts { 3 } else { 1 });
    let bulkhead = get_bulkhead(function).unwrap();
    assert_eq!((bulkhead.available_slots(), bulkhead.queued()), (1, 0));

    breaker.force_open();
    let (refused, runs) = run(1).await;
    assert!(refused.unwrap_err().refusal().is_circuit_open());
    assert_eq!((runs, bulkhead.available_slots()), (0, 1));
    breaker.reset();
    assert_eq!((run(1).await, breaker.state()), ((Ok(1), 1), CircuitState::Closed));
}

order!(retry_breaker_bulkhead_timeout: retry circuit_breaker bulkhead timeout);
order!(retry_breaker_timeout_bulkhead: retry circuit_breaker timeout bulkhead);
order!(retry_bulkhead_breaker_timeout: retry bulkhead circuit_breaker timeout);
order!(retry_bulkhead_timeout_breaker: retry bulkhead timeout circuit_breaker);
order!(retry_timeout_breaker_bulkhead: retry timeout circuit_breaker bulkhead);
order!(retry_timeout_bulkhead_breaker: retry timeout bulkhead circuit_breaker);
order!(breaker_retry_bulkhead_timeout: circuit_breaker retry bulkhead timeout);
order!(breaker_retry_timeout_bulkhead: circuit_breaker retry timeout bulkhead);
order!(breaker_bulkhead_retry_timeout: circuit_breaker bulkhead retry timeout);
order!(breaker_bulkhead_timeout_retry: circuit_breaker bulkhead timeout retry);
order!(breaker_timeout_retry_bulkhead: circuit_breaker timeout retry bulkhead);
order!(breaker_timeout_bulkhead_retry: circuit_breaker timeout bulkhead retry);
order!(bulkhead_retry_breaker_timeout: bulkhead retry circuit_breaker timeout);
order!(bulkhead_retry_timeout_breaker: bulkhead retry timeout circuit_breaker);
order!(bulkhead_breaker_retry_timeout: bulkhead circuit_breaker retry timeout);
order!(bulkhead_breaker_timeout_retry: bulkhead circuit_breaker timeout retry);
order!(bulkhead_timeout_retry_breaker: bulkhead timeout retry circuit_breaker);
order!(bulkhead_timeout_breaker_retry: bulkhead timeout circuit_breaker retry);
order!(timeout_retry_breaker_bulkhead: timeout retry circuit_breaker bulkhead);
order!(timeout_retry_bulkhead_breaker: timeout retry bulkhead circuit_breaker);
order!(timeout_breaker_retry_bulkhead: timeout circuit_breaker retry bulkhead);
order!(timeout_breaker_bulkhead_retry: timeout circuit_breaker bulkhead retry);
order!(timeout_bulkhead_retry_breaker: timeout bulkhead retry circuit_breaker);
order!(timeout_bulkhead_breaker_retry: timeout bulkhead circuit_breaker retry);
