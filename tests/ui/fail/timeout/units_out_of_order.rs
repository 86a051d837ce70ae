//! Each unit stands once, from long to short, so that a slip of the pen can't hide.
//!
//! ```
//! #[timeout("1m30s")]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::timeout;

#[timeout("30s1m")]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
