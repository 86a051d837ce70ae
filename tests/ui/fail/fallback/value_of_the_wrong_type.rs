//! `value` is what the function gives when it succeeds.
//!
//! ```
//! #[fallback(value = 0)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::fallback;

#[fallback(value = "none")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
