//! Arguments of an attribute stand in parentheses.
//!
//! ```
//! #[timeout("1s")]
//! #[retry(max_attempts = 3)]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::{retry, timeout};

#[timeout("1s")]
#[retry = 3]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
