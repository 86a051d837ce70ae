//! The circuit breaker between threads, in every order. Open times and leases are so long, or so long over, that
//! the clock decides nothing.

use loom::sync::atomic::AtomicUsize;
use loom::thread;

use super::*;
use crate::circuit_breaker::machine::State;
use crate::circuit_breaker::state::TransitionCause;
use crate::circuit_breaker::{CircuitBreakerPolicy, Window};
use crate::sync::in_every_order;

const POLICY: CircuitBreakerPolicy = CircuitBreakerPolicy::new()
    .failure_threshold(2)
    .reset_timeout(Duration::from_secs(3600))
    .half_open_max_calls(1);

fn closed(policy: CircuitBreakerPolicy) -> Arc<Core> {
    policy.validate().expect("settings that work");
    Arc::new(Core::new("test".into(), Arc::new(Packed::new(&policy))))
}

/// An open circuit whose time is up.
fn rested(policy: CircuitBreakerPolicy) -> Arc<Core> {
    let core = closed(policy);
    core.by_hand(|machine, world| {
        let open = State::Open { until: Instant::from_bits(0) };
        Some(machine.enter(world.now(), open, TransitionCause::Manual))
    });
    core
}

fn acquire(core: &Arc<Core>) -> Option<Admission> {
    core.acquire(&Duration::ZERO).ok()
}

fn let_in(core: &Arc<Core>) -> Admission {
    acquire(core).expect("a place")
}

fn spawn<T: 'static>(core: &Arc<Core>, run: impl FnOnce(&Arc<Core>) -> T + 'static) -> thread::JoinHandle<T> {
    let core = Arc::clone(core);
    thread::spawn(move || run(&core))
}

fn join<T>(thread: thread::JoinHandle<T>) -> T {
    thread.join().expect("no panic")
}

fn causes(core: &Core) -> Vec<TransitionCause> {
    core.metrics().state_changes.iter().map(|change| change.cause).collect()
}

#[test]
fn no_more_trials_than_places() {
    in_every_order(|| {
        let core = rested(POLICY.half_open_max_calls(2));
        let others = [(); 2].map(|()| spawn(&core, |core| acquire(core).is_some()));
        let here = acquire(&core).is_some();
        let trials = others.map(join).into_iter().chain([here]).filter(|let_in| *let_in).count();
        assert_eq!(trials, 2);
        assert_eq!(core.metrics().rejected, 1);
    });
}

#[test]
fn places_that_come_free_are_taken_one_by_one() {
    in_every_order(|| {
        let core = rested(POLICY);
        let under_way = Arc::new(AtomicUsize::new(0));
        let others = [Some(Verdict::Ignored), None].map(|verdict| {
            let under_way = Arc::clone(&under_way);
            spawn(&core, move |core| {
                let Some(trial) = acquire(core) else { return };
                assert_eq!(under_way.fetch_add(1, Ordering::Relaxed), 0);
                under_way.fetch_sub(1, Ordering::Relaxed);
                match verdict {
                    Some(verdict) => core.settle(trial, verdict),
                    None => core.end_without_verdict(trial),
                }
            })
        });
        others.into_iter().for_each(join);
        core.settle(let_in(&core), Verdict::Success);
        assert_eq!(core.state(), CircuitState::Closed);
    });
}

#[test]
fn one_trial_decides() {
    in_every_order(|| {
        let core = rested(POLICY.half_open_max_calls(2).success_threshold(1));
        let (good, bad) = (let_in(&core), let_in(&core));
        let other = spawn(&core, move |core| core.settle(good, Verdict::Success));
        core.settle(bad, Verdict::Failure);
        join(other);
        // The one that came second is stale: it neither closes the circuit nor stands against it.
        let (decided, state) = (causes(&core)[2], core.state());
        match decided {
            TransitionCause::TrialsSucceeded(1) => assert_eq!(state, CircuitState::Closed),
            TransitionCause::TrialFailed => assert_eq!(state, CircuitState::Open),
            other => panic!("{other}"),
        }
        assert_eq!((core.failure_count(), causes(&core).len()), (0, 3));
        assert_eq!((core.metrics().success, core.metrics().failure), (1, 1));
    });
}

#[test]
fn nobody_slips_in_once_a_trial_has_failed() {
    in_every_order(|| {
        let core = rested(POLICY);
        let other = spawn(&core, |core| {
            if let Some(trial) = acquire(core) {
                core.settle(trial, Verdict::Failure);
            }
        });
        let here = acquire(&core);
        join(other);
        match here {
            Some(trial) if core.state() == CircuitState::HalfOpen => core.settle(trial, Verdict::Failure),
            Some(_) => panic!("let in by a circuit that is {}", core.state()),
            None => {}
        }
        let refused = core.acquire(&Duration::ZERO).expect_err("open");
        assert!(refused.retry_after().is_some());
        assert_eq!(causes(&core)[1..], [TransitionCause::ResetTimeout, TransitionCause::TrialFailed]);
    });
}

