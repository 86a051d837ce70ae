//! It is called with the refusal, and a variant without fields is no function.
//!
//! ```
//! #[derive(Debug)]
//! enum Problem {
//!     Late,
//! }
//!
//! #[timeout("1s", map_err = |_| Problem::Late)]
//! fn call() -> Result<u32, Problem> {
//!     Ok(1)
//! }
//! ```

use resilience::timeout;

enum Problem {
    Late,
}

#[timeout("1s", map_err = Problem::Late)]
fn call() -> Result<u32, Problem> {
    Ok(1)
}

fn late() -> Problem {
    Problem::Late
}

#[timeout("1s", map_err = late())]
fn ask() -> Result<u32, Problem> {
    Ok(1)
}

fn main() {}
