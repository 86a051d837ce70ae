//! `#[circuit_breaker]`: what it counts, when it opens, and how it closes again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use resilience::{
    CircuitBreaker, CircuitBreakerPolicy, CircuitState, Error, TransitionCause, bulkhead, circuit_breaker,
    defaults, get_bulkhead, get_circuit_breaker, timeout,
};
use tokio::time::advance;

use crate::support::{Fault, Runs, ms, named_here, panic_of, poll_now, secs};

fn breaker(name: &str) -> CircuitBreaker {
    get_circuit_breaker(name).unwrap_or_else(|| panic!("no breaker `{name}`"))
}

/// Success, failure, rejected, ignored.
fn counts(breaker: &CircuitBreaker) -> (u64, u64, u64, u64) {
    let metrics = breaker.metrics();
    (metrics.success, metrics.failure, metrics.rejected, metrics.ignored)
}

fn answer(result: Result<u32, Fault>) -> Result<u32, Fault> {
    result
}

mod closed {
    use super::{
        CircuitState, Error, Fault, Runs, answer, breaker, circuit_breaker, counts, named_here, panic_of,
        poll_now,
    };

    #[test]
    fn opens_at_the_threshold_and_refuses_without_running_the_body() {
        #[circuit_breaker(name = "closed: threshold", failure_threshold = 3)]
        fn call(runs: &Runs) -> Result<u32, Fault> {
            runs.fail()
        }
        let (breaker, runs) = (breaker("closed: threshold"), Runs::new());
        for run in 1..=3 {
            assert_eq!(breaker.state(), CircuitState::Closed);
            assert_eq!(breaker.failure_count(), run - 1);
            assert_eq!(call(&runs), Err(Fault::Transient(run)));
        }
        assert_eq!(breaker.state(), CircuitState::Open);
        assert!(call(&runs).unwrap_err().refusal().is_circuit_open());
        assert_eq!(runs.count(), 3);
        assert_eq!(counts(&breaker), (0, 3, 1, 0));
    }

    #[test]
    fn counts_failures_in_a_row_only() {
        #[circuit_breaker(name = "closed: in a row", failure_threshold = 3)]
        fn call(result: Result<u32, Fault>) -> Result<u32, Fault> {
            answer(result)
        }
        let breaker = breaker("closed: in a row");
        for _ in 0..20 {
            call(Err(Fault::Fatal)).unwrap_err();
            call(Err(Fault::Fatal)).unwrap_err();
            assert_eq!(breaker.failure_count(), 2);
            call(Ok(1)).unwrap();
            assert_eq!(breaker.failure_count(), 0);
        }
        assert_eq!((breaker.state(), counts(&breaker)), (CircuitState::Closed, (20, 40, 0, 0)));
    }

    #[test]
    fn opens_after_five_in_a_row_by_default() {
        #[circuit_breaker]
        fn call() -> Option<u32> {
            None
        }
        let breaker = breaker(named_here!(call));
        for _ in 0..4 {
            call();
        }
        assert_eq!(breaker.state(), CircuitState::Closed);
        call();
        assert_eq!(breaker.state(), CircuitState::Open);
    }

    #[test]
    fn an_error_that_the_filter_leaves_out_is_neutral() {
        #[circuit_breaker(name = "closed: neutral", failure_threshold = 2, except(Fault::Fatal))]
        fn call(result: Result<u32, Fault>) -> Result<u32, Fault> {
            answer(result)
        }
        let breaker = breaker("closed: neutral");
        for _ in 0..10 {
            assert_eq!(call(Err(Fault::Fatal)), Err(Fault::Fatal));
        }
        assert_eq!((breaker.state(), counts(&breaker)), (CircuitState::Closed, (0, 0, 0, 10)));
        // It does not wipe the row out either.
        call(Err(Fault::Transient(1))).unwrap_err();
        call(Err(Fault::Fatal)).unwrap_err();
        assert_eq!(breaker.failure_count(), 1);
        call(Err(Fault::Transient(1))).unwrap_err();
        assert_eq!(breaker.state(), CircuitState::Open);
    }

