//! Calls that are made once more beside themselves when they take long.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use resilience::{
    HedgePolicy, bulkhead, circuit_breaker, get_bulkhead, get_circuit_breaker, get_retry_budget, hedge, retry,
    timeout,
};
use tokio::time::{Instant, sleep};

use crate::support::{Fault, Log, Runs, assert_send, ms, poll_times, secs, timed};

/// The calls of a test: how long each takes, and how it ends.
struct Calls {
    runs: Runs,
    script: &'static [(u64, Result<u32, Fault>)],
    begun: Log<Duration>,
    start: Instant,
    under_way: AtomicU32,
}

impl Calls {
    fn new(script: &'static [(u64, Result<u32, Fault>)]) -> Self {
        let under_way = AtomicU32::new(0);
        Self { runs: Runs::new(), script, begun: Log::new(), start: Instant::now(), under_way }
    }

    async fn call(&self) -> Result<u32, Fault> {
        struct Leaves<'a>(&'a AtomicU32);
        impl Drop for Leaves<'_> {
            fn drop(&mut self) {
                self.0.fetch_sub(1, Ordering::SeqCst);
            }
        }
        let run = self.runs.hit() as usize;
        self.begun.push(self.start.elapsed());
        self.under_way.fetch_add(1, Ordering::SeqCst);
        let _leaves = Leaves(&self.under_way);
        let (takes, result) = &self.script[run - 1];
        sleep(ms(*takes)).await;
        result.clone()
    }

    fn nobody_is_left(&self) -> bool {
        self.under_way.load(Ordering::SeqCst) == 0
    }
}

#[hedge(after = "50ms")]
async fn hedged(calls: &Calls) -> Result<u32, Fault> {
    calls.call().await
}

