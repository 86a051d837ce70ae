//! The result of a body that isn't async comes from a thread of its own.
//!
//! ```
//! use std::rc::Rc;
//!
//! #[fallback(value = Rc::new(0))]
//! #[timeout("1s", mode = "cooperative")]
//! fn quote(id: u32) -> Rc<u32> {
//!     Rc::new(id)
//! }
//! ```

use std::rc::Rc;

use resilience::{fallback, timeout};

struct Quote(Rc<u32>);

#[fallback(value = Quote(Rc::new(0)))]
#[timeout("1s")]
fn quote(id: u32) -> Quote {
    Quote(Rc::new(id))
}

fn main() {}
