//! The next attempt needs what the last one's result still borrows.
//!
//! ```
//! #[retry]
//! async fn entry(cache: &mut u32, _key: &str) -> Result<u32, resilience::Error> {
//!     Ok(*cache)
//! }
//! ```

use resilience::retry;

#[retry]
async fn entry<'a>(cache: &'a mut u32, _key: &str) -> Result<&'a u32, resilience::Error> {
    Ok(cache)
}

fn main() {}
