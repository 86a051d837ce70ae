//! The ratio is a number.
//!
//! ```
//! #[retry(budget(name = "payments", ratio = 0.2))]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(budget(name = "payments", ratio = "20%"))]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
