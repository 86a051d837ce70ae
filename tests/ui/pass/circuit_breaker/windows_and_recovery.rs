#![deny(warnings)]
//! Every form that the rules for opening and closing take.

use std::time::Duration;

use resilience::{CircuitBreakerPolicy, Window, circuit_breaker, get_circuit_breaker};

const RATE: f64 = 0.25;
const LAST_MINUTE: Window = Window::Time(Duration::from_secs(60));
const STRICT: CircuitBreakerPolicy = CircuitBreakerPolicy::new().failure_rate(0.1);

#[circuit_breaker(name = "calls", failure_rate = 0.5, window = 20, min_calls = 20)]
fn calls() -> Option<u32> {
    Some(1)
}

#[circuit_breaker(name = "time", failure_rate = 1, window = "10s", min_calls = 1_000, slow_call = "2s", slow_rate = 0.5)]
fn time() -> Option<u32> {
    Some(1)
}

#[circuit_breaker(name = "constants", failure_rate = RATE, window = LAST_MINUTE, slow_call = Duration::from_secs(2))]
fn constants() -> Option<u32> {
    Some(1)
}

#[circuit_breaker(name = "expressions", failure_rate = 1.0 / 4.0, window = Window::Calls(2 * 25), min_calls = 40 + 2)]
fn expressions() -> Option<u32> {
    Some(1)
}

#[circuit_breaker(name = "policy", policy = STRICT, window = 50, min_calls = 50)]
fn policy() -> Option<u32> {
    Some(1)
}

#[circuit_breaker(
    name = "recovery",
    slow_call = "1s",
    reset_timeout = "1s",
    reset_multiplier = 2,
    max_reset_timeout = "1m",
    reset_jitter = 0.1,
    retry_after = |error| error.retry_after(),
)]
fn recovery() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {
    assert!([calls(), time(), constants(), expressions(), policy()].iter().all(Option::is_some));
    assert!(recovery().is_ok());
    let policy_of = |name| get_circuit_breaker(name).unwrap().policy();
    let plain = CircuitBreakerPolicy::new();
    assert_eq!(policy_of("calls"), plain.failure_rate(0.5).window(Window::Calls(20)).min_calls(20));
    let time = plain.failure_rate(1.0).window(Window::Time(Duration::from_secs(10))).min_calls(1_000);
    assert_eq!(policy_of("time"), time.slow_call(Duration::from_secs(2)).slow_rate(0.5));
    let constants = plain.failure_rate(RATE).window(LAST_MINUTE).slow_call(Duration::from_secs(2));
    assert_eq!(policy_of("constants"), constants);
    assert_eq!(policy_of("expressions"), plain.failure_rate(0.25).window(Window::Calls(50)).min_calls(42));
    assert_eq!(policy_of("policy"), STRICT.window(Window::Calls(50)).min_calls(50));
    let recovery = plain.slow_call(Duration::from_secs(1)).reset_timeout(Duration::from_secs(1));
    let recovery = recovery.reset_multiplier(2.0).max_reset_timeout(Duration::from_secs(60)).reset_jitter(0.1);
    assert_eq!(policy_of("recovery"), recovery);
}
