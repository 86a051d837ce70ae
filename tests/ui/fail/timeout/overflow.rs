//! A `Duration` holds 64 bits of seconds.
//!
//! ```
//! #[timeout("1h")]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::timeout;

#[timeout("18446744073709551616s")]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
