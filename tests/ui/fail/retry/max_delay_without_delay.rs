//! Where there is no delay, none is too long.
//!
//! ```
//! #[retry(base_delay = "10ms", max_delay = "1s")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(base_delay = "0s", max_delay = "1s")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
