//! `idle` is about the bulkheads of the keys, and without `key` there is one bulkhead, which stays.
//!
//! ```
//! #[bulkhead(max_concurrent = 4, key = tenant, idle = "1h")]
//! fn report(tenant: &str) -> Option<usize> {
//!     Some(tenant.len())
//! }
//! ```

use resilience::bulkhead;

#[bulkhead(max_concurrent = 4, idle = "1h")]
fn report(tenant: &str) -> Option<usize> {
    Some(tenant.len())
}

fn main() {}
