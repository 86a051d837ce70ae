//! There are more kinds of jitter than on and off.
//!
//! ```
//! #[retry(jitter = "full")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(jitter = true)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
