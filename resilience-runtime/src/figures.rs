//! What attributes count that have no instance to keep it in.

use std::collections::HashMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::clock::RealTime;
use crate::hedge::HedgeMetrics;
use crate::timeout::TimeoutMetrics;

/// What the sites have counted, those that have anything. It stands apart from their statics, which constants of the
/// expansion read and which can't hold what changes.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    // By the address of the static.
    of_sites: Mutex<HashMap<usize, Counted>>,
    changed: Condvar,
}

/// What a site has counted, of whichever attribute it is: one type, so that there is one map.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counted {
    pub(crate) hedge: HedgeMetrics,
    pub(crate) timeout: TimeoutMetrics,
}

impl Figures {
    /// What a site has counted.
    pub(crate) fn of<S>(&self, site: &'static S) -> Counted {
        self.lock().get(&address(site)).copied().unwrap_or_default()
    }

    /// Only calls that take long come by here.
    pub(crate) fn count<S>(&self, site: &'static S, count: impl FnOnce(&mut Counted)) {
        count(self.lock().entry(address(site)).or_default());
        self.changed.notify_all();
    }

    /// Waits until what a site has counted is as it must be; says whether it is.
    pub(crate) fn wait_until<S>(
        &self,
        site: &'static S,
        time: &RealTime,
        is_so: impl Fn(&Counted) -> bool,
    ) -> bool {
        let mut figures = self.lock();
        while !is_so(&figures.get(&address(site)).copied().unwrap_or_default()) {
            let Some(left) = time.left() else { return false };
            figures = self.changed.wait_timeout(figures, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<usize, Counted>> {
        self.of_sites.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn address<S>(site: &'static S) -> usize {
    std::ptr::from_ref(site).addr()
}
