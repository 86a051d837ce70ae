//! What has gone wrong in other libraries of this kind, each named after how it shows. None of it may happen here.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use resilience::{
    Backoff, Bulkhead, BulkheadPolicy, CircuitBreaker, CircuitBreakerPolicy, CircuitState, Error, Jitter,
    RateLimitPolicy, RateLimiter, RetryPolicy, bulkhead, circuit_breaker, fallback, get_bulkhead,
    get_circuit_breaker, get_circuit_breaker_for, get_circuit_breakers, get_rate_limiter, rate_limit, retry,
    timeout,
};
use tokio::time::advance;

use crate::support::{Fault, Log, Runs, ms, panic_of, poll_now, secs, timed};

const QUICK: CircuitBreakerPolicy =
    CircuitBreakerPolicy::new().failure_threshold(1).reset_timeout(secs(10)).half_open_max_calls(1);

fn tripped(policy: CircuitBreakerPolicy) -> CircuitBreaker {
    tripped_of("field", policy)
}

fn tripped_of(name: &str, policy: CircuitBreakerPolicy) -> CircuitBreaker {
    let breaker = CircuitBreaker::new(name.to_owned(), policy).unwrap();
    breaker.try_acquire().unwrap().failure();
    assert_eq!(breaker.state(), CircuitState::Open);
    breaker
}

/// Row 1.
#[tokio::test(start_paused = true)]
async fn a_cancelled_trial_wedges_the_breaker() {
    let breaker = tripped(QUICK);
    advance(secs(10)).await;
    let trial = breaker.clone();
    let mut hanging = Box::pin(trial.call_async(async || std::future::pending::<Result<(), Error>>().await));
    assert!(poll_now(hanging.as_mut()).is_pending());
    drop(hanging);
    for _ in 0..100 {
        assert_eq!(breaker.call(|| Ok::<_, Error>(1)), Ok(1));
    }
    assert_eq!(breaker.state(), CircuitState::Closed);
}

/// Row 2.
#[tokio::test(start_paused = true)]
async fn a_panicking_trial_wedges_the_breaker() {
    let breaker = tripped(QUICK);
    advance(secs(10)).await;
    assert_eq!(panic_of(|| breaker.call(|| -> Result<(), Error> { panic!("trial") })), "trial");
    assert_eq!(breaker.state(), CircuitState::Open);
    advance(secs(10)).await;
    for _ in 0..100 {
        assert_eq!(breaker.call(|| Ok::<_, Error>(1)), Ok(1));
    }
    assert_eq!(breaker.state(), CircuitState::Closed);
}

/// Row 3.
#[tokio::test(start_paused = true)]
async fn a_trial_that_another_policy_refuses_is_never_recorded() {
    #[circuit_breaker(name = "row 3", policy = QUICK)]
    #[rate_limit(name = "row 3", rate = 1_000, per = "1h")]
    #[bulkhead(name = "row 3", max_concurrent = 1)]
    #[timeout("1s")]
    async fn call(hang: bool) -> Result<u32, Fault> {
        if hang { std::future::pending().await } else { Ok(1) }
    }
    let (breaker, bulkhead) = (get_circuit_breaker("row 3").unwrap(), get_bulkhead("row 3").unwrap());
    let limiter = get_rate_limiter("row 3").unwrap();
    assert!(call(true).await.unwrap_err().refusal().is_timed_out());
    assert_eq!(breaker.state(), CircuitState::Open, "timeouts open it");
    advance(secs(10)).await;
    let slot = bulkhead.try_acquire().unwrap();
    for _ in 0..100 {
        assert!(call(false).await.unwrap_err().refusal().is_bulkhead_full());
    }
    drop(slot);
    limiter.try_acquire(limiter.available()).unwrap();
    for _ in 0..100 {
        assert!(call(false).await.unwrap_err().refusal().is_rate_limited());
    }
    limiter.reconfigure(limiter.policy().burst(2_000)).unwrap();
    assert_eq!(breaker.state(), CircuitState::HalfOpen);
    assert!(call(true).await.unwrap_err().refusal().is_timed_out());
    assert_eq!(breaker.state(), CircuitState::Open, "a trial that times out fails");
    advance(secs(10)).await;
    for _ in 0..100 {
        assert_eq!(call(false).await, Ok(1));
    }
    assert_eq!(breaker.state(), CircuitState::Closed);
}

