//! Each policy by itself, with no other feature on: what a program can do with it by hand. Where a waiting future needs
//! `tokio`, so does the test.

#[allow(unused_imports)] // not every policy is about time
use std::time::Duration;

use resilience_runtime::*;

#[cfg(feature = "circuit-breaker")]
#[test]
fn a_circuit_breaker_opens() {
    let breaker = CircuitBreaker::new("quotes", CircuitBreakerPolicy::new().failure_threshold(1)).unwrap();
    let failed: Result<(), String> = breaker.call(|| Err("down".to_owned()));
    assert_eq!(failed, Err("down".to_owned()));
    let refused: Result<(), Error> = breaker.call(|| Ok(()));
    assert!(refused.unwrap_err().is_circuit_open());
}

#[cfg(feature = "retry")]
#[test]
fn a_retry_goes_on_for_as_long_as_its_budget_lasts() {
    const SPARING: RetryBudgetPolicy = RetryBudgetPolicy::new().ratio(0.5).min_per_second(0);
    const POLICY: RetryPolicy =
        RetryPolicy::new().max_attempts(9).base_delay(Duration::ZERO).budget_with("sparing", SPARING);
    assert!(get_retry_budget("sparing").is_none());
    let fail = || POLICY.call(|| Err::<(), _>(())).unwrap_err().attempts;
    assert_eq!((fail(), fail()), (1, 2));
    let budget = get_retry_budget("sparing").expect("named by the calls");
    assert_eq!((budget.metrics().withdrawals, budget.metrics().refused), (1, 2));
    assert_eq!(budget.policy(), SPARING);
}

#[cfg(feature = "retry-budget")]
#[test]
fn a_retry_budget_is_found_by_no_name_of_its_own() {
    let budget = RetryBudget::new("own", RetryBudgetPolicy::new()).unwrap();
    assert!(budget.try_withdraw());
    assert!(get_retry_budget("own").is_none());
}

#[cfg(feature = "bulkhead")]
#[test]
fn a_bulkhead_is_full() {
    let bulkhead = Bulkhead::new("quotes", BulkheadPolicy::new(1)).unwrap();
    let slot = bulkhead.try_acquire().unwrap();
    assert!(bulkhead.acquire(Duration::from_millis(1)).unwrap_err().is_bulkhead_full());
    drop(slot);
    assert_eq!(bulkhead.call(|| Ok::<_, Error>(1)), Ok(1));
}

#[cfg(feature = "rate-limit")]
#[test]
fn a_rate_is_used_up() {
    let policy = RateLimitPolicy::new().rate(1).per(Duration::MAX);
    let limiter = RateLimiter::new("quotes", policy).unwrap();
    assert_eq!(limiter.call(|| Ok::<_, Error>(1)), Ok(1));
    assert!(limiter.try_acquire(1).unwrap_err().is_rate_limited());
}

#[cfg(feature = "fallback")]
#[test]
fn a_fallback_answers() {
    let quotes = FallbackChain::new("quotes").add(|_: &String| Ok(7));
    assert_eq!(quotes.call(|| Err("down".to_owned())), Ok(7));
}

#[cfg(feature = "deadline")]
#[test]
fn a_deadline_is_in_force() {
    let deadline = Deadline::after(Duration::from_secs(1));
    assert!(deadline.scope(|| resilience_runtime::deadline().is_some()));
    assert!(resilience_runtime::deadline().is_none());
}

#[cfg(feature = "pipeline")]
#[test]
fn what_a_pipeline_has_is_found_by_its_name() {
    let quotes: Pipeline<u32, Error> = Pipeline::builder()
        .name("piped")
        .fallback(|_| Ok(100))
        .circuit_breaker(CircuitBreakerPolicy::new())
        .rate_limit(RateLimitPolicy::new().rate(100))
        .bulkhead(BulkheadPolicy::new(1))
        .timeout(Duration::from_secs(1))
        .build()
        .unwrap();
    assert_eq!(quotes.call(|| Ok(42)), Ok(42));
    get_circuit_breaker("piped").unwrap().force_open();
    assert_eq!(quotes.call(|| Ok(42)), Ok(100));
    assert!(get_rate_limiter("piped").is_some());
    assert!(get_bulkhead("piped").is_some());
    assert!(get_pipeline::<u32, Error>("piped").is_some());
    drop(quotes);
    assert!(get_circuit_breaker("piped").is_none());
}

#[cfg(all(feature = "tokio", any(feature = "timeout", feature = "hedge")))]
fn block_on<F: Future>(future: F) -> F::Output {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_time().start_paused(true).build().unwrap().block_on(future)
}

#[cfg(all(feature = "timeout", feature = "tokio"))]
#[test]
fn a_timeout_ends_a_future() {
    let late = block_on(with_timeout(Duration::from_secs(1), std::future::pending::<()>()));
    assert!(late.unwrap_err().is_timed_out());
}

#[cfg(all(feature = "hedge", feature = "tokio"))]
#[test]
fn a_hedge_makes_a_further_call() {
    let mut calls = 0;
    let policy = HedgePolicy::new(Duration::from_secs(1)).budget("further calls");
    let answer = block_on(policy.call_async(|| {
        calls += 1;
        let call = calls;
        async move { if call == 1 { std::future::pending().await } else { Ok::<_, ()>(call) } }
    }));
    assert_eq!(answer, Ok(2));
    assert_eq!(get_retry_budget("further calls").unwrap().metrics().withdrawals, 1);
}

#[test]
fn an_error_and_its_name_need_no_policy() {
    assert_eq!(ErrorKind::TimedOut.to_string(), "timed_out");
    assert_eq!(Name::from("quotes").as_str(), "quotes");
}
