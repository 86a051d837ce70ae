//! The result of a body that isn't async comes from a thread of its own.
//!
//! ```
//! use std::rc::Rc;
//!
//! #[timeout("1s", mode = "cooperative")]
//! fn quote(id: u32) -> Result<Rc<u32>, resilience::Error> {
//!     Ok(Rc::new(id))
//! }
//! ```

use std::rc::Rc;

use resilience::timeout;

#[timeout("1s")]
fn quote(id: u32) -> Result<Rc<u32>, resilience::Error> {
    Ok(Rc::new(id))
}

fn main() {}