/// Row 4.
#[test]
fn settings_that_can_never_close_are_accepted() {
    let policy = CircuitBreakerPolicy::new().half_open_max_calls(2).success_threshold(3);
    assert_eq!(policy.validate().unwrap_err().setting(), "success_threshold");
    assert!(CircuitBreaker::new("never closes", policy).is_err());
}

/// Rows 5 and 6.
#[tokio::test(start_paused = true)]
async fn more_trials_are_let_in_than_there_may_be() {
    for bound in [1, 2, 3, 7] {
        let breaker = tripped(QUICK.half_open_max_calls(bound));
        advance(secs(10)).await;
        let permits: Vec<_> = (0..100).filter_map(|_| breaker.try_acquire().ok()).collect();
        assert_eq!(permits.len(), bound as usize);
    }
}

/// Row 5, where threads meet, all on the paused clock of one runtime. They begin at one turn of a word, so that some of
/// them are at the edge at once.
#[tokio::test(start_paused = true)]
async fn threads_at_the_edge_get_one_trial_too_many() {
    let runtime = tokio::runtime::Handle::current();
    for bound in (1..=2).cycle().take(400) {
        let breaker = tripped(QUICK.half_open_max_calls(bound));
        advance(secs(10)).await;
        let (admitted, waiting) = (Log::new(), AtomicU32::new(4));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let _clock = runtime.enter();
                    waiting.fetch_sub(1, Ordering::SeqCst);
                    while waiting.load(Ordering::SeqCst) > 0 {
                        std::thread::yield_now();
                    }
                    for _ in 0..3 {
                        if let Ok(permit) = breaker.try_acquire() {
                            admitted.push(permit);
                        }
                    }
                });
            }
        });
        let permits = admitted.take();
        assert_eq!((permits.len(), breaker.metrics().rejected), (bound as usize, 12 - u64::from(bound)));
        drop(permits);
        let again: Vec<_> = (0..5).filter_map(|_| breaker.try_acquire().ok()).collect();
        assert_eq!(again.len(), bound as usize, "no count went below zero");
    }
}

/// Row 5, at the other edge: of threads that fail at once, one opens the circuit.
#[test]
fn threads_that_fail_at_once_open_the_circuit_twice() {
    for _ in 0..100 {
        let breaker = CircuitBreaker::new("edge", QUICK).unwrap();
        let barrier = std::sync::Barrier::new(4);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let permit = breaker.try_acquire().unwrap();
                    barrier.wait();
                    permit.failure();
                });
            }
        });
        let metrics = breaker.metrics();
        assert_eq!((metrics.failure, metrics.state_changes.len()), (4, 1));
        assert_eq!((breaker.state(), breaker.failure_count()), (CircuitState::Open, 0));
    }
}

/// Row 7.
#[tokio::test(start_paused = true)]
async fn the_first_call_after_the_open_time_deadlocks_itself() {
    let breaker = tripped(QUICK);
    let inner = breaker.clone();
    advance(secs(10)).await;
    let seen = breaker.call(|| Ok::<_, Error>((inner.state(), inner.metrics().state_changes.len())));
    assert_eq!(seen, Ok((CircuitState::HalfOpen, 2)));
}

/// Row 8.
#[tokio::test(start_paused = true)]
async fn half_open_ignores_the_results_of_its_trials() {
    let breaker = tripped(QUICK);
    for _ in 0..50 {
        advance(secs(10)).await;
        breaker.try_acquire().unwrap().failure();
        assert_eq!(breaker.state(), CircuitState::Open);
        assert!(breaker.try_acquire().is_err());
    }
    assert_eq!(breaker.metrics().failure, 51);
}

/// Row 9.
#[test]
fn a_window_of_calls_never_slides() {
    #[circuit_breaker(name = "row 9", failure_rate = 0.5, window = 100)]
    fn call(run: u32) -> Result<u32, Fault> {
        if run < 10_000 { Ok(run) } else { Err(Fault::Transient(run)) }
    }
    let breaker = get_circuit_breaker("row 9").unwrap();
    for run in 0..10_050 {
        assert_eq!(breaker.state(), CircuitState::Closed, "run {run}");
        let _ = call(run);
    }
    assert_eq!(breaker.state(), CircuitState::Open);
}

