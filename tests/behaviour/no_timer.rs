//! Async waits where tokio has no timer: outside of any runtime, and in a runtime without time.

use std::future::{Future, pending};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use resilience::{
    Bulkhead, BulkheadPolicy, Pipeline, RateLimitPolicy, RateLimiter, RetryPolicy, hedge, retry, timeout,
    with_timeout,
};

use crate::support::{Fault, Runs, ms};

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Runs a future on this thread, and nothing else.
fn block_on<F: Future>(future: F) -> F::Output {
    let (mut future, waker) = (pin!(future), Waker::from(Arc::new(Unpark(thread::current()))));
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        thread::park();
    }
}

/// Runs a future in both places.
fn without_a_timer<T>(call: impl AsyncFn() -> T) -> [T; 2] {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    [block_on(call()), runtime.block_on(call())]
}

#[test]
fn retries_timeouts_and_hedges_wait_by_a_thread() {
    #[retry(max_attempts = 3, base_delay = "2ms")]
    async fn retried(runs: &Runs) -> Result<u32, Fault> {
        if runs.hit() == 1 { Err(Fault::Fatal) } else { Ok(runs.count()) }
    }
    #[timeout("2ms")]
    async fn hangs() -> Result<u32, Fault> {
        pending().await
    }
    #[hedge(after = "2ms")]
    async fn hedged(runs: &Runs) -> Result<u32, Fault> {
        if runs.hit() == 1 { pending().await } else { Ok(runs.count()) }
    }
    assert_eq!(without_a_timer(async || retried(&Runs::new()).await), [Ok(2), Ok(2)]);
    assert_eq!(without_a_timer(async || hedged(&Runs::new()).await), [Ok(2), Ok(2)]);
    for late in without_a_timer(hangs) {
        assert!(late.unwrap_err().refusal().is_timed_out());
    }
    for late in without_a_timer(async || with_timeout(ms(2), pending::<()>()).await) {
        assert!(late.unwrap_err().is_timed_out());
    }
    let policy = RetryPolicy::new().max_attempts(2).base_delay(ms(2));
    let pipeline: Pipeline<u32, Fault> =
        Pipeline::builder().name("no timer").timeout(ms(2_000)).retry(policy).build().unwrap();
    for result in without_a_timer(async || pipeline.call_async(async || Err(Fault::Fatal)).await) {
        assert_eq!(result, Err(Fault::Fatal));
    }
}

#[test]
fn queues_wait_by_a_thread() {
    let slots = Bulkhead::new("no timer", BulkheadPolicy::new(1)).unwrap();
    let _slot = slots.try_acquire().unwrap();
    for full in without_a_timer(async || slots.acquire_async(ms(2)).await.map(drop)) {
        assert!(full.unwrap_err().is_bulkhead_full());
    }
    let policy = RateLimitPolicy::new().rate(500).burst(1).max_wait(Duration::from_secs(10));
    let limiter = RateLimiter::new("no timer", policy).unwrap();
    limiter.try_acquire(1).unwrap();
    for admitted in without_a_timer(async || limiter.acquire_async(1).await.map(drop)) {
        admitted.unwrap();
    }
}

#[test]
fn many_waits_share_the_thread_and_all_end() {
    let ended = std::sync::Mutex::new(Vec::new());
    thread::scope(|scope| {
        for wait in [30_u64, 10, 20] {
            let ended = &ended;
            scope.spawn(move || {
                block_on(with_timeout(ms(wait), pending::<()>())).unwrap_err();
                ended.lock().unwrap().push(wait);
            });
        }
    });
    let mut all = ended.into_inner().unwrap();
    all.sort_unstable();
    assert_eq!(all, [10, 20, 30]);
}
