//! Every call is counted once, whichever way it takes; and what a breaker takes up.

use super::*;
use crate::circuit_breaker::history::REMEMBERED;
use crate::circuit_breaker::{CircuitBreaker, CircuitBreakerPolicy, Window};

const SECOND: Duration = Duration::from_secs(1);

fn core(policy: CircuitBreakerPolicy) -> Arc<Core> {
    policy.validate().expect("settings that work");
    Arc::new(Core::new("test".into(), Arc::new(Packed::new(&policy))))
}

fn end(core: &Arc<Core>, verdict: Verdict) {
    core.settle(core.acquire(&Duration::ZERO).expect("admitted"), verdict);
}

/// A trial's ticket must never pass for one of a closed circuit, whatever its number.
#[test]
fn every_trial_reaches_the_machine() {
    let most = if cfg!(miri) { 3 } else { 70 };
    for trials in 1..=most {
        let policy = CircuitBreakerPolicy::new()
            .failure_threshold(1)
            .reset_timeout(Duration::from_nanos(1))
            .half_open_max_calls(trials);
        let core = core(policy);
        end(&core, Verdict::Failure);
        while core.state() == CircuitState::Open {}
        for _ in 0..trials {
            assert_eq!(core.state(), CircuitState::HalfOpen);
            end(&core, Verdict::Success);
        }
        assert_eq!(core.state(), CircuitState::Closed);
        assert_eq!(core.metrics().success, u64::from(trials));
    }
}

#[test]
fn successes_are_counted_once_however_they_are_counted() {
    let rate = CircuitBreakerPolicy::new().failure_rate(0.9).min_calls(4);
    let over_time = rate.window(Window::Time(3600 * SECOND));
    let slow = CircuitBreakerPolicy::new().slow_call(3600 * SECOND);
    for policy in [CircuitBreakerPolicy::new(), rate, over_time, slow] {
        let core = core(policy);
        for call in 0..100 {
            end(&core, if call % 4 == 3 { Verdict::Failure } else { Verdict::Success });
        }
        let metrics = core.metrics();
        assert_eq!((metrics.success, metrics.failure), (75, 25), "{policy}");
        if policy.failure_share().is_some() {
            assert_eq!((metrics.window_calls, metrics.failure_rate), (100, Some(0.25)), "{policy}");
        }
    }
}

/// Since the settings changed, the next success is the first result to judge the rate by.
#[test]
fn a_success_trips_where_the_rate_was_reached_without_a_result() {
    let rate = CircuitBreakerPolicy::new().failure_rate(0.3);
    let core = core(rate.min_calls(10));
    end(&core, Verdict::Failure);
    end(&core, Verdict::Success);
    core.reconfigure(rate.min_calls(2));
    end(&core, Verdict::Ignored);
    assert_eq!(core.state(), CircuitState::Closed, "there was no result");
    end(&core, Verdict::Success);
    assert_eq!(core.state(), CircuitState::Open);
}

#[test]
fn other_settings_take_effect_and_lose_no_count() {
    let core = core(CircuitBreakerPolicy::new());
    (0..7).for_each(|_| end(&core, Verdict::Success));
    let over_time = CircuitBreakerPolicy::new().failure_rate(0.5).window(Window::Time(3600 * SECOND));
    core.reconfigure(over_time.min_calls(2));
    (0..5).for_each(|_| end(&core, Verdict::Success));
    assert_eq!((core.metrics().success, core.metrics().window_calls), (12, 5));
    core.reconfigure(CircuitBreakerPolicy::new().failure_rate(0.5).min_calls(2));
    (0..2).for_each(|_| end(&core, Verdict::Success));
    assert_eq!((core.metrics().success, core.metrics().window_calls), (14, 2));
    end(&core, Verdict::Failure);
    end(&core, Verdict::Failure);
    assert_eq!(core.state(), CircuitState::Open);
}

#[test]
fn memory_does_not_grow_with_transitions() {
    let core = core(CircuitBreakerPolicy::new());
    for _ in 0..if cfg!(miri) { 3 * REMEMBERED } else { 100_000 } {
        core.force_open();
        core.reset();
    }
    assert_eq!(core.metrics().state_changes.len(), REMEMBERED);
}

/// With the pointer to it, settings of its own, and the two counts in front of both.
#[test]
fn a_breaker_is_small() {
    let counts = 2 * size_of::<usize>();
    let bytes = size_of::<CircuitBreaker>() + counts + size_of::<Core>() + counts + size_of::<Packed>();
    assert!(bytes <= 264, "{bytes}");
}

#[test]
fn breakers_that_are_dropped_leave_nothing_behind() {
    let policy = CircuitBreakerPolicy::new().failure_threshold(1).half_open_max_calls(1);
    let settings = Arc::new(Packed::new(&policy));
    for number in 0..if cfg!(miri) { 20 } else { 100_000 } {
        let breaker = CircuitBreaker::sharing(number.to_string().into(), Arc::clone(&settings));
        let heard = breaker.subscribe(|_| {});
        breaker.try_acquire().expect("closed").success();
        let permit = breaker.try_acquire().expect("closed");
        permit.failure();
        assert!(breaker.try_acquire().is_err());
        let left = Arc::downgrade(&breaker.0);
        drop(breaker);
        drop(heard);
        assert_eq!((left.strong_count(), left.weak_count()), (0, 0));
        assert_eq!(Arc::strong_count(&settings), 1);
    }
}
