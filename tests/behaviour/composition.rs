//! Several policies on one function: the top attribute is the outermost, and each sees what is below it.

use std::sync::Arc;
use std::sync::mpsc;

use resilience::{
    Bulkhead, CircuitBreaker, CircuitState, Error, bulkhead, circuit_breaker, fallback, get_bulkhead,
    get_circuit_breaker, retry, timeout,
};

use crate::support::{Fault, Log, Runs, ms, poll_now, secs, timed};

fn breaker(name: &str) -> CircuitBreaker {
    get_circuit_breaker(name).unwrap_or_else(|| panic!("no breaker `{name}`"))
}

fn slots(name: &str) -> Bulkhead {
    get_bulkhead(name).unwrap_or_else(|| panic!("no bulkhead `{name}`"))
}

mod retry_and_breaker {
    use super::{
        Arc, CircuitState, Error, Fault, Log, Runs, breaker, circuit_breaker, ms, retry, secs, timed, timeout,
    };

    #[test]
    fn a_breaker_inside_counts_each_attempt() {
        #[retry(max_attempts = 3, base_delay = "0s")]
        #[circuit_breaker(name = "breaker inside")]
        fn call(runs: &Runs) -> Result<u32, Fault> {
            runs.works_at(3)
        }
        assert_eq!(call(&Runs::new()), Ok(3));
        let metrics = breaker("breaker inside").metrics();
        assert_eq!((metrics.success, metrics.failure), (1, 2));
    }

