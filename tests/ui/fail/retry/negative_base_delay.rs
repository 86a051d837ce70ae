//! Time doesn't run backwards.
//!
//! ```
//! #[retry(base_delay = "1s")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(base_delay = "-1s")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
