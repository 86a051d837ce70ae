//! There is nothing below no minimum.
//!
//! ```
//! #[retry(budget(name = "payments", min_per_second = 0))]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(budget(name = "payments", min_per_second = -1))]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