#[tokio::test(start_paused = true)]
async fn a_quick_call_is_made_once() {
    let calls = Calls::new(&[(49, Ok(1))]);
    assert_eq!(timed(hedged(&calls)).await, (Ok(1), ms(49)));
    assert_eq!(calls.runs.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_takes_long_is_made_once_more_and_the_first_success_wins() {
    let calls = Calls::new(&[(500, Ok(1)), (10, Ok(2))]);
    assert_eq!(timed(hedged(&calls)).await, (Ok(2), ms(60)));
    assert_eq!(calls.begun.take(), [ms(0), ms(50)]);
    assert!(calls.nobody_is_left(), "the slower call is dropped");

    let calls = Calls::new(&[(70, Ok(1)), (100, Ok(2))]);
    assert_eq!(timed(hedged(&calls)).await, (Ok(1), ms(70)));
    assert!(calls.nobody_is_left());
}

#[tokio::test(start_paused = true)]
async fn a_failure_waits_for_the_other_call() {
    let calls = Calls::new(&[(60, Err(Fault::Transient(1))), (100, Ok(2))]);
    assert_eq!(timed(hedged(&calls)).await, (Ok(2), ms(150)));

    let calls = Calls::new(&[(200, Ok(1)), (10, Err(Fault::Transient(2)))]);
    assert_eq!(timed(hedged(&calls)).await, (Ok(1), ms(200)));
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_comes_before_the_time_is_the_answer() {
    let calls = Calls::new(&[(10, Err(Fault::Transient(1)))]);
    assert_eq!(timed(hedged(&calls)).await, (Err(Fault::Transient(1)), ms(10)));
    assert_eq!(calls.runs.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn where_all_have_failed_the_last_failure_comes_out() {
    let calls = Calls::new(&[(100, Err(Fault::Transient(1))), (80, Err(Fault::Transient(2)))]);
    assert_eq!(timed(hedged(&calls)).await, (Err(Fault::Transient(2)), ms(130)));
}

#[tokio::test(start_paused = true)]
async fn further_calls_come_one_by_one() {
    #[hedge(after = "50ms", max = 3)]
    async fn call(calls: &Calls) -> Result<u32, Fault> {
        calls.call().await
    }
    let calls = Calls::new(&[(900, Ok(1)), (900, Ok(2)), (30, Ok(3)), (900, Ok(4))]);
    assert_eq!(timed(call(&calls)).await, (Ok(3), ms(130)));
    assert_eq!(calls.begun.take(), [ms(0), ms(50), ms(100)]);
    assert!(calls.nobody_is_left());

    let calls = Calls::new(&[(900, Ok(1)), (900, Ok(2)), (900, Ok(3)), (700, Ok(4))]);
    assert_eq!(timed(call(&calls)).await, (Ok(4), ms(850)));
}

#[tokio::test(start_paused = true)]
async fn a_dropped_call_drops_them_all() {
    let calls = Calls::new(&[(500, Ok(1)), (500, Ok(2))]);
    {
        let call = hedged(&calls);
        assert_eq!(poll_times(2, call).await, None);
        assert_eq!(calls.runs.count(), 2);
    }
    assert!(calls.nobody_is_left());
}

#[tokio::test(start_paused = true)]
async fn the_retry_budget_pays_for_further_calls() {
    #[hedge(after = "50ms", budget(name = "hedges", ratio = 0.5, min_per_second = 0))]
    async fn call(calls: &Calls) -> Result<u32, Fault> {
        calls.call().await
    }
    let runs = [1, 2, 1, 2, 1].map(|runs| runs);
    for expected in runs {
        let calls = Calls::new(&[(500, Ok(1)), (10, Ok(2))]);
        assert_eq!(call(&calls).await.is_ok(), true);
        assert_eq!(calls.runs.count(), expected);
    }
    let metrics = get_retry_budget("hedges").expect("declared above").metrics();
    assert_eq!((metrics.deposits, metrics.withdrawals, metrics.refused), (5, 2, 3));
}

#[tokio::test(start_paused = true)]
async fn a_budget_is_paid_into_once_a_call_with_a_retry_outside() {
    #[retry(max_attempts = 2, base_delay = "0s", budget(name = "shared by both", ratio = 1.0, min_per_second = 0))]
    #[hedge(after = "50ms", budget = "shared by both")]
    async fn call(calls: &Calls) -> Result<u32, Fault> {
        calls.call().await
    }
    let calls = Calls::new(&[(10, Err(Fault::Fatal)), (500, Ok(2))]);
    assert_eq!(call(&calls).await, Ok(2));
    let metrics = get_retry_budget("shared by both").expect("declared above").metrics();
    // The retry took the token that the call had paid, and left none for a further call.
    assert_eq!((metrics.deposits, metrics.withdrawals, metrics.refused), (1, 1, 1));
}

#[tokio::test(start_paused = true)]
async fn each_call_goes_through_the_policies_inside() {
    #[hedge(after = "50ms")]
    #[circuit_breaker(name = "hedged breaker")]
    #[bulkhead(name = "hedged bulkhead", max_concurrent = 2)]
    async fn call(calls: &Calls) -> Result<u32, Fault> {
        calls.call().await
    }
    let calls = Calls::new(&[(500, Ok(1)), (10, Ok(2))]);
    assert_eq!(call(&calls).await, Ok(2));
    let metrics = get_circuit_breaker("hedged breaker").expect("declared above").metrics();
    assert_eq!((metrics.success, metrics.failure), (1, 0), "a call that is dropped votes neither way");
    assert_eq!(get_bulkhead("hedged bulkhead").expect("declared above").available_slots(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_refused_further_call_leaves_the_first_one_alone() {
    #[hedge(after = "50ms")]
    #[bulkhead(max_concurrent = 1)]
    async fn call(calls: &Calls) -> Result<u32, Fault> {
        calls.call().await
    }
    let calls = Calls::new(&[(100, Ok(1))]);
    assert_eq!(timed(call(&calls)).await, (Ok(1), ms(100)));
}

#[tokio::test(start_paused = true)]
async fn timeouts_outside_and_inside() {
    #[timeout("120ms")]
    #[hedge(after = "50ms")]
    #[timeout("90ms")]
    async fn call(calls: &Calls) -> Result<u32, Fault> {
        calls.call().await
    }
    let calls = Calls::new(&[(900, Ok(1)), (20, Ok(2))]);
    assert_eq!(timed(call(&calls)).await, (Ok(2), ms(70)));
    let calls = Calls::new(&[(900, Ok(1)), (900, Ok(2))]);
    let (result, elapsed) = timed(call(&calls)).await;
    assert!(result.unwrap_err().refusal().is_timed_out());
    assert_eq!(elapsed, ms(120));
    assert!(calls.nobody_is_left());
}

#[tokio::test(start_paused = true)]
async fn consumed_arguments_are_cloned_for_each_call() {
    #[hedge(after = "50ms", clone(order))]
    async fn place(order: Vec<u32>, calls: &Calls) -> Result<usize, Fault> {
        calls.call().await?;
        Ok(order.into_iter().count())
    }
    let calls = Calls::new(&[(500, Ok(1)), (10, Ok(2))]);
    assert_eq!(place(vec![1, 2, 3], &calls).await, Ok(3));
}

struct Client {
    calls: Calls,
}

impl Client {
    #[hedge(after = "50ms")]
    async fn fetch<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.calls.call().await.ok().map(|_| name)
    }
}

#[tokio::test(start_paused = true)]
async fn a_method_and_an_option() {
    let client = Client { calls: Calls::new(&[(500, Ok(1)), (10, Ok(2))]) };
    assert_eq!(timed(client.fetch("ACME")).await, (Some("ACME"), ms(60)));
}

#[tokio::test(start_paused = true)]
async fn it_goes_to_another_thread() {
    let calls = Arc::new(Calls::new(&[(500, Ok(1)), (10, Ok(2))]));
    let task = tokio::spawn(assert_send(async move { hedged(&calls).await }));
    assert_eq!(task.await.unwrap(), Ok(2));
}

#[tokio::test(start_paused = true)]
async fn by_hand() {
    let calls = Calls::new(&[(500, Ok(1)), (10, Ok(2))]);
    let (result, elapsed) = timed(HedgePolicy::new(ms(50)).call_async(|| calls.call())).await;
    assert_eq!((result, elapsed), (Ok(2), ms(60)));
    assert!(calls.nobody_is_left());
    let _ = secs(1);
}
