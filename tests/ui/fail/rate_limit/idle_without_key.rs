//! Without keys there is nothing to forget.
//!
//! ```
//! #[rate_limit(rate = 10, key = symbols[0], idle = "1m")]
//! fn quote(symbols: &[u8]) -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::rate_limit;

#[rate_limit(rate = 10, idle = "1m")]
fn quote(symbols: &[u8]) -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
