//! What `exhausted = …` is told: the errors that the handlers are given by value, kept where that is possible.

use super::FallbackExhausted;
use super::handler::{Convert, Failure};

/// Keeps a clone of each error. The errors are `Send`, so that an async function may wait for a handler meanwhile.
#[derive(Debug)]
pub struct Story<E>(Vec<E>);

impl<E: Clone> Story<E> {
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    /// Keeps what the next handler is given.
    pub fn keep<C: Convert<E>>(&mut self, failure: Failure<E>, convert: C) -> Failure<E> {
        let error = failure.into_error(convert);
        self.0.push(error.clone());
        Failure::Own(error)
    }

    /// The last handler failed too.
    pub fn end(self, tried: u32, last: E) -> FallbackExhausted<E> {
        FallbackExhausted { tried, last, earlier: self.0 }
    }
}

/// Keeps nothing, because the errors can't be cloned.
#[derive(Clone, Copy, Debug)]
pub struct Untold;

#[allow(clippy::unused_self)] // the receiver is what selects the methods
impl Untold {
    /// Hands it on.
    pub fn keep<E, C>(&mut self, failure: Failure<E>, _convert: C) -> Failure<E> {
        failure
    }

    /// The last handler failed too.
    pub const fn end<E>(self, tried: u32, last: E) -> FallbackExhausted<E> {
        FallbackExhausted::after(tried, last)
    }
}
