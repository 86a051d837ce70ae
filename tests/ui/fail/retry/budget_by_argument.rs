//! One budget serves all calls, so that no call can have settings of its own.
//!
//! ```
//! #[retry(budget(name = "payments", ratio = 0.2))]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(budget(name = "payments", ratio = share * 2.0))]
fn quote(share: f64) -> Result<u32, resilience::Error> {
    Ok(share as u32)
}

fn main() {}
