//! Every attempt takes its arguments along to a thread of its own.
//!
//! ```
//! #[retry(clone(symbol))]
//! #[timeout("1s")]
//! fn quote(symbol: String) -> Result<u32, resilience::Error> {
//!     Ok(symbol.len() as u32)
//! }
//! ```

use resilience::{retry, timeout};

#[retry]
#[timeout("1s")]
fn quote(symbol: String) -> Result<u32, resilience::Error> {
    Ok(symbol.len() as u32)
}

fn main() {}
