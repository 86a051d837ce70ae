//! `rejected` names kinds of `resilience::Error`.
//!
//! ```
//! #[retry(rejected(timed_out))]
//! #[timeout("1s", mode = "cooperative")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(rejected(timeout))]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