    #[test]
    fn the_filter_decides_what_counts() {
        #[circuit_breaker(
            name = "closed: filter", failure_threshold = 100,
            on(Fault::Transient(_)), except(Fault::Transient(4)), when = |fault| *fault != Fault::Transient(5),
            when_ok = |value| *value > 9,
        )]
        fn call(result: Result<u32, Fault>) -> Result<u32, Fault> {
            answer(result)
        }
        let breaker = breaker("closed: filter");
        for (result, expected) in [
            (Err(Fault::Transient(3)), (0, 1, 0, 0)),
            (Err(Fault::Fatal), (0, 1, 0, 1)),
            (Err(Fault::Transient(4)), (0, 1, 0, 2)),
            (Err(Fault::Transient(5)), (0, 1, 0, 3)),
            (Ok(10), (0, 2, 0, 3)),
            (Ok(9), (1, 2, 0, 3)),
        ] {
            assert_eq!(call(result.clone()), result, "the result itself is not touched");
            assert_eq!(counts(&breaker), expected, "{result:?}");
        }
    }

    #[test]
    fn a_panic_counts_whatever_the_filter_says() {
        #[circuit_breaker(name = "closed: panic", failure_threshold = 2, on(Fault::Fatal), when = |_| false)]
        fn call() -> Result<u32, Fault> {
            panic!("the body's fault")
        }
        let breaker = breaker("closed: panic");
        assert_eq!(panic_of(call), "the body's fault");
        assert_eq!((breaker.state(), breaker.failure_count()), (CircuitState::Closed, 1));
        assert_eq!(panic_of(call), "the body's fault");
        assert_eq!((breaker.state(), counts(&breaker)), (CircuitState::Open, (0, 2, 0, 0)));
    }

    #[tokio::test]
    async fn a_cancelled_call_votes_neither_way() {
        #[circuit_breaker(name = "closed: cancelled", failure_threshold = 1)]
        async fn call(hang: bool) -> Result<u32, Fault> {
            if hang {
                std::future::pending::<()>().await;
            }
            Ok(1)
        }
        let breaker = breaker("closed: cancelled");
        for _ in 0..10 {
            let mut future = Box::pin(call(true));
            assert!(poll_now(future.as_mut()).is_pending());
        }
        assert_eq!((breaker.state(), counts(&breaker)), (CircuitState::Closed, (0, 0, 0, 0)));
        call(false).await.unwrap();
        assert_eq!(counts(&breaker), (1, 0, 0, 0));
    }

    #[test]
    fn a_refusal_carries_the_name_and_the_time() {
        #[circuit_breaker(name = "closed: refusal", failure_threshold = 1, reset_timeout = "1h")]
        fn call(result: Result<u32, Fault>) -> Result<u32, Fault> {
            answer(result)
        }
        call(Err(Fault::Fatal)).unwrap_err();
        let refusal = call(Ok(1)).unwrap_err().refusal();
        assert!(refusal.is_circuit_open());
        assert_eq!(refusal.policy_name(), "closed: refusal");
        let after = refusal.retry_after().expect("it is known when the trial may come");
        assert!(after <= super::secs(3600) && after > super::secs(3500), "{after:?}");
        assert!(refusal.to_string().starts_with("circuit breaker `closed: refusal` is open; retry after"));
    }

    #[test]
    fn an_open_circuit_may_have_an_answer_of_its_own() {
        fn instead(result: Result<u32, Fault>) -> Result<u32, Fault> {
            assert_eq!(result, Ok(1), "it gets the arguments");
            Ok(7)
        }
        #[circuit_breaker(name = "closed: fallback", failure_threshold = 1, fallback = instead)]
        fn call(result: Result<u32, Fault>) -> Result<u32, Fault> {
            answer(result)
        }
        assert_eq!(call(Ok(1)), Ok(1));
        assert_eq!(call(Err(Fault::Fatal)), Err(Fault::Fatal), "it answers for an open circuit only");
        assert_eq!(call(Ok(1)), Ok(7));
        assert_eq!(counts(&breaker("closed: fallback")), (1, 1, 1, 0));
    }

    #[test]
    fn map_err_converts_the_refusal_and_nothing_else() {
        #[derive(Debug, PartialEq)]
        struct Text(String);
        fn text(refusal: Error) -> Text {
            Text(format!("mapped: {}", refusal.kind()))
        }
        #[circuit_breaker(name = "closed: map_err", failure_threshold = 1, map_err = text)]
        fn call() -> Result<u32, Text> {
            Err(Text("its own".to_owned()))
        }
        assert_eq!(call(), Err(Text("its own".to_owned())));
        let open = Error::clone(&breaker("closed: map_err").try_acquire().unwrap_err());
        assert_eq!(call(), Err(Text(format!("mapped: {}", open.kind()))));
    }
}

mod half_open {
    use super::{
        Arc, AtomicBool, CircuitState, Fault, Ordering, Runs, TransitionCause, advance, answer, breaker,
        circuit_breaker, counts, ms, panic_of, poll_now, secs, timeout,
    };

    // Each test has a function of its own: the breaker is the function's.
    macro_rules! guarded {
        ($handle:ident, $name:literal, $($setting:tt)*) => {
            #[circuit_breaker(name = $name, failure_threshold = 1, reset_timeout = "10s", $($setting)*)]
            async fn call(result: Option<Result<u32, Fault>>) -> Result<u32, Fault> {
                match result {
                    Some(result) => answer(result),
                    None => std::future::pending().await,
                }
            }
            let $handle = breaker($name);
            call(Some(Err(Fault::Transient(0)))).await.unwrap_err();
            assert_eq!($handle.state(), CircuitState::Open);
        };
    }

    #[tokio::test(start_paused = true)]
    async fn begins_exactly_when_the_time_is_up_and_without_traffic() {
        guarded!(breaker, "half-open: begins",);
        assert_eq!(breaker.time_until_reset(), Some(secs(10)));
        advance(ms(9_999)).await;
        assert_eq!((breaker.state(), breaker.time_until_reset()), (CircuitState::Open, Some(ms(1))));
        assert_eq!(call(Some(Ok(1))).await.unwrap_err().refusal().retry_after(), Some(ms(1)));
        advance(ms(1)).await;
        assert_eq!((breaker.state(), breaker.time_until_reset()), (CircuitState::HalfOpen, None));
        assert_eq!(breaker.metrics().state_changes.len(), 1, "reading the state changes nothing");
        assert_eq!(call(Some(Ok(1))).await, Ok(1));
    }

