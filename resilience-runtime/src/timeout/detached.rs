//! The timeout of sync code that can't be stopped: the body gets a thread, and the caller leaves on time.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::site::TimeoutSite;
use super::workers::{self, Abandoned};
use crate::ambient::Ambient;
use crate::clock::RealTime;
use crate::deadline::{Scope, deadline};
use crate::error::Error;
use crate::figures::Figures;
use crate::report;

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
    /// The caller has left while it was running. What it holds is let go when the body returns.
    Abandoned {
        _until_it_returns: Abandoned,
    },
    /// The caller has the result, or took the body back.
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
        match std::mem::replace(&mut *phase, Phase::Over) {
            Phase::Running => {
                *phase = Phase::Finished(result);
                drop(phase);
                self.changed.notify_one();
            }
            left => {
                drop(phase);
                // A late result may run foreign code when it is dropped, and that may panic too.
                let _ = catch_unwind(AssertUnwindSafe(|| drop(result)));
                drop(left);
            }
        }
    }
}

/// Runs the body on another thread and waits for it until the limit, or an outer one that is tighter.
///
/// # Errors
/// [`Error::TimedOut`]. A body that no thread had come to is never begun then; one that was is left to itself.
///
/// # Panics
/// As the body does.
#[track_caller]
pub fn detached<T, B>(site: &'static TimeoutSite, limit: Duration, body: B) -> Result<T, Error>
where
    // The compiler shows these lines to whoever has something go along that can't.
    T: Send + 'static, // the result comes from another thread: `mode = "cooperative"` stays on this one
    B: FnOnce() -> T + Send + 'static, // the body runs on another thread: `mode = "cooperative"` stays on this one
{
    report::blocks_this_thread();
    let own = site.deadline(limit);
    let ambient = {
        let _scope = Scope::enter(own);
        Ambient::capture()
    };
    let tightest = deadline().filter(|outer| outer.at() < own.at()).unwrap_or(own);
    let time = RealTime::until(tightest.at());
    let figures = Figures::in_force();
    if !workers::wait_for_room(site, &figures, &time) {
        return Err(tightest.expire());
    }
    let job = Arc::new(Job { phase: Mutex::new(Phase::Queued(body, ambient)), changed: Condvar::new() });
    let work: Arc<dyn workers::Work> = job.clone();
    workers::run(Arc::clone(&work));

    let mut phase = job.phase();
    while !matches!(*phase, Phase::Finished(_)) {
        let Some(left) = time.left() else { break };
        phase = job.changed.wait_timeout(phase, left).unwrap_or_else(PoisonError::into_inner).0;
    }
    let reached = std::mem::replace(&mut *phase, Phase::Over);
    if let Phase::Running = reached {
        *phase = Phase::Abandoned { _until_it_returns: Abandoned::by(site, figures) };
    }
    drop(phase);
    match reached {
        // A clock that moves with the body may be past the limit before the caller looks.
        #[cfg(feature = "testing")]
        Phase::Finished(Ok(_)) if crate::testing::is_past(&tightest) => {}
        Phase::Finished(Ok(value)) => return Ok(value),
        Phase::Finished(Err(panic)) => resume_unwind(panic),
        // A body that was never begun goes here, with everything it holds.
        Phase::Queued(..) => workers::forget(&work),
        Phase::Running | Phase::Abandoned { .. } | Phase::Over => {}
    }
    Err(tightest.expire())
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::mpsc;

    use super::*;
    use crate::figures::Key;
    use crate::timeout::TimeoutMode;
    use crate::timeout::defaults::TIMEOUT_ABANDONED_BODIES_BEFORE_WAITING;

    // Under Miri its own clock goes on by steps, and a thread takes many to start.
    const SHORT: Duration = Duration::from_millis(if cfg!(miri) { 2_000 } else { 2 });
    const LONG: Duration = Duration::from_secs(60);

    const fn site(name: &'static str, limit: Duration) -> TimeoutSite {
        TimeoutSite::new(name, limit).mode(TimeoutMode::Detached)
    }

    #[test]
    fn a_service_that_hangs_takes_no_threads_from_another_and_a_bounded_number_in_all() {
        static HANGS: TimeoutSite = site("hangs", SHORT);
        static HEALTHY: TimeoutSite = site("healthy", LONG);
        let (release, released) = mpsc::channel::<()>();
        let released = Arc::new(Mutex::new(released));
        let hang = || {
            let released = Arc::clone(&released);
            detached(&HANGS, SHORT, move || {
                let _ = released.lock().unwrap_or_else(PoisonError::into_inner).recv();
                true
            })
        };
        // A thread may be slow to start; then the body was never begun, and doesn't count.
        while Figures::in_force().of(Key::site(&HANGS)).timeouts.abandoned.get()
            < TIMEOUT_ABANDONED_BODIES_BEFORE_WAITING as u64
        {
            assert!(hang().is_err());
        }
        let began = Arc::new(Mutex::new(false));
        let begins = Arc::clone(&began);
        let refused = detached(&HANGS, SHORT, move || *begins.lock().expect("not poisoned") = true);
        assert!(refused.is_err() && !*began.lock().expect("not poisoned"));
        assert_eq!(detached(&HEALTHY, LONG, || 7), Ok(7));
        drop(release);
        assert_eq!(detached(&HANGS, LONG, || 8), Ok(8));
    }

    #[test]
    fn callers_who_wait_always_get_a_thread() {
        static OUTER: TimeoutSite = site("outer", LONG);
        static INNER: TimeoutSite = site("inner", LONG);
        const CALLERS: usize = 2 * TIMEOUT_ABANDONED_BODIES_BEFORE_WAITING;
        // Nobody goes on until all outer bodies run at once.
        let all = Arc::new(Barrier::new(CALLERS));
        std::thread::scope(|scope| {
            for _ in 0..CALLERS {
                let all = Arc::clone(&all);
                scope.spawn(move || {
                    let answer = detached(&OUTER, LONG, move || {
                        all.wait();
                        detached(&INNER, LONG, || 7)
                    });
                    assert_eq!(answer, Ok(Ok(7)));
                });
            }
        });
    }

    #[test]
    fn the_error_names_the_limit_that_was_reached() {
        static INNER: TimeoutSite = site("inner", LONG);
        let (_release, released) = mpsc::channel::<()>();
        let _outer = Scope::enter(crate::deadline::Deadline::begin(SHORT, "outer"));
        let late = detached(&INNER, LONG, move || released.recv().is_ok());
        assert_eq!(late.unwrap_err().policy_name(), "outer");
    }
}
