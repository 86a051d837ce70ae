//! The right to make one call, which gives its place back however the call ends.

use std::time::Duration;

use super::core::Core;
use super::state::{Ticket, Verdict};
use crate::error::Error;

/// A permit over any way to reach the breaker: borrowed from a site's static, or owned by a handle.
#[derive(Debug)]
pub struct Guard<B: AsRef<Core>> {
    // Taken by the verdict. The optimiser sees through it, so that no flag is kept on the happy path.
    breaker: Option<B>,
    ticket: Ticket,
}

impl<B: AsRef<Core>> Guard<B> {
    #[inline]
    pub(super) fn acquire(breaker: B, lease: Duration) -> Result<Self, Error> {
        let ticket = breaker.as_ref().acquire(lease)?;
        Ok(Self { breaker: Some(breaker), ticket })
    }

    /// Gives the verdict.
    #[inline]
    pub fn settle(mut self, verdict: Verdict) {
        if let Some(breaker) = self.breaker.take() {
            breaker.as_ref().settle(self.ticket, verdict);
        }
    }
}

impl<B: AsRef<Core>> Drop for Guard<B> {
    #[inline]
    fn drop(&mut self) {
        if let Some(breaker) = &self.breaker {
            end_without_verdict(breaker.as_ref(), self.ticket);
        }
    }
}

/// A panic is a failure of the call; anything else that drops a permit is a cancellation.
#[cold]
#[inline(never)]
fn end_without_verdict(core: &Core, ticket: Ticket) {
    if std::thread::panicking() {
        core.settle(ticket, Verdict::Failure);
    } else {
        core.abandon(ticket);
    }
}
