//! Functions that carry attributes of other libraries too.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::extract::State;
use resilience::{circuit_breaker, retry, timeout};
use tokio::task::yield_now;

/// Succeeds at the third attempt.
#[derive(Debug, Default)]
struct Service {
    attempts: AtomicU32,
}

impl Service {
    fn answer(&self) -> Result<u32, String> {
        let attempt = self.attempts.fetch_add(1, Ordering::SeqCst) + 1;
        if attempt == 3 { Ok(attempt) } else { Err(format!("attempt {attempt} failed")) }
    }

    fn attempts(&self) -> u32 {
        self.attempts.load(Ordering::SeqCst)
    }
}

fn assert_send<T: Send>(value: T) -> T {
    value
}

#[tokio::test]
async fn instrument_below_a_retry_runs_in_each_attempt() {
    #[retry(max_attempts = 3, base_delay = "0s")]
    #[circuit_breaker]
    #[timeout("1h")]
    #[tracing::instrument(skip(service))]
    async fn ask(number: u32, service: &Service) -> Result<u32, String> {
        yield_now().await;
        service.answer().map(|answer| answer + number)
    }
    let service = Service::default();
    assert_eq!(assert_send(ask(4, &service)).await, Ok(7));
    assert_eq!(service.attempts(), 3);
}

#[tokio::test]
async fn instrument_above_a_retry_covers_all_attempts() {
    #[tracing::instrument(skip_all)]
    #[retry(max_attempts = 3, base_delay = "0s")]
    #[timeout("1h")]
    async fn ask(service: &Service) -> Result<u32, String> {
        yield_now().await;
        service.answer()
    }
    let service = Service::default();
    assert_eq!(assert_send(ask(&service)).await, Ok(3));
    assert_eq!(service.attempts(), 3);
}

#[test]
fn instrument_below_a_retry_works_on_a_sync_function() {
    #[retry(max_attempts = 3, base_delay = "0s")]
    #[tracing::instrument(err, skip(service))]
    fn ask(number: u32, service: &Service) -> Result<u32, String> {
        service.answer().map(|answer| answer + number)
    }
    let service = Service::default();
    assert_eq!(ask(4, &service), Ok(7));
    assert_eq!(service.attempts(), 3);
}

#[tokio::test]
async fn debug_handler_above_a_retry_accepts_the_function() {
    #[axum::debug_handler]
    #[retry(max_attempts = 3, base_delay = "0s", clone(service))]
    #[timeout("1h")]
    async fn handler(State(service): State<Arc<Service>>) -> Result<String, String> {
        yield_now().await;
        service.answer().map(|answer| answer.to_string())
    }
    let service = Arc::new(Service::default());
    assert_eq!(handler(State(Arc::clone(&service))).await, Ok("3".to_owned()));
    assert_eq!(service.attempts(), 3);
}
