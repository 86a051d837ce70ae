//! A handler is a function, named by its path.
//!
//! ```
//! fn cached() -> Result<u32, resilience::Error> {
//!     Ok(0)
//! }
//!
//! #[circuit_breaker(fallback = cached)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

fn cached() -> Result<u32, resilience::Error> {
    Ok(0)
}

#[circuit_breaker(fallback = "cached")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
