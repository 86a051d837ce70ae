//! There are no fewer attempts than one, the first call.
//!
//! ```
//! #[retry(max_attempts = 1)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(max_attempts = -1)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
