//! The units are short: ns, us, ms, s, m, h and d.
//!
//! ```
//! #[timeout("1m30s")]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::timeout;

#[timeout("1 min 30 sec")]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
