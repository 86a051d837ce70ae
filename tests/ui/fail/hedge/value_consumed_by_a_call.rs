//! Every call needs what the body consumes.
//!
//! ```
//! #[hedge(after = "50ms", clone(symbol))]
//! async fn quote(symbol: String, market: u32) -> Result<u32, resilience::Error> {
//!     Ok(market + symbol.into_bytes().len() as u32)
//! }
//! ```

use resilience::hedge;

#[hedge(after = "50ms")]
async fn quote(symbol: String, market: u32) -> Result<u32, resilience::Error> {
    Ok(market + symbol.into_bytes().len() as u32)
}

fn main() {}
