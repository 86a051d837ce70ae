//! An attribute has its arguments in parentheses.
//!
//! ```
//! #[retry(max_attempts = 3)]
//! #[timeout("5s")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::{retry, timeout};

#[retry = 3]
#[timeout = "5s"]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

#[timeout = "5s"]
fn fetch() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
