//! A duration is a number with a unit.
//!
//! ```
//! #[timeout("5s")]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::timeout;

#[timeout("")]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
