//! Without a `Result`, an `Option` or a policy that refuses calls, nothing fails.
//!
//! ```
//! #[retry]
//! fn tick() -> Result<(), resilience::Error> {
//!     Ok(())
//! }
//! ```

use resilience::retry;

#[retry]
fn tick() {}

fn main() {}
