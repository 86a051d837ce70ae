//! Errors and metrics name a key, so that it must have a `Display`.
//!
//! ```
//! #[derive(Clone, PartialEq, Eq, Hash)]
//! struct Tenant(u64);
//!
//! impl std::fmt::Display for Tenant {
//!     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
//!         self.0.fmt(f)
//!     }
//! }
//!
//! #[bulkhead(max_concurrent = 4, key = tenant)]
//! fn report(tenant: &Tenant) -> Option<u64> {
//!     Some(tenant.0)
//! }
//! ```

use resilience::bulkhead;

#[derive(Clone, PartialEq, Eq, Hash)]
struct Tenant(u64);

#[bulkhead(max_concurrent = 4, key = tenant)]
fn report(tenant: Tenant) -> Option<u64> {
    Some(tenant.0)
}

#[bulkhead(max_concurrent = 4, key = tenant)]
async fn report_async(tenant: &Tenant) -> Option<u64> {
    Some(tenant.0)
}

fn main() {}
