//! A key that is the same for every call is none.
//!
//! ```
//! #[rate_limit(rate = 10, key = symbols[0])]
//! fn quote(symbols: &[u8]) -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::rate_limit;

#[rate_limit(rate = 10, key = "all")]
fn quote(symbols: &[u8]) -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
