//! A name of blanks can't be told from another one in a log.
//!
//! ```
//! #[circuit_breaker(name = "quotes")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(name = "  ")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

/// A no-break space is a blank too.
#[circuit_breaker(name = "\u{a0}")]
fn rate() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