    #[tokio::test(start_paused = true)]
    async fn closes_after_as_many_successes_as_there_may_be_trials() {
        guarded!(breaker, "half-open: closes",);
        advance(secs(10)).await;
        for _ in 0..2 {
            call(Some(Ok(1))).await.unwrap();
            assert_eq!(breaker.state(), CircuitState::HalfOpen);
        }
        call(Some(Ok(1))).await.unwrap();
        assert_eq!((breaker.state(), breaker.failure_count()), (CircuitState::Closed, 0));
        let changes: Vec<_> = breaker
            .metrics()
            .state_changes
            .iter()
            .map(|change| (change.from, change.to, change.cause))
            .collect();
        assert_eq!(
            changes,
            [
                (CircuitState::Closed, CircuitState::Open, TransitionCause::Failures(1)),
                (CircuitState::Open, CircuitState::HalfOpen, TransitionCause::ResetTimeout),
                (CircuitState::HalfOpen, CircuitState::Closed, TransitionCause::TrialsSucceeded(3)),
            ]
        );
        let times: Vec<_> = breaker.metrics().state_changes.iter().map(|change| change.time).collect();
        assert_eq!(times[1] - times[0], secs(10));
    }

    #[tokio::test(start_paused = true)]
    async fn closes_after_the_success_threshold_where_it_is_given() {
        guarded!(breaker, "half-open: success_threshold", half_open_max_calls = 5, success_threshold = 2);
        advance(secs(10)).await;
        call(Some(Ok(1))).await.unwrap();
        assert_eq!(breaker.state(), CircuitState::HalfOpen);
        call(Some(Ok(1))).await.unwrap();
        assert_eq!(breaker.state(), CircuitState::Closed);
    }

    #[tokio::test(start_paused = true)]
    async fn opens_again_at_the_first_failed_trial() {
        guarded!(breaker, "half-open: reopens",);
        advance(secs(10)).await;
        call(Some(Ok(1))).await.unwrap();
        call(Some(Ok(1))).await.unwrap();
        call(Some(Err(Fault::Transient(0)))).await.unwrap_err();
        assert_eq!((breaker.state(), breaker.time_until_reset()), (CircuitState::Open, Some(secs(10))));
        assert_eq!(breaker.metrics().state_changes.last().unwrap().cause, TransitionCause::TrialFailed);
        advance(secs(10)).await;
        // The successes of the former round are forgotten.
        for _ in 0..2 {
            call(Some(Ok(1))).await.unwrap();
        }
        assert_eq!(breaker.state(), CircuitState::HalfOpen);
    }

