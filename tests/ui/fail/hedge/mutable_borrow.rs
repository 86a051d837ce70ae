//! Two calls can't both have what a `&mut` borrows for themselves.
//!
//! ```
//! #[hedge(after = "50ms", clone(asked))]
//! async fn quote(mut asked: Vec<u32>, market: &u32) -> Result<Vec<u32>, resilience::Error> {
//!     asked.push(*market);
//!     Ok(asked)
//! }
//! ```

use resilience::hedge;

#[hedge(after = "50ms")]
async fn quote(asked: &mut Vec<u32>, market: &u32) -> Result<(), resilience::Error> {
    asked.push(*market);
    Ok(())
}

fn main() {}
