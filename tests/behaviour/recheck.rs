//! A call that waits in a queue inside of a circuit breaker looks at the circuit again when it leaves the queue.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use resilience::{
    Bulkhead, BulkheadPolicy, CircuitBreaker, CircuitBreakerPolicy, CircuitState, Pipeline, RateLimitPolicy,
    RateLimiter, bulkhead, circuit_breaker, get_bulkhead, get_circuit_breaker, rate_limit, resilient, retry,
    timeout,
};

use crate::support::{Fault, ms, secs};

/// A service that is down: each call of it takes a while, and fails.
#[derive(Default)]
struct Dead(AtomicU32);

impl Dead {
    async fn ask(&self) -> Result<u32, Fault> {
        self.0.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(ms(100)).await;
        Err(Fault::Fatal)
    }

    fn calls(&self) -> u32 {
        self.0.load(Ordering::SeqCst)
    }
}

#[circuit_breaker(name = "recheck: slots", failure_threshold = 5)]
#[bulkhead(name = "recheck: slots", max_concurrent = 5, max_wait = "10s")]
async fn in_slots(service: Arc<Dead>) -> Result<u32, Fault> {
    service.ask().await
}

#[retry(max_attempts = 2, base_delay = "1ms", jitter = "none")]
#[circuit_breaker(name = "recheck: retried", failure_threshold = 5)]
#[bulkhead(max_concurrent = 5, max_wait = "10s")]
#[timeout("1s")]
async fn retried(service: Arc<Dead>) -> Result<u32, Fault> {
    service.ask().await
}

#[circuit_breaker(name = "recheck: keyed", key = key, failure_threshold = 5)]
#[bulkhead(name = "recheck: keyed", key = key, max_concurrent = 5, max_wait = "10s")]
async fn keyed(service: Arc<Dead>, key: u32) -> Result<u32, Fault> {
    let _ = key;
    service.ask().await
}

#[circuit_breaker(name = "recheck: rate", failure_threshold = 5)]
#[rate_limit(rate = 50, burst = 5, max_wait = "10s")]
async fn in_turn(service: Arc<Dead>) -> Result<u32, Fault> {
    service.ask().await
}

