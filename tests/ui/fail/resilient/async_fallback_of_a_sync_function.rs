//! A function that isn't async can't await what its pipeline's fallback returns.
//!
//! ```
//! static QUOTES: std::sync::LazyLock<Pipeline<u32, Error, AsyncHandlers>> = std::sync::LazyLock::new(|| {
//!     Pipeline::builder().fallback_async(async |_| Ok(100)).build().expect("policies that fit")
//! });
//! #[resilient(QUOTES)]
//! async fn quote(symbol: &str) -> Result<u32, Error> {
//!     Ok(symbol.len() as u32)
//! }
//! ```

use std::sync::LazyLock;

use resilience::{AsyncHandlers, Error, Pipeline, resilient};

static QUOTES: LazyLock<Pipeline<u32, Error, AsyncHandlers>> =
    LazyLock::new(|| Pipeline::builder().fallback_async(async |_| Ok(100)).build().unwrap());

#[resilient(QUOTES)]
fn quote(symbol: &str) -> Result<u32, Error> {
    Ok(symbol.len() as u32)
}

fn main() {
    // Nor can a closure.
    QUOTES.call(|| Ok(1));
}
