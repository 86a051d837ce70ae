//! A handler by path stands in for the function: it gives the same result.
//!
//! ```
//! fn cached() -> Result<u32, resilience::Error> {
//!     Ok(0)
//! }
//!
//! #[fallback(cached)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::fallback;

fn cached() -> u32 {
    0
}

#[fallback(cached)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
