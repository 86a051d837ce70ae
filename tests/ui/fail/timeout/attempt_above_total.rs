//! The limit of all attempts together ends before the limit of one.
//!
//! ```
//! #[timeout("20s")]
//! #[retry]
//! #[timeout("5s")]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::{retry, timeout};

#[timeout("1s")]
#[retry]
#[timeout("5s")]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
