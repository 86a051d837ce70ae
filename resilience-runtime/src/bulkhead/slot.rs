//! The right to be one of those who run, which comes free however the call ends.

use std::sync::Arc;

use super::{Bulkhead, Core};
use crate::error::Error;

/// A slot over any way to reach the bulkhead: borrowed from a site's static, or owned by a handle.
#[derive(Debug)]
pub struct Slot<B: AsRef<Core>>(B);

/// A slot that several hold: it comes free when the last of them lets go. What a detached body takes along.
pub type SharedSlot<B> = Arc<Slot<B>>;

impl<B: AsRef<Core>> Slot<B> {
    #[inline]
    pub(super) const fn new(bulkhead: B) -> Self {
        Self(bulkhead)
    }

    /// Takes one. Where none is free, blocks the thread for as long as the settings say.
    #[inline]
    #[track_caller]
    pub(super) fn acquire(bulkhead: B) -> Result<Self, Error> {
        let core = bulkhead.as_ref();
        if !core.queue.try_acquire() {
            core.wait_for_slot(None)?;
        }
        Ok(Self(bulkhead))
    }

    /// The same, with a look at what a call that had to wait must know.
    #[inline]
    #[track_caller]
    pub(super) fn acquire_asking(
        bulkhead: B,
        recheck: impl FnOnce() -> Result<(), Error>,
    ) -> Result<Self, Error> {
        if bulkhead.as_ref().queue.try_acquire() {
            return Ok(Self(bulkhead));
        }
        bulkhead.as_ref().wait_for_slot(None)?;
        let slot = Self(bulkhead);
        recheck().map(|()| slot)
    }

    /// Makes the slot one that several can hold.
    pub fn share(self) -> SharedSlot<B> {
        Arc::new(self)
    }
}

impl<B: AsRef<Core>> Drop for Slot<B> {
    #[inline]
    fn drop(&mut self) {
        self.0.as_ref().release();
    }
}

/// A slot of a [`Bulkhead`]; it comes free when it is dropped.
#[derive(Debug)]
#[must_use = "a slot that is dropped at once limits nothing"]
pub struct BulkheadSlot {
    _slot: Slot<Bulkhead>,
}

impl BulkheadSlot {
    pub(super) const fn new(bulkhead: Bulkhead) -> Self {
        Self { _slot: Slot::new(bulkhead) }
    }
}
