//! Fallback: another answer where the call has none.

mod chain;
#[cfg(feature = "attributes")]
mod handle;
#[cfg(feature = "attributes")]
mod handler;
#[cfg(feature = "attributes")]
mod site;
#[cfg(feature = "attributes")]
mod story;

use std::fmt;

use crate::event::{self, Event};
use crate::figures::{self, Counts, Key};
use crate::name::Name;

pub use chain::{AsyncHandlers, FallbackChain, FallbackMetrics, SyncHandlers};
#[cfg(feature = "attributes")]
pub use handle::{FallbackHandle, get_fallback};
#[cfg(feature = "attributes")]
pub use handler::{
    ByFrom, Convert, Failure, Handler, MapWith, NoRejection, PlainHandler, handle, handle_async,
    handle_plain, handle_plain_async,
};
#[cfg(feature = "attributes")]
pub use site::FallbackSite;
#[cfg(feature = "attributes")]
pub use story::{Story, Untold};

/// The errors of a call whose fallbacks all failed; what `exhausted = …` turns into the function's own error.
///
/// Its text says how many. Why the last of them failed is its error's to say, which is the
/// [`source`](std::error::Error::source): error reporters print both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FallbackExhausted<E> {
    /// How many handlers were tried.
    pub tried: u32,
    /// The last handler's error, unchanged.
    pub last: E,
    /// The errors before it, the call's own first. An attribute's handlers are given each by value, so that clones of
    /// them are here: of errors that are `Clone` and `Send`, and of no others.
    pub earlier: Vec<E>,
}

impl<E> FallbackExhausted<E> {
    #[doc(hidden)]
    pub const fn after(tried: u32, last: E) -> Self {
        Self { tried, last, earlier: Vec::new() }
    }

    /// An error that no handler was asked about.
    const fn untried(error: E) -> Self {
        Self::after(0, error)
    }

    /// One more handler has failed.
    fn add(&mut self, error: E) {
        self.tried += 1;
        self.earlier.push(std::mem::replace(&mut self.last, error));
    }

    /// Every error that there is, the oldest first.
    pub fn errors(&self) -> impl Iterator<Item = &E> {
        self.earlier.iter().chain([&self.last])
    }
}

impl<E> fmt::Display for FallbackExhausted<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.tried {
            1 => f.write_str("the fallback failed too"),
            tried => write!(f, "all of {tried} fallbacks failed too"),
        }
    }
}

impl<E: std::error::Error + 'static> std::error::Error for FallbackExhausted<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.last)
    }
}

impl FallbackMetrics {
    pub(crate) fn add(self, counts: &Counts) -> Self {
        let counts = &counts.fallbacks;
        Self {
            answered: self.answered + counts.answered.get(),
            exhausted: self.exhausted + counts.exhausted.get(),
        }
    }
}

/// A handler is about to answer.
pub(crate) fn asked(key: Key, function: &'static str, handler: &'static str) {
    figures::count(key, |counts| counts.fallbacks.ask(handler));
    event::emit(|| Event::FellBack { function, handler });
}

/// A handler has answered, or failed.
pub(crate) fn answered(key: Key, function: &'static str, is_answer: bool, is_last: bool) {
    if is_answer {
        figures::count(key, |counts| counts.fallbacks.answered.increment());
    } else if is_last {
        figures::count(key, |counts| counts.fallbacks.exhausted.increment());
        event::emit(|| Event::FallbackExhausted { name: Name::from_static(function) });
    }
}
