//! With no room for a key each call would have a bulkhead of its own.
//!
//! ```
//! #[bulkhead(max_concurrent = 4, key = tenant, max_keys = 1_000)]
//! fn report(tenant: &str) -> Option<usize> {
//!     Some(tenant.len())
//! }
//! ```

use resilience::bulkhead;

#[bulkhead(max_concurrent = 4, key = tenant, max_keys = 0)]
fn report(tenant: &str) -> Option<usize> {
    Some(tenant.len())
}

fn main() {}
