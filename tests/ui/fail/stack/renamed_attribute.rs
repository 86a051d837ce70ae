//! The attributes of a function are expanded together, and know each other by their own names.
//!
//! ```
//! #[retry]
//! #[timeout("1s")]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::{retry, timeout as limit};

#[retry]
#[limit("1s")]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
