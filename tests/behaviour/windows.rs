//! `#[circuit_breaker]` by rates: over the last calls, over the last while, of slow calls; and open times that grow.

use std::time::Duration;

use resilience::testing::{ManualClock, seed_jitter};
use resilience::{
    CircuitBreaker, CircuitBreakerPolicy, CircuitState, TransitionCause, Window, circuit_breaker,
    get_circuit_breaker,
};

use crate::support::{Fault, ms, secs};

fn breaker(name: &str) -> CircuitBreaker {
    get_circuit_breaker(name).unwrap_or_else(|| panic!("no breaker `{name}`"))
}

fn last_cause(breaker: &CircuitBreaker) -> TransitionCause {
    breaker.metrics().state_changes.last().expect("a change").cause
}

/// Takes its time on the manual clock, and gives what it is told to.
fn work(clock: &ManualClock, takes: Duration, works: bool) -> Result<u32, Fault> {
    clock.advance(takes);
    if works { Ok(1) } else { Err(Fault::Fatal) }
}

mod of_calls {
    use super::{
        CircuitState, Fault, ManualClock, TransitionCause, Window, breaker, circuit_breaker, last_cause, ms,
        work,
    };

    #[test]
    fn forgets_what_is_no_longer_among_the_last_calls() {
        #[circuit_breaker(name = "calls: slide", failure_rate = 0.5, window = 100)]
        fn call(clock: &ManualClock, works: bool) -> Result<u32, Fault> {
            work(clock, ms(0), works)
        }
        let (clock, breaker) = (ManualClock::install(), breaker("calls: slide"));
        for _ in 0..10_000 {
            call(&clock, true).unwrap();
        }
        for _ in 0..49 {
            call(&clock, false).unwrap_err();
            assert_eq!(breaker.state(), CircuitState::Closed);
        }
        call(&clock, false).unwrap_err();
        assert_eq!(breaker.state(), CircuitState::Open);
        assert_eq!(last_cause(&breaker), TransitionCause::FailureRate { failures: 50, calls: 100 });
        assert_eq!(breaker.metrics().window_calls, 0, "each change of state empties the window");
    }

    #[test]
    fn a_rate_that_stays_below_never_opens_the_circuit() {
        #[circuit_breaker(name = "calls: below", failure_rate = 0.5, window = 10)]
        fn call(clock: &ManualClock, works: bool) -> Result<u32, Fault> {
            work(clock, ms(0), works)
        }
        let (clock, breaker) = (ManualClock::install(), breaker("calls: below"));
        for run in 0..1_000 {
            let _ = call(&clock, run % 5 < 3);
            assert_eq!(breaker.state(), CircuitState::Closed, "run {run}");
        }
        let metrics = breaker.metrics();
        assert_eq!((metrics.window_calls, metrics.failure_rate), (10, Some(0.4)));
    }

    #[test]
    fn is_not_judged_before_min_calls_which_a_success_may_complete() {
        #[circuit_breaker(name = "calls: minimum", failure_rate = 0.5, window = 100, min_calls = 20)]
        fn call(clock: &ManualClock, works: bool) -> Result<u32, Fault> {
            work(clock, ms(0), works)
        }
        let (clock, breaker) = (ManualClock::install(), breaker("calls: minimum"));
        for _ in 0..19 {
            call(&clock, false).unwrap_err();
        }
        assert_eq!(breaker.state(), CircuitState::Closed, "nothing else counts beside a rate");
        assert_eq!(call(&clock, true), Ok(1), "the call itself worked");
        assert_eq!(breaker.state(), CircuitState::Open);
        assert_eq!(last_cause(&breaker), TransitionCause::FailureRate { failures: 19, calls: 20 });
    }

    #[test]
    fn waits_for_ten_calls_by_default_and_for_no_more_than_the_window_holds() {
        #[circuit_breaker(name = "calls: ten", failure_rate = 0.1)]
        fn ten(clock: &ManualClock) -> Result<u32, Fault> {
            work(clock, ms(0), false)
        }
        #[circuit_breaker(name = "calls: four", failure_rate = 0.1, window = 4)]
        fn four(clock: &ManualClock) -> Result<u32, Fault> {
            work(clock, ms(0), false)
        }
        let clock = ManualClock::install();
        let calls_until_open = |name: &str, call: &dyn Fn(&ManualClock) -> Result<u32, Fault>| {
            let breaker = breaker(name);
            (1..=100).find(|_| call(&clock).is_err() && breaker.state() == CircuitState::Open)
        };
        assert_eq!(calls_until_open("calls: ten", &ten), Some(10));
        assert_eq!(calls_until_open("calls: four", &four), Some(4));
    }