/// Row 10.
#[tokio::test(start_paused = true)]
async fn a_window_of_time_forgets_the_trials_that_would_close_the_circuit() {
    #[circuit_breaker(
        name = "row 10",
        failure_rate = 0.5,
        window = "100ms",
        min_calls = 2,
        reset_timeout = "1s"
    )]
    async fn call(works: bool) -> Result<u32, Fault> {
        if works { Ok(1) } else { Err(Fault::Fatal) }
    }
    let breaker = get_circuit_breaker("row 10").unwrap();
    call(false).await.unwrap_err();
    call(false).await.unwrap_err();
    assert_eq!(breaker.state(), CircuitState::Open);
    advance(secs(1)).await;
    for _ in 0..3 {
        assert_eq!(breaker.state(), CircuitState::HalfOpen);
        call(true).await.unwrap();
        advance(ms(60)).await;
    }
    assert_eq!(breaker.state(), CircuitState::Closed);
}

/// Row 11.
#[tokio::test(start_paused = true)]
async fn a_slow_call_from_before_the_trip_decides_about_the_trials() {
    #[circuit_breaker(name = "row 11", policy = QUICK)]
    async fn call(takes: Duration, result: Result<u32, Fault>) -> Result<u32, Fault> {
        tokio::time::sleep(takes).await;
        result
    }
    let breaker = get_circuit_breaker("row 11").unwrap();
    let mut stale_success = Box::pin(call(secs(11), Ok(1)));
    let mut stale_failure = Box::pin(call(secs(12), Err(Fault::Fatal)));
    assert!(poll_now(stale_success.as_mut()).is_pending());
    assert!(poll_now(stale_failure.as_mut()).is_pending());
    call(ms(0), Err(Fault::Fatal)).await.unwrap_err();
    advance(secs(11)).await;
    let mut trial = Box::pin(call(secs(5), Ok(1)));
    assert!(poll_now(trial.as_mut()).is_pending());
    assert_eq!(stale_success.await, Ok(1));
    assert_eq!(breaker.state(), CircuitState::HalfOpen, "a stale success closes nothing");
    assert_eq!(stale_failure.await, Err(Fault::Fatal));
    assert_eq!(breaker.state(), CircuitState::HalfOpen, "a stale failure opens nothing");
    assert_eq!(trial.await, Ok(1));
    assert_eq!(breaker.state(), CircuitState::Closed);
}

/// Row 12.
#[test]
fn panics_never_count() {
    #[circuit_breaker(name = "row 12", failure_threshold = 200)]
    fn call() -> Result<u32, Fault> {
        std::panic::resume_unwind(Box::new(()));
    }
    let breaker = get_circuit_breaker("row 12").unwrap();
    for _ in 0..200 {
        assert_eq!(breaker.state(), CircuitState::Closed);
        assert!(std::panic::catch_unwind(call).is_err());
    }
    assert_eq!((breaker.state(), breaker.metrics().failure), (CircuitState::Open, 200));
}

/// Row 13.
#[tokio::test(start_paused = true)]
async fn a_cancelled_trial_costs_a_whole_cool_down() {
    let breaker = tripped(QUICK);
    advance(secs(10)).await;
    drop(breaker.try_acquire().unwrap());
    assert_eq!(breaker.state(), CircuitState::HalfOpen);
    breaker.try_acquire().unwrap().success();
    assert_eq!(breaker.state(), CircuitState::Closed);
}

/// Row 14.
#[test]
fn memory_grows_with_the_transitions() {
    let breaker = CircuitBreaker::new("transitions", QUICK).unwrap();
    for _ in 0..10_000 {
        breaker.force_open();
        breaker.reset();
    }
    let changes = breaker.metrics().state_changes;
    assert_eq!((changes.len(), changes.capacity()), (32, 32));
    assert_eq!(changes.last().unwrap().to, CircuitState::Closed);
}

/// Row 14. A few bytes for each would pass here: what 100,000 of them leave behind is counted in `benches/`, and has to be
/// none.
#[test]
fn dropped_breakers_stay_in_memory() {
    let alive = Arc::new(());
    for number in 0..10_000 {
        let name = format!("of its own {number}");
        let breaker = tripped_of(&name, QUICK);
        let held = Arc::clone(&alive);
        breaker.subscribe(move |_| drop(Arc::clone(&held))).detach();
        assert!(breaker.try_acquire().is_err());
        assert!(get_circuit_breaker(&name).is_none(), "nothing holds it but its handles");
        assert_eq!(Arc::strong_count(&alive), 2);
        drop(breaker);
        assert_eq!(Arc::strong_count(&alive), 1, "what the breaker held is gone with it");
    }
}