    #[test]
    fn a_breaker_outside_counts_the_call_once() {
        #[circuit_breaker(name = "breaker outside")]
        #[retry(max_attempts = 3, base_delay = "0s")]
        fn call(first: u32, runs: &Runs) -> Result<u32, Fault> {
            runs.works_at(first)
        }
        assert_eq!(call(3, &Runs::new()), Ok(3));
        assert_eq!(call(9, &Runs::new()), Err(Fault::Transient(3)));
        let metrics = breaker("breaker outside").metrics();
        assert_eq!((metrics.success, metrics.failure), (1, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn an_open_circuit_ends_the_retries_by_default_with_its_refusal() {
        #[retry(max_attempts = 9, backoff = "constant", base_delay = "1s", jitter = "none")]
        #[circuit_breaker(name = "not retried", failure_threshold = 2, reset_timeout = "1m")]
        async fn call(runs: &Runs) -> Result<u32, Fault> {
            runs.fail()
        }
        let runs = Runs::new();
        let (result, elapsed) = timed(call(&runs)).await;
        let refusal = result.unwrap_err().refusal();
        assert!(refusal.is_circuit_open());
        assert_eq!((refusal.retry_after(), runs.count(), elapsed), (Some(secs(59)), 2, secs(2)));
        assert_eq!(timed(call(&runs)).await.1, secs(0), "and an open one refuses at once");
    }

    #[tokio::test(start_paused = true)]
    async fn an_open_circuit_is_waited_for_where_rejected_names_it_and_burns_no_attempt() {
        #[retry(
            max_attempts = 2, backoff = "constant", base_delay = "1s", jitter = "none",
            rejected(circuit_open),
            on_retry = |event| log.push((event.attempt(), event.delay(), event.rejection().is_some())),
        )]
        #[circuit_breaker(name = "waited for", failure_threshold = 1, reset_timeout = "10s")]
        async fn call(runs: &Runs, log: &Log<(u32, std::time::Duration, bool)>) -> Result<u32, Fault> {
            runs.works_at(2)
        }
        let (runs, log) = (Runs::new(), Log::new());
        // The first attempt opens the circuit; 1 s later 9 s of it are left.
        assert_eq!(timed(call(&runs, &log)).await, (Ok(2), secs(10)));
        assert_eq!(log.take(), [(1, secs(1), false), (2, secs(9), true)]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_wait_for_an_open_circuit_is_the_delay_where_that_is_longer() {
        #[retry(max_attempts = 2, base_delay = "15s", jitter = "none", rejected(circuit_open))]
        #[circuit_breaker(name = "longer delay", failure_threshold = 1, reset_timeout = "10s")]
        async fn call(runs: &Runs) -> Result<u32, Fault> {
            Ok(runs.hit())
        }
        breaker("longer delay").try_acquire().unwrap().failure();
        assert_eq!(timed(call(&Runs::new())).await, (Ok(1), secs(15)));
    }

    #[tokio::test(start_paused = true)]
    async fn what_counts_by_default_may_be_named_beside_it() {
        #[retry(
            max_attempts = 2,
            base_delay = "1s",
            jitter = "none",
            rejected(timed_out, bulkhead_full, rate_limited, circuit_open)
        )]
        #[circuit_breaker(name = "all four", failure_threshold = 1, reset_timeout = "10s")]
        async fn call(runs: &Runs) -> Result<u32, Fault> {
            runs.works_at(2)
        }
        assert_eq!(timed(call(&Runs::new())).await, (Ok(2), secs(10)));
    }

    #[tokio::test(start_paused = true)]
    async fn as_many_refusals_in_a_row_as_there_are_attempts_end_it() {
        #[retry(
            max_attempts = 2,
            base_delay = "15s",
            backoff = "constant",
            jitter = "none",
            rejected(circuit_open)
        )]
        #[circuit_breaker(name = "in a row", failure_threshold = 1, reset_timeout = "10s")]
        async fn call(runs: &Runs) -> Result<u32, Fault> {
            Ok(runs.hit())
        }
        let (breaker, runs) = (breaker("in a row"), Runs::new());
        breaker.try_acquire().unwrap().failure();
        let opens_again = async {
            tokio::time::sleep(secs(12)).await;
            breaker.try_acquire().unwrap().failure();
        };
        let ((result, elapsed), ()) = tokio::join!(timed(call(&runs)), opens_again);
        assert_eq!(result.unwrap_err().refusal().retry_after(), Some(secs(7)));
        assert_eq!((elapsed, runs.count()), (secs(15), 0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_that_does_not_know_when_it_ends_ends_it() {
        #[retry(max_attempts = 9, rejected(circuit_open))]
        #[circuit_breaker(name = "forced")]
        async fn call(runs: &Runs) -> Result<u32, Fault> {
            Ok(runs.hit())
        }
        breaker("forced").force_open();
        let (result, elapsed) = timed(call(&Runs::new())).await;
        assert_eq!((result.unwrap_err().refusal().retry_after(), elapsed), (None, secs(0)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_that_time_leaves_no_room_for_comes_out_at_once() {
        #[retry(max_attempts = 9, max_elapsed = "5s", base_delay = "1s", rejected(circuit_open))]
        #[circuit_breaker(name = "no room", failure_threshold = 1, reset_timeout = "10s")]
        async fn by_total(runs: &Runs) -> Result<u32, Fault> {
            Ok(runs.hit())
        }
        #[timeout("5s")]
        #[retry(max_attempts = 9, base_delay = "1s", rejected(circuit_open))]
        #[circuit_breaker(name = "no room")]
        async fn by_deadline(runs: &Runs) -> Result<u32, Fault> {
            Ok(runs.hit())
        }
        breaker("no room").try_acquire().unwrap().failure();
        for (result, elapsed) in [timed(by_total(&Runs::new())).await, timed(by_deadline(&Runs::new())).await]
        {
            assert!(result.unwrap_err().refusal().is_circuit_open());
            assert_eq!(elapsed, secs(0));
        }
    }

    #[test]
    fn a_nested_functions_refusal_is_an_error_like_any_other_to_its_caller() {
        #[circuit_breaker(name = "nested", failure_threshold = 1)]
        fn inner(runs: &Runs) -> Result<u32, Fault> {
            runs.fail()
        }
        #[retry(max_attempts = 5, base_delay = "0s", except(Fault::Refused(Error::CircuitOpen { .. })))]
        fn outer(calls: &Runs, runs: &Runs) -> Result<u32, Fault> {
            calls.hit();
            inner(runs)
        }
        let (calls, runs) = (Runs::new(), Runs::new());
        assert!(outer(&calls, &runs).unwrap_err().refusal().is_circuit_open());
        assert_eq!((calls.count(), runs.count()), (2, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_timeout_of_each_attempt_opens_the_circuit() {
        #[retry(max_attempts = 9, base_delay = "0s")]
        #[circuit_breaker(name = "timeouts", failure_threshold = 3)]
        #[timeout("10ms")]
        async fn call(runs: Arc<Runs>) -> Result<u32, Fault> {
            runs.hit();
            std::future::pending().await
        }
        let runs = Arc::new(Runs::new());
        let (result, elapsed) = timed(call(Arc::clone(&runs))).await;
        assert!(result.unwrap_err().refusal().is_circuit_open());
        assert_eq!((runs.count(), elapsed), (3, ms(30)));
        assert_eq!(breaker("timeouts").state(), CircuitState::Open);
    }
}

mod retry_and_bulkhead {
    use super::{Error, Fault, Log, Runs, bulkhead, ms, poll_now, retry, slots, timed};

    #[tokio::test(start_paused = true)]
    async fn a_full_bulkhead_is_retried() {
        #[retry(max_attempts = 3, backoff = "constant", base_delay = "100ms", jitter = "none")]
        #[bulkhead(name = "retried", max_concurrent = 1)]
        async fn call(runs: &Runs) -> Result<u32, Fault> {
            Ok(runs.hit())
        }
        let bulkhead = slots("retried");
        let slot = bulkhead.try_acquire().unwrap();
        let released = async {
            tokio::time::sleep(ms(150)).await;
            drop(slot);
        };
        let runs = Runs::new();
        let (called, ()) = tokio::join!(timed(call(&runs)), released);
        assert_eq!((called, bulkhead.metrics().rejected), ((Ok(1), ms(200)), 2));
        let _slot = bulkhead.try_acquire().unwrap();
        let (result, elapsed) = timed(call(&Runs::new())).await;
        assert!(result.unwrap_err().refusal().is_bulkhead_full());
        assert_eq!(elapsed, ms(200));
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_bulkhead_is_not_retried_where_rejected_leaves_it_out() {
        #[retry(max_attempts = 3, rejected())]
        #[bulkhead(name = "not retried", max_concurrent = 1)]
        async fn call() -> Result<u32, Error> {
            Ok(1)
        }
        let _slot = slots("not retried").try_acquire().unwrap();
        assert!(timed(call()).await.0.unwrap_err().is_bulkhead_full());
        assert_eq!(slots("not retried").metrics().rejected, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn inside_it_frees_its_slot_between_the_attempts() {
        #[retry(max_attempts = 2, base_delay = "100ms", jitter = "none")]
        #[bulkhead(name = "inside", max_concurrent = 1)]
        async fn call(runs: &Runs) -> Result<u32, Fault> {
            runs.works_at(2)
        }
        let runs = Runs::new();
        let mut future = Box::pin(call(&runs));
        assert!(poll_now(future.as_mut()).is_pending());
        assert_eq!((runs.count(), slots("inside").available_slots()), (1, 1));
        assert_eq!(future.await, Ok(2));
    }

    #[tokio::test(start_paused = true)]
    async fn outside_it_keeps_its_slot_during_the_wait() {
        #[bulkhead(name = "outside", max_concurrent = 1)]
        #[retry(max_attempts = 2, base_delay = "100ms", jitter = "none")]
        async fn call(runs: &Runs) -> Result<u32, Fault> {
            runs.works_at(2)
        }
        let runs = Runs::new();
        let mut future = Box::pin(call(&runs));
        assert!(poll_now(future.as_mut()).is_pending());
        assert_eq!((runs.count(), slots("outside").available_slots()), (1, 0));
        assert_eq!(future.await, Ok(2));
        assert_eq!(slots("outside").available_slots(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_retry_joins_the_line_at_its_end() {
        #[retry(max_attempts = 2, base_delay = "0s")]
        #[bulkhead(name = "line", max_concurrent = 1, max_wait = "1h")]
        async fn call(who: &'static str, log: &Log<&'static str>) -> Result<u32, Fault> {
            log.push(who);
            tokio::task::yield_now().await;
            Err(Fault::Fatal)
        }
        let log = Log::new();
        let results = tokio::join!(call("one", &log), call("two", &log), call("three", &log));
        assert_eq!(results, (Err(Fault::Fatal), Err(Fault::Fatal), Err(Fault::Fatal)));
        assert_eq!(log.take(), ["one", "two", "three", "one", "two", "three"]);
    }
}

mod timeout_and_others {
    use super::{
        Arc, Error, Fault, Log, Runs, bulkhead, circuit_breaker, fallback, mpsc, ms, retry, slots, timed,
        timeout,
    };

    #[tokio::test(start_paused = true)]
    async fn an_overall_limit_ends_what_the_limit_of_each_attempt_lets_go_on() {
        #[timeout("250ms")]
        #[retry(max_attempts = 9, base_delay = "0s")]
        #[timeout("100ms")]
        async fn call(runs: &Runs) -> Result<u32, Fault> {
            runs.hit();
            std::future::pending().await
        }
        let runs = Runs::new();
        let (result, elapsed) = timed(call(&runs)).await;
        assert!(matches!(result, Err(Fault::Refused(Error::TimedOut { limit, .. })) if limit == ms(250)));
        assert_eq!((runs.count(), elapsed), (3, ms(250)));
    }

    #[tokio::test(start_paused = true)]
    async fn the_limit_of_each_attempt_ends_an_attempt_and_not_the_call() {
        #[timeout("250ms")]
        #[retry(max_attempts = 2, base_delay = "0s")]
        #[timeout("100ms")]
        async fn call(runs: &Runs) -> Result<u32, Fault> {
            runs.hit();
            std::future::pending().await
        }
        let (result, elapsed) = timed(call(&Runs::new())).await;
        assert!(matches!(result, Err(Fault::Refused(Error::TimedOut { limit, .. })) if limit == ms(100)));
        assert_eq!(elapsed, ms(200));
    }

    #[tokio::test(start_paused = true)]
    async fn time_in_the_line_counts_and_a_call_that_timed_out_there_never_starts() {
        #[timeout("100ms")]
        #[bulkhead(name = "in line", max_concurrent = 1, max_wait = "1h")]
        async fn call(runs: &Runs) -> Result<u32, Fault> {
            Ok(runs.hit())
        }
        let (bulkhead, runs) = (slots("in line"), Runs::new());
        let slot = bulkhead.try_acquire().unwrap();
        let (result, elapsed) = timed(call(&runs)).await;
        assert!(result.unwrap_err().refusal().is_timed_out());
        assert_eq!((elapsed, bulkhead.queued()), (ms(100), 0));
        drop(slot);
        tokio::time::advance(ms(500)).await;
        assert_eq!((runs.count(), bulkhead.available_slots()), (0, 1));
        assert_eq!(call(&runs).await, Ok(1));
    }

    #[cfg(feature = "testing")]
    #[test]
    fn time_in_the_line_counts_in_a_sync_function_too() {
        #[timeout("100ms", mode = "cooperative")]
        #[circuit_breaker(name = "sync line")]
        #[bulkhead(name = "sync line", max_concurrent = 1, max_wait = "1h")]
        fn call(runs: &Runs) -> Result<u32, Fault> {
            Ok(runs.hit())
        }
        let clock = resilience::testing::ManualClock::install();
        let (bulkhead, runs) = (slots("sync line"), Runs::new());
        let slot = bulkhead.try_acquire().unwrap();
        assert!(call(&runs).unwrap_err().refusal().is_timed_out());
        assert_eq!((clock.elapsed(), bulkhead.queued(), runs.count()), (ms(100), 0, 0));
        assert_eq!(super::breaker("sync line").metrics().failure, 0, "the service was never asked");
        drop(slot);
        assert_eq!(call(&runs), Ok(1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_breaker_between_does_not_hold_the_line_against_the_service() {
        #[timeout("100ms")]
        #[circuit_breaker(name = "async line", failure_threshold = 1)]
        #[bulkhead(name = "async line", max_concurrent = 1, max_wait = "1h")]
        async fn call(runs: &Runs) -> Result<u32, Fault> {
            Ok(runs.hit())
        }
        let _slot = slots("async line").try_acquire().unwrap();
        assert!(call(&Runs::new()).await.unwrap_err().refusal().is_timed_out());
        let metrics = super::breaker("async line").metrics();
        assert_eq!((metrics.failure, metrics.ignored), (0, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_limit_inside_of_a_bulkhead_does_not_count_the_line() {
        #[bulkhead(name = "line outside", max_concurrent = 1, max_wait = "1h")]
        #[timeout("100ms")]
        async fn call() -> Result<u32, Fault> {
            tokio::time::sleep(ms(60)).await;
            Ok(1)
        }
        let (first, second) = tokio::join!(timed(call()), timed(call()));
        assert_eq!((first, second), ((Ok(1), ms(60)), (Ok(1), ms(120))));
    }

    #[test]
    fn an_abandoned_body_keeps_its_slot_until_it_returns() {
        #[bulkhead(name = "abandoned", max_concurrent = 1)]
        #[timeout("10ms")]
        fn call(go: mpsc::Receiver<()>, ended: mpsc::Sender<()>) -> Result<u32, Fault> {
            let _ = go.recv();
            drop(ended);
            Ok(1)
        }
        let bulkhead = slots("abandoned");
        for _ in 0..100 {
            let (release, go) = mpsc::channel();
            let (ended, end) = mpsc::channel::<()>();
            assert!(call(go, ended).unwrap_err().refusal().is_timed_out());
            if release.send(()).is_err() {
                // No thread came to it in time: it was never begun, and holds nothing.
                assert_eq!(bulkhead.available_slots(), 1);
                continue;
            }
            let _ = end.recv();
            // Free as soon as the body has returned, which is a moment after it dropped its argument.
            while bulkhead.available_slots() == 0 {
                std::thread::yield_now();
            }
            return;
        }
        panic!("no body ever began");
    }

    #[test]
    fn while_an_abandoned_body_runs_its_slot_is_taken() {
        #[bulkhead(name = "taken", max_concurrent = 1)]
        #[timeout("10ms")]
        fn call(go: mpsc::Receiver<()>, started: mpsc::Sender<()>) -> Result<u32, Fault> {
            let _ = started.send(());
            let _ = go.recv();
            Ok(1)
        }
        for _ in 0..100 {
            let (release, go) = mpsc::channel();
            let (started, start) = mpsc::channel();
            let refusal = call(go, started).unwrap_err().refusal();
            assert!(refusal.is_timed_out());
            if start.recv().is_err() {
                continue;
            }
            let (_kept, go) = mpsc::channel();
            assert!(call(go, mpsc::channel().0).unwrap_err().refusal().is_bulkhead_full());
            drop(release);
            return;
        }
        panic!("no body ever began");
    }

    #[tokio::test(start_paused = true)]
    async fn a_handler_outside_of_the_limit_has_all_the_time_it_wants() {
        #[fallback(|_| { tokio::time::sleep(ms(500)).await; Ok(9) })]
        #[timeout("100ms")]
        async fn call() -> Result<u32, Fault> {
            std::future::pending().await
        }
        assert_eq!(timed(call()).await, (Ok(9), ms(600)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_handler_inside_of_the_limit_has_what_is_left() {
        #[timeout("100ms")]
        #[fallback(|_| { tokio::time::sleep(ms(50)).await; Ok(9) })]
        async fn call(takes: u64) -> Result<u32, Fault> {
            tokio::time::sleep(ms(takes)).await;
            Err(Fault::Fatal)
        }
        assert_eq!(call(49).await, Ok(9));
        assert!(call(51).await.unwrap_err().refusal().is_timed_out());
    }

    #[tokio::test(start_paused = true)]
    async fn the_recommended_stack_does_what_it_says() {
        #[fallback(|error| { log.push(format!("fallback: {error}")); Ok(0) })]
        #[timeout("2s")]
        #[retry(max_attempts = 4, base_delay = "50ms", jitter = "none", except(Fault::Fatal),
            on_retry = |event| log.push(format!("retry {} in {:?}", event.attempt(), event.delay())))]
        #[circuit_breaker(name = "recommended", failure_threshold = 3, reset_timeout = "10s")]
        #[bulkhead(name = "recommended", max_concurrent = 2, max_wait = "100ms")]
        #[timeout("800ms", name = "each")]
        async fn call(runs: Arc<Runs>, log: &Log<String>) -> Result<u32, Fault> {
            match runs.hit() {
                1 => Err(Fault::Transient(1)),
                2 => std::future::pending().await,
                3 => Ok(3),
                4 => Err(Fault::Fatal),
                run => Err(Fault::Transient(run)),
            }
        }
        let (runs, log) = (Arc::new(Runs::new()), Log::new());
        assert_eq!(timed(call(Arc::clone(&runs), &log)).await, (Ok(3), ms(50 + 800 + 100)));
        assert_eq!(log.take(), ["retry 1 in 50ms", "retry 2 in 100ms"]);
        assert_eq!(call(Arc::clone(&runs), &log).await, Ok(0));
        assert_eq!(log.take(), ["fallback: fatal fault"]);
        assert_eq!(call(Arc::clone(&runs), &log).await, Ok(0));
        assert_eq!(
            log.take(),
            [
                "retry 1 in 50ms",
                "retry 2 in 100ms",
                "fallback: circuit breaker `recommended` is open; retry after 9.9s",
            ]
        );
        assert_eq!(runs.count(), 6);
        let metrics = super::breaker("recommended").metrics();
        assert_eq!((metrics.success, metrics.failure, metrics.rejected, metrics.ignored), (1, 5, 1, 0));
        assert_eq!(slots("recommended").available_slots(), 2);
    }
}
