//! A mode is a name in quotes, like that of a backoff.
//!
//! ```
//! #[timeout("1s", mode = "cooperative")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::timeout;

#[timeout("1s", mode = cooperative)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
