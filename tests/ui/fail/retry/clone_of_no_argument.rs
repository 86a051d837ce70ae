//! `clone` names arguments of the function.
//!
//! ```
//! #[retry(clone(symbol))]
//! fn quote(symbol: String) -> Result<u32, resilience::Error> {
//!     Ok(symbol.len() as u32)
//! }
//! ```

use resilience::retry;

#[retry(clone(symbl))]
fn quote(symbol: String) -> Result<u32, resilience::Error> {
    Ok(symbol.len() as u32)
}

fn main() {}
