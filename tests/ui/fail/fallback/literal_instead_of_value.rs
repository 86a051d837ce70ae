//! Without its key a value could be taken for a handler.
//!
//! ```
//! #[fallback(value = 0)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::fallback;

#[fallback(0)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
