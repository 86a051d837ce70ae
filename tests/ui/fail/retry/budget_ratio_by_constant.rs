//! A constant is checked as a literal is, by the compiler.
//!
//! ```
//! const SHARE: f64 = 0.2;
//!
//! #[retry(budget(name = "payments", ratio = SHARE))]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

const SHARE: f64 = 20.0;

#[retry(budget(name = "payments", ratio = SHARE))]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
