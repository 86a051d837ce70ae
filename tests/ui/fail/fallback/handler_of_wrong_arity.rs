//! A handler by path stands in for the function: it takes the same arguments, and the error last if it wants
//! it.
//!
//! ```
//! fn cached(_symbol: &str) -> Result<u32, resilience::Error> {
//!     Ok(0)
//! }
//!
//! #[fallback(cached)]
//! fn quote(_symbol: &str) -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::fallback;

fn cached(_symbol: &str, _time: u64, _more: u8) -> Result<u32, resilience::Error> {
    Ok(0)
}

#[fallback(cached)]
fn quote(_symbol: &str) -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
