//! Parameters are separated by commas.
//!
//! ```
//! #[retry(max_attempts = 3, base_delay = "1s")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(max_attempts = 3 base_delay = "1s")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
