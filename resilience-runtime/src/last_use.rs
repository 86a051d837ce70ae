//! When something was last used, between those who hand it out without a lock and one who wants to remove it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::clock::Instant;
use crate::sync::{AtomicU64, fence};

/// The time of the last use; [`USED`] if there was one at an unknown time since the last look, and [`GOING`] while it is
/// being removed.
#[derive(Debug)]
pub(crate) struct LastUse(AtomicU64);

const USED: u64 = u64::MAX;
const GOING: u64 = u64::MAX - 1;

impl LastUse {
    pub(crate) fn new(now: Instant) -> Self {
        Self(AtomicU64::new(now.to_bits()))
    }

    /// Says that it is used, by a user who has been counted; whether it is still there to be used.
    #[inline]
    pub(crate) fn is_now(&self) -> bool {
        // Who uses it counts first and asks then, who removes it says so first and counts then: one of the two sees the
        // other, or it could be used by somebody after it is gone.
        fence(Ordering::SeqCst);
        // Read first: what is in use is used all the time, and need not be written each time.
        self.0.load(Ordering::Relaxed) == USED || self.mark(USED)
    }

    /// The same for a use whose time matters.
    #[cold]
    pub(crate) fn is_at(&self, now: Instant) -> bool {
        fence(Ordering::SeqCst);
        self.mark(now.to_bits())
    }

    #[cold]
    fn mark(&self, used: u64) -> bool {
        let mark = |since| (since != GOING).then_some(used);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, mark).is_ok()
    }

    /// Returns the time of the last use, if it is known. If it isn't, it counts from now on. Only one looks at a time.
    pub(crate) fn look(&self, now: Instant) -> Option<Instant> {
        let since = self.0.load(Ordering::Relaxed);
        if since == USED {
            let _ = self.0.compare_exchange(USED, now.to_bits(), Ordering::Relaxed, Ordering::Relaxed);
            return None;
        }
        Some(Instant::from_bits(since))
    }

    /// Whether it may be removed: it has no user. From then on nobody may use it any more. Only one removes at a time.
    pub(crate) fn is_over(&self, has_no_user: impl FnOnce() -> bool) -> bool {
        let since = self.0.swap(GOING, Ordering::Relaxed);
        fence(Ordering::SeqCst);
        let is_over = has_no_user();
        if !is_over {
            self.0.store(since, Ordering::Relaxed);
        }
        is_over
    }
}

/// Whether nobody else has it. What those did with it who have let go of it can then be seen: the count alone doesn't say
/// so.
pub(crate) fn has_one_owner<T>(shared: &Arc<T>) -> bool {
    let is_one = Arc::strong_count(shared) == 1;
    fence(Ordering::Acquire);
    is_one
}

#[cfg(all(test, loom))]
mod loom_tests {
    use std::sync::Arc;

    use loom::thread;

    use super::*;
    use crate::sync::{AtomicUsize, in_every_order};

    struct Thing {
        users: AtomicUsize,
        last_use: LastUse,
    }

    impl Thing {
        fn is_handed_out(&self) -> bool {
            self.users.fetch_add(1, Ordering::Relaxed);
            let is_there = self.last_use.is_now();
            if !is_there {
                self.users.fetch_sub(1, Ordering::Relaxed);
            }
            is_there
        }

        fn is_removed(&self) -> bool {
            self.last_use.is_over(|| self.users.load(Ordering::Relaxed) == 0)
        }
    }

    fn between(use_it: impl Fn(&Thing) -> bool + Send + Sync + Copy + 'static) {
        in_every_order(move || {
            let thing =
                Arc::new(Thing { users: AtomicUsize::new(0), last_use: LastUse::new(Instant::from_bits(1)) });
            let user = {
                let thing = Arc::clone(&thing);
                thread::spawn(move || use_it(&thing))
            };
            let is_removed = thing.is_removed();
            let is_used = user.join().expect("no panic");
            assert!(!(is_removed && is_used), "somebody uses what is gone");
            // What was not removed is there for whoever comes.
            assert!(is_removed || thing.is_handed_out());
        });
    }

    #[test]
    fn loom_nobody_uses_what_is_gone() {
        between(Thing::is_handed_out);
    }

    #[test]
    fn loom_nobody_uses_what_is_gone_when_asking_again() {
        between(|thing| thing.is_handed_out() || thing.is_handed_out());
    }
}
