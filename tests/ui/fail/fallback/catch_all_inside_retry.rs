//! A fallback that answers every failure leaves the retry above it nothing to retry.
//!
//! ```
//! #[fallback(value = 0)]
//! #[retry]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::{fallback, retry};

#[retry]
#[fallback(value = 0)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
