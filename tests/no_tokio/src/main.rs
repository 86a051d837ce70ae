//! Every policy on sync functions, and on async functions those that don't wait, without tokio.

use resilience::{bulkhead, circuit_breaker, fallback, rate_limit, retry, timeout};

fn cached(symbol: String) -> std::io::Result<String> {
    Ok(format!("{symbol} (cached)"))
}

#[fallback(cached)]
#[retry(max_attempts = 2, base_delay = "1ms", clone(symbol))]
#[circuit_breaker(name = "quotes")]
#[rate_limit(rate = 1000, burst = 1, max_wait = "1s")]
#[bulkhead(max_concurrent = 4, max_wait = "1ms")]
#[timeout("1s")]
fn quote(symbol: String) -> std::io::Result<String> {
    Ok(symbol)
}

#[fallback(value = 7)]
#[circuit_breaker(name = "numbers")]
#[rate_limit(rate = 1, per = "1h")]
async fn number() -> std::io::Result<u32> {
    Err(std::io::Error::other("no"))
}

fn main() {
    assert_eq!(quote("ACME".to_owned()).unwrap(), "ACME");
    // The second call waits for its turn, on its thread.
    assert_eq!(quote("ACME".to_owned()).unwrap(), "ACME");
    let mut number = std::pin::pin!(number());
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(matches!(number.as_mut().poll(&mut context), std::task::Poll::Ready(Ok(7))));
}
