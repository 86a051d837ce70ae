//! Waits that take no time.

use resilience::testing::{self, ManualClock};
use resilience::{CircuitState, bulkhead, circuit_breaker, get_circuit_breaker, rate_limit, retry, timeout};
use tokio::time::sleep;

use crate::support::{Fault, Log, Runs, ms, secs, timed};

#[test]
fn the_delays_of_a_sync_retry_take_no_time_and_are_told() {
    #[retry(max_attempts = 4, base_delay = "60s", max_delay = "1h", jitter = "none")]
    fn call(runs: &Runs) -> Result<u32, Fault> {
        runs.fail()
    }
    let (instant, runs) = (testing::instant(), Runs::new());
    let start = std::time::Instant::now();
    call(&runs).unwrap_err();
    assert!(start.elapsed() < secs(60));
    assert_eq!(instant.waits(), [secs(60), secs(120), secs(240)]);
    assert_eq!((instant.total(), runs.count()), (secs(420), 4));
}

#[tokio::test(start_paused = true)]
async fn the_delays_of_an_async_retry_take_no_time_and_are_told() {
    #[retry(max_attempts = 3, base_delay = "60s", jitter = "none", max_delay = "1h")]
    async fn call(runs: &Runs) -> Result<u32, Fault> {
        runs.fail()
    }
    let (instant, runs) = (testing::instant(), Runs::new());
    let (result, time) = timed(call(&runs)).await;
    result.unwrap_err();
    assert_eq!((time, runs.count()), (secs(0), 3));
    assert_eq!(instant.waits(), [secs(60), secs(120)]);
}

#[tokio::test(start_paused = true)]
async fn a_hook_is_told_the_delay_that_there_would_have_been() {
    static DELAYS: Log<std::time::Duration> = Log::new();
    #[retry(max_attempts = 2, base_delay = "7s", jitter = "none", on_retry = |event| DELAYS.push(event.delay()))]
    async fn call() -> Result<u32, Fault> {
        Err(Fault::Fatal)
    }
    let _instant = testing::instant();
    call().await.unwrap_err();
    assert_eq!(DELAYS.take(), [secs(7)]);
}

#[tokio::test(start_paused = true)]
async fn waits_use_up_the_time_that_limits_them() {
    #[retry(max_attempts = unlimited, max_elapsed = "10s", backoff = "constant", base_delay = "3s", jitter = "none")]
    async fn call(runs: &Runs) -> Result<u32, Fault> {
        runs.fail()
    }
    let (_instant, runs) = (testing::instant(), Runs::new());
    call(&runs).await.unwrap_err();
    assert_eq!(runs.count(), 4, "at 0, 3, 6 and 9 seconds");
}

