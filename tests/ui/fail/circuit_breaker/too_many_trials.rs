//! Trials are counted in 32 bits.
//!
//! ```
//! #[circuit_breaker(half_open_max_calls = 10)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(half_open_max_calls = 4_294_967_296)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
