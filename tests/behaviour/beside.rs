//! Beside the attributes of other libraries.

use std::sync::Arc;

use resilience::{circuit_breaker, retry, timeout};
use tokio::task::yield_now;

use crate::support::{Fault, Runs, assert_send};

#[tokio::test]
async fn an_instrumented_function_is_run_anew() {
    // Below the retry each attempt has a span of its own.
    #[retry(max_attempts = 3, base_delay = "0s")]
    #[circuit_breaker]
    #[timeout("1h")]
    #[tracing::instrument(skip(runs))]
    async fn below(number: u32, runs: &Runs) -> Result<u32, Fault> {
        yield_now().await;
        runs.works_at(3).map(|run| run + number)
    }
    // Above it the call has one for all attempts.
    #[tracing::instrument(skip_all)]
    #[retry(max_attempts = 3, base_delay = "0s")]
    #[timeout("1h")]
    async fn above(runs: &Runs) -> Result<u32, Fault> {
        yield_now().await;
        runs.works_at(3)
    }
    #[retry(max_attempts = 3, base_delay = "0s")]
    #[tracing::instrument(err)]
    fn in_sync(number: u32, runs: &Runs) -> Result<u32, Fault> {
        runs.works_at(3).map(|run| run + number)
    }
    let runs = Runs::new();
    assert_eq!(assert_send(below(4, &runs)).await, Ok(7));
    assert_eq!(runs.count(), 3);
    let runs = Runs::new();
    assert_eq!(assert_send(above(&runs)).await, Ok(3));
    assert_eq!(runs.count(), 3);
    let runs = Runs::new();
    assert_eq!(in_sync(4, &runs), Ok(7));
    assert_eq!(runs.count(), 3);
}

#[tokio::test]
async fn a_checked_handler_is_run_anew() {
    #[axum::debug_handler]
    #[retry(max_attempts = 3, base_delay = "0s", clone(runs))]
    #[timeout("1h")]
    async fn handler(axum::extract::State(runs): axum::extract::State<Arc<Runs>>) -> Result<String, String> {
        yield_now().await;
        runs.works_at(3).map(|run| run.to_string()).map_err(|fault| format!("{fault:?}"))
    }
    let runs = Arc::new(Runs::new());
    assert_eq!(handler(axum::extract::State(Arc::clone(&runs))).await, Ok("3".to_owned()));
    assert_eq!(runs.count(), 3);
}
