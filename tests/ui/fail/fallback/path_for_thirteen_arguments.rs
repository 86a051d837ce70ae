//! Handlers by path are there for up to twelve arguments. In a closure all of them are in scope.
//!
//! ```
//! #[fallback(|_| Some(0))]
//! #[rustfmt::skip]
//! fn sum(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8, i: u8, j: u8, k: u8, l: u8, m: u8) -> Option<u8> {
//!     [a, b, c, d, e, f, g, h, i, j, k, l, m].into_iter().try_fold(0, u8::checked_add)
//! }
//! ```

use resilience::fallback;

#[fallback(cached)]
#[rustfmt::skip]
fn sum(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8, i: u8, j: u8, k: u8, l: u8, m: u8) -> Option<u8> {
    [a, b, c, d, e, f, g, h, i, j, k, l, m].into_iter().try_fold(0, u8::checked_add)
}

fn main() {}
