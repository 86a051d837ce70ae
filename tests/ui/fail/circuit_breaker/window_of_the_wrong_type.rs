//! A number by name could be calls or seconds: say which, by a `Window`.
//!
//! ```
//! const CALLS: u32 = 100;
//!
//! #[circuit_breaker(failure_rate = 0.5, window = resilience::Window::Calls(CALLS))]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

const CALLS: u32 = 100;

#[circuit_breaker(failure_rate = 0.5, window = CALLS)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
