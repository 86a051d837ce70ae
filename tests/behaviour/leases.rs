//! How long a trial keeps its place: as long as the timeout inside of the circuit breaker lets it run, however that
//! is told.

use resilience::{CircuitState, TimeoutPolicy, circuit_breaker, get_circuit_breaker, timeout};
use tokio::time::advance;

use crate::support::{Fault, poll_now, secs};

const SLOW: TimeoutPolicy = TimeoutPolicy::new(secs(100));

async fn answer(result: Option<Result<u32, Fault>>) -> Result<u32, Fault> {
    match result {
        Some(result) => result,
        None => std::future::pending().await,
    }
}

/// A trial that has been under way for 2 s, in an open time of 1 s, keeps its place until its timeout ends it. Then it has
/// failed, and the circuit is open for another second.
macro_rules! keeps_its_place {
    ($call:expr, $breaker:expr) => {{
        let call = $call;
        call(Some(Err(Fault::Fatal))).await.unwrap_err();
        let breaker = $breaker;
        assert_eq!(breaker.state(), CircuitState::Open);
        advance(secs(1)).await;
        let mut trial = Box::pin(call(None));
        assert!(poll_now(trial.as_mut()).is_pending());
        advance(secs(2)).await;
        assert!(call(Some(Ok(1))).await.unwrap_err().refusal().is_circuit_open());
        assert_eq!(breaker.state(), CircuitState::HalfOpen);
        advance(secs(98)).await;
        assert_eq!(breaker.state(), CircuitState::Open);
        assert_eq!(breaker.time_until_reset(), Some(secs(1)));
        advance(secs(1)).await;
        assert_eq!(call(Some(Ok(1))).await, Ok(1));
        assert_eq!(breaker.state(), CircuitState::Closed);
    }};
    ($name:literal: $call:expr) => {
        keeps_its_place!($call, get_circuit_breaker($name).unwrap())
    };
}

#[tokio::test(start_paused = true)]
async fn by_a_policy() {
    #[circuit_breaker(
        name = "lease: policy",
        failure_threshold = 1,
        reset_timeout = "1s",
        half_open_max_calls = 1
    )]
    #[timeout(policy = SLOW)]
    async fn call(result: Option<Result<u32, Fault>>) -> Result<u32, Fault> {
        answer(result).await
    }
    keeps_its_place!("lease: policy": call);
}

#[tokio::test(start_paused = true)]
async fn by_an_expression() {
    #[circuit_breaker(
        name = "lease: expression",
        failure_threshold = 1,
        reset_timeout = "1s",
        half_open_max_calls = 1
    )]
    #[timeout(secs(100))]
    async fn call(result: Option<Result<u32, Fault>>) -> Result<u32, Fault> {
        answer(result).await
    }
    keeps_its_place!("lease: expression": call);
}

#[tokio::test(start_paused = true)]
async fn by_an_argument_and_under_a_key() {
    #[circuit_breaker(
        name = "lease: key",
        key = host,
        failure_threshold = 1,
        reset_timeout = "1s",
        half_open_max_calls = 1
    )]
    #[timeout(secs(limit))]
    async fn call_host(host: &str, limit: u64, result: Option<Result<u32, Fault>>) -> Result<u32, Fault> {
        answer(result).await
    }
    keeps_its_place!(
        |result| call_host("a", 100, result),
        resilience::get_circuit_breaker_for("lease: key", "a").unwrap()
    );
}
