//! Without keys there is one limiter, and no table that could be full.
//!
//! ```
//! #[rate_limit(rate = 10, key = tenant, overflow = "reject")]
//! fn call(tenant: &str) -> Option<usize> {
//!     Some(tenant.len())
//! }
//! ```

use resilience::rate_limit;

#[rate_limit(rate = 10, overflow = "reject")]
fn call(tenant: &str) -> Option<usize> {
    Some(tenant.len())
}

fn main() {}
