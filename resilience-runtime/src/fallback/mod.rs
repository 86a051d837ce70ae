//! Fallback: another answer where the call has none.

mod handler;
mod site;

use std::fmt;

pub use handler::{
    ByFrom, Convert, Failure, Handler, MapWith, PlainHandler, handle, handle_async, handle_plain,
    handle_plain_async,
};
pub use site::FallbackSite;

/// The last error of a call whose fallbacks all failed; what `exhausted = …` turns into the function's own error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FallbackExhausted<E> {
    /// How many handlers were tried.
    pub tried: u32,
    /// The last handler's error, unchanged.
    pub last: E,
}

impl<E: fmt::Display> fmt::Display for FallbackExhausted<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tried, last } = self;
        write!(f, "all of {tried} fallbacks failed too: {last}")
    }
}

impl<E: std::error::Error + 'static> std::error::Error for FallbackExhausted<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.last)
    }
}