#[tokio::test(start_paused = true)]
async fn a_circuit_that_was_waited_for_is_half_open() {
    #[retry(max_attempts = 2, base_delay = "1s", jitter = "none", rejected(circuit_open))]
    #[circuit_breaker(
        name = "instant: waited for",
        failure_threshold = 1,
        reset_timeout = "30s",
        half_open_max_calls = 1
    )]
    async fn call(runs: &Runs) -> Result<u32, Fault> {
        runs.works_at(2)
    }
    let (instant, runs) = (testing::instant(), Runs::new());
    assert_eq!(call(&runs).await, Ok(2));
    assert_eq!(instant.waits(), [secs(1), secs(29)]);
    let breaker = get_circuit_breaker("instant: waited for").expect("declared above");
    assert_eq!(breaker.state(), CircuitState::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_place_in_line_that_is_not_granted_at_once_is_given_up_at_once() {
    #[bulkhead(max_concurrent = 1, max_wait = "10s")]
    async fn call() -> Result<u32, Fault> {
        sleep(ms(1)).await;
        Ok(1)
    }
    let instant = testing::instant();
    let ((first, second), time) = timed(async { tokio::join!(call(), call()) }).await;
    assert_eq!(first, Ok(1));
    assert!(second.unwrap_err().refusal().is_bulkhead_full());
    assert_eq!((time, instant.waits()), (ms(1), vec![secs(10)]));
}

#[test]
fn a_blocking_place_in_line_is_given_up_at_once() {
    #[bulkhead(name = "instant: blocking", max_concurrent = 1, max_wait = "1h")]
    fn call() -> Result<u32, Fault> {
        Ok(1)
    }
    let bulkhead = resilience::get_bulkhead("instant: blocking").expect("declared above");
    let _slot = bulkhead.try_acquire().unwrap();
    let instant = testing::instant();
    assert!(call().unwrap_err().refusal().is_bulkhead_full());
    assert_eq!(instant.waits(), [secs(3600)]);
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_has_to_be_waited_for_comes_at_once() {
    #[rate_limit(rate = 1, per = "1m", max_wait = "1h")]
    async fn turn() -> Result<u32, Fault> {
        Ok(1)
    }
    let instant = testing::instant();
    for _ in 0..3 {
        assert_eq!(timed(turn()).await, (Ok(1), secs(0)));
    }
    assert_eq!(instant.waits(), [secs(60), secs(60)]);
}

#[tokio::test(start_paused = true)]
async fn a_limit_is_no_wait() {
    #[timeout("5s")]
    async fn call(takes: std::time::Duration) -> Result<u32, Fault> {
        sleep(takes).await;
        Ok(1)
    }
    let _instant = testing::instant();
    assert_eq!(timed(call(secs(4))).await, (Ok(1), secs(4)));
    let (late, time) = timed(call(secs(6))).await;
    assert!(late.unwrap_err().refusal().is_timed_out());
    assert_eq!(time, secs(5));
}

#[tokio::test(start_paused = true)]
async fn waits_bring_the_end_of_a_timeout_nearer() {
    #[timeout("9s")]
    #[retry(max_attempts = 3, backoff = "constant", base_delay = "2s", jitter = "none")]
    async fn call(runs: &Runs) -> Result<u32, Fault> {
        sleep(secs(2)).await;
        runs.fail()
    }
    let (instant, runs) = (testing::instant(), Runs::new());
    let (late, time) = timed(call(&runs)).await;
    // It has failed at 2 and at 6 seconds, and is half-way through the last attempt at 9.
    assert!(late.unwrap_err().refusal().is_timed_out());
    assert_eq!((time, runs.count(), instant.total()), (secs(5), 2, secs(4)));
}

#[tokio::test(start_paused = true)]
async fn waits_take_their_time_again_after_the_guard() {
    #[retry(max_attempts = 2, base_delay = "9s", jitter = "none")]
    async fn call() -> Result<u32, Fault> {
        Err(Fault::Fatal)
    }
    {
        let _instant = testing::instant();
        assert_eq!(timed(call()).await.1, secs(0));
    }
    assert_eq!(timed(call()).await.1, secs(9));
}

#[test]
fn above_a_manual_clock_time_passes_by_waits_alone() {
    #[retry(max_attempts = 2, base_delay = "9s", jitter = "none")]
    fn call() -> Result<u32, Fault> {
        Err(Fault::Fatal)
    }
    let clock = ManualClock::install();
    {
        let instant = testing::instant();
        call().unwrap_err();
        assert_eq!((instant.total(), clock.elapsed()), (secs(9), secs(0)));
    }
    call().unwrap_err();
    assert_eq!((clock.elapsed(), clock.waits()), (secs(9), vec![secs(9)]));
}

#[test]
fn guards_may_end_in_any_order() {
    #[retry(max_attempts = 2, base_delay = "9s", jitter = "none")]
    fn call() -> Result<u32, Fault> {
        Err(Fault::Fatal)
    }
    let (clock, instant) = (ManualClock::install(), testing::instant());
    drop(clock);
    call().unwrap_err();
    assert_eq!(instant.total(), secs(9));
}

#[test]
fn detached_bodies_have_it_too() {
    #[timeout("1h")]
    #[retry(max_attempts = 3, base_delay = "10s", jitter = "none")]
    fn call() -> Result<u32, Fault> {
        Err(Fault::Fatal)
    }
    let instant = testing::instant();
    assert_eq!(call(), Err(Fault::Fatal));
    assert_eq!(instant.waits(), [secs(10), secs(20)]);
}
