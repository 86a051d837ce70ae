//! A duration is text, since Rust has no literal for one.
//!
//! ```
//! #[timeout("100ms")]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::timeout;

#[timeout(100ms)]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
