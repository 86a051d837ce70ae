//! The first delay would be cut off, and so would every other.
//!
//! ```
//! #[retry(base_delay = "1s", max_delay = "10s")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(base_delay = "10s", max_delay = "1s")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
