//! The calls of a pipeline have one type of result, and the function has it too.
//!
//! ```
//! static QUOTES: std::sync::LazyLock<Pipeline<u32, Error>> = std::sync::LazyLock::new(|| {
//!     Pipeline::builder().retry(RetryPolicy::new()).build().expect("policies that fit")
//! });
//! #[resilient(QUOTES)]
//! fn quote(symbol: &str) -> Result<u32, Error> {
//!     Ok(symbol.len() as u32)
//! }
//! ```

use std::sync::LazyLock;

use resilience::{Error, Pipeline, RetryPolicy, resilient};

static QUOTES: LazyLock<Pipeline<u32, Error>> =
    LazyLock::new(|| Pipeline::builder().retry(RetryPolicy::new()).build().unwrap());

#[resilient(QUOTES)]
fn quote(symbol: &str) -> Result<String, Error> {
    Ok(symbol.to_owned())
}

#[resilient(QUOTES)]
async fn price(symbol: &str) -> Result<u32, std::io::Error> {
    Ok(symbol.len() as u32)
}

static LIMIT: u32 = 7;

#[resilient(LIMIT)]
fn limit(symbol: &str) -> Result<u32, Error> {
    Ok(symbol.len() as u32)
}

fn main() {}
