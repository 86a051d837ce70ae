//! A body that isn't async can't be dropped: it is left behind on its thread, where what it borrows may be
//! gone.
//!
//! ```
//! #[timeout("1s")]
//! fn quote(symbol: String) -> Result<u32, resilience::Error> {
//!     Ok(symbol.len() as u32)
//! }
//! ```

use resilience::timeout;

#[timeout("1s")]
fn quote(symbol: &str) -> Result<u32, resilience::Error> {
    Ok(symbol.len() as u32)
}

fn main() {}
