//! What came when nobody waited for it any more, counted for each timeout.
//!
//! The figures stand apart from the statics of the attributes, which constants of the expansion read.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use super::site::TimeoutSite;

/// What timeouts have seen since the program began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TimeoutMetrics {
    /// Results of sync bodies that came after the time was over, and were dropped. An async body is dropped itself, and
    /// has none.
    pub late: u64,
    /// Detached bodies that nobody waits for any more, and which have not returned yet.
    pub abandoned: u64,
}

/// The figures of all timeouts that have any, by the address of their statics.
#[derive(Default)]
pub(super) struct Figures(HashMap<usize, TimeoutMetrics>);

impl Figures {
    pub(super) fn of(&mut self, site: &'static TimeoutSite) -> &mut TimeoutMetrics {
        self.0.entry(address(site)).or_default()
    }

    pub(super) fn seen(&self, site: &'static TimeoutSite) -> TimeoutMetrics {
        self.0.get(&address(site)).copied().unwrap_or_default()
    }
}

pub(super) fn figures() -> MutexGuard<'static, Figures> {
    static FIGURES: LazyLock<Mutex<Figures>> = LazyLock::new(Mutex::default);
    FIGURES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A result came too late.
#[cold]
pub(super) fn count(site: &'static TimeoutSite) {
    figures().of(site).late += 1;
}

fn address(site: &'static TimeoutSite) -> usize {
    std::ptr::from_ref(site).addr()
}
