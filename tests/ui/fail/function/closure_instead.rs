//! Attributes of a library stand on items, and a closure is an expression.
//!
//! ```
//! fn quotes() -> Option<u32> {
//!     #[retry]
//!     fn quote() -> Option<u32> {
//!         Some(1)
//!     }
//!     quote()
//! }
//! ```

use resilience::retry;

fn quotes() -> Option<u32> {
    let quote = #[retry]
    || Some(1);
    quote()
}

fn main() {}
