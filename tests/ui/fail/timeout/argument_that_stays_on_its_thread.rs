//! A body that isn't async runs on a thread of its own, and its arguments go there with it.
//!
//! ```
//! use std::rc::Rc;
//!
//! #[timeout("1s", mode = "cooperative")]
//! fn quote(id: u32, prices: Rc<Vec<u32>>) -> Result<u32, resilience::Error> {
//!     Ok(prices[id as usize])
//! }
//! ```

use std::rc::Rc;

use resilience::timeout;

#[timeout("1s")]
fn quote(id: u32, prices: Rc<Vec<u32>>) -> Result<u32, resilience::Error> {
    Ok(prices[id as usize])
}

fn main() {}
