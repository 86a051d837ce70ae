//! `clone` takes a list, which stands in parentheses.
//!
//! ```
//! #[retry(clone(symbol))]
//! fn quote(symbol: String) -> Result<usize, resilience::Error> {
//!     Ok(symbol.into_bytes().len())
//! }
//! ```

use resilience::retry;

#[retry(clone = symbol)]
fn quote(symbol: String) -> Result<usize, resilience::Error> {
    Ok(symbol.into_bytes().len())
}

fn main() {}
