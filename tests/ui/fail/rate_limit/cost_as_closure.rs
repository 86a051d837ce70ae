//! The arguments are in scope: nothing has to be handed over.
//!
//! ```
//! #[rate_limit(rate = 10, cost = symbols.len())]
//! fn quote(symbols: &[u8]) -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::rate_limit;

#[rate_limit(rate = 10, cost = |symbols| symbols.len())]
fn quote(symbols: &[u8]) -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