    #[test]
    fn neutral_results_take_no_place() {
        #[circuit_breaker(name = "calls: neutral", failure_rate = 0.5, window = 4, on(Fault::Fatal))]
        fn call(error: Fault) -> Result<u32, Fault> {
            Err(error)
        }
        let breaker = breaker("calls: neutral");
        for run in 0..50 {
            call(Fault::Transient(run)).unwrap_err();
        }
        assert_eq!(breaker.metrics().window_calls, 0);
        for _ in 0..4 {
            assert_eq!(breaker.state(), CircuitState::Closed);
            call(Fault::Fatal).unwrap_err();
        }
        assert_eq!(breaker.state(), CircuitState::Open);
    }

    #[test]
    fn stand_beside_failures_in_a_row_and_the_first_rule_that_is_met_opens() {
        #[circuit_breaker(name = "calls: beside", failure_threshold = 3, failure_rate = 0.5, window = 10)]
        fn call(clock: &ManualClock, works: bool) -> Result<u32, Fault> {
            work(clock, ms(0), works)
        }
        let (clock, breaker) = (ManualClock::install(), breaker("calls: beside"));
        for _ in 0..3 {
            call(&clock, false).unwrap_err();
        }
        assert_eq!(last_cause(&breaker), TransitionCause::Failures(3));
        breaker.reset();
        for run in 0..10 {
            let _ = call(&clock, run % 2 == 0);
        }
        assert_eq!(last_cause(&breaker), TransitionCause::FailureRate { failures: 5, calls: 10 });
    }

    #[test]
    fn take_a_window_from_an_expression() {
        const LAST: Window = Window::Calls(3);
        #[circuit_breaker(name = "calls: expression", failure_rate = 2.0 / 3.0, window = LAST)]
        fn call(clock: &ManualClock, works: bool) -> Result<u32, Fault> {
            work(clock, ms(0), works)
        }
        let (clock, breaker) = (ManualClock::install(), breaker("calls: expression"));
        for works in [true, false, true, true, false] {
            let _ = call(&clock, works);
            assert_eq!(breaker.state(), CircuitState::Closed);
        }
        call(&clock, false).unwrap_err();
        assert_eq!(last_cause(&breaker), TransitionCause::FailureRate { failures: 2, calls: 3 });
    }
}

mod of_time {
    use super::{
        CircuitState, Fault, ManualClock, TransitionCause, breaker, circuit_breaker, last_cause, ms, secs,
        work,
    };

    #[test]
    fn forgets_what_is_older_than_the_window() {
        #[circuit_breaker(name = "time: slide", failure_rate = 0.5, window = "10s", min_calls = 4)]
        fn call(clock: &ManualClock, works: bool) -> Result<u32, Fault> {
            work(clock, ms(0), works)
        }
        let (clock, breaker) = (ManualClock::install(), breaker("time: slide"));
        for _ in 0..100 {
            for _ in 0..3 {
                call(&clock, false).unwrap_err();
            }
            assert_eq!(breaker.metrics().window_calls, 3);
            clock.advance(secs(10));
            assert_eq!(breaker.metrics().window_calls, 0);
        }
        assert_eq!(breaker.state(), CircuitState::Closed);
        for _ in 0..3 {
            call(&clock, false).unwrap_err();
            clock.advance(secs(2));
        }
        // Three failures are still in there, and this success is the fourth call.
        call(&clock, true).unwrap();
        assert_eq!(breaker.state(), CircuitState::Open);
        assert_eq!(last_cause(&breaker), TransitionCause::FailureRate { failures: 3, calls: 4 });
    }

    #[tokio::test(start_paused = true)]
    async fn goes_by_the_runtimes_clock_in_async_functions() {
        #[circuit_breaker(name = "time: async", failure_rate = 1.0, window = "1s", min_calls = 2)]
        async fn call(takes: std::time::Duration) -> Result<u32, Fault> {
            tokio::time::sleep(takes).await;
            Err(Fault::Fatal)
        }
        let breaker = breaker("time: async");
        for _ in 0..10 {
            call(secs(1)).await.unwrap_err();
        }
        assert_eq!(breaker.state(), CircuitState::Closed);
        call(ms(100)).await.unwrap_err();
        assert_eq!(breaker.state(), CircuitState::Open);
    }
}

mod of_slow_calls {
    use super::{
        CircuitState, Fault, ManualClock, TransitionCause, breaker, circuit_breaker, last_cause, ms, secs,
        work,
    };

