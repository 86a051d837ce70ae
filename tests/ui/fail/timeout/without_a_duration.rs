//! How long a call may take depends on what it calls: there is no default that is right.
//!
//! ```
//! #[timeout("5s")]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::timeout;

#[timeout]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
