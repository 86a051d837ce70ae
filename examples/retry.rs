//! `#[retry]`: run the function again when it fails.
//!
//! ```text
//! cargo run --example retry
//! ```

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use resilience::{RetryEvent, RetryExhausted, RetryPolicy, retry};

#[derive(Debug, thiserror::Error)]
enum FetchError {
    #[error("connection reset")]
    Reset,
    #[error("busy, come back in {0:?}")]
    Busy(Duration),
    #[error("no such page")]
    NotFound,
    #[error("gave up after {attempts} attempts: {last}")]
    GaveUp { attempts: u32, last: Box<FetchError> },
}

// Four calls at most. The delays double, 20, 40, 80 ms, and jitter draws each between zero and that.
#[retry(max_attempts = 4, base_delay = "20ms", on_retry = report)]
async fn flaky(calls: &AtomicU32) -> Result<&'static str, FetchError> {
    match calls.fetch_add(1, Ordering::Relaxed) {
        0 | 1 => Err(FetchError::Reset),
        _ => Ok("a page"),
    }
}

fn report(event: &RetryEvent<'_, FetchError>) {
    println!("  attempt {} failed; next one in {:.0?}", event.attempt(), event.delay());
}

// What a repetition can't mend is not repeated.
#[retry(base_delay = "20ms", except(FetchError::NotFound))]
async fn missing(calls: &AtomicU32) -> Result<&'static str, FetchError> {
    calls.fetch_add(1, Ordering::Relaxed);
    Err(FetchError::NotFound)
}

// A delay that the other side asks for replaces the computed one.
#[retry(base_delay = "5s", retry_after = FetchError::retry_after, on_retry = report)]
async fn throttled(calls: &AtomicU32) -> Result<&'static str, FetchError> {
    match calls.fetch_add(1, Ordering::Relaxed) {
        0 => Err(FetchError::Busy(Duration::from_millis(50))),
        _ => Ok("a page"),
    }
}

impl FetchError {
    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Busy(delay) => Some(*delay),
            _ => None,
        }
    }

    fn gave_up(exhausted: RetryExhausted<Self>) -> Self {
        Self::GaveUp { attempts: exhausted.attempts, last: Box::new(exhausted.last) }
    }
}

// Settings that many functions share, overridden in place. A sync function sleeps between its attempts.
const PATIENT: RetryPolicy = RetryPolicy::new().max_attempts(10).base_delay(Duration::from_millis(10));

#[retry(
    policy = PATIENT,
    max_attempts = 3,
    backoff = "constant",
    jitter = "none",
    clone(body),
    exhausted = FetchError::gave_up,
)]
fn upload(calls: &AtomicU32, body: String) -> Result<(), FetchError> {
    calls.fetch_add(1, Ordering::Relaxed);
    drop(body); // consumed, so each attempt gets a clone
    Err(FetchError::Reset)
}

#[tokio::main]
async fn main() {
    let calls = AtomicU32::new(0);
    println!("flaky:");
    println!("  {:?} after {} calls", flaky(&calls).await, calls.load(Ordering::Relaxed));

    let calls = AtomicU32::new(0);
    println!("missing:");
    println!("  {:?} after {} call", missing(&calls).await, calls.load(Ordering::Relaxed));

    let calls = AtomicU32::new(0);
    println!("throttled:");
    println!("  {:?} after {} calls", throttled(&calls).await, calls.load(Ordering::Relaxed));

    let calls = AtomicU32::new(0);
    println!("upload:");
    println!("  {:?} after {} calls", upload(&calls, "text".to_owned()), calls.load(Ordering::Relaxed));
}
