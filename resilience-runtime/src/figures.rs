//! What attributes count that have no instance to keep it in.

use std::collections::HashMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::clock::RealTime;

/// What the sites of a kind have counted, those that have anything. It stands apart from their statics, which constants
/// of the expansion read and which can't hold what changes.
#[derive(Debug, Default)]
pub(crate) struct Figures<M> {
    // By the address of the static.
    of_sites: Mutex<HashMap<usize, M>>,
    changed: Condvar,
}

impl<M: Copy + Default> Figures<M> {
    /// What a site has counted.
    pub(crate) fn of<S>(&self, site: &'static S) -> M {
        self.lock().get(&address(site)).copied().unwrap_or_default()
    }

    /// Only calls that take long come by here.
    pub(crate) fn count<S>(&self, site: &'static S, count: impl FnOnce(&mut M)) {
        count(self.lock().entry(address(site)).or_default());
        self.changed.notify_all();
    }

    /// Waits until what a site has counted is as it must be; says whether it is.
    pub(crate) fn wait_until<S>(
        &self,
        site: &'static S,
        time: &RealTime,
        is_so: impl Fn(&M) -> bool,
    ) -> bool {
        let mut figures = self.lock();
        while !is_so(&figures.get(&address(site)).copied().unwrap_or_default()) {
            let Some(left) = time.left() else { return false };
            figures = self.changed.wait_timeout(figures, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<usize, M>> {
        self.of_sites.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn address<S>(site: &'static S) -> usize {
    std::ptr::from_ref(site).addr()
}
