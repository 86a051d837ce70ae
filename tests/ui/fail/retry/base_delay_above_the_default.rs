//! Delays end at 30 seconds where no `max_delay` is given.
//!
//! ```
//! #[retry(base_delay = "1m", max_delay = "10m")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(base_delay = "1m")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
