//! A foreign caller knows no `Result`. What answers in the function's stead gives it a value of its own.
//!
//! ```
//! #[fallback(value = -1)]
//! #[circuit_breaker]
//! extern "C" fn quote() -> i32 {
//!     1
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker]
extern "C" fn quote() -> i32 {
    1
}

fn main() {}
