//! No delay grows to none.
//!
//! ```
//! #[retry(base_delay = "10ms", multiplier = 3.0)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(base_delay = "0s", multiplier = 3.0)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
