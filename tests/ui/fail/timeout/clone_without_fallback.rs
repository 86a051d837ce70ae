//! A timeout runs the body once: clones are kept for its handler only.
//!
//! ```
//! #[timeout("1s")]
//! async fn length(text: String) -> Result<usize, resilience::Error> {
//!     Ok(text.len())
//! }
//! ```

use resilience::timeout;

#[timeout("1s", clone(text))]
async fn length(text: String) -> Result<usize, resilience::Error> {
    Ok(text.len())
}

fn main() {}
