//! A sync call that takes long keeps its thread, and nothing can run beside it there.
//!
//! ```
//! #[hedge(after = "50ms")]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::hedge;

#[hedge(after = "50ms")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