/// Makes 200 calls at once, and says how many were rejected by the breaker.
async fn storm<F: Future<Output = Result<u32, Fault>> + Send + 'static>(
    call: impl Fn(Arc<Dead>) -> F,
) -> (u32, u32, Duration) {
    let (service, start) = (Arc::new(Dead::default()), tokio::time::Instant::now());
    let tasks: Vec<_> = (0..200).map(|_| tokio::spawn(call(Arc::clone(&service)))).collect();
    let mut rejected = 0;
    for task in tasks {
        if let Err(Fault::Refused(rejection)) = task.await.unwrap() {
            assert!(rejection.is_circuit_open(), "{rejection}");
            assert!(rejection.retry_after().is_some());
            rejected += 1;
        }
    }
    (service.calls(), rejected, start.elapsed())
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_does_not_reach_a_dead_service() {
    // Those that had begun when the circuit opened, and nothing after them.
    assert_eq!(storm(in_slots).await, (5, 195, ms(100)));
    let breaker = get_circuit_breaker("recheck: slots").unwrap();
    assert_eq!((breaker.metrics().failure, breaker.metrics().rejected), (5, 195));
    let slots = get_bulkhead("recheck: slots").unwrap();
    assert_eq!((slots.queued(), slots.available_slots()), (0, 5));
    let (calls, rejected, _) = storm(|service| keyed(service, 7)).await;
    assert_eq!((calls, rejected), (5, 195));
    // Second attempts are rejected too, and an open circuit isn't retried.
    assert_eq!(storm(retried).await, (5, 200, ms(101)));
}

#[tokio::test(start_paused = true)]
async fn a_queue_of_a_rate_limit_does_not_reach_a_dead_service() {
    // Turns come every 20 ms, and the first five calls fail after 100.
    let (calls, rejected, _) = storm(in_turn).await;
    assert!(calls <= 10 && calls + rejected == 200, "{calls} calls, {rejected} rejected");
}

fn pipeline(name: &'static str, is_limited: bool) -> Pipeline<u32, Fault> {
    let breaker = CircuitBreaker::new(name, CircuitBreakerPolicy::new().failure_threshold(5)).unwrap();
    let builder = Pipeline::builder().name(name).circuit_breaker(breaker);
    if is_limited {
        let limit = RateLimitPolicy::new().rate(50).burst(5).max_wait(secs(10));
        builder.rate_limit(RateLimiter::new(name, limit).unwrap()).build().unwrap()
    } else {
        let slots = Bulkhead::new(name, BulkheadPolicy::new(5).max_wait(secs(10))).unwrap();
        builder.bulkhead(slots).build().unwrap()
    }
}

static PIPELINE: std::sync::LazyLock<Pipeline<u32, Fault>> =
    std::sync::LazyLock::new(|| pipeline("recheck: resilient", false));

#[resilient(PIPELINE)]
async fn by_pipeline(service: Arc<Dead>) -> Result<u32, Fault> {
    service.ask().await
}

#[tokio::test(start_paused = true)]
async fn pipelines_do_not_reach_a_dead_service_either() {
    for (is_limited, most) in [(false, 5), (true, 10)] {
        let pipeline = Arc::new(pipeline("recheck: pipeline", is_limited));
        let (calls, rejected, _) = storm(|service| {
            let pipeline = Arc::clone(&pipeline);
            async move { pipeline.call_async(|| service.ask()).await }
        })
        .await;
        assert!(calls <= most && calls + rejected == 200, "{calls} calls, {rejected} rejected");
    }
    assert_eq!(storm(by_pipeline).await, (5, 195, ms(100)));
}

/// Calls a body, which may run on several threads.
type Call<'a> = &'a (dyn Fn(&(dyn Fn() -> Result<u32, Fault> + Sync)) -> Result<u32, Fault> + Sync);

#[test]
fn sync_calls_do_not_reach_a_dead_service_from_a_queue() {
    use std::sync::mpsc::channel;

    #[circuit_breaker(name = "recheck: sync", failure_threshold = 1)]
    #[bulkhead(name = "recheck: sync", max_concurrent = 1, max_wait = "1h")]
    fn call(body: impl Fn() -> Result<u32, Fault>) -> Result<u32, Fault> {
        body()
    }
    let breaker = CircuitBreaker::new("b", CircuitBreakerPolicy::new().failure_threshold(1)).unwrap();
    let slots = Bulkhead::new("b", BulkheadPolicy::new(1).max_wait(secs(3600))).unwrap();
    let by_pipeline: Pipeline<u32, Fault> =
        Pipeline::builder().circuit_breaker(breaker.clone()).bulkhead(slots.clone()).build().unwrap();
    let own_slots = get_bulkhead("recheck: sync").unwrap();
    let own_breaker = get_circuit_breaker("recheck: sync").unwrap();
    let calls: [(Call<'_>, &Bulkhead, &CircuitBreaker); 2] =
        [(&|body| call(body), &own_slots, &own_breaker), (&|body| by_pipeline.call(body), &slots, &breaker)];
    for (call, slots, breaker) in calls {
        let (ran, (go, may_go)) = (AtomicU32::new(0), channel::<()>());
        let may_go = std::sync::Mutex::new(may_go);
        let body = || {
            if ran.fetch_add(1, Ordering::SeqCst) == 0 {
                may_go.lock().unwrap().recv().unwrap_err();
            }
            // A thread that gets the slot just before the first failure counts is let through.
            while ran.load(Ordering::SeqCst) > 1 && breaker.state() != CircuitState::Open {
                std::thread::yield_now();
            }
            Err(Fault::Fatal)
        };
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| call(&body))).collect();
            while slots.queued() < 7 {
                std::thread::yield_now();
            }
            drop(go);
            let results: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
            let rejected = results.iter().filter(
                |result| matches!(result, Err(Fault::Refused(rejection)) if rejection.is_circuit_open()),
            );
            let (rejected, ran) = (rejected.count(), ran.load(Ordering::SeqCst));
            assert!(ran <= 2 && rejected == 8 - ran as usize, "{ran} ran, {rejected} rejected");
        });
        assert_eq!(slots.available_slots(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_leaves_a_queue_while_trials_run_is_rejected_and_one_after_a_reset_is_made() {
    #[circuit_breaker(name = "recheck: trials", failure_threshold = 1, reset_timeout = "1s")]
    #[bulkhead(name = "recheck: trials", max_concurrent = 1, max_wait = "1h")]
    async fn call() -> Result<u32, Fault> {
        Ok(1)
    }
    let (breaker, slots) =
        (get_circuit_breaker("recheck: trials").unwrap(), get_bulkhead("recheck: trials").unwrap());
    let queued = || async {
        let slot = slots.try_acquire().unwrap();
        let task = tokio::spawn(call());
        tokio::task::yield_now().await;
        assert_eq!(slots.queued(), 1);
        (slot, task)
    };
    let (slot, waiting) = queued().await;
    breaker.try_acquire().unwrap().failure();
    tokio::time::advance(secs(1)).await;
    let trial = breaker.try_acquire().unwrap();
    drop(slot);
    let rejection = waiting.await.unwrap().unwrap_err().refusal();
    assert!(rejection.is_circuit_open() && rejection.retry_after().is_none());
    drop(trial);
    breaker.reset();
    let (slot, waiting) = queued().await;
    breaker.force_open();
    breaker.reset();
    drop(slot);
    assert_eq!(waiting.await.unwrap(), Ok(1));
    assert_eq!((breaker.state(), slots.available_slots()), (CircuitState::Closed, 1));
}
