//! How to test functions that have attributes: no waiting, no real failures, no test in another's way.
//!
//! The tests are ordinary functions here, so that `main` can run them. In your crate they have `#[test]` and
//! `#[tokio::test]`, and `resilience-rs` has its feature `testing` in `[dev-dependencies]`.

use std::time::Duration;

use resilience::CircuitState::{Closed, HalfOpen, Open};
use resilience::testing::{self, ManualClock};
use resilience::{ErrorKind, circuit_breaker, fallback, get_circuit_breaker, retry, timeout};

#[derive(Debug, thiserror::Error)]
enum QuoteError {
    #[error("the exchange is down")]
    Down,
    #[error(transparent)]
    Rejected(#[from] resilience::Error),
}

#[fallback(cached, rejected(circuit_open))]
#[retry(max_attempts = 3, base_delay = "1s", jitter = "none")]
#[circuit_breaker(name = "exchange", failure_threshold = 3, reset_timeout = "30s", half_open_max_calls = 1)]
#[timeout("2s")]
async fn quote(symbol: &str) -> Result<u32, QuoteError> {
    // What the service would do over the network.
    Ok(u32::try_from(symbol.len()).unwrap_or(0) + 100)
}

async fn cached(symbol: &str, error: QuoteError) -> Result<u32, QuoteError> {
    if symbol == "ACME" { Ok(99) } else { Err(error) }
}

#[retry(max_attempts = 3, base_delay = "10s", jitter = "none")]
fn settings() -> std::io::Result<String> {
    Ok("night mode".to_owned())
}

const SECOND: Duration = Duration::from_secs(1);

/// Two attempts fail, and the third one works; nobody waits for the delays in between.
async fn a_short_outage_is_bridged() {
    let instant = testing::instant();
    let fault = testing::inject("quote").fail(2, || QuoteError::Down);
    assert_eq!(quote("ACME").await.unwrap(), 104);
    fault.assert_calls(3);
    assert_eq!(instant.waits(), [SECOND, 2 * SECOND]);
}

/// The recorder tells what happened on the way, and in its assertions what happened instead.
async fn an_outage_opens_the_circuit_and_the_cache_answers() {
    let (_instant, events) = (testing::instant(), testing::record());
    let _fault = testing::inject("quote").fail(u32::MAX, || QuoteError::Down);
    quote("ACME").await.unwrap();
    assert_eq!(quote("ACME").await.unwrap(), 99);
    events.assert_attempts("quote", 3);
    events.assert_delays("quote", [SECOND, 2 * SECOND]);
    events.assert_transitions("exchange", [Closed, Open]);
    events.assert_rejections("exchange", ErrorKind::CircuitOpen, 1);
    events.assert_fallbacks("quote", 2);
}

/// A service that hangs. The delay takes no time either, and is too long for the timeout all the same.
async fn a_hanging_service_is_cut_short() {
    let (_instant, events) = (testing::instant(), testing::record());
    let _fault = testing::inject("quote").delay(1, 60 * SECOND);
    assert_eq!(quote("ACME").await.unwrap(), 104);
    events.assert_rejections(concat!(module_path!(), "::quote"), ErrorKind::TimedOut, 1);
    events.assert_attempts("quote", 2);
}

/// No need to break anything first.
async fn an_open_circuit_is_answered_from_the_cache() {
    let _open = testing::force_open("exchange");
    assert_eq!(quote("ACME").await.unwrap(), 99);
    assert!(matches!(quote("OTHER").await, Err(QuoteError::Rejected(_))));
}

/// Sync code has a clock that stands still until a wait, or the test, moves it.
fn a_sync_function_waits_on_the_manual_clock() {
    let clock = ManualClock::install();
    let fault = testing::inject("settings").fail(1, || std::io::Error::other("locked"));
    assert_eq!(settings().unwrap(), "night mode");
    fault.assert_calls(2);
    assert_eq!(clock.elapsed(), 10 * SECOND);
}

/// Tasks on other threads take the test's surroundings along.
async fn a_spawned_task_belongs_to_the_test() {
    let (_instant, events) = (testing::instant(), testing::record());
    let _half_open = testing::force_half_open("exchange");
    let task = tokio::spawn(testing::carry(async { quote("ACME").await.is_ok() }));
    assert!(task.await.unwrap());
    assert_eq!(get_circuit_breaker("exchange").expect("declared above").state(), Closed);
    assert_eq!(events.transitions("exchange"), [Closed, Open, HalfOpen, Closed]);
}

#[tokio::main]
async fn main() {
    // Each test has breakers of its own, so that they may run side by side.
    testing::isolated_async(a_short_outage_is_bridged()).await;
    testing::isolated_async(an_outage_opens_the_circuit_and_the_cache_answers()).await;
    testing::isolated_async(a_hanging_service_is_cut_short()).await;
    testing::isolated_async(an_open_circuit_is_answered_from_the_cache()).await;
    testing::isolated_async(a_spawned_task_belongs_to_the_test()).await;
    testing::isolated(a_sync_function_waits_on_the_manual_clock);
    println!("all tests passed, and nobody waited");
}