    #[test]
    fn opens_for_slowness_alone() {
        #[circuit_breaker(name = "slow: rate", slow_call = "2s", slow_rate = 0.5, window = 4)]
        fn call(clock: &ManualClock, takes: std::time::Duration) -> Result<u32, Fault> {
            work(clock, takes, true)
        }
        let (clock, breaker) = (ManualClock::install(), breaker("slow: rate"));
        for takes in [ms(1_999), secs(2), ms(10)] {
            call(&clock, takes).unwrap();
        }
        assert_eq!((breaker.state(), breaker.metrics().slow), (CircuitState::Closed, 1));
        assert_eq!(call(&clock, secs(9)), Ok(1));
        assert_eq!(breaker.state(), CircuitState::Open);
        assert_eq!(last_cause(&breaker), TransitionCause::SlowRate { slow: 2, calls: 4 });
    }

    #[tokio::test(start_paused = true)]
    async fn are_all_calls_of_the_window_by_default_failed_ones_too() {
        #[circuit_breaker(name = "slow: all", slow_call = "1s", window = 3)]
        async fn call(takes: std::time::Duration, works: bool) -> Result<u32, Fault> {
            tokio::time::sleep(takes).await;
            if works { Ok(1) } else { Err(Fault::Fatal) }
        }
        let breaker = breaker("slow: all");
        for _ in 0..20 {
            let _ = call(secs(5), false).await;
            let _ = call(secs(5), true).await;
            let _ = call(ms(999), false).await;
            assert_eq!(breaker.state(), CircuitState::Closed, "there is no rule about failures");
        }
        let _ = call(secs(1), false).await;
        let _ = call(secs(1), true).await;
        let _ = call(secs(1), false).await;
        assert_eq!(last_cause(&breaker), TransitionCause::SlowRate { slow: 3, calls: 3 });
    }

    #[test]
    fn trials_that_are_all_slow_open_it_again() {
        #[circuit_breaker(
            name = "slow: trial",
            slow_call = "1s",
            window = 1,
            reset_timeout = "10s",
            half_open_max_calls = 1
        )]
        fn call(clock: &ManualClock, takes: std::time::Duration) -> Result<u32, Fault> {
            work(clock, takes, true)
        }
        let (clock, breaker) = (ManualClock::install(), breaker("slow: trial"));
        call(&clock, secs(1)).unwrap();
        clock.advance(secs(10));
        call(&clock, secs(1)).unwrap();
        assert_eq!(
            (breaker.state(), last_cause(&breaker)),
            (CircuitState::Open, TransitionCause::SlowRate { slow: 1, calls: 1 })
        );
        clock.advance(secs(10));
        call(&clock, ms(1)).unwrap();
        assert_eq!(breaker.state(), CircuitState::Closed);
    }

    #[test]
    fn a_service_that_is_slow_at_times_closes_it() {
        #[circuit_breaker(
            name = "slow: at times",
            failure_threshold = 1,
            slow_call = "1s",
            slow_rate = 0.8,
            window = 10,
            reset_timeout = "10s",
            half_open_max_calls = 5
        )]
        fn call(clock: &ManualClock, takes: std::time::Duration, works: bool) -> Result<u32, Fault> {
            work(clock, takes, works)
        }
        let (clock, breaker) = (ManualClock::install(), breaker("slow: at times"));
        for (slow, expected) in [(3, CircuitState::Closed), (4, CircuitState::Open)] {
            call(&clock, ms(1), false).unwrap_err();
            clock.advance(secs(10));
            for trial in 0..5 {
                let _ = call(&clock, if trial < slow { secs(1) } else { ms(1) }, true);
            }
            assert_eq!(breaker.state(), expected, "{slow} of 5");
        }
    }
}

mod recovery {
    use super::{
        CircuitBreakerPolicy, CircuitState, Duration, Fault, ManualClock, Window, breaker, circuit_breaker,
        ms, secs, seed_jitter, work,
    };

