//! Of two values one would be ignored.
//!
//! ```
//! #[circuit_breaker(name = "a")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(name = "a", name = "b")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
