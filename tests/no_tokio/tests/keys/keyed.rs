use resilience::{bulkhead, circuit_breaker, rate_limit};

/// It needn't even be one that could be a key.
struct Host;

#[circuit_breaker(name = "hosts", key = host)]
fn breaker(host: &Host) -> Option<u32> {
    Some(1)
}

#[rate_limit(rate = 1, key = host, max_wait = "1s")]
fn limited(host: &Host) -> Option<u32> {
    Some(1)
}

#[bulkhead(max_concurrent = 1, key = host)]
async fn slot(host: &Host) -> Option<u32> {
    Some(1)
}

fn main() {}