    #[test]
    fn each_failed_trial_makes_the_open_time_longer_up_to_the_longest() {
        #[circuit_breaker(
            name = "recovery: growth",
            failure_threshold = 1,
            half_open_max_calls = 1,
            reset_timeout = "1s",
            reset_multiplier = 2.0,
            max_reset_timeout = "5s"
        )]
        fn call(clock: &ManualClock, works: bool) -> Result<u32, Fault> {
            work(clock, ms(0), works)
        }
        let (clock, breaker) = (ManualClock::install(), breaker("recovery: growth"));
        for _ in 0..2 {
            for open in [1, 2, 4, 5, 5, 5] {
                call(&clock, false).unwrap_err();
                assert_eq!(breaker.time_until_reset(), Some(secs(open)));
                clock.advance(secs(open - 1) + Duration::from_nanos(999_999_999));
                assert!(call(&clock, true).unwrap_err().refusal().is_circuit_open());
                clock.advance(Duration::from_nanos(1));
            }
            call(&clock, true).unwrap();
            assert_eq!(
                breaker.state(),
                CircuitState::Closed,
                "and the next open time is the first one again"
            );
        }
    }

    #[test]
    fn an_error_may_say_when_to_come_back() {
        #[derive(Debug)]
        enum Busy {
            For(u64),
            Refused(Option<Duration>),
        }
        impl From<resilience::Error> for Busy {
            fn from(refusal: resilience::Error) -> Self {
                Self::Refused(refusal.retry_after())
            }
        }
        #[circuit_breaker(
            name = "recovery: hint", failure_threshold = 1, half_open_max_calls = 1, reset_timeout = "10s",
            max_reset_timeout = "1m",
            retry_after = |busy| match busy { Busy::For(seconds) => Some(secs(*seconds)), Busy::Refused(_) => None },
            except(Busy::For(99)),
        )]
        fn call(seconds: Option<u64>) -> Result<u32, Busy> {
            Err(seconds.map_or(Busy::Refused(None), Busy::For))
        }
        let (clock, breaker) = (ManualClock::install(), breaker("recovery: hint"));
        for (hint, open) in [(Some(3), 3), (None, 10), (Some(45), 45), (Some(3_600), 60), (Some(0), 10)] {
            breaker.reset();
            call(hint).unwrap_err();
            assert_eq!(breaker.time_until_reset(), Some(secs(open)), "{hint:?}");
            clock.advance(secs(1));
            let refused = call(hint).unwrap_err();
            assert!(matches!(refused, Busy::Refused(Some(after)) if after == secs(open - 1)), "{refused:?}");
        }
        breaker.reset();
        call(Some(99)).unwrap_err();
        assert_eq!(breaker.state(), CircuitState::Closed, "what the filter leaves out isn't asked");
    }

    #[test]
    fn the_open_time_is_spread_up_and_down() {
        #[circuit_breaker(
            name = "recovery: jitter",
            failure_threshold = 1,
            reset_timeout = "10s",
            reset_jitter = 0.2
        )]
        fn call(clock: &ManualClock) -> Result<u32, Fault> {
            work(clock, ms(0), false)
        }
        let (clock, breaker) = (ManualClock::install(), breaker("recovery: jitter"));
        seed_jitter(1);
        let mut times = Vec::new();
        for _ in 0..200 {
            breaker.reset();
            call(&clock).unwrap_err();
            times.extend(breaker.time_until_reset());
        }
        assert!(times.iter().all(|time| (secs(8)..=secs(12)).contains(time)), "{times:?}");
        assert!(times.iter().any(|time| *time < secs(9)) && times.iter().any(|time| *time > secs(11)));
    }

    #[test]
    fn other_settings_keep_the_state() {
        #[circuit_breaker(
            name = "recovery: reconfigured",
            failure_rate = 0.5,
            window = 2,
            reset_timeout = "10s"
        )]
        fn call(clock: &ManualClock, works: bool) -> Result<u32, Fault> {
            work(clock, ms(0), works)
        }
        let (clock, breaker) = (ManualClock::install(), breaker("recovery: reconfigured"));
        let policy =
            CircuitBreakerPolicy::new().failure_rate(1.0).window(Window::Calls(3)).half_open_max_calls(1);
        call(&clock, false).unwrap_err();
        call(&clock, false).unwrap_err();
        assert_eq!(breaker.state(), CircuitState::Open);
        breaker.reconfigure(policy.reset_timeout(secs(60))).unwrap();
        assert_eq!(breaker.time_until_reset(), Some(secs(10)), "it was opened for so long");
        assert!(call(&clock, true).unwrap_err().refusal().is_circuit_open());
        clock.advance(secs(10));
        call(&clock, true).unwrap();
        assert_eq!(breaker.state(), CircuitState::Closed, "one trial is enough by now");
        call(&clock, true).unwrap();
        for _ in 0..3 {
            assert_eq!(breaker.state(), CircuitState::Closed);
            call(&clock, false).unwrap_err();
        }
        assert_eq!(breaker.time_until_reset(), Some(secs(60)));
        assert!(breaker.reconfigure(policy.min_calls(4)).is_err());
        assert_eq!(breaker.time_until_reset(), Some(secs(60)));
    }
}