/// Row 15. If a call looked at the whole window, these would look at 4 · 10⁹ results, and no one would wait for
/// the test. Who looked at 64 of them at a time would pass here, and be stopped by the ceilings on what calls in windows
/// of 10, 1,000 and 10⁶ take (`benches/`).
#[test]
fn a_call_takes_as_long_as_the_window_is_wide() {
    #[circuit_breaker(name = "row 15", failure_rate = 1.0, window = 50_000)]
    fn call(run: u32) -> Result<u32, Fault> {
        if run.is_multiple_of(2) { Ok(run) } else { Err(Fault::Transient(run)) }
    }
    for run in 0..100_000 {
        let _ = call(run);
    }
    let metrics = get_circuit_breaker("row 15").unwrap().metrics();
    assert_eq!((metrics.window_calls, metrics.failure_rate), (50_000, Some(0.5)));
}

/// Row 16.
#[tokio::test(start_paused = true)]
async fn a_hint_to_come_back_is_ignored_or_reported_wrongly() {
    #[retry(max_attempts = 3, base_delay = "1ms", max_delay = "2ms", retry_after = |_| Some(ms(1_000)),
        on_retry = |event| log.push((event.attempt(), event.delay())))]
    async fn call(log: &Log<(u32, Duration)>) -> Result<u32, Fault> {
        Err(Fault::Fatal)
    }
    let log = Log::new();
    let (_, elapsed) = timed(call(&log)).await;
    assert_eq!(elapsed, ms(2_000));
    assert_eq!(log.take(), [(1, ms(1_000)), (2, ms(1_000))], "and nothing is told after the last failure");
}

/// Row 17.
#[tokio::test(start_paused = true)]
async fn jitter_exceeds_the_longest_delay() {
    const CAP: Duration = ms(100);
    #[retry(policy = *policy, max_attempts = 600, on_retry = |event| delays.push(event.delay()))]
    async fn call(policy: &RetryPolicy, delays: &Log<Duration>) -> Result<u32, Fault> {
        Err(Fault::Fatal)
    }
    for jitter in [Jitter::Full, Jitter::Equal, Jitter::Decorrelated, Jitter::Factor(1.0)] {
        for backoff in [Backoff::Exponential, Backoff::Fibonacci, Backoff::Linear, Backoff::Constant] {
            let policy = RetryPolicy::new().base_delay(ms(99)).max_delay(CAP).jitter(jitter).backoff(backoff);
            let log = Log::new();
            call(&policy, &log).await.unwrap_err();
            let delays = log.take();
            assert_eq!(delays.len(), 599);
            assert!(delays.iter().all(|delay| *delay <= CAP), "{jitter:?} {backoff:?}");
            assert!(delays.iter().max() > Some(&ms(90)), "{jitter:?} {backoff:?}");
        }
    }
}

/// Row 18.
#[tokio::test(start_paused = true)]
async fn the_longest_durations_overflow() {
    const EDGES: [Duration; 4] =
        [Duration::ZERO, Duration::from_nanos(1), Duration::from_secs(u64::MAX), Duration::MAX];
    #[retry(policy = *policy, max_attempts = 200, max_elapsed = "1h")]
    async fn retried(policy: &RetryPolicy, runs: &Runs) -> Result<u32, Fault> {
        runs.fail()
    }
    for base in EDGES {
        for cap in EDGES {
            for backoff in [Backoff::Exponential, Backoff::Fibonacci, Backoff::Linear, Backoff::Constant] {
                for jitter in
                    [Jitter::None, Jitter::Full, Jitter::Equal, Jitter::Decorrelated, Jitter::Factor(1.0)]
                {
                    let policy =
                        RetryPolicy::new().base_delay(base).max_delay(cap).backoff(backoff).jitter(jitter);
                    let runs = Runs::new();
                    assert_eq!(retried(&policy, &runs).await, Err(Fault::Transient(runs.count())));
                    assert!(runs.count() >= 1);
                    if cap.is_zero() || base.is_zero() {
                        assert_eq!(runs.count(), 200, "{base:?} {cap:?} {backoff:?} {jitter:?}");
                    }
                }
            }
        }
    }
    let breaker = tripped(QUICK.reset_timeout(Duration::MAX));
    advance(secs(1_000_000_000)).await;
    assert_eq!(breaker.state(), CircuitState::Open);
    assert!(breaker.try_acquire().is_err());
}