    #[tokio::test(start_paused = true)]
    async fn admits_so_many_trials_at_a_time_and_refuses_the_next_without_a_time() {
        guarded!(breaker, "half-open: bound", half_open_max_calls = 2);
        advance(secs(10)).await;
        let mut trials = [Box::pin(call(None)), Box::pin(call(None))];
        for trial in &mut trials {
            assert!(poll_now(trial.as_mut()).is_pending());
        }
        let refusal = call(Some(Ok(1))).await.unwrap_err().refusal();
        assert!(refusal.is_circuit_open());
        assert_eq!(refusal.retry_after(), None);
        assert_eq!(refusal.to_string(), "circuit breaker `half-open: bound` is open");
        drop(trials);
        assert_eq!(call(Some(Ok(1))).await, Ok(1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_cancelled_trial_gives_its_place_back_at_once_and_does_not_vote() {
        guarded!(breaker, "half-open: cancelled", half_open_max_calls = 1);
        advance(secs(10)).await;
        for _ in 0..100 {
            let mut trial = Box::pin(call(None));
            assert!(poll_now(trial.as_mut()).is_pending());
            drop(trial);
            assert_eq!(breaker.state(), CircuitState::HalfOpen);
        }
        assert_eq!(counts(&breaker), (0, 1, 0, 0));
        call(Some(Ok(1))).await.unwrap();
        assert_eq!(breaker.state(), CircuitState::Closed);
    }

    #[tokio::test(start_paused = true)]
    async fn a_neutral_trial_gives_its_place_back_and_does_not_vote() {
        guarded!(breaker, "half-open: neutral", half_open_max_calls = 1, except(Fault::Fatal));
        advance(secs(10)).await;
        for _ in 0..100 {
            assert_eq!(call(Some(Err(Fault::Fatal))).await, Err(Fault::Fatal));
            assert_eq!(breaker.state(), CircuitState::HalfOpen);
        }
        call(Some(Ok(1))).await.unwrap();
        assert_eq!(breaker.state(), CircuitState::Closed);
    }

    #[tokio::test(start_paused = true)]
    async fn a_panicking_trial_opens_the_circuit_again() {
        static CALM: AtomicBool = AtomicBool::new(false);
        #[circuit_breaker(
            name = "half-open: panic",
            failure_threshold = 1,
            reset_timeout = "10s",
            half_open_max_calls = 1
        )]
        fn call() -> Result<u32, Fault> {
            assert!(CALM.load(Ordering::SeqCst), "not calm");
            Ok(1)
        }
        let breaker = breaker("half-open: panic");
        for round in 0..5 {
            assert_eq!(panic_of(call), "not calm");
            assert_eq!(breaker.state(), CircuitState::Open, "{round}");
            advance(secs(10)).await;
        }
        CALM.store(true, Ordering::SeqCst);
        call().unwrap();
        assert_eq!((breaker.state(), counts(&breaker)), (CircuitState::Closed, (1, 5, 0, 0)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_trial_that_never_comes_back_has_failed_when_its_lease_ends() {
        guarded!(breaker, "half-open: lease", half_open_max_calls = 1);
        advance(secs(10)).await;
        let mut lost = Box::pin(call(None));
        assert!(poll_now(lost.as_mut()).is_pending());
        advance(ms(9_999)).await;
        call(Some(Ok(1))).await.unwrap_err();
        advance(ms(1)).await;
        let rejection = call(Some(Ok(1))).await.unwrap_err().refusal();
        assert_eq!(rejection.retry_after(), Some(secs(10)));
        advance(secs(10)).await;
        call(Some(Ok(1))).await.unwrap();
        assert_eq!(breaker.state(), CircuitState::Closed);
        drop(lost);
        assert_eq!((breaker.state(), breaker.failure_count()), (CircuitState::Closed, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_lease_lasts_as_long_as_the_timeout_inside_if_that_is_longer() {
        #[circuit_breaker(
            name = "half-open: long lease",
            failure_threshold = 1,
            reset_timeout = "10s",
            half_open_max_calls = 1
        )]
        #[timeout("1m")]
        async fn call(result: Option<Result<u32, Fault>>) -> Result<u32, Fault> {
            match result {
                Some(result) => answer(result),
                None => std::future::pending().await,
            }
        }
        let breaker = breaker("half-open: long lease");
        call(Some(Err(Fault::Fatal))).await.unwrap_err();
        advance(secs(10)).await;
        let mut trial = Box::pin(call(None));
        assert!(poll_now(trial.as_mut()).is_pending());
        advance(ms(59_999)).await;
        assert!(call(Some(Ok(1))).await.unwrap_err().refusal().is_circuit_open());
        advance(ms(1)).await;
        assert!(call(Some(Ok(1))).await.unwrap_err().refusal().is_circuit_open());
        advance(secs(10)).await;
        assert_eq!(call(Some(Ok(1))).await, Ok(1));
        assert_eq!(breaker.state(), CircuitState::Closed);
    }

    #[tokio::test(start_paused = true)]
    async fn any_mix_of_trials_leads_on_from_it() {
        guarded!(breaker, "half-open: mix", half_open_max_calls = 2, except(Fault::Fatal));
        advance(secs(10)).await;
        let mut pending = Vec::new();
        for step in 0..60_u32 {
            match step % 4 {
                0 => drop(poll_now(Box::pin(call(None)).as_mut())),
                1 => drop(call(Some(Err(Fault::Fatal))).await),
                2 => {
                    let mut lost = Box::pin(call(None));
                    assert!(poll_now(lost.as_mut()).is_pending() || breaker.state() != CircuitState::Closed);
                    pending.push(lost);
                }
                _ => advance(secs(4)).await,
            }
            assert_ne!(breaker.state(), CircuitState::Closed, "{step}");
        }
        advance(secs(20)).await;
        call(Some(Ok(1))).await.unwrap();
        call(Some(Ok(1))).await.unwrap();
        assert_eq!(breaker.state(), CircuitState::Closed);
        assert!(pending.len() > 10);
    }

    #[tokio::test(start_paused = true)]
    async fn many_callers_at_the_edge_are_admitted_by_number() {
        static INSIDE: Runs = Runs::new();
        #[circuit_breaker(
            name = "half-open: crowd",
            failure_threshold = 1,
            reset_timeout = "10s",
            half_open_max_calls = 3
        )]
        async fn call(gate: Arc<tokio::sync::Semaphore>) -> Result<u32, Fault> {
            INSIDE.hit();
            let _open = gate.acquire().await;
            Ok(1)
        }
        let breaker = breaker("half-open: crowd");
        breaker.try_acquire().unwrap().failure();
        advance(secs(10)).await;
        let gate = Arc::new(tokio::sync::Semaphore::new(0));
        let tasks: Vec<_> = (0..100).map(|_| tokio::spawn(call(Arc::clone(&gate)))).collect();
        tokio::time::sleep(ms(1)).await;
        assert_eq!(INSIDE.count(), 3);
        gate.close();
        let mut passed = 0;
        for task in tasks {
            passed += u32::from(task.await.unwrap().is_ok());
        }
        assert_eq!((passed, breaker.state()), (3, CircuitState::Closed));
    }
}

mod generations {
    use super::{CircuitBreaker, CircuitBreakerPolicy, CircuitState, advance, ms, secs};

    fn make() -> CircuitBreaker {
        let policy =
            CircuitBreakerPolicy::new().failure_threshold(2).half_open_max_calls(1).reset_timeout(secs(10));
        CircuitBreaker::new("generations", policy).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_success_from_before_the_trip_does_not_close_the_circuit() {
        let breaker = make();
        let (slow, slower) = (breaker.try_acquire().unwrap(), breaker.try_acquire().unwrap());
        breaker.try_acquire().unwrap().failure();
        breaker.try_acquire().unwrap().failure();
        slow.success();
        assert_eq!(breaker.state(), CircuitState::Open);
        advance(secs(10)).await;
        let trial = breaker.try_acquire().unwrap();
        slower.success();
        assert_eq!(breaker.state(), CircuitState::HalfOpen);
        trial.success();
        assert_eq!(breaker.state(), CircuitState::Closed);
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_from_before_the_trip_does_not_prolong_the_open_time() {
        let breaker = make();
        let slow = breaker.try_acquire().unwrap();
        breaker.try_acquire().unwrap().failure();
        breaker.try_acquire().unwrap().failure();
        advance(secs(9)).await;
        slow.failure();
        assert_eq!(breaker.time_until_reset(), Some(secs(1)));
        advance(secs(1)).await;
        assert_eq!(breaker.state(), CircuitState::HalfOpen);
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_from_before_the_trip_does_not_fail_the_trials() {
        let breaker = make();
        let (slow, slower) = (breaker.try_acquire().unwrap(), breaker.try_acquire().unwrap());
        breaker.try_acquire().unwrap().failure();
        breaker.try_acquire().unwrap().failure();
        advance(secs(10)).await;
        let trial = breaker.try_acquire().unwrap();
        slow.failure();
        assert_eq!(breaker.state(), CircuitState::HalfOpen);
        drop(slower);
        assert!(breaker.try_acquire().is_err(), "it held no trial's place");
        trial.success();
        assert_eq!(breaker.state(), CircuitState::Closed);
    }

    #[tokio::test(start_paused = true)]
    async fn a_trial_from_a_former_round_moves_nothing_in_the_next() {
        let breaker = make();
        breaker.try_acquire().unwrap().failure();
        breaker.try_acquire().unwrap().failure();
        advance(secs(10)).await;
        let lost = breaker.try_acquire().unwrap();
        // Its lease ends after ten seconds, and the circuit is open for ten more.
        advance(secs(10)).await;
        assert_eq!(breaker.state(), CircuitState::Open);
        advance(secs(10)).await;
        let trial = breaker.try_acquire().unwrap();
        lost.success();
        assert_eq!(breaker.state(), CircuitState::HalfOpen);
        assert!(breaker.try_acquire().is_err());
        drop(trial);
        assert!(breaker.try_acquire().is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_result_from_before_a_reset_counts_no_more() {
        let breaker = make();
        let (first, second) = (breaker.try_acquire().unwrap(), breaker.try_acquire().unwrap());
        breaker.reset();
        first.failure();
        second.failure();
        assert_eq!((breaker.state(), breaker.failure_count()), (CircuitState::Closed, 0));
        advance(ms(1)).await;
    }
}

mod handle {
    use super::{
        CircuitBreaker, CircuitBreakerPolicy, CircuitState, Duration, Fault, Runs, TransitionCause, advance,
        breaker, circuit_breaker, counts, named_here, secs,
    };

    #[tokio::test(start_paused = true)]
    async fn force_open_lasts_until_reset() {
        #[circuit_breaker(name = "handle: force_open", reset_timeout = "1s")]
        fn call(runs: &Runs) -> Result<u32, Fault> {
            Ok(runs.hit())
        }
        let (breaker, runs) = (breaker("handle: force_open"), Runs::new());
        breaker.force_open();
        assert_eq!((breaker.state(), breaker.time_until_reset()), (CircuitState::Open, None));
        advance(secs(1_000_000)).await;
        assert_eq!(breaker.state(), CircuitState::Open);
        assert_eq!(call(&runs).unwrap_err().refusal().retry_after(), None);
        breaker.reset();
        assert_eq!(call(&runs), Ok(1));
        let causes: Vec<_> = breaker.metrics().state_changes.iter().map(|change| change.cause).collect();
        assert_eq!(causes, [TransitionCause::Manual, TransitionCause::Manual]);
    }

    #[tokio::test(start_paused = true)]
    async fn disable_lets_everything_pass_and_records_nothing_until_enable() {
        #[circuit_breaker(name = "handle: disable", failure_threshold = 1)]
        fn call(runs: &Runs) -> Result<u32, Fault> {
            runs.fail()
        }
        let (breaker, runs) = (breaker("handle: disable"), Runs::new());
        call(&runs).unwrap_err();
        assert_eq!(breaker.state(), CircuitState::Open);
        breaker.disable();
        for _ in 0..10 {
            assert!(matches!(call(&runs), Err(Fault::Transient(_))));
        }
        assert_eq!((breaker.state(), counts(&breaker)), (CircuitState::Disabled, (0, 1, 0, 0)));
        breaker.enable();
        assert_eq!(breaker.state(), CircuitState::Closed);
        call(&runs).unwrap_err();
        assert_eq!(breaker.state(), CircuitState::Open);
        breaker.enable();
        assert_eq!(breaker.state(), CircuitState::Open, "enable ends disable only");
    }

    #[test]
    fn reset_forgets_the_row() {
        let breaker = CircuitBreaker::new("reset", CircuitBreakerPolicy::new().failure_threshold(2)).unwrap();
        breaker.try_acquire().unwrap().failure();
        breaker.reset();
        breaker.try_acquire().unwrap().failure();
        assert_eq!((breaker.state(), breaker.failure_count()), (CircuitState::Closed, 1));
    }

    #[test]
    fn is_there_before_the_first_call() {
        #[circuit_breaker(name = "handle: before", failure_threshold = 42)]
        #[allow(dead_code)]
        fn never_called() -> Result<u32, Fault> {
            Ok(1)
        }
        let breaker = breaker("handle: before");
        assert_eq!((breaker.state(), counts(&breaker)), (CircuitState::Closed, (0, 0, 0, 0)));
        assert_eq!(breaker.policy(), CircuitBreakerPolicy::new().failure_threshold(42));
        assert!(resilience::get_circuit_breaker("handle: nobody").is_none());
    }

    #[test]
    fn of_an_unnamed_breaker_is_found_by_its_function() {
        #[circuit_breaker(failure_threshold = 1)]
        fn call() -> Option<u32> {
            None
        }
        assert_eq!(call(), None);
        let breaker = breaker(named_here!(call));
        assert_eq!(
            (breaker.name(), breaker.state()),
            ("behaviour::circuit_breaker::handle::call", CircuitState::Open)
        );
    }

    #[tokio::test]
    async fn runs_closures_and_futures_under_the_breaker() {
        let policy = CircuitBreakerPolicy::new().failure_threshold(2);
        let breaker = CircuitBreaker::new("by hand", policy).unwrap();
        assert_eq!(breaker.call(|| Ok::<_, Fault>(1)), Ok(1));
        assert_eq!(breaker.call_async(async || Err::<u32, _>(Fault::Fatal)).await, Err(Fault::Fatal));
        assert_eq!(breaker.call(|| Err::<u32, _>(Fault::Fatal)), Err(Fault::Fatal));
        let refused = breaker.call_async(async || -> Result<u32, Fault> { unreachable!("open") }).await;
        assert!(refused.unwrap_err().refusal().is_circuit_open());
        assert_eq!(counts(&breaker), (1, 2, 1, 0));
    }

    #[test]
    fn permits_take_one_verdict() {
        let breaker = CircuitBreaker::new("permits", CircuitBreakerPolicy::new()).unwrap();
        breaker.try_acquire().unwrap().success();
        breaker.try_acquire().unwrap().failure();
        breaker.try_acquire().unwrap().ignore();
        drop(breaker.try_acquire().unwrap());
        assert_eq!((counts(&breaker), breaker.failure_count()), ((1, 1, 0, 1), 1));
    }

    #[test]
    fn clones_share_the_breaker() {
        let breaker = CircuitBreaker::new("clones", CircuitBreakerPolicy::new()).unwrap();
        breaker.clone().force_open();
        assert_eq!(breaker.state(), CircuitState::Open);
    }

    #[test]
    fn refuses_settings_that_can_not_work() {
        let reason =
            |policy| CircuitBreaker::new("config", policy).map(drop).map_err(|error| error.setting());
        let policy = CircuitBreakerPolicy::new();
        assert_eq!(reason(policy), Ok(()));
        assert_eq!(reason(policy.failure_threshold(0)), Err("failure_threshold"));
        assert_eq!(reason(policy.reset_timeout(Duration::ZERO)), Err("reset_timeout"));
        assert_eq!(reason(policy.half_open_max_calls(0)), Err("half_open_max_calls"));
        assert_eq!(reason(policy.success_threshold(0)), Err("success_threshold"));
        assert_eq!(reason(policy.success_threshold(4)), Err("success_threshold"));
        assert_eq!(reason(policy.half_open_max_calls(4).success_threshold(4)), Ok(()));
        assert_eq!(CircuitBreaker::new(" ", policy).map(drop).unwrap_err().setting(), "name");
    }
}

mod instances {
    use super::{
        CircuitBreakerPolicy, CircuitState, Error, Fault, breaker, circuit_breaker, counts, named_here, secs,
    };

    #[tokio::test]
    async fn of_one_name_are_one_whatever_the_functions_are() {
        #[circuit_breaker(name = "instances: shared", failure_threshold = 3)]
        fn number() -> Result<u32, Fault> {
            Err(Fault::Fatal)
        }
        #[circuit_breaker(name = "instances: shared")]
        async fn text(_: &str) -> Result<String, Error> {
            Ok("text".to_owned())
        }
        #[circuit_breaker(name = "instances: shared")]
        fn option() -> Option<()> {
            None
        }
        let breaker = breaker("instances: shared");
        assert_eq!(number(), Err(Fault::Fatal));
        assert_eq!(option(), None);
        assert_eq!((breaker.failure_count(), breaker.state()), (2, CircuitState::Closed));
        assert_eq!(text("").await.unwrap(), "text");
        for _ in 0..3 {
            option();
        }
        assert_eq!(breaker.state(), CircuitState::Open);
        assert!(text("").await.unwrap_err().is_circuit_open());
        assert_eq!(counts(&breaker), (1, 5, 1, 0));
    }

    #[test]
    fn that_give_only_the_name_take_the_settings_declared_elsewhere() {
        // Before the site that has the settings, in the order of the source.
        #[circuit_breaker(name = "instances: elsewhere")]
        fn first() -> Option<()> {
            None
        }
        #[circuit_breaker(name = "instances: elsewhere", failure_threshold = 2, reset_timeout = "7s")]
        #[allow(dead_code)]
        fn declared() -> Option<()> {
            None
        }
        first();
        let breaker = breaker("instances: elsewhere");
        assert_eq!(breaker.policy(), CircuitBreakerPolicy::new().failure_threshold(2).reset_timeout(secs(7)));
        first();
        assert_eq!(breaker.state(), CircuitState::Open);
    }

    struct One;
    struct Two;

    impl One {
        #[circuit_breaker(failure_threshold = 1)]
        fn call(&self) -> Option<u32> {
            None
        }
    }

    impl Two {
        #[circuit_breaker(failure_threshold = 1)]
        fn call(&self) -> Option<u32> {
            Some(2)
        }
    }

    #[test]
    fn without_a_name_never_meet_even_where_their_functions_are_called_alike() {
        assert_eq!(One.call(), None);
        assert_eq!(Two.call(), Some(2), "the other's circuit is open, not this one's");
        assert_eq!(breaker(named_here!(call)).name(), named_here!(call));
    }

    #[test]
    fn without_a_name_never_meet_even_where_one_macro_makes_them_on_one_line() {
        macro_rules! made {
            ($answer:expr) => {{
                #[circuit_breaker(failure_threshold = 1)]
                fn made() -> Option<u32> {
                    $answer
                }
                made()
            }};
        }
        assert_eq!((made!(None), made!(Some(2))), (None, Some(2)), "the second has a circuit of its own");
    }

    #[test]
    fn of_a_generic_function_are_one() {
        #[circuit_breaker(name = "instances: generic", failure_threshold = 2)]
        fn call<T>(value: Result<T, Fault>) -> Result<T, Fault> {
            value
        }
        call::<u32>(Err(Fault::Fatal)).unwrap_err();
        call::<String>(Err(Fault::Fatal)).unwrap_err();
        assert!(call(Ok(1.5)).unwrap_err().refusal().is_circuit_open());
    }

    #[test]
    fn of_an_unnamed_generic_function_are_one() {
        #[circuit_breaker(failure_threshold = 2)]
        fn generic<T>(value: Result<T, Fault>) -> Result<T, Fault> {
            value
        }
        generic::<u32>(Err(Fault::Fatal)).unwrap_err();
        generic::<String>(Err(Fault::Fatal)).unwrap_err();
        assert!(generic(Ok(1.5)).unwrap_err().refusal().is_circuit_open());
    }

    trait Call {
        const WORKS: bool;

        #[circuit_breaker(failure_threshold = 1)]
        fn by_default(&self) -> Result<u32, Fault> {
            if Self::WORKS { Ok(1) } else { Err(Fault::Fatal) }
        }
    }

    impl Call for One {
        const WORKS: bool = false;
    }

    impl Call for Two {
        const WORKS: bool = true;
    }

    #[test]
    fn of_a_default_method_are_one_for_all_implementors() {
        assert_eq!(Two.by_default(), Ok(1));
        assert_eq!(One.by_default(), Err(Fault::Fatal));
        assert!(Two.by_default().unwrap_err().refusal().is_circuit_open());
    }

    #[test]
    fn may_be_made_from_a_policy_and_settings_over_it() {
        const SHARED: CircuitBreakerPolicy =
            CircuitBreakerPolicy::new().failure_threshold(9).reset_timeout(secs(9));
        fn threshold() -> u32 {
            4
        }
        #[circuit_breaker(name = "instances: policy", policy = SHARED, half_open_max_calls = 2)]
        #[allow(dead_code)]
        fn from_policy() -> Option<()> {
            None
        }
        #[circuit_breaker(name = "instances: computed", failure_threshold = threshold() + 1)]
        #[allow(dead_code)]
        fn computed() -> Option<()> {
            None
        }
        assert_eq!(breaker("instances: policy").policy(), SHARED.half_open_max_calls(2));
        assert_eq!(breaker("instances: computed").policy(), CircuitBreakerPolicy::new().failure_threshold(5));
    }
}

mod rejections {
    use super::{
        CircuitState, Fault, breaker, bulkhead, circuit_breaker, counts, get_bulkhead, poll_now, timeout,
    };

    #[tokio::test(start_paused = true)]
    async fn a_timeout_inside_is_a_failure() {
        #[circuit_breaker(name = "rejections: timeout", failure_threshold = 2)]
        #[timeout("10ms")]
        async fn call() -> Result<u32, Fault> {
            std::future::pending().await
        }
        assert!(call().await.unwrap_err().refusal().is_timed_out());
        assert!(call().await.unwrap_err().refusal().is_timed_out());
        assert_eq!(breaker("rejections: timeout").state(), CircuitState::Open);
        assert!(call().await.unwrap_err().refusal().is_circuit_open());
    }

    #[tokio::test(start_paused = true)]
    async fn a_timeout_inside_is_neutral_where_rejected_leaves_it_out() {
        #[circuit_breaker(name = "rejections: none", failure_threshold = 1, rejected())]
        #[timeout("10ms")]
        async fn call() -> Result<u32, Fault> {
            std::future::pending().await
        }
        for _ in 0..3 {
            assert!(call().await.unwrap_err().refusal().is_timed_out());
        }
        assert_eq!(counts(&breaker("rejections: none")), (0, 0, 0, 3));
    }

    #[tokio::test(start_paused = true)]
    async fn a_timeout_outside_is_a_cancellation() {
        #[timeout("10ms")]
        #[circuit_breaker(name = "rejections: outside", failure_threshold = 1)]
        async fn call() -> Result<u32, Fault> {
            std::future::pending().await
        }
        assert!(call().await.unwrap_err().refusal().is_timed_out());
        assert_eq!(counts(&breaker("rejections: outside")), (0, 0, 0, 0));
    }

    #[tokio::test]
    async fn a_full_bulkhead_inside_is_neutral() {
        #[circuit_breaker(name = "rejections: bulkhead", failure_threshold = 1)]
        #[bulkhead(name = "rejections: bulkhead", max_concurrent = 1)]
        async fn call() -> Result<u32, Fault> {
            std::future::pending().await
        }
        let mut inside = Box::pin(call());
        assert!(poll_now(inside.as_mut()).is_pending());
        for _ in 0..3 {
            assert!(call().await.unwrap_err().refusal().is_bulkhead_full());
        }
        assert_eq!(counts(&breaker("rejections: bulkhead")), (0, 0, 0, 3));
        assert_eq!(get_bulkhead("rejections: bulkhead").unwrap().metrics().rejected, 3);
    }

    #[tokio::test]
    async fn a_full_bulkhead_inside_counts_where_rejected_names_it() {
        #[circuit_breaker(name = "rejections: named", failure_threshold = 1, rejected(bulkhead_full))]
        #[bulkhead(max_concurrent = 1)]
        async fn call() -> Result<u32, Fault> {
            std::future::pending().await
        }
        let mut inside = Box::pin(call());
        assert!(poll_now(inside.as_mut()).is_pending());
        assert!(call().await.unwrap_err().refusal().is_bulkhead_full());
        assert_eq!(breaker("rejections: named").state(), CircuitState::Open);
    }
}

#[test]
fn defaults_are_documented() {
    assert_eq!(defaults::CIRCUIT_BREAKER_FAILURE_THRESHOLD, 5);
    assert_eq!(defaults::CIRCUIT_BREAKER_RESET_TIMEOUT, secs(30));
    assert_eq!(defaults::CIRCUIT_BREAKER_HALF_OPEN_MAX_CALLS, 3);
}

#[cfg(feature = "testing")]
#[test]
fn a_sync_breaker_goes_by_the_manual_clock() {
    #[circuit_breaker(
        name = "manual clock",
        failure_threshold = 1,
        reset_timeout = "30s",
        half_open_max_calls = 1
    )]
    fn call(result: Result<u32, Fault>) -> Result<u32, Fault> {
        result
    }
    resilience::testing::isolated(|| {
        let clock = resilience::testing::ManualClock::install();
        let breaker = breaker("manual clock");
        call(Err(Fault::Fatal)).unwrap_err();
        clock.advance(ms(29_999));
        assert_eq!(breaker.state(), CircuitState::Open);
        clock.advance(ms(1));
        assert_eq!(breaker.state(), CircuitState::HalfOpen);
        assert_eq!(call(Ok(1)), Ok(1));
        assert_eq!(breaker.state(), CircuitState::Closed);
    });
    assert_eq!(counts(&breaker("manual clock")), (0, 0, 0, 0), "the program's own saw nothing");
}

#[test]
fn a_breaker_may_be_shared_by_threads_and_loses_no_count() {
    #[circuit_breaker(name = "threads", failure_threshold = 1_000_000)]
    fn call(fail: bool) -> Option<u32> {
        (!fail).then_some(1)
    }
    std::thread::scope(|scope| {
        for thread in 0..4 {
            scope.spawn(move || {
                for turn in 0..1_000 {
                    call((turn + thread) % 4 == 0);
                }
            });
        }
    });
    assert_eq!(counts(&breaker("threads")), (3_000, 1_000, 0, 0));
}

#[test]
fn a_refused_call_drops_its_arguments_untouched() {
    #[circuit_breaker(name = "arguments")]
    fn call(argument: Arc<()>) -> Result<usize, Fault> {
        Ok(Arc::strong_count(&argument))
    }
    let argument = Arc::new(());
    breaker("arguments").force_open();
    call(Arc::clone(&argument)).unwrap_err();
    assert_eq!(Arc::strong_count(&argument), 1);
}

#[test]
fn an_error_names_the_breaker_or_else_the_function() {
    #[circuit_breaker]
    fn unnamed() -> Result<u32, Error> {
        Ok(1)
    }
    breaker(named_here!(unnamed)).force_open();
    assert_eq!(unnamed().unwrap_err().policy_name(), "behaviour::circuit_breaker::unnamed");
}

mod success_on {
    use super::{
        CircuitBreaker, CircuitBreakerPolicy, CircuitState, Fault, advance, breaker, circuit_breaker, counts,
        secs,
    };

    #[tokio::test(start_paused = true)]
    async fn errors_that_prove_the_other_side_alive_are_successes() {
        #[circuit_breaker(
            name = "success on",
            failure_threshold = 2,
            reset_timeout = "10s",
            half_open_max_calls = 1,
            success_on(Fault::Transient(number) if *number == 404),
            except(Fault::Transient(499))
        )]
        async fn call(result: Result<u32, Fault>) -> Result<u32, Fault> {
            result
        }
        let breaker = breaker("success on");
        let fail = |number| call(Err(Fault::Transient(number)));
        // An ignored error leaves the failures in a row, and a success ends them.
        for number in [500, 499, 404, 500, 499] {
            fail(number).await.unwrap_err();
        }
        assert_eq!((breaker.state(), breaker.failure_count()), (CircuitState::Closed, 1));
        fail(500).await.unwrap_err();
        assert_eq!((breaker.state(), counts(&breaker)), (CircuitState::Open, (1, 3, 0, 2)));
        advance(secs(10)).await;
        fail(404).await.unwrap_err();
        assert_eq!(breaker.state(), CircuitState::Closed, "a trial that finds nothing has found somebody");
    }

    #[tokio::test(start_paused = true)]
    async fn a_pipeline_knows_them_too() {
        let breaker = CircuitBreaker::new("b", CircuitBreakerPolicy::new().failure_threshold(1)).unwrap();
        let pipeline: resilience::Pipeline<u32, Fault> = resilience::Pipeline::builder()
            .circuit_breaker_with(breaker.clone(), |layer| {
                layer.success_on(|error| matches!(error, Fault::Transient(404)))
            })
            .build()
            .unwrap();
        pipeline.call(|| Err(Fault::Transient(404))).unwrap_err();
        assert_eq!((breaker.state(), breaker.metrics().success), (CircuitState::Closed, 1));
        pipeline.call(|| Err(Fault::Transient(500))).unwrap_err();
        assert_eq!(breaker.state(), CircuitState::Open);
    }
}

#[tokio::test(start_paused = true)]
async fn jitter_never_opens_it_for_longer_than_the_longest_open_time() {
    let policy = CircuitBreakerPolicy::new()
        .failure_threshold(1)
        .reset_timeout(secs(10))
        .max_reset_timeout(secs(12))
        .reset_jitter(1.0);
    let breaker = CircuitBreaker::new("jitter", policy).unwrap();
    let mut longest = Duration::ZERO;
    for _ in 0..1_000 {
        breaker.try_acquire().unwrap().failure();
        longest = longest.max(breaker.time_until_reset().unwrap_or_default());
        breaker.reset();
    }
    assert!(longest <= secs(12) && longest > secs(10), "{longest:?}");
}
