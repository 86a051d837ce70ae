//! A value stands behind `=`, as in every attribute of Rust.
//!
//! ```
//! #[retry(max_attempts = 3)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(max_attempts: 3, base_delay: "10ms")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
