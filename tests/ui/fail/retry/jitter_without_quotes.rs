//! Without quotes it is a constant, by which the delay is spread.
//!
//! ```
//! #[retry(jitter = "equal")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(jitter = equal)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
