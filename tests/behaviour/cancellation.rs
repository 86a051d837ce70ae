//! A future that is dropped at any await point leaves nothing behind: no slot, no place in a line, no trial.

use std::sync::Arc;

use resilience::{
    Bulkhead, CircuitBreaker, CircuitState, bulkhead, circuit_breaker, fallback, get_bulkhead,
    get_circuit_breaker, retry, timeout,
};
use tokio::task::yield_now;

use crate::support::{Fault, Runs, ms, named_here, poll_times, secs};

/// More polls than any of the futures here takes to its end.
const ENOUGH: usize = 200;

/// Three await points of its own kind, then a failure or a success.
async fn body(runs: &Runs, works_at: u32) -> Result<u32, Fault> {
    let result = runs.works_at(works_at);
    yield_now().await;
    tokio::time::sleep(ms(5)).await;
    yield_now().await;
    result
}

fn breaker(name: &str) -> CircuitBreaker {
    get_circuit_breaker(name).unwrap_or_else(|| panic!("no breaker `{name}`"))
}

fn slots(name: &str) -> Bulkhead {
    get_bulkhead(name).unwrap_or_else(|| panic!("no bulkhead `{name}`"))
}

#[fallback(|_| { yield_now().await; yield_now().await; Ok(1_000) })]
#[timeout("1h")]
#[retry(max_attempts = 3, base_delay = "10ms", jitter = "none")]
#[circuit_breaker(failure_threshold = 1_000, reset_timeout = "10s", half_open_max_calls = 1)]
#[bulkhead(max_concurrent = 1, max_wait = "1m")]
#[timeout("1m")]
async fn stacked(runs: &Runs, works_at: u32) -> Result<u32, Fault> {
    body(runs, works_at).await
}

#[tokio::test(start_paused = true)]
async fn the_whole_stack_can_be_dropped_at_every_await_point() {
    let (breaker, bulkhead) = (breaker(named_here!(stacked)), slots(named_here!(stacked)));
    let mut dropped = 0;
    let mut finished = 0;
    for polls in 1..=ENOUGH {
        let runs = Runs::new();
        let result = poll_times(polls, stacked(&runs, 9)).await;
        let ran = runs.count();
        assert!(ran <= 3, "{polls}");
        match result {
            None => dropped += 1,
            Some(result) => {
                finished += 1;
                assert_eq!((result, ran), (Ok(1_000), 3), "{polls}");
            }
        }
        assert_eq!((bulkhead.available_slots(), bulkhead.queued()), (1, 0), "{polls}");
        tokio::time::advance(secs(7_200)).await;
        yield_now().await;
        assert_eq!(runs.count(), ran, "nothing goes on after the drop: {polls}");
    }
    assert!(dropped >= 3 * 3 + 2 + 2, "{dropped}");
    assert!(finished > 0);
    assert_eq!(breaker.state(), CircuitState::Closed);
    // And the next call finds everything as if nothing had been.
    breaker.reset();
    assert_eq!(stacked(&Runs::new(), 2).await, Ok(2));
}

#[tokio::test(start_paused = true)]
async fn a_trial_can_be_dropped_at_every_await_point_and_frees_its_place() {
    #[circuit_breaker(failure_threshold = 1, reset_timeout = "10s", half_open_max_calls = 1)]
    #[timeout("1m")]
    async fn trial(runs: &Runs) -> Result<u32, Fault> {
        body(runs, 1).await
    }
    let breaker = breaker(named_here!(trial));
    let mut dropped = 0;
    for polls in 1..=20 {
        breaker.reset();
        breaker.try_acquire().unwrap().failure();
        tokio::time::advance(secs(10)).await;
        assert_eq!(breaker.state(), CircuitState::HalfOpen);
        let runs = Runs::new();
        if poll_times(polls, trial(&runs)).await.is_some() {
            assert_eq!(breaker.state(), CircuitState::Closed, "{polls}");
            continue;
        }
        dropped += 1;
        assert_eq!((breaker.state(), runs.count()), (CircuitState::HalfOpen, 1), "{polls}");
        assert_eq!(trial(&Runs::new()).await, Ok(1), "{polls}");
        assert_eq!(breaker.state(), CircuitState::Closed, "{polls}");
    }
    assert_eq!(dropped, 3);
}

