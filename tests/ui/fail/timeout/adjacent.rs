//! Of two timeouts around the same the shorter one always ends first.
//!
//! ```
//! #[timeout("5s")]
//! #[retry]
//! #[timeout("1s")]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::timeout;

#[timeout("5s")]
#[timeout("1s")]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
