//! What happens to a cost when there is more of something: keys, calls in a window, instances.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Once};

use resilience::{
    Bulkhead, BulkheadPolicy, CircuitBreaker, CircuitBreakerPolicy, CircuitState, FallbackChain, Pipeline,
    RateLimitPolicy, RateLimiter, RetryBudget, RetryBudgetPolicy, RetryPolicy, Window, bulkhead,
    circuit_breaker, get_circuit_breaker, rate_limit,
};

use crate::beside::{Failed, HOUR, Outcome, SECOND, fail, mixed, scattered, succeed};
use crate::drive::repeat;
use crate::measure::{Named, bytes_held};

/// What the gate watches as well: the same instructions in every run, which a map with random seeds doesn't make.
pub const GATED: &[&str] =
    &["look_up_by_name", "keys_1", "window_10_calls", "window_1000_calls", "window_that_is_told"];

pub const ALL: &[Named] = &[
    ("look_up_by_name", |calls| repeat(calls, |_| get_circuit_breaker("growth::named"))),
    ("keys_1", keys_1),
    ("keys_1000", keys_1000),
    ("keys_1000000", keys_1000000),
    ("window_10_calls", |calls| window::<10>(calls)),
    ("window_1000_calls", |calls| window::<1_000>(calls)),
    ("window_1000000_calls", |calls| window::<1_000_000>(calls)),
    ("window_that_is_told", window_that_is_told),
    ("one_atomic_addition", |calls| {
        static WORD: AtomicU64 = AtomicU64::new(0);
        repeat(calls, |_| WORD.fetch_add(1, Ordering::Relaxed));
    }),
];

/// What a reader is told.
pub fn title(id: &str) -> &'static str {
    match id {
        "look_up_by_name" => "`get_circuit_breaker(name)`",
        "keys_1" => "a call by key, 1 key",
        "keys_1000" => "a call by key, 1,000 keys",
        "keys_1000000" => "a call by key, 1,000,000 keys",
        "window_10_calls" => "window of 10 calls, 40 % of them failures",
        "window_1000_calls" => "window of 1,000 calls, 40 % of them failures",
        "window_1000000_calls" => "window of 1,000,000 calls, 40 % of them failures",
        "window_that_is_told" => "window of 1,000,000 calls, not judged before it is full, `Ok`",
        "one_atomic_addition" => "one addition to a word that all threads share",
        _ => "",
    }
}

#[allow(dead_code)] // looked up, not called
#[circuit_breaker(name = "growth::named")]
fn named() -> Outcome {
    Ok(0)
}

/// Calls by keys in no order, among so many of them.
macro_rules! keys {
    ($run:ident, $keys:literal) => {
        #[allow(clippy::modulo_one)]
        fn $run(calls: u64) {
            #[circuit_breaker(key = id, max_keys = 2_000_000)]
            fn call(id: u64) -> Outcome {
                succeed(id)
            }

            static ALL_KNOWN: Once = Once::new();
            ALL_KNOWN.call_once(|| repeat($keys, call));
            repeat(calls, |number| call(scattered(number) % $keys));
        }
    };
}

keys!(keys_1, 1);
keys!(keys_1000, 1_000);
keys!(keys_1000000, 1_000_000);

/// Two of five calls fail, in a window that is full and opens at nine of ten, which two threads don't reach either.
fn window<const CALLS: u32>(calls: u64) {
    static BREAKERS: [LazyLock<CircuitBreaker>; 3] =
        [LazyLock::new(|| filled(10)), LazyLock::new(|| filled(1_000)), LazyLock::new(|| filled(1_000_000))];
    let breaker: &CircuitBreaker = match CALLS {
        10 => &BREAKERS[0],
        1_000 => &BREAKERS[1],
        _ => &BREAKERS[2],
    };
    repeat(calls, |number| breaker.call(|| mixed(number)));
}

/// Every success has to be told to the machine, since the last one before the window is full may be the one that opens
/// the circuit; and the only failure is ever longer ago.
fn window_that_is_told(calls: u64) {
    static BREAKER: LazyLock<CircuitBreaker> = LazyLock::new(|| {
        let breaker = breaker(by_rate(Window::Calls(1_000_000)).min_calls(1_000_000));
        breaker.call(|| fail(0)).ok();
        breaker
    });
    repeat(calls, |number| BREAKER.call(|| succeed(number)));
}

