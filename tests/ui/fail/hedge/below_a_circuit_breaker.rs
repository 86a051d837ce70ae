//! A breaker judges single calls: of several it would see the one that answered, and never those that hang.
//!
//! ```
//! #[hedge(after = "50ms")]
//! #[circuit_breaker]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::{circuit_breaker, hedge};

#[circuit_breaker]
#[hedge(after = "50ms")]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
