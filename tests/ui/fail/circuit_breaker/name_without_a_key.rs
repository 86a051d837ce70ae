//! Every argument but a duration of `#[timeout]`, a handler and a pipeline has a key.
//!
//! ```
//! #[circuit_breaker(name = "quotes")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker("quotes")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
