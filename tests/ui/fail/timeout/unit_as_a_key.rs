//! The duration needs no key, and its unit is a part of it.
//!
//! ```
//! #[timeout("500ms")]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::timeout;

#[timeout(ms = 500)]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