#[test]
fn no_failure_is_lost_on_the_way_to_the_threshold() {
    for rate in [false, true] {
        in_every_order(move || {
            let rated = CircuitBreakerPolicy::new().failure_rate(1.0).min_calls(3);
            let core = closed(if rate { rated } else { POLICY.failure_threshold(3) });
            let others = [(); 2].map(|()| {
                let call = let_in(&core);
                spawn(&core, move |core| core.settle(call, Verdict::Failure))
            });
            core.settle(let_in(&core), Verdict::Failure);
            others.into_iter().for_each(join);
            assert_eq!(core.state(), CircuitState::Open);
            let three = TransitionCause::FailureRate { failures: 3, calls: 3 };
            assert_eq!(causes(&core), [if rate { three } else { TransitionCause::Failures(3) }]);
            assert_eq!(core.metrics().failure, 3);
        });
    }
}

#[test]
fn a_success_beside_the_last_failure_comes_before_or_after_it() {
    in_every_order(|| {
        let core = closed(POLICY);
        core.settle(let_in(&core), Verdict::Failure);
        let (good, bad) = (let_in(&core), let_in(&core));
        let other = spawn(&core, move |core| core.settle(good, Verdict::Success));
        core.settle(bad, Verdict::Failure);
        join(other);
        match core.state() {
            CircuitState::Open => assert_eq!(causes(&core), [TransitionCause::Failures(2)]),
            _ => assert_eq!((core.failure_count(), causes(&core)), (1, vec![])),
        }
        assert_eq!((core.metrics().success, core.metrics().failure), (1, 2));
    });
}

#[test]
fn a_window_counts_what_passes_it_by() {
    let of_calls = CircuitBreakerPolicy::new().failure_rate(0.9).min_calls(2);
    let of_time = of_calls.window(Window::Time(Duration::from_secs(100 * 86_400)));
    let timed = |policy: CircuitBreakerPolicy| policy.slow_call(Duration::from_secs(3600));
    for policy in [of_calls, of_time, timed(of_calls), timed(of_time)] {
        in_every_order(move || {
            let core = closed(policy);
            let (good, bad) = (let_in(&core), let_in(&core));
            let other = spawn(&core, move |core| core.settle(good, Verdict::Success));
            core.settle(bad, Verdict::Failure);
            join(other);
            let metrics = core.metrics();
            assert_eq!((metrics.success, metrics.failure, metrics.slow), (1, 1, 0), "{policy}");
            assert_eq!((metrics.window_calls, metrics.failure_rate), (2, Some(0.5)), "{policy}");
        });
    }
}

#[test]
fn somebody_who_begins_to_listen_misses_nothing_that_comes_after_and_loses_no_count() {
    in_every_order(|| {
        let core = closed(POLICY);
        let (good, bad) = (let_in(&core), let_in(&core));
        let other = spawn(&core, move |core| core.settle(good, Verdict::Success));
        let heard = Arc::new(AtomicUsize::new(0));
        let listener = Arc::clone(&heard);
        core.subscribe(Box::new(move |_| {
            listener.fetch_add(1, Ordering::Relaxed);
        }));
        core.settle(bad, Verdict::Failure);
        join(other);
        let of_the_other = heard.load(Ordering::Relaxed) - 1;
        assert!(of_the_other <= 1, "{of_the_other} times");
        assert_eq!((core.metrics().success, core.metrics().failure), (1, 1));
    });
}

#[test]
fn somebody_who_begins_to_listen_is_told_although_somebody_else_stops() {
    in_every_order(|| {
        let core = closed(POLICY);
        let former = core.subscribe(Box::new(|_| {}));
        let leaver = spawn(&core, move |core| core.unsubscribe(&former));
        let heard = Arc::new(AtomicUsize::new(0));
        let listener = Arc::clone(&heard);
        core.subscribe(Box::new(move |_| {
            listener.fetch_add(1, Ordering::Relaxed);
        }));
        join(leaver);
        core.settle(let_in(&core), Verdict::Success);
        assert_eq!(heard.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn what_was_let_in_before_a_change_moves_nothing_after_it() {
    for verdict in [Verdict::Success, Verdict::Failure] {
        in_every_order(move || {
            let core = closed(POLICY);
            let stale = let_in(&core);
            let other = spawn(&core, move |core| core.settle(stale, verdict));
            core.force_open();
            core.reset();
            core.settle(let_in(&core), Verdict::Failure);
            join(other);
            assert_eq!((core.state(), core.failure_count()), (CircuitState::Closed, 1));
        });
    }
}

#[test]
fn a_result_beside_a_change_of_settings_counts_once() {
    in_every_order(|| {
        let core = closed(POLICY.failure_threshold(9));
        let call = let_in(&core);
        let other = spawn(&core, move |core| core.settle(call, Verdict::Failure));
        core.reconfigure(POLICY.failure_threshold(9).failure_rate(1.0).min_calls(9));
        core.settle(let_in(&core), Verdict::Failure);
        join(other);
        let metrics = core.metrics();
        assert_eq!((core.failure_count(), metrics.failure), (2, 2));
        assert!((1..=2).contains(&metrics.window_calls), "{} calls", metrics.window_calls);
        assert_eq!(metrics.failure_rate, Some(1.0));
    });
}
