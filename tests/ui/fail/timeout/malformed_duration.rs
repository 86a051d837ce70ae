//! A duration is a number with a unit: ns, us, ms, s, m, h or d.
//!
//! ```
//! #[timeout("5s")]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::timeout;

#[timeout("5 parsecs")]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