/// Row 18.
#[tokio::test(start_paused = true)]
async fn a_limit_without_an_end_overflows() {
    #[timeout(Duration::MAX)]
    async fn asynchronous() -> Result<Duration, Fault> {
        tokio::time::sleep(secs(5)).await;
        Ok(resilience::deadline().unwrap().remaining())
    }
    #[timeout(Duration::MAX)]
    fn detached() -> Result<bool, Fault> {
        Ok(resilience::deadline().unwrap().is_expired())
    }
    #[timeout(Duration::MAX, mode = "cooperative")]
    fn cooperative() -> Result<bool, Fault> {
        Ok(resilience::deadline().unwrap().is_expired())
    }
    assert!(asynchronous().await.unwrap() > secs(1_000_000_000));
    assert_eq!((detached(), cooperative()), (Ok(false), Ok(false)));
    let bulkhead = Bulkhead::new("no end", BulkheadPolicy::new(1).max_wait(Duration::MAX)).unwrap();
    let slot = bulkhead.try_acquire().unwrap();
    let mut waiting = Box::pin(bulkhead.acquire_async(secs(3_600)));
    assert!(poll_now(waiting.as_mut()).is_pending());
    drop(slot);
    assert!(poll_now(waiting.as_mut()).is_ready());
}

/// Row 18: a lock that a panic poisons.
#[test]
fn a_panic_poisons_the_policies() {
    #[circuit_breaker(name = "row 18", failure_threshold = 1_000)]
    #[bulkhead(name = "row 18", max_concurrent = 2)]
    fn call(fail: bool) -> Result<u32, Fault> {
        assert!(!fail, "asked to");
        Ok(1)
    }
    for _ in 0..10 {
        assert_eq!(panic_of(|| call(true)), "asked to");
        assert_eq!(call(false), Ok(1));
    }
    assert_eq!(get_circuit_breaker("row 18").unwrap().metrics().failure, 10);
    assert_eq!(get_bulkhead("row 18").unwrap().available_slots(), 2);
}

/// Row 19.
#[tokio::test(start_paused = true)]
async fn the_total_limit_counts_the_waits_only() {
    #[retry(max_attempts = 100, max_elapsed = "5ms", base_delay = "0s")]
    async fn call(runs: &Runs) -> Result<u32, Fault> {
        tokio::time::sleep(ms(300)).await;
        runs.fail()
    }
    assert_eq!(timed(call(&Runs::new())).await, (Err(Fault::Transient(1)), ms(300)));
}

/// Row 20.
#[test]
fn a_zero_makes_it_loop_for_ever() {
    #[retry(policy = *policy, max_attempts = 50)]
    fn call(policy: &RetryPolicy, runs: &Runs) -> Result<u32, Fault> {
        runs.fail()
    }
    let zero = RetryPolicy::new().base_delay(Duration::ZERO).max_delay(Duration::ZERO);
    for backoff in [Backoff::Exponential, Backoff::Fibonacci, Backoff::Linear, Backoff::Constant] {
        for jitter in [Jitter::None, Jitter::Full, Jitter::Equal, Jitter::Decorrelated, Jitter::Factor(0.0)] {
            assert_eq!(call(&zero.backoff(backoff).jitter(jitter), &Runs::new()), Err(Fault::Transient(50)));
        }
    }
    assert!(QUICK.reset_timeout(Duration::ZERO).validate().is_err());
    assert!(zero.max_elapsed(Duration::ZERO).validate().is_err());
    assert!(resilience::TimeoutPolicy::new(Duration::ZERO).validate().is_err());
}

/// Row 21.
#[tokio::test(start_paused = true)]
async fn exponential_means_powers_of_the_base() {
    #[retry(max_attempts = 4, base_delay = "50ms", jitter = "none", on_retry = |event| log.push(event.delay()))]
    async fn call(log: &Log<Duration>) -> Result<u32, Fault> {
        Err(Fault::Fatal)
    }
    let log = Log::new();
    call(&log).await.unwrap_err();
    assert_eq!(log.take(), [ms(50), ms(100), ms(200)]);
}

