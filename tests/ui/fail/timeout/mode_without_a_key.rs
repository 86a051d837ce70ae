//! Only the duration goes without a key.
//!
//! ```
//! #[timeout("1s", mode = "cooperative")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::timeout;

#[timeout("1s", cooperative)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