fn filled(calls: u32) -> CircuitBreaker {
    let breaker = breaker(by_rate(Window::Calls(calls)));
    for number in 0..u64::from(calls) {
        breaker.call(|| mixed(number)).ok();
    }
    assert_eq!(breaker.state(), CircuitState::Closed);
    breaker
}

const fn by_rate(window: Window) -> CircuitBreakerPolicy {
    CircuitBreakerPolicy::new().failure_rate(0.9).window(window)
}

fn breaker(policy: CircuitBreakerPolicy) -> CircuitBreaker {
    CircuitBreaker::new("growth", policy).expect("settings that work")
}

fn pipeline() -> Pipeline<u64, Failed> {
    Pipeline::builder()
        .fallback(|_| Ok(0))
        .retry(RetryPolicy::new())
        .circuit_breaker(CircuitBreakerPolicy::new())
        .bulkhead(BulkheadPolicy::new(32).max_wait(SECOND))
        .timeout(SECOND)
        .build()
        .expect("policies that fit")
}

/// Bytes that each of our instances holds.
pub fn held() -> Vec<(&'static str, u64)> {
    const MANY: u64 = 10_000;

    // Each takes as many bytes more as its name is long, `keyed[1234]`.
    #[circuit_breaker(name = "keyed", key = id, max_keys = 2_000_000)]
    fn keyed(id: u64) -> Outcome {
        succeed(id)
    }

    #[bulkhead(name = "keyed", key = id, max_keys = 2_000_000, max_concurrent = 32)]
    fn keyed_bulkhead(id: u64) -> Outcome {
        succeed(id)
    }

    #[rate_limit(name = "keyed", key = id, max_keys = 2_000_000, rate = 1_000_000)]
    fn keyed_limiter(id: u64) -> Outcome {
        succeed(id)
    }

    let of_a_key = |call: fn(u64) -> Outcome| {
        call(0).ok();
        bytes_held(|| repeat(MANY, |number| call(number + 1))) / MANY
    };
    let limiter = |policy| RateLimiter::new("growth", policy).expect("settings that work");
    vec![
        ("a circuit breaker, failures in a row", bytes_held(|| breaker(CircuitBreakerPolicy::new()))),
        ("a circuit breaker, window of 10 calls, filled", bytes_held(|| filled(10))),
        ("a circuit breaker, window of 1,000 calls, filled", bytes_held(|| filled(1_000))),
        ("a circuit breaker, window of 1,000,000 calls, filled", bytes_held(|| filled(1_000_000))),
        ("a circuit breaker, window of an hour, new", bytes_held(|| breaker(by_rate(Window::Time(HOUR))))),
        ("a circuit breaker of a key, its place in the table included", of_a_key(keyed)),
        (
            "a bulkhead",
            bytes_held(|| Bulkhead::new("growth", BulkheadPolicy::new(32)).expect("settings that work")),
        ),
        ("a bulkhead of a key, its place in the table included", of_a_key(keyed_bulkhead)),
        ("a rate limiter", bytes_held(|| limiter(RateLimitPolicy::new().rate(100)))),
        (
            "a rate limiter that adapts",
            bytes_held(|| limiter(RateLimitPolicy::new().rate(100).decrease(0.5))),
        ),
        ("a rate limiter of a key, its place in the table included", of_a_key(keyed_limiter)),
        (
            "a retry budget",
            bytes_held(|| RetryBudget::new("growth", RetryBudgetPolicy::new()).expect("settings that work")),
        ),
        (
            "a fallback chain of one default",
            bytes_held(|| FallbackChain::<u64, Failed>::new("growth").default(0)),
        ),
        ("a pipeline of five policies", bytes_held(pipeline)),
        (
            "what 100,000 circuit breakers leave behind that were opened and dropped",
            bytes_held(|| {
                repeat(100_000, |_| {
                    let breaker = breaker(CircuitBreakerPolicy::new().failure_threshold(1));
                    breaker.call(|| Err::<(), _>(Failed)).ok();
                    breaker.call(|| Ok::<_, Failed>(())).ok();
                });
            }),
        ),
    ]
}
