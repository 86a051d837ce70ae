//! The attribute takes the name of the jitter; the type `Jitter` is for policies at run time.
//!
//! ```
//! #[retry(jitter = "none")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(jitter = resilience::Jitter::None)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
