//! A parameter has a value: there is nothing that the word alone could mean.
//!
//! ```
//! #[retry(max_attempts = 3)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(max_attempts)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
