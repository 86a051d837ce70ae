use resilience::{bulkhead, circuit_breaker, fallback, hedge, retry, timeout};

#[fallback(|_| Ok(2))]
#[retry(max_attempts = 2, base_delay = "1ms", clone(symbol))]
#[hedge(after = "50ms", clone(symbol))]
#[circuit_breaker(name = "quotes")]
#[bulkhead(max_concurrent = 4)]
#[timeout("1s")]
async fn quote(symbol: String) -> std::io::Result<usize> {
    drop(symbol);
    Ok(1)
}

fn main() {}
