//! A `mut` argument would be changed by two calls at once; of a clone each has its own.
//!
//! ```
//! #[hedge(after = "50ms", clone(depth))]
//! async fn quote(mut depth: u32) -> Result<u32, resilience::Error> {
//!     depth += 1;
//!     Ok(depth)
//! }
//! ```

use resilience::hedge;

#[hedge(after = "50ms")]
async fn quote(mut depth: u32) -> Result<u32, resilience::Error> {
    depth += 1;
    Ok(depth)
}

fn main() {}
