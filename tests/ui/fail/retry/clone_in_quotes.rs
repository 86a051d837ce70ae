//! Arguments are named as in the body.
//!
//! ```
//! #[retry(clone(symbol))]
//! fn quote(symbol: String, lots: Vec<u32>) -> Result<usize, resilience::Error> {
//!     Ok(symbol.into_bytes().len() + lots.len())
//! }
//! ```

use resilience::retry;

#[retry(clone("symbol", &lots))]
fn quote(symbol: String, lots: Vec<u32>) -> Result<usize, resilience::Error> {
    Ok(symbol.into_bytes().len() + lots.len())
}

fn main() {}
