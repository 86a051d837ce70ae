//! Of two values for one setting, one would be passed over.
//!
//! ```
//! #[retry(budget(name = "payments", ratio = 0.1))]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(budget(name = "payments", ratio = 0.1, ratio = 0.2))]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
