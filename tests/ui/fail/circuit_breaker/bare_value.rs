//! Among so many parameters a bare value could be any of them.
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
