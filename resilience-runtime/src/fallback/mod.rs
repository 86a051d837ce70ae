//! Fallback: another answer where the call has none.

mod handler;
mod site;

pub use handler::{ByFrom, Convert, Failure, Fallen, Handler, MapWith, PlainHandler, handle, handle_plain};
pub use site::FallbackSite;

/// The last error of a call whose fallbacks all failed; what `exhausted = …` turns into the function's own error.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{tried} fallbacks failed too: {last}")]
pub struct FallbackExhausted<E> {
    /// How many handlers were tried.
    pub tried: u32,
    /// The last handler's error, unchanged.
    pub last: E,
}
