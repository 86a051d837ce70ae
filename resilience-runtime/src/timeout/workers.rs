//! The threads of detached bodies: as many as there are callers who wait, and a bounded number that nobody waits for.
//!
//! A caller who waits is blocked, so that those who call bound the threads of the bodies that are waited for. What
//! hangs for ever are the bodies whose callers have left: those are counted, for each timeout by itself, so that one
//! dead service can't take the threads of another.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::defaults::{TIMEOUT_ABANDONED_BODIES_BEFORE_WAITING, TIMEOUT_THREAD_KEEP_ALIVE};
use super::site::TimeoutSite;
use crate::ambient::Ambient;
use crate::clock::RealTime;
use crate::event::{self, Event};
use crate::figures::{Figures, Key};
use crate::name::Name;

/// Something to run on a thread. It doesn't panic.
pub(super) trait Work: Send + Sync {
    fn run(&self);
}

static WORKERS: Workers =
    Workers { crew: Mutex::new(Crew { queue: VecDeque::new(), idle: 0 }), arrived: Condvar::new() };

struct Workers {
    crew: Mutex<Crew>,
    arrived: Condvar,
}

struct Crew {
    queue: VecDeque<Arc<dyn Work>>,
    idle: usize,
}

/// Runs the work at once: on a thread that is idle, or on a new one. If the system gives none, it waits in line.
pub(super) fn run(work: Arc<dyn Work>) {
    let mut crew = WORKERS.lock();
    crew.queue.push_back(work);
    if crew.idle >= crew.queue.len() {
        drop(crew);
        WORKERS.arrived.notify_one();
        return;
    }
    drop(crew);
    let thread = std::thread::Builder::new().name("resilience-detached".to_owned());
    // Without a thread the work is left for one that comes free, and its caller waits until the limit.
    thread.spawn(|| WORKERS.work()).ok();
}

/// Takes work out of the line that nobody waits for any more.
pub(super) fn forget(work: &Arc<dyn Work>) {
    WORKERS.lock().queue.retain(|other| !Arc::ptr_eq(other, work));
}

impl Workers {
    fn work(&self) {
        let mut crew = self.lock();
        loop {
            if let Some(work) = crew.queue.pop_front() {
                drop(crew);
                work.run();
                crew = self.lock();
                continue;
            }
            crew.idle += 1;
            let waited = self.arrived.wait_timeout(crew, TIMEOUT_THREAD_KEEP_ALIVE);
            let (woken, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            crew = woken;
            crew.idle -= 1;
            if timeout.timed_out() && crew.queue.is_empty() {
                return;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Crew> {
        self.crew.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A body whose caller has left, until it returns.
pub(super) struct Abandoned {
    site: &'static TimeoutSite,
    // The caller's, which a test may have for itself.
    figures: Arc<Figures>,
    ambient: Option<Ambient>,
}

impl Abandoned {
    pub(super) fn by(site: &'static TimeoutSite, figures: Arc<Figures>) -> Self {
        figures.change(|| figures.of(Key::site(site)).timeouts.abandoned.increment());
        Self { site, figures, ambient: Some(Ambient::capture().without_deadline()) }
    }
}

impl Drop for Abandoned {
    fn drop(&mut self) {
        self.figures.change(|| self.figures.of(Key::site(self.site)).timeouts.returned());
        let name = Name::from_static(self.site.name());
        if let Some(ambient) = self.ambient.take() {
            ambient.run(|| event::emit(|| Event::Late { name }));
        }
    }
}

/// Waits until the timeout has abandoned fewer bodies than it may; says whether it has.
pub(super) fn wait_for_room(site: &'static TimeoutSite, figures: &Figures, time: &RealTime) -> bool {
    let abandoned = &figures.of(Key::site(site)).timeouts.abandoned;
    figures.wait_until(time, || abandoned.get() < TIMEOUT_ABANDONED_BODIES_BEFORE_WAITING as u64)
}
