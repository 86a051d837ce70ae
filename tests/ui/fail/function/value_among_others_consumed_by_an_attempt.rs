//! Every attempt needs what the body consumes.
//!
//! ```
//! #[retry(clone(symbol))]
//! fn quote(symbol: String, markets: Vec<u32>) -> Result<u32, resilience::Error> {
//!     Ok(markets[0] + symbol.into_bytes().len() as u32)
//! }
//! ```

use resilience::retry;

#[retry]
fn quote(symbol: String, markets: Vec<u32>) -> Result<u32, resilience::Error> {
    Ok(markets[0] + symbol.into_bytes().len() as u32)
}

fn main() {}
