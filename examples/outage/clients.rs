//! Four ways to call the service.

use resilience::{bulkhead, circuit_breaker, fallback, retry, timeout};

use crate::service::{Overloaded, Service};

/// What a user gets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Answer {
    Fresh,
    /// From the cache.
    Stale,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    Overloaded,
    Refused(resilience::Error),
}

impl From<resilience::Error> for Failure {
    fn from(error: resilience::Error) -> Self {
        Self::Refused(error)
    }
}

impl From<Overloaded> for Failure {
    fn from(_: Overloaded) -> Self {
        Self::Overloaded
    }
}

async fn ask(service: &Service) -> Result<Answer, Failure> {
    service.request().await?;
    Ok(Answer::Fresh)
}

/// Waits for as long as it takes.
pub async fn no_policy(service: &Service) -> Result<Answer, Failure> {
    ask(service).await
}

/// What is written first: a limit, and once more at once if it isn't kept.
#[retry(max_attempts = 4, backoff = "constant", base_delay = "0s")]
#[timeout("500ms")]
pub async fn naive_retry(service: &Service) -> Result<Answer, Failure> {
    ask(service).await
}

/// Retries come later and later, at random moments, and are a tenth of the calls at the most.
#[retry(max_attempts = 4, base_delay = "100ms", budget(name = "outage", ratio = 0.1, min_per_second = 1))]
#[timeout("500ms")]
pub async fn budgeted_retry(service: &Service) -> Result<Answer, Failure> {
    ask(service).await
}

/// And a service that is down isn't asked, one that is slow isn't swamped, and the cache answers meanwhile.
#[fallback(value = Answer::Stale)]
#[retry(
    max_attempts = 4,
    base_delay = "100ms",
    budget(name = "outage, full stack", ratio = 0.1, min_per_second = 1)
)]
#[circuit_breaker(
    name = "outage",
    failure_rate = 0.5,
    window = "5s",
    min_calls = 20,
    reset_timeout = "500ms",
    half_open_max_calls = 5
)]
#[bulkhead(max_concurrent = 50, max_wait = "50ms")]
#[timeout("500ms")]
pub async fn full_stack(service: &Service) -> Result<Answer, Failure> {
    ask(service).await
}
