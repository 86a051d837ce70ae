//! A key is looked up in a table, and kept there.
//!
//! ```
//! #[bulkhead(max_concurrent = 4, key = tenant.0)]
//! fn report(tenant: &Tenant) -> Option<u64> {
//!     Some(tenant.0)
//! }
//!
//! struct Tenant(u64);
//! ```

use resilience::bulkhead;

struct Tenant(u64);

impl std::fmt::Display for Tenant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

#[bulkhead(max_concurrent = 4, key = tenant)]
fn report(tenant: Tenant) -> Option<u64> {
    Some(tenant.0)
}

fn main() {}
