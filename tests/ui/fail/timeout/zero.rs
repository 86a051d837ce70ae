//! Every call would end before it began.
//!
//! ```
//! #[timeout("5s")]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::timeout;

#[timeout("0s")]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
