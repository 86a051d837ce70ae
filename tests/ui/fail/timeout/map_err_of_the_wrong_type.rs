//! `map_err` turns a `resilience::Error` into the function's own error.
//!
//! ```
//! fn name(_rejection: resilience::Error) -> String {
//!     String::new()
//! }
//!
//! #[timeout("1s", map_err = name)]
//! fn call() -> Result<u32, String> {
//!     Ok(1)
//! }
//! ```

use resilience::timeout;

fn name(_status: u16) -> String {
    String::new()
}

#[timeout("1s", map_err = name)]
fn call() -> Result<u32, String> {
    Ok(1)
}

fn main() {}
