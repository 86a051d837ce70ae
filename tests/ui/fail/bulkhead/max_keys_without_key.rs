//! `max_keys` bounds the number of keys, and without `key` there is one bulkhead for all calls.
//!
//! ```
//! #[bulkhead(max_concurrent = 4, key = tenant, max_keys = 100)]
//! fn report(tenant: &str) -> Option<usize> {
//!     Some(tenant.len())
//! }
//! ```

use resilience::bulkhead;

#[bulkhead(max_concurrent = 4, max_keys = 100)]
fn report(tenant: &str) -> Option<usize> {
    Some(tenant.len())
}

fn main() {}
