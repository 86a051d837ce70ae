//! It is called for each retry, and what is written here would be evaluated in its place.
//!
//! ```
//! #[retry(on_retry = |_| println!("once more"))]
//! fn quote() -> Option<u32> {
//!     Some(1)
//! }
//! ```

use resilience::retry;

#[retry(on_retry = println!("once more"))]
fn quote() -> Option<u32> {
    Some(1)
}

fn main() {}
