//! What isn't known is refused, and not passed over.
//!
//! ```
//! static QUOTES: std::sync::LazyLock<Pipeline<u32, Error>> = std::sync::LazyLock::new(|| {
//!     Pipeline::builder().retry(RetryPolicy::new()).build().expect("policies that fit")
//! });
//! #[resilient(QUOTES, clone(symbol))]
//! fn quote(symbol: String) -> Result<u32, Error> {
//!     Ok(symbol.into_bytes().len() as u32)
//! }
//! ```

use resilience::{Error, resilient};

#[resilient(QUOTES, clones = symbol)]
fn quote(symbol: String) -> Result<u32, Error> {
    Ok(symbol.into_bytes().len() as u32)
}

fn main() {}
