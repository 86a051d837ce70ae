//! A name is looked up as it is written, and blanks around it are never seen.
//!
//! ```
//! #[circuit_breaker(name = "quotes")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(name = "quotes ")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
