//! A limit by name is a `Duration`, which knows its unit.
//!
//! ```
//! const LIMIT: std::time::Duration = std::time::Duration::from_secs(5);
//!
//! #[timeout(LIMIT)]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::timeout;

const LIMIT: u64 = 5;

#[timeout(LIMIT)]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
