//! Time doesn't run backwards.
//!
//! ```
//! #[timeout("5s")]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::timeout;

#[timeout("-5s")]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
