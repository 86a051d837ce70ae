//! Other libraries count the retries. Here the first call is counted too.
//!
//! ```
//! #[retry(max_attempts = 4)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(retries = 3)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
