//! A pattern that names the type of the error, or a variant that isn't in scope, would be a new name, which every error
//! matches.
//!
//! ```
//! #[derive(Debug)]
//! enum Problem {
//!     Busy,
//!     Lost,
//! }
//!
//! #[retry(on(Problem::Busy | Problem::Lost))]
//! fn call() -> Result<u32, Problem> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

enum Problem {
    Busy,
}

#[retry(on(Problem))]
fn call() -> Result<u32, Problem> {
    Err(Problem::Busy)
}

#[retry(on(Busy))]
fn ask() -> Result<u32, Problem> {
    Err(Problem::Busy)
}

fn main() {}
