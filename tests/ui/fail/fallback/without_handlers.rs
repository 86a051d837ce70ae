//! There is no answer that is right for every function.
//!
//! ```
//! #[fallback(value = 0)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::fallback;

#[fallback]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
