//! Bodies of detached timeouts whose callers have left: bounded for each timeout by itself.

use std::sync::{Arc, Barrier, Condvar, Mutex};

use resilience::{bulkhead, get_timeout, timeout};

use crate::support::{Fault, Runs};

/// Closed until somebody opens it for all.
#[derive(Default)]
struct Gate(Mutex<bool>, Condvar);

impl Gate {
    fn pass(&self) {
        drop(self.1.wait_while(self.0.lock().unwrap(), |open| !*open).unwrap());
    }

    fn open(&self) {
        *self.0.lock().unwrap() = true;
        self.1.notify_all();
    }
}

#[test]
fn at_the_bound_a_call_times_out_without_having_begun_and_other_timeouts_go_on() {
    #[timeout("2ms")]
    fn hangs(gate: Arc<Gate>, runs: Arc<Runs>) -> Result<u32, Fault> {
        let run = runs.hit();
        gate.pass();
        Ok(run)
    }
    #[timeout("1h")]
    fn healthy() -> Result<u32, Fault> {
        Ok(7)
    }
    let bound = u32::try_from(resilience::defaults::TIMEOUT_ABANDONED_BODIES_BEFORE_WAITING).unwrap();
    let (gate, runs) = (Arc::new(Gate::default()), Arc::new(Runs::new()));
    let call = |runs: &Arc<Runs>| hangs(Arc::clone(&gate), Arc::clone(runs));
    // A body whose thread comes too late is not begun, and not abandoned either.
    for _ in 0..100 * bound {
        assert!(call(&runs).unwrap_err().refusal().is_timed_out());
        if runs.count() == bound {
            break;
        }
    }
    assert_eq!(runs.count(), bound);

    let late = Arc::new(Runs::new());
    for _ in 0..3 {
        assert!(call(&late).unwrap_err().refusal().is_timed_out());
        assert_eq!(Arc::strong_count(&late), 1, "its arguments are gone already");
    }
    assert_eq!(healthy(), Ok(7));

    gate.open();
    let answered = (0..1_000).any(|_| call(&late).is_ok());
    assert!(answered, "with the hanging ones gone there is room again");
    assert_eq!(runs.count(), bound);
}

#[test]
fn callers_at_once_all_leave_on_time_and_a_bulkhead_outside_bounds_what_they_leave() {
    #[timeout("2ms", name = "crowded")]
    fn crowded(gate: Arc<Gate>) -> Result<(), Fault> {
        gate.pass();
        Ok(())
    }
    #[bulkhead(max_concurrent = 3)]
    #[timeout("2ms", name = "bounded")]
    fn bounded(gate: Arc<Gate>) -> Result<(), Fault> {
        gate.pass();
        Ok(())
    }
    let bound = u64::try_from(resilience::defaults::TIMEOUT_ABANDONED_BODIES_BEFORE_WAITING).unwrap();
    let callers = 2 * bound;
    let abandoned = |name| get_timeout(name).unwrap().metrics().abandoned;
    let gate = Gate::default();
    let (gate, all) = (Arc::new(gate), Barrier::new(usize::try_from(callers).unwrap()));
    std::thread::scope(|scope| {
        for _ in 0..callers {
            scope.spawn(|| {
                all.wait();
                for _ in 0..4 {
                    assert!(crowded(Arc::clone(&gate)).unwrap_err().refusal().is_timed_out());
                    bounded(Arc::clone(&gate)).unwrap_err();
                }
            });
        }
    });
    assert!(abandoned("crowded") < bound + callers, "{}", abandoned("crowded"));
    assert!(abandoned("bounded") <= 3, "{}", abandoned("bounded"));
    gate.open();
}
