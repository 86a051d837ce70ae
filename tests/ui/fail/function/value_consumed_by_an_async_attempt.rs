//! Every attempt needs what the body consumes.
//!
//! ```
//! #[retry(clone(symbol))]
//! async fn quote(symbol: String, market: u32) -> Result<u32, resilience::Error> {
//!     Ok(market + symbol.into_bytes().len() as u32)
//! }
//! ```

use resilience::retry;

#[retry]
async fn quote(symbol: String, market: &str) -> Result<u32, resilience::Error> {
    println!("{market}");

    Ok(symbol.into_bytes().len() as u32)
}

fn main() {}
