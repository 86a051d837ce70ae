//! No pattern leaves out no error.
//!
//! ```
//! #[retry]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(except())]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
