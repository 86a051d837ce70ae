//! Every parameter, on the shapes of functions that it may stand on.
#![forbid(unsafe_code)]
#![deny(warnings, clippy::pedantic, missing_docs)]

use resilience::{RateLimitPolicy, circuit_breaker, fallback, rate_limit, retry, timeout};

const API: RateLimitPolicy = RateLimitPolicy::new().rate(100).decrease(0.5);

/// An error of its own.
pub enum ApiError {
    /// It says so.
    TooMany,
    /// A policy says so.
    Refused(resilience::Error),
}

impl From<resilience::Error> for ApiError {
    fn from(error: resilience::Error) -> Self {
        Self::Refused(error)
    }
}

/// A client.
pub struct Client {
    weight: f32,
}

impl Client {
    /// By a field and by an argument.
    ///
    /// # Errors
    /// Never.
    #[rate_limit(rate = 10, per = "1m", burst = 3, cost = self.weight * items.len() as f32, max_wait = "1s")]
    pub async fn send(&mut self, items: Vec<u8>) -> Result<usize, ApiError> {
        self.weight += 1.0;
        Ok(items.into_iter().count())
    }
}

/// A whole stack.
///
/// # Errors
/// When it is too fast.
#[fallback(value = 0, rejected(rate_limited), except(ApiError::TooMany))]
#[retry(rejected(rate_limited, timed_out), clone(name))]
#[circuit_breaker(except(ApiError::TooMany))]
#[rate_limit(policy = API, on(ApiError::TooMany), cost = name.len())]
#[timeout("1s")]
pub async fn ask(name: String) -> Result<usize, ApiError> {
    if name.is_empty() { Err(ApiError::TooMany) } else { Ok(name.len()) }
}

/// By a lock's guard, and generic.
///
/// # Errors
/// When it is too fast.
#[rate_limit(rate = 10, cost = *costs.lock().unwrap())]
pub async fn generic<T: Clone + Send>(costs: &std::sync::Mutex<u8>, value: T) -> Option<T> {
    std::future::ready(()).await;
    Some(value)
}

/// Nothing is left to refuse.
#[fallback(value = 0)]
#[rate_limit(rate = 1)]
pub fn plain() -> u32 {
    1
}

fn assert_send<T: Send>(_: T) {}

fn main() {
    let mut client = Client { weight: 1.0 };
    assert_send(client.send(vec![1]));
    assert_send(ask(String::new()));
    let costs = std::sync::Mutex::new(1);
    assert_send(generic(&costs, 1));
    assert_eq!((plain(), plain()), (1, 0));
}
