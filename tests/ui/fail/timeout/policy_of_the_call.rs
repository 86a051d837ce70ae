//! The policy of a timeout belongs to the function. A limit may belong to the call.
//!
//! ```
//! #[timeout(limit)]
//! async fn quote(limit: std::time::Duration) -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::timeout;

#[timeout(policy = policy)]
async fn quote(policy: resilience::TimeoutPolicy) -> Result<u32, resilience::Error> {
    let _ = policy;
    Ok(1)
}

fn main() {}
