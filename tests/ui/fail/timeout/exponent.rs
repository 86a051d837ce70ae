//! A duration is written out, so that its length can be seen.
//!
//! ```
//! #[timeout("1000s")]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::timeout;

#[timeout("1e3s")]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
