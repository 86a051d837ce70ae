//! The right to make one call, which gives its place back however the call ends.

use std::sync::Arc;
use std::time::Duration;

use super::core::Core;
use super::state::{Ticket, Verdict};
use crate::error::Error;

/// A permit that borrows its breaker: what the expansion holds. Two words.
#[derive(Debug)]
pub struct Guard<'a> {
    core: &'a Core,
    ticket: Ticket,
}

impl<'a> Guard<'a> {
    #[inline]
    pub(super) fn acquire(core: &'a Core, lease: &Duration) -> Result<Self, Error> {
        let ticket = core.acquire(lease)?;
        Ok(Self { core, ticket })
    }

    /// Gives the verdict.
    #[inline]
    pub fn settle(self, verdict: Verdict) {
        self.core.settle(self.ticket, verdict);
        // Nothing is owned, so that forgetting it leaks nothing, and spares the happy path a flag.
        std::mem::forget(self);
    }
}

impl Drop for Guard<'_> {
    #[inline]
    fn drop(&mut self) {
        self.core.end_without_verdict(self.ticket);
    }
}

/// The right to make one call.
///
/// Dropped without a word it votes neither way and gives its place back at once; dropped by a panic it counts as
/// a failure.
#[derive(Debug)]
#[must_use = "a permit that is dropped at once counts as a cancelled call"]
pub struct Permit {
    core: Arc<Core>,
    // Taken by the verdict.
    ticket: Option<Ticket>,
}

impl Permit {
    pub(super) fn acquire(core: &Arc<Core>, lease: &Duration) -> Result<Self, Error> {
        let ticket = core.acquire(lease)?;
        Ok(Self { core: Arc::clone(core), ticket: Some(ticket) })
    }

    /// The call worked.
    pub fn success(self) {
        self.settle(Verdict::Success);
    }

    /// The call failed in a way that says something about the service.
    pub fn failure(self) {
        self.settle(Verdict::Failure);
    }

    /// The call says nothing about the service.
    pub fn ignore(self) {
        self.settle(Verdict::Ignored);
    }

    #[doc(hidden)]
    pub fn settle(mut self, verdict: Verdict) {
        if let Some(ticket) = self.ticket.take() {
            self.core.settle(ticket, verdict);
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket {
            self.core.end_without_verdict(ticket);
        }
    }
}
