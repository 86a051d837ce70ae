//! `Duration::MAX` is legal wherever a duration is: nothing overflows, and nothing prints its digits.

use std::time::Duration;

use resilience::{
    Backoff, Bulkhead, BulkheadPolicy, CircuitBreaker, CircuitBreakerPolicy, CircuitState, Error,
    HedgePolicy, Jitter, RateLimitPolicy, RateLimiter, RetryPolicy, TimeoutPolicy, Window,
};
use resilience::{bulkhead, catalog, circuit_breaker, rate_limit, retry, timeout};

use crate::support::{Fault, secs};

const EVER: Duration = Duration::MAX;

const RETRIES: [RetryPolicy; 4] = [
    RetryPolicy::new().base_delay(EVER),
    RetryPolicy::new().max_delay(EVER),
    RetryPolicy::new().max_elapsed(EVER),
    RetryPolicy::new().max_retry_after(EVER),
];

const BREAKERS: [CircuitBreakerPolicy; 6] = [
    CircuitBreakerPolicy::new().reset_timeout(EVER),
    CircuitBreakerPolicy::new().reset_timeout(EVER).max_reset_timeout(EVER),
    CircuitBreakerPolicy::new().reset_multiplier(2.0).max_reset_timeout(EVER),
    CircuitBreakerPolicy::new().reset_timeout(EVER).reset_multiplier(f64::MAX).reset_jitter(1.0),
    CircuitBreakerPolicy::new().failure_rate(0.5).window(Window::Time(EVER)).min_calls(1),
    CircuitBreakerPolicy::new().failure_threshold(1).slow_call(EVER).window(Window::Time(EVER)),
];

const BULKHEAD: BulkheadPolicy = BulkheadPolicy::new(1).max_wait(EVER).max_queue(1);

const RATES: [RateLimitPolicy; 3] = [
    RateLimitPolicy::new().rate(1).per(EVER),
    RateLimitPolicy::new().rate(u32::MAX).per(EVER).max_wait(EVER),
    RateLimitPolicy::new().rate(1).max_wait(EVER).decrease(0.5),
];

#[test]
fn every_setting_takes_it_and_reads_as_words() {
    let mut texts = Vec::new();
    for policy in RETRIES {
        for backoff in [Backoff::Constant, Backoff::Linear, Backoff::Exponential, Backoff::Fibonacci] {
            let policy = policy.backoff(backoff).jitter(Jitter::Decorrelated);
            assert_eq!(policy.validate(), Ok(()));
            assert!(policy.worst_case(Some(EVER)).is_some());
            texts.push(policy.to_string());
        }
    }
    for policy in BREAKERS {
        assert_eq!(policy.validate(), Ok(()), "{policy}");
        texts.push(policy.to_string());
    }
    for policy in RATES {
        assert_eq!(policy.validate(), Ok(()), "{policy}");
        assert_eq!(policy.worst_case(Some(EVER)), Some(EVER));
        texts.push(policy.to_string());
    }
    assert_eq!(BULKHEAD.validate(), Ok(()));
    assert_eq!(BULKHEAD.worst_case(Some(EVER)), Some(EVER));
    texts.push(BULKHEAD.to_string());
    assert_eq!(TimeoutPolicy::new(EVER).validate(), Ok(()));
    texts.push(TimeoutPolicy::new(EVER).to_string());
    assert_eq!(HedgePolicy::new(EVER).validate(), Ok(()));
    texts.push(HedgePolicy::new(EVER).to_string());
    for text in &texts {
        assert!(!text.contains("18446744073709551615"), "{text}");
    }
    assert_eq!(texts.last().unwrap(), "1 further call after forever");
}

#[tokio::test(start_paused = true)]
async fn a_breaker_of_such_settings_opens_and_can_be_closed() {
    for policy in BREAKERS {
        let breaker = CircuitBreaker::new("ever", policy).unwrap();
        breaker.try_acquire().unwrap().success();
        for _ in 0..5 {
            breaker.try_acquire().map(resilience::Permit::failure).ok();
        }
        assert_eq!(breaker.state(), CircuitState::Open, "{policy}");
        let refused = breaker.try_acquire().unwrap_err();
        assert!(!refused.to_string().contains("18446744073709551615"), "{refused}");
        breaker.reset();
        let hinted = breaker.try_acquire().unwrap();
        hinted.failure_with_hint(EVER);
        tokio::time::advance(secs(1_000_000_000)).await;
        assert!(breaker.time_until_reset().is_none_or(|left| left > secs(1_000_000_000)), "{policy}");
        breaker.reset();
        assert_eq!(breaker.state(), CircuitState::Closed);
        assert_eq!(breaker.policy(), policy);
    }
}

#[tokio::test(start_paused = true)]
async fn limits_of_such_settings_let_calls_through() {
    for policy in RATES {
        let limiter = RateLimiter::new("ever", policy).unwrap();
        let admission = limiter.try_acquire(1).unwrap();
        limiter.failed(admission);
        tokio::time::advance(secs(1_000_000_000)).await;
        assert!(limiter.available() >= 0.0);
        limiter.update_from_headers([("RateLimit-Remaining", "10"), ("RateLimit-Reset", "30")]);
        limiter.reset();
        assert!(limiter.try_acquire(1).is_ok(), "{policy}");
    }
    let bulkhead = Bulkhead::new("ever", BULKHEAD).unwrap();
    assert!(bulkhead.acquire_async(EVER).await.is_ok());
    let called: Result<u32, Error> = RETRIES[0].call_async(async || Ok(1)).await.map_err(|error| error.last);
    assert_eq!(called, Ok(1));
}

#[retry(base_delay = EVER, max_delay = EVER, max_elapsed = EVER, max_retry_after = EVER)]
#[circuit_breaker(
    failure_rate = 0.5,
    window = Window::Time(EVER),
    slow_call = EVER,
    reset_timeout = EVER,
    reset_multiplier = 2.0,
    max_reset_timeout = EVER
)]
#[rate_limit(rate = 10, per = EVER, max_wait = EVER)]
#[bulkhead(max_concurrent = 1, max_wait = EVER)]
#[timeout(EVER)]
async fn through_all() -> Result<Duration, Fault> {
    Ok(resilience::deadline().expect("a timeout").remaining())
}

#[tokio::test(start_paused = true)]
async fn attributes_take_it_and_the_catalogue_reads_as_words() {
    assert!(through_all().await.unwrap() > secs(1_000_000_000));
    let site = catalog().into_iter().find(|site| site.function().ends_with("forever::through_all")).unwrap();
    let settings: String = site.policies().iter().map(resilience::SitePolicy::settings).collect();
    for text in [settings, site.explain().to_string()] {
        assert!(!text.contains("18446744073709551615") && text.contains("forever"), "{text}");
    }
}
