//! A setting that nobody reads would be a silent mistake.
//!
//! ```
//! #[retry(budget(name = "payments", min_per_second = 10))]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(budget(name = "payments", min_per_sec = 10))]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
