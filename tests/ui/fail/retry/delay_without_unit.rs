//! A bare number could be seconds or milliseconds.
//!
//! ```
//! #[retry(base_delay = "100ms")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(base_delay = 100)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
