//! What another language declares has no body to run.
//!
//! ```
//! #[retry]
//! fn quote() -> Option<i32> {
//!     Some(1)
//! }
//! ```

use resilience::retry;

#[retry]
unsafe extern "C" {
    fn quote() -> i32;
}

fn main() {}