#[tokio::test(start_paused = true)]
async fn a_waiting_call_can_be_dropped_at_every_poll_and_leaves_the_line() {
    #[bulkhead(max_concurrent = 1, max_wait = "1h")]
    async fn queued(runs: Arc<Runs>) -> Result<u32, Fault> {
        body(&runs, 1).await
    }
    let bulkhead = slots(named_here!(queued));
    for polls in 1..=10 {
        let slot = bulkhead.try_acquire().unwrap();
        let (ahead, behind) = (Arc::new(Runs::new()), Arc::new(Runs::new()));
        let second = tokio::spawn(poll_times(polls, queued(Arc::clone(&ahead))));
        yield_now().await;
        let third = tokio::spawn(queued(Arc::clone(&behind)));
        yield_now().await;
        drop(slot);
        let second = second.await.unwrap();
        assert_eq!(third.await.unwrap(), Ok(1), "{polls}");
        assert_eq!(second.is_some(), polls > 4, "{polls}");
        assert!(ahead.count() <= 1, "{polls}");
        assert_eq!(behind.count(), 1, "{polls}");
        assert_eq!((bulkhead.available_slots(), bulkhead.queued()), (1, 0), "{polls}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_retry_can_be_dropped_in_each_wait_and_runs_no_body_after_it() {
    #[retry(max_attempts = 4, backoff = "constant", base_delay = "1s", jitter = "none")]
    async fn call(runs: &Runs) -> Result<u32, Fault> {
        runs.fail()
    }
    for waits in 0..=3_u32 {
        let runs = Runs::new();
        let patience = secs(u64::from(waits)) + ms(500);
        let result = tokio::time::timeout(patience, call(&runs)).await;
        assert_eq!(result.is_ok(), waits == 3);
        tokio::time::advance(secs(60)).await;
        assert_eq!(runs.count(), waits + 1);
    }
}

#[tokio::test(start_paused = true)]
async fn aborted_tasks_leave_everything_free() {
    #[retry(max_attempts = 3, base_delay = "1s")]
    #[circuit_breaker]
    #[bulkhead(max_concurrent = 3, max_wait = "1h")]
    #[timeout("1h")]
    async fn spawned(runs: Arc<Runs>) -> Result<u32, Fault> {
        runs.hit();
        std::future::pending().await
    }
    let (breaker, bulkhead) = (breaker(named_here!(spawned)), slots(named_here!(spawned)));
    let runs = Arc::new(Runs::new());
    let tasks: Vec<_> = (0..10).map(|_| tokio::spawn(spawned(Arc::clone(&runs)))).collect();
    tokio::time::sleep(ms(1)).await;
    assert_eq!((runs.count(), bulkhead.active_calls(), bulkhead.queued()), (3, 3, 7));
    for task in &tasks {
        task.abort();
    }
    for task in tasks {
        assert!(task.await.unwrap_err().is_cancelled());
    }
    assert_eq!((bulkhead.active_calls(), bulkhead.queued()), (0, 0));
    let metrics = breaker.metrics();
    assert_eq!((metrics.success, metrics.failure, metrics.ignored), (0, 0, 0));
    assert_eq!(Arc::strong_count(&runs), 1);
}

#[tokio::test(start_paused = true)]
async fn a_future_that_is_never_polled_takes_nothing() {
    #[circuit_breaker]
    #[bulkhead(max_concurrent = 1)]
    async fn unpolled(runs: &Runs) -> Result<u32, Fault> {
        Ok(runs.hit())
    }
    let (runs, bulkhead) = (Runs::new(), slots(named_here!(unpolled)));
    let futures = [unpolled(&runs), unpolled(&runs)];
    assert_eq!(bulkhead.available_slots(), 1);
    drop(futures);
    assert_eq!(runs.count(), 0);
}