/// Row 22.
#[tokio::test(start_paused = true)]
async fn the_wall_clock_is_what_is_asked() {
    // The wall clock goes on while this one, which is monotonic, stands still: whoever asked it would tell the two
    // apart.
    let start = tokio::time::Instant::now().into_std();
    let breaker = tripped(QUICK);
    let limiter = RateLimiter::new("monotonic", RateLimitPolicy::new().rate(1)).unwrap();
    limiter.try_acquire(1).unwrap();
    std::thread::yield_now();
    assert_eq!(breaker.time_until_reset(), Some(secs(10)));
    assert_eq!(limiter.try_acquire(1).unwrap_err().retry_after(), Some(secs(1)));
    advance(secs(10)).await;
    breaker.try_acquire().unwrap().success();
    let times: Vec<std::time::Instant> =
        breaker.metrics().state_changes.iter().map(|change| change.time).collect();
    assert_eq!(times, [start, start + secs(10), start + secs(10)]);
}

/// Row 23.
#[tokio::test(start_paused = true)]
async fn jitter_is_drawn_once_and_for_all() {
    #[retry(max_attempts = 9, on_retry = |event| log.push(event.delay()))]
    async fn call(log: &Log<Duration>) -> Result<u32, Fault> {
        Err(Fault::Fatal)
    }
    let draw = async || {
        let log = Log::new();
        call(&log).await.unwrap_err();
        log.take()
    };
    let (one, other) = (draw().await, draw().await);
    assert_eq!((one.len(), other.len()), (8, 8));
    assert_ne!(one, other);
    let elsewhere = std::thread::spawn(|| {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let log = Log::new();
        runtime.block_on(call(&log)).unwrap_err();
        log.take()
    });
    assert_ne!(elsewhere.join().unwrap(), one, "threads differ as well");
}

/// Row 24.
#[tokio::test(start_paused = true)]
async fn an_ignored_error_closes_the_circuit() {
    #[circuit_breaker(name = "row 24", policy = QUICK, except(Fault::Fatal))]
    async fn call(result: Result<u32, Fault>) -> Result<u32, Fault> {
        result
    }
    let breaker = get_circuit_breaker("row 24").unwrap();
    call(Err(Fault::Transient(1))).await.unwrap_err();
    advance(secs(10)).await;
    for _ in 0..10 {
        call(Err(Fault::Fatal)).await.unwrap_err();
        assert_eq!(breaker.state(), CircuitState::HalfOpen);
    }
    call(Ok(1)).await.unwrap();
    assert_eq!(breaker.state(), CircuitState::Closed);
}

/// Row 25: the other shapes have files of their own.
#[tokio::test]
async fn a_boxed_future_is_made_anew_and_never_run_anew() {
    #[retry(max_attempts = 3, base_delay = "0s")]
    fn call(
        made: Arc<Runs>,
        run: Arc<Runs>,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<u32, Fault>> + Send>> {
        made.hit();
        let run = Arc::clone(&run);
        Box::pin(async move { run.works_at(3) })
    }
    let (made, run) = (Arc::new(Runs::new()), Arc::new(Runs::new()));
    assert_eq!(call(Arc::clone(&made), Arc::clone(&run)).await, Ok(3));
    assert_eq!((made.count(), run.count()), (3, 3));
}

/// Row 26.
#[test]
fn a_hook_that_asks_the_breaker_deadlocks() {
    #[retry(max_attempts = 3, base_delay = "0s", on_retry = |_| {
        let breaker = get_circuit_breaker("row 26").unwrap();
        log.push(breaker.state());
        breaker.metrics();
    })]
    #[circuit_breaker(name = "row 26", failure_threshold = 3)]
    fn call(runs: &Runs, log: &Log<CircuitState>) -> Result<u32, Fault> {
        runs.fail()
    }
    let log = Log::new();
    call(&Runs::new(), &log).unwrap_err();
    assert_eq!(log.take(), [CircuitState::Closed, CircuitState::Closed]);
    assert_eq!(get_circuit_breaker("row 26").unwrap().state(), CircuitState::Open);
}

