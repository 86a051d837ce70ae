//! An open circuit refuses a call, and a plain value has no room to say so.
//!
//! ```
//! #[circuit_breaker]
//! fn count() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker]
fn count() -> u32 {
    1
}

fn main() {}
