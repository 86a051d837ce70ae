//! Without a ratio and without a minimum nothing would ever be retried.
//!
//! ```
//! #[retry(budget(name = "payments", ratio = 0, min_per_second = 1))]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(budget(name = "payments", ratio = 0, min_per_second = 0))]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
