//! Of two limits one would be ignored.
//!
//! ```
//! #[timeout("1s")]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::timeout;

#[timeout("1s", duration = "2s")]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
