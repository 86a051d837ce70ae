//! `#[rate_limit]`: no faster than a service allows, and slower where it says so.
//!
//! ```text
//! cargo run --example rate_limit
//! ```

use std::time::{Duration, Instant};

use resilience::{RateLimiterEvent, get_rate_limiter, rate_limit, retry};

#[derive(Debug, thiserror::Error)]
enum ApiError {
    #[error("429 Too Many Requests")]
    TooMany,
    #[error(transparent)]
    Rejected(#[from] resilience::Error),
}

// Twenty calls a second, five at once; who comes too early waits for its turn for up to a second. A 429 halves the
// rate, which then grows by two calls a second every second.
#[rate_limit(
    name = "search",
    rate = 20,
    burst = 5,
    max_wait = "1s",
    decrease = 0.5,
    increase = 2,
    on(ApiError::TooMany)
)]
async fn search(term: &str) -> Result<usize, ApiError> {
    if term == "too much" { Err(ApiError::TooMany) } else { Ok(term.len()) }
}

// A batch costs as much as there is in it. The refusal says when to come back, and the retry does so.
#[retry(max_attempts = 5)]
#[rate_limit(name = "upload", rate = 100, burst = 20, cost = lines.len())]
async fn upload(lines: &[&str]) -> Result<usize, ApiError> {
    Ok(lines.len())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), ApiError> {
    let start = Instant::now();
    let elapsed = || Duration::from_millis(u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX));

    for call in 1..=8 {
        search("rust").await?;
        println!("{:>8.0?}  call {call}", elapsed());
    }

    let limiter = get_rate_limiter("search").expect("declared above");
    let _subscription = limiter.subscribe(|event| {
        if let RateLimiterEvent::RateChanged { from, to, cause, .. } = event {
            println!("          {from} to {to} calls a second: {cause}");
        }
    });
    println!("{:>8.0?}  {:?}", elapsed(), search("too much").await.map_err(|error| error.to_string()));

    // What a response says: twelve calls are left for the next two seconds.
    limiter.update_from_headers([("RateLimit-Remaining", "12"), ("RateLimit-Reset", "2")]);

    for batch in 1..=3 {
        upload(&["line"; 20]).await?;
        println!("{:>8.0?}  batch {batch}", elapsed());
    }
    println!("{:?}", limiter.metrics());
    Ok(())
}
