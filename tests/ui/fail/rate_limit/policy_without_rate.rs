//! A policy is checked where it is used, also by the compiler.
//!
//! ```
//! const SLOW: RateLimitPolicy = RateLimitPolicy::new().rate(10);
//!
//! #[rate_limit(policy = SLOW)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::{RateLimitPolicy, rate_limit};

const SLOW: RateLimitPolicy = RateLimitPolicy::new().burst(10);

#[rate_limit(policy = SLOW)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
