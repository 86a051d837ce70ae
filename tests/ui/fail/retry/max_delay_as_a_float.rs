//! A bare number could be seconds or milliseconds.
//!
//! ```
//! #[retry(max_delay = "1.5s")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(max_delay = 1.5)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
