//! The right to be one of those who run, which comes free however the call ends.

use std::sync::Arc;

use super::{Bulkhead, Core};

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
