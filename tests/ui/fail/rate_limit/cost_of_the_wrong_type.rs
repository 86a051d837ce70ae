//! A cost is a number.
//!
//! ```
//! #[rate_limit(rate = 10, cost = symbols.len())]
//! fn quote(symbols: &[u8]) -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::rate_limit;

#[rate_limit(rate = 10, cost = symbols)]
fn quote(symbols: &[u8]) -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
