//! A key that uses no argument would be the same for all calls.
//!
//! ```
//! #[bulkhead(max_concurrent = 4, key = tenant)]
//! fn report(tenant: &str) -> Option<usize> {
//!     Some(tenant.len())
//! }
//! ```

use resilience::bulkhead;

#[bulkhead(max_concurrent = 4, key = tenants)]
fn report(tenant: &str) -> Option<usize> {
    Some(tenant.len())
}

fn main() {}
