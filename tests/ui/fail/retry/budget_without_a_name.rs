//! A budget is shared by its name.
//!
//! ```
//! #[retry(budget(name = "payments", ratio = 0.1))]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(budget(ratio = 0.1))]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
