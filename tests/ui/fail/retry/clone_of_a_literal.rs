//! `clone` names arguments of the function.
//!
//! ```
//! #[retry(clone(symbol))]
//! fn quote(symbol: String) -> Result<usize, resilience::Error> {
//!     Ok(symbol.into_bytes().len())
//! }
//! ```

use resilience::retry;

#[retry(clone(1))]
fn quote(symbol: String) -> Result<usize, resilience::Error> {
    Ok(symbol.into_bytes().len())
}

fn main() {}
