use std::time::Duration;

use resilience::timeout;

#[timeout("1s", fallback = |error| Err(error.into()))]
async fn quote() -> std::io::Result<u32> {
    Ok(1)
}

#[timeout(limit)]
async fn quote_within(limit: Duration) -> std::io::Result<u32> {
    Ok(1)
}

fn main() {}
