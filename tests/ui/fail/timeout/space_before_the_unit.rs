//! A duration is one word, so that it can't be taken for two.
//!
//! ```
//! #[timeout("5s")]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::timeout;

#[timeout("5 s")]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
