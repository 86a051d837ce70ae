//! A mode that nobody knows can't be guessed.
//!
//! ```
//! #[timeout("1s", mode = "cooperative")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::timeout;

#[timeout("1s", mode = "cooperativ")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
