//! A generator gives many results, and a policy looks at one.
//!
//! ```
//! #[retry]
//! fn quotes() -> Option<Vec<u32>> {
//!     Some(vec![1])
//! }
//! ```

use resilience::retry;

#[retry]
gen fn quotes() -> Option<u32> {
    yield Some(1);
}

fn main() {}