/// Row 26.
#[test]
fn a_listener_that_uses_the_breaker_deadlocks_and_one_that_panics_breaks_it() {
    let breaker = CircuitBreaker::new("listened to", QUICK.failure_threshold(2)).unwrap();
    let seen = Arc::new(Log::new());
    let _seeing = breaker.subscribe({
        let (breaker, seen) = (breaker.clone(), Arc::clone(&seen));
        move |_| {
            breaker.metrics();
            seen.push((breaker.state(), breaker.failure_count()));
        }
    });
    let _panicking = breaker.subscribe(|_| panic!("the listener's own fault"));
    breaker.call(|| Err::<u32, _>(Fault::Fatal)).unwrap_err();
    assert_eq!(breaker.call(|| Ok::<_, Fault>(1)), Ok(1));
    breaker.call(|| Err::<u32, _>(Fault::Fatal)).unwrap_err();
    breaker.call(|| Err::<u32, _>(Fault::Fatal)).unwrap_err();
    assert!(breaker.try_acquire().is_err());
    assert_eq!(breaker.metrics().failure, 3);
    let seen = seen.take();
    // Failed, succeeded, failed, failed and the change of state, refused.
    assert_eq!(seen.len(), 6);
    assert_eq!(seen[0], (CircuitState::Closed, 1));
    assert_eq!(seen[5], (CircuitState::Open, 0));
}

/// Row 27.
#[test]
fn the_keys_grow_without_bound() {
    #[circuit_breaker(name = "row 27", key = user, max_keys = 100)]
    fn call(user: u32) -> Option<u32> {
        Some(user)
    }
    for user in 0..20_000 {
        assert_eq!(call(user), Some(user));
        if user.is_multiple_of(5_000) {
            assert!(get_circuit_breakers("row 27").len() <= 100);
        }
    }
    assert!(get_circuit_breaker_for("row 27", &19_999_u32).is_some());
}

/// Row 28.
#[tokio::test(start_paused = true)]
async fn a_first_delay_below_a_second_panics() {
    #[retry(policy = *policy, on_retry = |event| log.push(event.delay()))]
    async fn call(policy: &RetryPolicy, log: &Log<Duration>) -> Result<u32, Fault> {
        Err(Fault::Fatal)
    }
    for base in [Duration::from_nanos(1), Duration::from_micros(1), ms(500)] {
        for backoff in [Backoff::Exponential, Backoff::Fibonacci, Backoff::Linear, Backoff::Constant] {
            let policy = RetryPolicy::new().base_delay(base).backoff(backoff).jitter(Jitter::None);
            let log = Log::new();
            call(&policy, &log).await.unwrap_err();
            let delays = log.take();
            assert_eq!((delays.len(), delays[0]), (2, base), "{backoff:?}");
        }
    }
}

/// Row 29; `budget.rs` has what it doesn't take out of a budget.
#[tokio::test(start_paused = true)]
async fn a_refused_call_burns_attempts() {
    #[retry(max_attempts = 3, base_delay = "0s", rejected(circuit_open))]
    #[circuit_breaker(name = "row 29", policy = QUICK)]
    async fn call(runs: &Runs) -> Result<u32, Fault> {
        runs.works_at(3)
    }
    // Each failure opens the circuit, and each refusal waits for it: three attempts are three runs of the body.
    let runs = Runs::new();
    assert_eq!(timed(call(&runs)).await, (Ok(3), secs(20)));
    assert_eq!(runs.count(), 3);
}

/// Row 30.
#[tokio::test(start_paused = true)]
async fn an_error_does_not_say_which_policy_refused() {
    #[fallback(|error| Err(format!("told: {error}")))]
    #[circuit_breaker(name = "row 30", failure_threshold = 1)]
    #[rate_limit(name = "row 30", rate = 2, per = "1h")]
    #[bulkhead(name = "row 30", max_concurrent = 1)]
    #[timeout("10ms", name = "row 30")]
    async fn call() -> Result<u32, String> {
        std::future::pending().await
    }
    let slot = get_bulkhead("row 30").unwrap().try_acquire().unwrap();
    assert_eq!(call().await, Err("told: bulkhead `row 30` is full: 1 call is under way".to_owned()));
    drop(slot);
    assert_eq!(call().await, Err("told: `row 30` timed out after 10ms".to_owned()));
    assert_eq!(call().await, Err("told: circuit breaker `row 30` is open; retry after 30s".to_owned()));
    get_circuit_breaker("row 30").unwrap().reset();
    let limited = call().await.unwrap_err();
    assert!(limited.starts_with("told: rate limit `row 30` is used up; retry after "), "{limited}");
}
