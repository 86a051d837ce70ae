//! The next attempt needs the argument that this one would consume: each gets a clone, but the last.
//!
//! ```
//! #[retry(clone(symbol))]
//! fn quote(symbol: String) -> Result<u32, resilience::Error> {
//!     Ok(symbol.into_bytes().len() as u32)
//! }
//! ```

use resilience::retry;

#[retry]
fn quote(symbol: String) -> Result<u32, resilience::Error> {
    Ok(symbol.into_bytes().len() as u32)
}

fn main() {}
