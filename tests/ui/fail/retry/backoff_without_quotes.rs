//! Without quotes it is the path of a function that works the delay out.
//!
//! ```
//! #[retry(backoff = "linear")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(backoff = linear)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
