//! A bare number could be seconds or milliseconds.
//!
//! ```
//! #[timeout("1.5s")]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::timeout;

#[timeout(1.5)]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
