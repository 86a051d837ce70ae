//! Every policy is an attribute of its own, so that its place says what it is around.
//!
//! ```
//! #[retry(max_attempts = 3)]
//! #[timeout("1s", mode = "cooperative")]
//! fn price() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(timeout = "1s", max_attempts = 3)]
fn price() -> Result<u32, String> {
    Ok(1)
}

fn main() {}
