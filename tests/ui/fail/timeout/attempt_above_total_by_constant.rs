//! Constants are compared as literals are.
//!
//! ```
//! #[timeout("2s")]
//! #[retry]
//! #[timeout("500ms")]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::{retry, timeout};

const EACH: std::time::Duration = std::time::Duration::from_secs(5);

#[timeout("2s")]
#[retry]
#[timeout(EACH)]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
