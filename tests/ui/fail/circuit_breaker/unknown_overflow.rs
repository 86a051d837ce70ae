//! There are three ways to treat the calls of new keys while the table is full.
//!
//! ```
//! #[circuit_breaker(key = host, overflow = "reject")]
//! fn call(host: &str) -> Option<usize> {
//!     Some(host.len())
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(key = host, overflow = "rejects")]
fn misspelt(host: &str) -> Option<usize> {
    Some(host.len())
}

#[circuit_breaker(key = host, overflow = reject)]
fn without_quotes(host: &str) -> Option<usize> {
    Some(host.len())
}

#[circuit_breaker(key = host, overflow = 100)]
fn number(host: &str) -> Option<usize> {
    Some(host.len())
}

fn main() {}
