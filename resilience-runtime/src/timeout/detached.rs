//! The timeout of sync code that can't be stopped: the body gets a thread, and the caller leaves on time.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::site::TimeoutSite;
use super::workers;
use crate::ambient::Ambient;
use crate::clock::Instant;
use crate::deadline::{Scope, deadline};
use crate::error::Error;

/// A body between its caller and its thread.
struct Job<T, F> {
    phase: Mutex<Phase<T, F>>,
    changed: Condvar,
}

enum Phase<T, F> {
    /// No thread has come to it; the caller may still take it back.
    Queued(F, Ambient),
    Running,
    Finished(Result<T, Box<dyn Any + Send>>),
    /// Taken, or nobody waits for it any more.
    Over,
}

impl<T, F> Job<T, F> {
    fn phase(&self) -> MutexGuard<'_, Phase<T, F>> {
        self.phase.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Send, F: FnOnce() -> T + Send> workers::Work for Job<T, F> {
    fn run(&self) {
        let (body, ambient) = {
            let mut phase = self.phase();
            match std::mem::replace(&mut *phase, Phase::Running) {
                Phase::Queued(body, ambient) => (body, ambient),
                other => {
                    *phase = other;
                    return;
                }
            }
        };
        let result = catch_unwind(AssertUnwindSafe(|| ambient.run(body)));
        let mut phase = self.phase();
        let unwanted = match *phase {
            Phase::Running => {
                *phase = Phase::Finished(result);
                None
            }
            _ => Some(result),
        };
        drop(phase);
        self.changed.notify_one();
        // A late result may run foreign code when it is dropped, and that may panic too.
        let _ = catch_unwind(AssertUnwindSafe(|| drop(unwanted)));
    }
}

/// Runs the body on another thread and waits for it until the limit, or an outer one that is tighter.
///
/// # Errors
/// [`Error::TimedOut`]. A body that no thread had come to is never begun then; one that was is left to itself.
///
/// # Panics
/// As the body does.
pub fn detached<T: Send + 'static>(
    site: &'static TimeoutSite,
    limit: Duration,
    body: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Error> {
    let own = site.deadline(limit);
    let ambient = {
        let _scope = Scope::enter(own);
        Ambient::capture()
    };
    let until = deadline().map_or(own.at(), |outer| outer.at().min(own.at()));
    let job = Arc::new(Job { phase: Mutex::new(Phase::Queued(body, ambient)), changed: Condvar::new() });
    let work: Arc<dyn workers::Work> = job.clone();
    workers::run(Arc::clone(&work));

    let mut phase = job.phase();
    loop {
        if matches!(*phase, Phase::Finished(_)) {
            break;
        }
        let left = until.since(Instant::now());
        if left.is_zero() {
            break;
        }
        phase = wait(&job.changed, phase, left);
    }
    let reached = std::mem::replace(&mut *phase, Phase::Over);
    drop(phase);
    match reached {
        Phase::Finished(Ok(value)) => Ok(value),
        Phase::Finished(Err(panic)) => resume_unwind(panic),
        // A body that was never begun goes here, with everything it holds.
        Phase::Queued(..) => {
            workers::forget(&work);
            Err(own.error())
        }
        Phase::Running | Phase::Over => Err(own.error()),
    }
}

fn wait<'a, P>(changed: &Condvar, phase: MutexGuard<'a, P>, left: Duration) -> MutexGuard<'a, P> {
    // A manual clock moves by itself, unseen by the condition variable: look again soon.
    #[cfg(feature = "testing")]
    let left =
        if crate::testing::manual_elapsed().is_some() { left.min(Duration::from_millis(1)) } else { left };
    changed.wait_timeout(phase, left).unwrap_or_else(PoisonError::into_inner).0
}
