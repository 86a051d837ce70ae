//! The name is known when the program is linked, so that `get_circuit_breaker` finds it before the first
//! call.
//!
//! ```
//! #[circuit_breaker(name = "quotes")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

const NAME: &str = "quotes";

#[circuit_breaker(name = NAME)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
