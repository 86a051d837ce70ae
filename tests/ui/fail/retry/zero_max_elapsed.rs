//! No retry would ever have room in it.
//!
//! ```
//! #[retry(max_elapsed = "1m")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(max_elapsed = "0s")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
