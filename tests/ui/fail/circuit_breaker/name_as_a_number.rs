//! A name is a text.
//!
//! ```
//! #[circuit_breaker(name = "five")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(name = 5)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
