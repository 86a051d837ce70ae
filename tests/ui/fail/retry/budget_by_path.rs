//! The name is a literal, so that the budget is found before the first call.
//!
//! ```
//! #[retry(budget = "payments")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(budget = PAYMENTS)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
