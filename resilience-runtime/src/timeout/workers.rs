//! The threads of detached bodies: a bounded number, each made when it is needed and gone when it is idle.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::defaults::{TIMEOUT_MAX_DETACHED_THREADS, TIMEOUT_THREAD_KEEP_ALIVE};

/// Something to run on a thread. It doesn't panic.
pub(super) trait Work: Send + Sync {
    fn run(&self);
}

static WORKERS: Workers = Workers {
    crew: Mutex::new(Crew { queue: VecDeque::new(), threads: 0, idle: 0 }),
    arrived: Condvar::new(),
};

struct Workers {
    crew: Mutex<Crew>,
    arrived: Condvar,
}

struct Crew {
    queue: VecDeque<Arc<dyn Work>>,
    threads: usize,
    idle: usize,
}

/// Runs the work as soon as a thread is free. If there are as many as there may be, it waits in line.
pub(super) fn run(work: Arc<dyn Work>) {
    let mut crew = WORKERS.lock();
    crew.queue.push_back(work);
    if crew.idle >= crew.queue.len() {
        drop(crew);
        WORKERS.arrived.notify_one();
    } else if crew.threads < TIMEOUT_MAX_DETACHED_THREADS {
        crew.threads += 1;
        drop(crew);
        let thread = std::thread::Builder::new().name("resilience-detached".to_owned());
        if thread.spawn(|| WORKERS.work()).is_err() {
            // The system gives no thread; the work waits for one that there is, and its caller until its limit.
            WORKERS.lock().threads -= 1;
        }
    }
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
                crew.threads -= 1;
                return;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Crew> {
        self.crew.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
