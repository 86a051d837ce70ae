//! Of no delay there is no share that chance could decide on.
//!
//! ```
//! #[retry(base_delay = "10ms", jitter = "equal")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(base_delay = "0s", jitter = "equal")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
