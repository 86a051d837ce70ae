//! A shared policy that is `checked` doesn't compile if it can't work, used or not.
//!
//! ```
//! const SLOW: RateLimitPolicy = RateLimitPolicy::new().rate(10).burst(5).checked();
//!
//! #[rate_limit(policy = SLOW)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::RateLimitPolicy;

const SLOW: RateLimitPolicy = RateLimitPolicy::new().rate(10).burst(0).checked();

fn main() {
    let _ = SLOW;
}
