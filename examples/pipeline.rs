//! The same policies by hand, around calls that no attribute can stand on.
//!
//! `cargo run --example pipeline`

use std::time::Duration;

use resilience::{
    CircuitBreakerPolicy, Error, Pipeline, RetryPolicy, catalog, get_circuit_breaker, get_pipeline,
};

/// A function of somebody else's.
async fn fetch(symbol: &str, works: bool) -> Result<f64, Error> {
    println!("  asks for {symbol}");
    if works { Ok(101.5) } else { std::future::pending().await }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // The first policy added is the outermost, as the attribute on top is.
    let quotes: Pipeline<f64, Error> = Pipeline::builder()
        .name("quotes")
        .fallback(|error| {
            println!("  {error}: answers from the cache");
            Ok(99.0)
        })
        .retry_with(RetryPolicy::new().max_attempts(2).base_delay(Duration::from_millis(10)), |retry| {
            retry.on_retry(|event| println!("  attempt {} failed", event.attempt()))
        })
        .circuit_breaker(CircuitBreakerPolicy::new().failure_threshold(2))
        .timeout(Duration::from_millis(20))
        .build()?;

    println!("a call that works");
    assert_eq!(quotes.call_async(|| fetch("ACME", true)).await, Ok(101.5));

    println!("a service that hangs");
    assert_eq!(quotes.call_async(|| fetch("ACME", false)).await, Ok(99.0));

    println!("an open circuit: nothing is asked any more");
    assert_eq!(quotes.call_async(|| fetch("ACME", true)).await, Ok(99.0));

    // The pipeline and its breaker are found by its name, as an attribute's are.
    let breaker = get_circuit_breaker("quotes").ok_or("named after the pipeline")?;
    println!("the breaker is {}", breaker.state());
    breaker.reset();
    let same: Pipeline<f64, Error> = get_pipeline("quotes").ok_or("named above")?;
    assert_eq!(same.call(|| Ok(1.0)), Ok(1.0));

    println!("\n{}", catalog());
    Ok(())
}
