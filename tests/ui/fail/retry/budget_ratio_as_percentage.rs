//! The ratio is the number of retries that each call pays for, of which one is the most.
//!
//! ```
//! #[retry(budget(name = "payments", ratio = 0.2))]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(budget(name = "payments", ratio = 20))]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
