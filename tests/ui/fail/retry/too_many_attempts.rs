//! Attempts are counted in 32 bits.
//!
//! ```
//! #[retry(max_attempts = 4_294_967_295)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(max_attempts = 4_294_967_296)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
