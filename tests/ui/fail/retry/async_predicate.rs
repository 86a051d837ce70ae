//! A filter is asked between two attempts, without awaiting.
//!
//! ```
//! #[retry(when = |error| error.is_timed_out())]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(when = async |error| error.is_timed_out())]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
