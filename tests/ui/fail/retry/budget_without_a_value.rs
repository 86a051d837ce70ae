//! Every setting of a budget has a value.
//!
//! ```
//! #[retry(budget(name = "payments"))]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(budget(name))]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
