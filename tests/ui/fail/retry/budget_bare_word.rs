//! A budget is shared by its name, which the word alone does not give.
//!
//! ```
//! #[retry(budget = "payments")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(budget)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
