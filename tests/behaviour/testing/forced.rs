//! Circuit breakers in a state that a test wants.

use resilience::CircuitState::{Closed, HalfOpen, Open};
use resilience::testing::{self, ManualClock};
use resilience::{CircuitBreaker, circuit_breaker, get_circuit_breaker};

use crate::support::{Fault, panic_of, secs};

#[circuit_breaker(name = "forced", failure_threshold = 3, reset_timeout = "30s", half_open_max_calls = 1)]
fn call(works: bool) -> Result<u32, Fault> {
    if works { Ok(1) } else { Err(Fault::Fatal) }
}

#[circuit_breaker(
    name = "forced: rate",
    failure_rate = 0.5,
    window = 4,
    min_calls = 4,
    reset_timeout = "30s",
    half_open_max_calls = 1
)]
fn rated(works: bool) -> Result<u32, Fault> {
    if works { Ok(1) } else { Err(Fault::Fatal) }
}

fn breaker(name: &str) -> CircuitBreaker {
    get_circuit_breaker(name).unwrap_or_else(|| panic!("no breaker `{name}`"))
}

#[test]
fn an_open_circuit_refuses_until_the_guard_is_dropped() {
    testing::isolated(|| {
        call(false).unwrap_err();
        call(false).unwrap_err();
        let open = testing::force_open("forced");
        assert_eq!((open.breaker().state(), breaker("forced").state()), (Open, Open));
        assert_eq!(call(true).unwrap_err().refusal().retry_after(), None);
        drop(open);
        assert_eq!((breaker("forced").state(), breaker("forced").failure_count()), (Closed, 2));
        call(false).unwrap_err();
        assert_eq!(breaker("forced").state(), Open, "the third failure in a row");
    });
}

#[test]
fn a_half_open_circuit_lets_a_trial_through() {
    testing::isolated(|| {
        let _clock = ManualClock::install();
        {
            let _half_open = testing::force_half_open("forced");
            assert_eq!(breaker("forced").state(), HalfOpen);
            assert_eq!(call(true), Ok(1));
            assert_eq!(breaker("forced").state(), Closed);
        }
        {
            let _half_open = testing::force_half_open("forced");
            call(false).unwrap_err();
            assert_eq!(breaker("forced").state(), Open);
            assert!(call(true).unwrap_err().refusal().is_circuit_open());
        }
        assert_eq!((breaker("forced").state(), call(true)), (Closed, Ok(1)));
    });
}

#[test]
fn an_open_time_goes_on_behind_a_closed_circuit() {
    testing::isolated(|| {
        let clock = ManualClock::install();
        (0..3).for_each(|_| drop(call(false)));
        {
            let _closed = testing::force_closed("forced");
            clock.advance(secs(10));
            assert_eq!(call(true), Ok(1));
        }
        assert_eq!(breaker("forced").time_until_reset(), Some(secs(20)));
        clock.advance(secs(20));
        assert_eq!(breaker("forced").state(), HalfOpen);
        // A trial that is under way is lost with the state; the next call is one.
        let trial = breaker("forced").try_acquire().unwrap();
        drop(testing::force_open("forced"));
        trial.failure();
        assert_eq!((breaker("forced").state(), call(true)), (HalfOpen, Ok(1)));
        assert_eq!(breaker("forced").state(), Closed);
    });
}

#[test]
fn a_window_is_put_back_as_it_was() {
    testing::isolated(|| {
        rated(true).unwrap();
        rated(true).unwrap();
        rated(false).unwrap_err();
        drop(testing::force_open("forced: rate"));
        assert_eq!(breaker("forced: rate").metrics().window_calls, 3);
        rated(false).unwrap_err();
        assert_eq!(breaker("forced: rate").state(), Open);
    });
}

#[test]
fn other_settings_begin_with_an_empty_window() {
    testing::isolated(|| {
        rated(false).unwrap_err();
        let open = testing::force_open("forced: rate");
        let breaker = breaker("forced: rate");
        breaker.reconfigure(breaker.policy().min_calls(1)).unwrap();
        drop(open);
        assert_eq!((breaker.state(), breaker.metrics().window_calls), (Closed, 0));
    });
}

#[test]
fn states_are_put_back_by_a_panic_and_from_within() {
    testing::isolated(|| {
        panic_of(|| {
            let _open = testing::force_open("forced");
            panic!("a failed test");
        });
        assert_eq!(breaker("forced").state(), Closed);
        let outer = testing::force_open("forced");
        {
            let _inner = testing::force_closed(outer.breaker());
            assert_eq!(call(true), Ok(1));
        }
        assert_eq!(breaker("forced").state(), Open);
        breaker("forced").disable();
        drop(testing::force_open("forced"));
        assert_eq!(breaker("forced").state(), resilience::CircuitState::Disabled);
    });
}

#[test]
fn the_recorder_hears_of_it_as_done_by_hand() {
    testing::isolated(|| {
        let events = testing::record();
        drop(testing::force_open("forced"));
        events.assert_transitions("forced", [Closed, Open, Closed]);
    });
}

#[test]
fn a_name_that_no_breaker_has_is_told() {
    let panic = panic_of(|| testing::force_open("nobody"));
    assert!(panic.starts_with("no circuit breaker is called `nobody`"), "{panic}");
}
