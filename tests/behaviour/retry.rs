//! `#[retry]`: which failures are retried, how often, and after which wait.

use std::sync::Arc;
use std::time::Duration;

use resilience::{Backoff, Jitter, RetryEvent, RetryExhausted, RetryPolicy, defaults, retry, timeout};

use crate::support::{Fault, Log, Runs, ms, panic_of, poll_now, secs, timed};

type Delays = Log<Duration>;

mod attempts {
    use super::{Fault, RetryPolicy, Runs, retry, secs, timed};

    #[tokio::test(start_paused = true)]
    async fn by_default_there_are_three_with_a_second_then_two_between_them_at_most() {
        #[retry]
        async fn call(runs: &Runs) -> Result<u32, Fault> {
            runs.fail()
        }
        let runs = Runs::new();
        let (result, elapsed) = timed(call(&runs)).await;
        assert_eq!((result, runs.count()), (Err(Fault::Transient(3)), 3));
        assert!(elapsed <= secs(3), "{elapsed:?}");
    }

    #[test]
    fn max_attempts_counts_the_first_call() {
        #[retry(max_attempts = 1, base_delay = "0s")]
        fn one(runs: &Runs) -> Result<u32, Fault> {
            runs.fail()
        }
        #[retry(max_attempts = 7, base_delay = "0s")]
        fn seven(runs: &Runs) -> Result<u32, Fault> {
            runs.fail()
        }
        assert_eq!(one(&Runs::new()), Err(Fault::Transient(1)));
        assert_eq!(seven(&Runs::new()), Err(Fault::Transient(7)));
    }

    #[test]
    fn a_success_ends_them_at_once() {
        #[retry(max_attempts = 7, base_delay = "0s")]
        fn call(first: u32, runs: &Runs) -> Result<u32, Fault> {
            runs.works_at(first)
        }
        for first in 1..=7 {
            let runs = Runs::new();
            assert_eq!(call(first, &runs), Ok(first));
            assert_eq!(runs.count(), first);
        }
    }

    #[test]
    fn their_number_may_be_a_constant_or_an_argument() {
        const FOUR: u32 = 4;
        #[retry(max_attempts = FOUR, base_delay = "0s")]
        fn constant(runs: &Runs) -> Result<u32, Fault> {
            runs.fail()
        }
        #[retry(max_attempts = attempts + 1, base_delay = "0s")]
        fn argument(attempts: u32, runs: &Runs) -> Result<u32, Fault> {
            runs.fail()
        }
        assert_eq!(constant(&Runs::new()), Err(Fault::Transient(4)));
        assert_eq!(argument(1, &Runs::new()), Err(Fault::Transient(2)));
        assert_eq!(argument(4, &Runs::new()), Err(Fault::Transient(5)));
    }

    #[test]
    fn the_settings_may_come_from_a_policy_and_be_overridden_in_place() {
        const SHARED: RetryPolicy = RetryPolicy::new().max_attempts(6).base_delay(std::time::Duration::ZERO);
        #[retry(policy = SHARED)]
        fn as_it_is(runs: &Runs) -> Result<u32, Fault> {
            runs.fail()
        }
        #[retry(policy = SHARED, max_attempts = 2)]
        fn overridden(runs: &Runs) -> Result<u32, Fault> {
            runs.fail()
        }
        assert_eq!(as_it_is(&Runs::new()), Err(Fault::Transient(6)));
        assert_eq!(overridden(&Runs::new()), Err(Fault::Transient(2)));
    }

    #[tokio::test(start_paused = true)]
    async fn unlimited_ones_end_by_the_time() {
        #[retry(max_attempts = unlimited, max_elapsed = "1s", backoff = "constant", base_delay = "1ms", jitter = "none")]
        async fn call(runs: &Runs) -> Result<u32, Fault> {
            runs.fail()
        }
        let runs = Runs::new();
        let (_, elapsed) = timed(call(&runs)).await;
        // After the 1,000th only 1 ms is left, which a wait of 1 ms does not fit into.
        assert_eq!((runs.count(), elapsed), (1_000, super::ms(999)));
    }
}

mod delays {
    use super::{
        Backoff, Delays, Duration, Fault, Jitter, RetryPolicy, Runs, defaults, ms, poll_now, retry, secs,
        timed,
    };

    macro_rules! delays_of {
        ($($setting:tt)*) => {{
            #[retry(jitter = "none", on_retry = |event| log.push(event.delay()), $($setting)*)]
            async fn call(runs: &Runs, log: &Delays) -> Result<u32, Fault> {
                runs.fail()
            }
            let log = Delays::new();
            let (_, elapsed) = timed(call(&Runs::new(), &log)).await;
            let delays = log.take();
            assert_eq!(delays.iter().sum::<Duration>(), elapsed, "the hook is told what is waited");
            delays.into_iter().map(|delay| delay.as_millis()).collect::<Vec<_>>()
        }};
    }

    #[tokio::test(start_paused = true)]
    async fn grow_by_the_backoff_that_is_written() {
        assert_eq!(delays_of!(max_attempts = 5, base_delay = "50ms"), [50, 100, 200, 400]);
        assert_eq!(delays_of!(max_attempts = 4, base_delay = "50ms", multiplier = 3.0), [50, 150, 450]);
        assert_eq!(delays_of!(max_attempts = 4, base_delay = "50ms", multiplier = 1.0), [50, 50, 50]);
        assert_eq!(delays_of!(max_attempts = 4, base_delay = "50ms", backoff = "constant"), [50, 50, 50]);
        assert_eq!(
            delays_of!(max_attempts = 5, base_delay = "50ms", backoff = "linear"),
            [50, 100, 150, 200]
        );
        assert_eq!(
            delays_of!(max_attempts = 4, base_delay = "50ms", backoff = "linear", multiplier = 2),
            [50, 150, 250]
        );
        assert_eq!(
            delays_of!(max_attempts = 7, base_delay = "10ms", backoff = "fibonacci"),
            [10, 10, 20, 30, 50, 80]
        );
        assert_eq!(
            delays_of!(max_attempts = 4, base_delay = "1m", multiplier = 2.0, max_delay = "90s"),
            [60_000, 90_000, 90_000]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn may_have_a_maximum_of_zero() {
        assert_eq!(delays_of!(max_attempts = 3, max_delay = "0s"), [0, 0]);
        assert_eq!(delays_of!(max_attempts = 3, base_delay = "1m", max_delay = "0s"), [0, 0]);
        assert_eq!(delays_of!(max_attempts = 3, base_delay = "0s", max_delay = "0s"), [0, 0]);
    }

    fn steps(n: u32) -> Duration {
        ms(7) * (n + 1)
    }

    /// Called as one of the texts is.
    fn linear(n: u32) -> Duration {
        ms(1) * (n + 1)
    }

    #[tokio::test(start_paused = true)]
    async fn may_come_from_a_function_or_a_closure() {
        assert_eq!(delays_of!(max_attempts = 4, backoff = steps), [7, 14, 21]);
        assert_eq!(delays_of!(max_attempts = 4, backoff = |n| ms(10) * (10 - n)), [100, 90, 80]);
        assert_eq!(delays_of!(max_attempts = 4, backoff = linear), [1, 2, 3]);
        assert_eq!(delays_of!(max_attempts = 4, backoff = steps, max_delay = "10ms"), [7, 10, 10]);
    }

    const POLICY: RetryPolicy =
        RetryPolicy::new().max_attempts(4).backoff(Backoff::Linear).base_delay(ms(10)).jitter(Jitter::None);

    #[tokio::test(start_paused = true)]
    async fn may_come_from_a_policy() {
        #[retry(policy = POLICY, on_retry = |event| log.push(event.delay()))]
        async fn as_it_is(runs: &Runs, log: &Delays) -> Result<u32, Fault> {
            runs.fail()
        }
        #[retry(policy = POLICY, base_delay = "1s", backoff = "constant", on_retry = |event| log.push(event.delay()))]
        async fn overridden(runs: &Runs, log: &Delays) -> Result<u32, Fault> {
            runs.fail()
        }
        let log = Delays::new();
        as_it_is(&Runs::new(), &log).await.unwrap_err();
        assert_eq!(log.take(), [ms(10), ms(20), ms(30)]);
        overridden(&Runs::new(), &log).await.unwrap_err();
        assert_eq!(log.take(), [secs(1), secs(1), secs(1)]);
    }

    #[tokio::test(start_paused = true)]
    async fn may_be_expressions_over_the_arguments() {
        const BASE: Duration = ms(30);
        #[retry(max_attempts = 3, base_delay = BASE, jitter = "none")]
        async fn constant(runs: &Runs) -> Result<u32, Fault> {
            runs.fail()
        }
        #[retry(max_attempts = 3, base_delay = base * 2, max_delay = base * 3, jitter = "none")]
        async fn argument(base: Duration, runs: &Runs) -> Result<u32, Fault> {
            runs.fail()
        }
        assert_eq!(timed(constant(&Runs::new())).await.1, ms(90));
        assert_eq!(timed(argument(ms(10), &Runs::new())).await.1, ms(20 + 30));
        assert_eq!(timed(argument(ms(20), &Runs::new())).await.1, ms(40 + 60));
    }

    #[test]
    fn of_zero_need_no_timer() {
        #[retry(max_attempts = 3, base_delay = "0s")]
        async fn call(runs: &Runs) -> Result<u32, Fault> {
            runs.works_at(3)
        }
        let runs = Runs::new();
        let future = std::pin::pin!(call(&runs));
        // Outside of any runtime.
        assert_eq!(poll_now(future), std::task::Poll::Ready(Ok(3)));
    }

    macro_rules! spread_of {
        ($jitter:expr) => {{
            #[retry(
                max_attempts = 1_000, base_delay = "100ms", backoff = "constant", max_delay = "250ms", jitter = $jitter,
                on_retry = |event| log.push(event.delay()),
            )]
            async fn call(runs: &Runs, log: &Delays) -> Result<u32, Fault> {
                runs.fail()
            }
            let log = Delays::new();
            call(&Runs::new(), &log).await.unwrap_err();
            let mut delays = log.take();
            assert_eq!(delays.len(), 999);
            delays.sort_unstable();
            assert!(delays[0] != delays[998], "drawn anew for every wait");
            (delays[0], delays[998])
        }};
    }

    #[tokio::test(start_paused = true)]
    async fn are_spread_as_the_jitter_says() {
        let (low, high) = spread_of!("full");
        assert!(low < ms(10) && high > ms(90) && high <= ms(100), "{low:?}..={high:?}");
        let (low, high) = spread_of!("equal");
        assert!(low >= ms(50) && low < ms(55) && high > ms(95) && high <= ms(100), "{low:?}..={high:?}");
        let (low, high) = spread_of!(0.2);
        assert!(low >= ms(80) && low < ms(85) && high > ms(115) && high <= ms(120), "{low:?}..={high:?}");
        let (low, high) = spread_of!("decorrelated");
        assert!(low >= ms(100) && low < ms(115) && high > ms(235) && high <= ms(250), "{low:?}..={high:?}");
    }

    #[test]
    fn have_defaults_that_are_documented() {
        assert_eq!(defaults::RETRY_MAX_ATTEMPTS, 3);
        assert_eq!(defaults::RETRY_BASE_DELAY, secs(1));
        assert!((defaults::RETRY_MULTIPLIER - 2.0).abs() < f64::EPSILON);
        assert!((defaults::RETRY_LINEAR_MULTIPLIER - 1.0).abs() < f64::EPSILON);
        assert_eq!(defaults::RETRY_MAX_DELAY, secs(30));
        assert_eq!(defaults::RETRY_MAX_RETRY_AFTER, secs(300));
    }

    #[cfg(feature = "testing")]
    #[test]
    fn of_a_sync_function_are_the_same() {
        #[retry(max_attempts = 5, base_delay = "50ms", jitter = "none", on_retry = |event| log.push(event.delay()))]
        fn call(runs: &Runs, log: &Delays) -> Result<u32, Fault> {
            runs.fail()
        }
        let clock = resilience::testing::ManualClock::install();
        let log = Delays::new();
        assert_eq!(call(&Runs::new(), &log), Err(Fault::Transient(5)));
        assert_eq!(log.take(), [ms(50), ms(100), ms(200), ms(400)]);
        assert_eq!(clock.elapsed(), ms(750));
    }

    #[cfg(feature = "testing")]
    #[test]
    fn are_repeatable_with_a_seed() {
        #[retry(max_attempts = 20, on_retry = |event| log.push(event.delay()))]
        fn call(runs: &Runs, log: &Delays) -> Result<u32, Fault> {
            runs.fail()
        }
        let _clock = resilience::testing::ManualClock::install();
        let draw = |seed| {
            resilience::testing::seed_jitter(seed);
            let log = Delays::new();
            call(&Runs::new(), &log).unwrap_err();
            log.take()
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }
}

mod total_time {
    use super::{Fault, Log, Runs, ms, retry, secs, timed, timeout};

    #[tokio::test(start_paused = true)]
    async fn includes_the_attempts() {
        #[retry(
            max_attempts = 10,
            max_elapsed = "100ms",
            backoff = "constant",
            base_delay = "10ms",
            jitter = "none"
        )]
        async fn call(runs: &Runs) -> Result<u32, Fault> {
            tokio::time::sleep(ms(40)).await;
            runs.fail()
        }
        let runs = Runs::new();
        let (result, elapsed) = timed(call(&runs)).await;
        // 40 + 10 + 40 = 90: a wait of 10 would end at the limit, and is not begun.
        assert_eq!((result, runs.count(), elapsed), (Err(Fault::Transient(2)), 2, ms(90)));
    }

    #[tokio::test(start_paused = true)]
    async fn leaves_room_for_a_wait_that_ends_before_it() {
        #[retry(
            max_attempts = 10,
            max_elapsed = "101ms",
            backoff = "constant",
            base_delay = "10ms",
            jitter = "none"
        )]
        async fn call(runs: &Runs) -> Result<u32, Fault> {
            tokio::time::sleep(ms(40)).await;
            runs.fail()
        }
        let runs = Runs::new();
        assert_eq!(timed(call(&runs)).await.1, ms(40 + 10 + 40 + 10 + 40));
        assert_eq!(runs.count(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn does_not_cut_an_attempt_short() {
        #[retry(max_attempts = 10, max_elapsed = "10ms", base_delay = "0s")]
        async fn call(runs: &Runs) -> Result<u32, Fault> {
            tokio::time::sleep(secs(1)).await;
            runs.fail()
        }
        let runs = Runs::new();
        assert_eq!(timed(call(&runs)).await, (Err(Fault::Transient(1)), secs(1)));
    }

    #[cfg(feature = "testing")]
    #[test]
    fn holds_for_sync_functions() {
        #[retry(
            max_attempts = 10,
            max_elapsed = "100ms",
            backoff = "constant",
            base_delay = "30ms",
            jitter = "none"
        )]
        fn call(runs: &Runs) -> Result<u32, Fault> {
            runs.fail()
        }
        let clock = resilience::testing::ManualClock::install();
        assert_eq!(call(&Runs::new()), Err(Fault::Transient(4)));
        assert_eq!(clock.elapsed(), ms(90));
    }

    #[tokio::test(start_paused = true)]
    async fn ends_at_an_enclosing_deadline_without_a_wait_that_does_not_fit() {
        #[timeout("100ms")]
        #[retry(max_attempts = 10, backoff = "constant", base_delay = "30ms", jitter = "none")]
        async fn call(runs: &Runs) -> Result<u32, Fault> {
            runs.fail()
        }
        // 30, 60, 90; the next wait would end at 120.
        assert_eq!(timed(call(&Runs::new())).await, (Err(Fault::Transient(4)), ms(90)));
    }

    #[tokio::test(start_paused = true)]
    async fn ends_at_the_deadline_of_a_caller() {
        #[retry(max_attempts = 10, backoff = "constant", base_delay = "30ms", jitter = "none")]
        async fn inner(runs: &Runs) -> Result<u32, Fault> {
            runs.fail()
        }
        #[timeout("70ms")]
        async fn outer(runs: &Runs, log: &Log<Result<u32, Fault>>) -> Result<u32, Fault> {
            let result = inner(runs).await;
            log.push(result.clone());
            result
        }
        let log = Log::new();
        assert_eq!(timed(outer(&Runs::new(), &log)).await, (Err(Fault::Transient(3)), ms(60)));
        assert_eq!(log.take(), [Err(Fault::Transient(3))]);
    }
}

mod hints {
    use super::{Delays, Duration, Fault, Log, RetryEvent, Runs, ms, retry, secs, timed};

    #[derive(Debug, PartialEq)]
    struct Busy(Option<Duration>);

    fn hint(busy: &Busy) -> Option<Duration> {
        busy.0
    }

    #[tokio::test(start_paused = true)]
    async fn replace_the_delay_above_its_maximum_too() {
        #[retry(
            max_attempts = 4, base_delay = "10ms", max_delay = "20ms", jitter = "none",
            retry_after = hint, on_retry = |event| log.push(event.delay()),
        )]
        async fn call(hints: &[Option<Duration>], runs: &Runs, log: &Delays) -> Result<u32, Busy> {
            Err(Busy(hints[runs.hit() as usize - 1]))
        }
        let log = Delays::new();
        let hints = [Some(secs(60)), None, Some(Duration::ZERO), Some(ms(1))];
        let (result, elapsed) = timed(call(&hints, &Runs::new(), &log)).await;
        assert_eq!(result, Err(Busy(Some(ms(1)))));
        // A hint is no step of the backoff, and one of zero is none.
        assert_eq!(log.take(), [secs(60), ms(10), ms(20)]);
        assert_eq!(elapsed, secs(60) + ms(30));
    }

    #[tokio::test(start_paused = true)]
    async fn that_are_too_long_end_the_retries() {
        #[retry(max_attempts = 4, retry_after = hint, max_retry_after = "10s")]
        async fn call(after: Duration, runs: &Runs) -> Result<u32, Busy> {
            runs.hit();
            Err(Busy(Some(after)))
        }
        let runs = Runs::new();
        assert_eq!(timed(call(ms(10_001), &runs)).await.1, Duration::ZERO);
        assert_eq!(runs.count(), 1);
        assert_eq!(timed(call(secs(10), &runs)).await.1, secs(30));
        assert_eq!(runs.count(), 5);
    }

    #[tokio::test(start_paused = true)]
    async fn of_five_minutes_are_the_longest_by_default() {
        #[retry(max_attempts = 2, retry_after = |busy: &Busy| busy.0)]
        async fn call(hint: Duration) -> Result<u32, Busy> {
            Err(Busy(Some(hint)))
        }
        assert_eq!(timed(call(secs(300))).await.1, secs(300));
        assert_eq!(timed(call(secs(301))).await.1, Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn hooks_are_told_each_failure_that_a_wait_follows() {
        fn hook(event: &RetryEvent<'_, Fault>) {
            let error = event.error().cloned().expect("the body failed");
            assert!(event.rejection().is_none());
            SEEN.push((event.attempt(), event.delay(), event.elapsed(), error));
            assert_eq!(event.function(), "behaviour::retry::hints::call");
        }
        static SEEN: Log<(u32, Duration, Duration, Fault)> = Log::new();
        #[retry(max_attempts = 3, base_delay = "100ms", jitter = "none", on_retry = hook)]
        async fn call(first: u32, runs: &Runs) -> Result<u32, Fault> {
            tokio::time::sleep(ms(5)).await;
            runs.works_at(first)
        }
        let all =
            [(1, ms(100), ms(5), Fault::Transient(1)), (2, ms(200), ms(5 + 100 + 5), Fault::Transient(2))];
        assert_eq!(call(9, &Runs::new()).await, Err(Fault::Transient(3)));
        assert_eq!(SEEN.take(), all, "and none after the last failure");
        assert_eq!(call(2, &Runs::new()).await, Ok(2));
        assert_eq!(SEEN.take(), all[..1]);
        assert_eq!(call(1, &Runs::new()).await, Ok(1));
        assert_eq!(SEEN.take(), []);
    }

    #[test]
    fn hooks_that_panic_change_nothing() {
        #[retry(max_attempts = 3, base_delay = "0s", on_retry = |_| panic!("the hook's own fault"))]
        fn call(runs: &Runs) -> Result<u32, Fault> {
            runs.works_at(3)
        }
        assert_eq!(call(&Runs::new()), Ok(3));
    }

    #[test]
    fn hooks_see_that_an_ok_has_no_error() {
        #[retry(
            max_attempts = 2, base_delay = "0s", when_ok = |run: &u32| *run < 2,
            on_retry = |event| log.push((event.attempt(), event.error().is_none())),
        )]
        fn call(runs: &Runs, log: &Log<(u32, bool)>) -> Result<u32, Fault> {
            Ok(runs.hit())
        }
        let log = Log::new();
        assert_eq!(call(&Runs::new(), &log), Ok(2));
        assert_eq!(log.take(), [(1, true)]);
    }
}

mod filters {
    use super::{Fault, Runs, retry};

    fn is_odd(fault: &Fault) -> bool {
        matches!(fault, Fault::Transient(run) if run % 2 == 1)
    }

    macro_rules! runs_of {
        ([$($filter:tt)*] $error:expr) => {{
            #[retry(max_attempts = 3, base_delay = "0s", $($filter)*)]
            fn call(runs: &Runs) -> Result<u32, Fault> {
                runs.hit();
                Err($error)
            }
            let runs = Runs::new();
            assert_eq!(call(&runs), Err($error), "the last error comes out unchanged");
            runs.count()
        }};
    }

    #[test]
    fn on_names_the_errors_that_are_retried() {
        assert_eq!(runs_of!([on(Fault::Transient(_))] Fault::Transient(1)), 3);
        assert_eq!(runs_of!([on(Fault::Transient(_))] Fault::Fatal), 1);
        assert_eq!(runs_of!([on(Fault::Transient(1 | 2) | Fault::Fatal)] Fault::Transient(2)), 3);
        assert_eq!(runs_of!([on(Fault::Transient(1 | 2) | Fault::Fatal)] Fault::Fatal), 3);
        assert_eq!(runs_of!([on(Fault::Transient(1 | 2) | Fault::Fatal)] Fault::Transient(3)), 1);
        assert_eq!(runs_of!([on(Fault::Transient(n) if *n > 5)] Fault::Transient(6)), 3);
        assert_eq!(runs_of!([on(Fault::Transient(n) if *n > 5)] Fault::Transient(5)), 1);
    }

    #[test]
    fn except_names_the_errors_that_are_not() {
        assert_eq!(runs_of!([except(Fault::Fatal)] Fault::Fatal), 1);
        assert_eq!(runs_of!([except(Fault::Fatal)] Fault::Transient(1)), 3);
    }

    #[test]
    fn when_decides_by_a_path_or_a_closure() {
        assert_eq!(runs_of!([when = is_odd] Fault::Transient(1)), 3);
        assert_eq!(runs_of!([when = is_odd] Fault::Transient(2)), 1);
        assert_eq!(runs_of!([when = |fault| *fault == Fault::Fatal] Fault::Fatal), 3);
        assert_eq!(runs_of!([when = |fault: &Fault| *fault == Fault::Fatal] Fault::Transient(1)), 1);
    }

    #[test]
    fn except_beats_on() {
        assert_eq!(runs_of!([on(Fault::Transient(_)), except(Fault::Transient(4))] Fault::Transient(4)), 1);
        assert_eq!(runs_of!([except(Fault::Transient(4)), on(Fault::Transient(_))] Fault::Transient(4)), 1);
        assert_eq!(runs_of!([on(Fault::Transient(_)), except(Fault::Transient(4))] Fault::Transient(5)), 3);
        assert_eq!(runs_of!([on(Fault::Transient(_)), except(Fault::Transient(4))] Fault::Fatal), 1);
    }

    #[test]
    fn when_decides_only_among_what_is_left() {
        assert_eq!(runs_of!([on(Fault::Transient(_)), when = is_odd] Fault::Transient(3)), 3);
        assert_eq!(runs_of!([on(Fault::Transient(_)), when = is_odd] Fault::Transient(2)), 1);
        assert_eq!(runs_of!([on(Fault::Fatal), when = is_odd] Fault::Transient(3)), 1);
        assert_eq!(runs_of!([except(Fault::Transient(3)), when = |_| true] Fault::Transient(3)), 1);
    }

    #[test]
    fn an_error_left_out_ends_the_retries_in_the_middle() {
        #[retry(max_attempts = 5, base_delay = "0s", except(Fault::Transient(3)))]
        fn call(runs: &Runs) -> Result<u32, Fault> {
            runs.fail()
        }
        assert_eq!(call(&Runs::new()), Err(Fault::Transient(3)));
    }

    #[test]
    fn when_ok_makes_a_success_a_failure() {
        #[retry(max_attempts = 3, base_delay = "0s", when_ok = |run| *run < enough)]
        fn call(enough: u32, runs: &Runs) -> Result<u32, Fault> {
            Ok(runs.hit())
        }
        assert_eq!(call(2, &Runs::new()), Ok(2));
        // The last one comes out as it is.
        assert_eq!(call(9, &Runs::new()), Ok(3));
    }

    #[test]
    fn when_ok_says_nothing_about_errors() {
        #[retry(max_attempts = 3, base_delay = "0s", when_ok = |_| true, on(Fault::Fatal))]
        fn call(runs: &Runs) -> Result<u32, Fault> {
            runs.works_at(2)
        }
        assert_eq!(call(&Runs::new()), Err(Fault::Transient(1)));
    }

    #[test]
    fn filters_may_use_the_arguments() {
        #[retry(max_attempts = 3, base_delay = "0s", when = |_| retrying.is_some())]
        fn call(retrying: &Option<String>, runs: &Runs) -> Result<u32, Fault> {
            runs.fail()
        }
        assert_eq!(call(&Some(String::new()), &Runs::new()), Err(Fault::Transient(3)));
        assert_eq!(call(&None, &Runs::new()), Err(Fault::Transient(1)));
    }

    #[test]
    fn a_pattern_may_use_constants_and_ranges() {
        const LIMIT: u32 = 7;
        #[retry(max_attempts = 3, base_delay = "0s", on(Fault::Transient(LIMIT | 10..=20)))]
        fn call(code: u32, runs: &Runs) -> Result<u32, Fault> {
            runs.hit();
            Err(Fault::Transient(code))
        }
        for (code, expected) in [(7, 3), (8, 1), (10, 3), (20, 3), (21, 1)] {
            let runs = Runs::new();
            call(code, &runs).unwrap_err();
            assert_eq!(runs.count(), expected, "{code}");
        }
    }
}

mod exhausted {
    use super::{Duration, Fault, RetryExhausted, Runs, ms, retry, timed};

    #[derive(Debug, PartialEq)]
    enum Outcome {
        Plain(Fault),
        Exhausted(u32, Duration, Fault),
    }

    fn gave_up(story: RetryExhausted<Outcome>) -> Outcome {
        match story.last {
            Outcome::Plain(fault) => Outcome::Exhausted(story.attempts, story.elapsed, fault),
            other @ Outcome::Exhausted(..) => other,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn maps_the_last_error_with_the_story_of_the_call() {
        #[retry(max_attempts = 3, base_delay = "10ms", jitter = "none", exhausted = gave_up)]
        async fn call(runs: &Runs) -> Result<u32, Outcome> {
            tokio::time::sleep(ms(1)).await;
            runs.fail().map_err(Outcome::Plain)
        }
        let expected = Outcome::Exhausted(3, ms(1 + 10 + 1 + 20 + 1), Fault::Transient(3));
        assert_eq!(timed(call(&Runs::new())).await.0, Err(expected));
    }

    #[test]
    fn maps_the_only_error_of_a_single_attempt() {
        #[retry(max_attempts = 1, exhausted = gave_up)]
        fn call(runs: &Runs) -> Result<u32, Outcome> {
            runs.fail().map_err(Outcome::Plain)
        }
        assert!(matches!(call(&Runs::new()), Err(Outcome::Exhausted(1, _, Fault::Transient(1)))));
    }

    #[test]
    fn is_not_called_for_an_error_that_the_filter_leaves_out() {
        #[retry(max_attempts = 3, base_delay = "0s", on(Outcome::Plain(Fault::Fatal)), exhausted = gave_up)]
        fn call(runs: &Runs) -> Result<u32, Outcome> {
            runs.fail().map_err(Outcome::Plain)
        }
        assert_eq!(call(&Runs::new()), Err(Outcome::Plain(Fault::Transient(1))));
    }

    #[test]
    fn is_not_called_for_a_success() {
        #[retry(max_attempts = 2, base_delay = "0s", exhausted = |_| unreachable!("it worked"))]
        fn call(runs: &Runs) -> Result<u32, Outcome> {
            runs.works_at(2).map_err(Outcome::Plain)
        }
        assert_eq!(call(&Runs::new()), Ok(2));
    }

    #[tokio::test(start_paused = true)]
    async fn is_called_when_the_time_ends_them_too() {
        #[retry(max_attempts = 9, max_elapsed = "15ms", base_delay = "10ms", jitter = "none", exhausted = gave_up)]
        async fn call(runs: &Runs) -> Result<u32, Outcome> {
            runs.fail().map_err(Outcome::Plain)
        }
        assert_eq!(call(&Runs::new()).await, Err(Outcome::Exhausted(2, ms(10), Fault::Transient(2))));
    }

    #[test]
    fn reads_as_a_sentence() {
        let story = RetryExhausted { attempts: 3, elapsed: ms(33), last: Fault::Fatal };
        assert_eq!(story.to_string(), "failed after 3 attempts in 33ms");
        let once = RetryExhausted { attempts: 1, ..story };
        assert_eq!(once.to_string(), "failed after 1 attempt in 33ms");
    }
}

mod clones {
    use super::{Arc, Fault, Runs, retry};

    #[derive(Debug)]
    struct Counted(Arc<Runs>);

    impl Clone for Counted {
        fn clone(&self) -> Self {
            self.0.hit();
            Self(Arc::clone(&self.0))
        }
    }

    fn consume<T>(value: T) {
        drop(value);
    }

    #[test]
    fn are_made_for_each_attempt_but_the_last() {
        #[retry(max_attempts = 3, base_delay = "0s", clone(payload))]
        fn call(payload: Counted, first: u32, runs: &Runs) -> Result<u32, Fault> {
            consume(payload);
            runs.works_at(first)
        }
        for (first, clones) in [(1, 1), (2, 2), (3, 2), (4, 2)] {
            let count = Arc::new(Runs::new());
            let result = call(Counted(Arc::clone(&count)), first, &Runs::new());
            assert_eq!(result.is_ok(), first <= 3);
            assert_eq!(count.count(), clones, "working at {first}");
        }
    }

    #[tokio::test]
    async fn are_made_in_async_functions_alike() {
        #[retry(max_attempts = 3, base_delay = "0s", clone(payload, other))]
        async fn call(payload: Counted, mut other: Vec<u32>, runs: &Runs) -> Result<usize, Fault> {
            consume(payload);
            tokio::task::yield_now().await;
            other.push(0);
            let length = other.len();
            consume(other);
            runs.works_at(3)?;
            Ok(length)
        }
        let count = Arc::new(Runs::new());
        assert_eq!(call(Counted(Arc::clone(&count)), vec![1], &Runs::new()).await, Ok(2));
        assert_eq!(count.count(), 2);
    }

    // The last attempt may be refused before it begins, and has to have the argument when it does.
    #[tokio::test(start_paused = true)]
    async fn are_not_made_for_a_refused_attempt() {
        #[retry(
            max_attempts = 2,
            base_delay = "1s",
            backoff = "constant",
            jitter = "none",
            clone(payload),
            rejected(circuit_open)
        )]
        #[resilience::circuit_breaker(failure_threshold = 1, reset_timeout = "10s")]
        async fn call(payload: Counted, runs: &Runs) -> Result<u32, Fault> {
            consume(payload);
            runs.fail()
        }
        let count = Arc::new(Runs::new());
        let (result, elapsed) = super::timed(call(Counted(Arc::clone(&count)), &Runs::new())).await;
        assert_eq!((result, elapsed), (Err(Fault::Transient(2)), super::secs(10)));
        assert_eq!(count.count(), 1);
    }

    #[test]
    fn are_not_made_of_what_is_not_named() {
        #[retry(max_attempts = 3, base_delay = "0s")]
        fn call(payload: Counted, runs: &Runs) -> Result<u32, Fault> {
            assert!(payload.0.count() < 100);
            runs.fail()
        }
        let count = Arc::new(Runs::new());
        assert_eq!(call(Counted(Arc::clone(&count)), &Runs::new()), Err(Fault::Transient(3)));
        assert_eq!(count.count(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_result_is_gone_before_the_wait() {
    #[derive(Debug)]
    struct Held(#[allow(dead_code)] Arc<()>);
    #[retry(max_attempts = 2, base_delay = "10ms", jitter = "none")]
    async fn call(held: &Arc<()>, counts: &Log<usize>) -> Result<u32, Held> {
        counts.push(Arc::strong_count(held));
        Err(Held(Arc::clone(held)))
    }
    let held = Arc::new(());
    let watch = Arc::clone(&held);
    let counts = Log::new();
    let during_the_wait = async {
        tokio::time::sleep(ms(5)).await;
        Arc::strong_count(&watch)
    };
    let (result, strong) = tokio::join!(call(&held, &counts), during_the_wait);
    assert_eq!(strong, 2, "the test's own two");
    drop(result);
    assert_eq!(counts.take(), [2, 2]);
}

#[test]
fn a_panic_is_not_retried() {
    #[retry(max_attempts = 3, base_delay = "0s")]
    fn call(runs: &Runs) -> Result<u32, Fault> {
        panic!("run {}", runs.hit());
    }
    let runs = Runs::new();
    assert_eq!(panic_of(|| call(&runs)), "run 1");
    assert_eq!(runs.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_time_limit_of_the_attempt_is_retried() {
    #[retry(max_attempts = 3, base_delay = "10ms", jitter = "none", on_retry = |event| log.push((
        event.attempt(),
        event.error().is_none(),
        event.rejection().is_some_and(resilience::Error::is_timed_out),
    )))]
    #[timeout("100ms")]
    async fn call(runs: &Runs, log: &Log<(u32, bool, bool)>) -> Result<u32, Fault> {
        if runs.hit() < 3 {
            std::future::pending::<()>().await;
        }
        Ok(runs.count())
    }
    let log = Log::new();
    assert_eq!(timed(call(&Runs::new(), &log)).await, (Ok(3), ms(100 + 10 + 100 + 20)));
    assert_eq!(log.take(), [(1, true, true), (2, true, true)]);
}

#[test]
fn settings_that_can_not_work_are_typed_errors_of_the_policy() {
    let reason = |policy: RetryPolicy| policy.validate().map_err(|error| error.setting());
    let policy = RetryPolicy::new();
    assert_eq!(reason(policy), Ok(()));
    assert_eq!(reason(policy.max_attempts(0)), Err("max_attempts"));
    assert_eq!(reason(policy.unlimited_attempts()), Err("max_attempts"));
    assert_eq!(reason(policy.unlimited_attempts().max_elapsed(secs(1))), Ok(()));
    assert_eq!(reason(policy.backoff(Backoff::Constant).multiplier(2.0)), Err("multiplier"));
    assert_eq!(reason(policy.multiplier(f64::NAN)), Err("multiplier"));
    assert_eq!(reason(policy.multiplier(f64::INFINITY)), Err("multiplier"));
    assert_eq!(reason(policy.multiplier(-1.0)), Err("multiplier"));
    assert_eq!(reason(policy.jitter(Jitter::Factor(1.1))), Err("jitter"));
    assert_eq!(reason(policy.jitter(Jitter::Factor(f64::NAN))), Err("jitter"));
    assert_eq!(reason(policy.max_elapsed(Duration::ZERO)), Err("max_elapsed"));
    assert_eq!(reason(policy.base_delay(Duration::ZERO).max_delay(Duration::ZERO)), Ok(()));
}

#[tokio::test]
async fn poll_after_a_wait_needs_the_timer_only_then() {
    #[retry(max_attempts = 2, base_delay = "30s", jitter = "none")]
    async fn call(runs: &Runs) -> Result<u32, Fault> {
        runs.fail()
    }
    let runs = Runs::new();
    let mut future = Box::pin(call(&runs));
    assert!(poll_now(future.as_mut()).is_pending());
    assert!(poll_now(future.as_mut()).is_pending());
    assert_eq!(runs.count(), 1, "a poll in the middle of a wait begins nothing");
}

mod without_a_delay {
    //! Retries that never wait, in async code.

    use std::time::Duration;

    use resilience::{Error, Pipeline, RetryPolicy, resilient, retry};
    use tokio::time::{Instant, timeout};

    use crate::support::Fault;

    const FOR_TWO_SECONDS: RetryPolicy = RetryPolicy::new()
        .max_attempts(u32::MAX)
        .max_elapsed(Duration::from_secs(2))
        .base_delay(Duration::ZERO);

    static PIPELINE: std::sync::LazyLock<Pipeline<u32, Fault>> = std::sync::LazyLock::new(|| {
        Pipeline::builder().name("without a delay").retry(FOR_TWO_SECONDS).build().unwrap()
    });

    /// The body is always ready, so that only the retry can let the limit's timer run.
    async fn is_ended_by_a_limit(call: impl Future) {
        let start = Instant::now();
        assert!(timeout(Duration::from_millis(50), call).await.is_err());
        let took = start.elapsed();
        assert!(took < Duration::from_secs(1), "a limit of 50 ms took {took:?}");
    }

    #[tokio::test]
    async fn async_retries_let_other_tasks_run() {
        #[retry(max_attempts = unlimited, max_elapsed = "2s", base_delay = "0s")]
        async fn by_attribute() -> Result<u32, Fault> {
            Err(Fault::Fatal)
        }
        #[retry(policy = FOR_TWO_SECONDS, retry_after = |_| Some(Duration::ZERO))]
        async fn with_a_hint() -> Result<u32, Fault> {
            Err(Fault::Fatal)
        }
        #[resilient(PIPELINE)]
        async fn by_pipeline() -> Result<u32, Fault> {
            Err(Fault::Fatal)
        }
        is_ended_by_a_limit(by_attribute()).await;
        is_ended_by_a_limit(with_a_hint()).await;
        is_ended_by_a_limit(by_pipeline()).await;
        is_ended_by_a_limit(PIPELINE.call_async(async || Err(Fault::Fatal))).await;
        is_ended_by_a_limit(FOR_TWO_SECONDS.call_async(async || Err::<u32, _>(Fault::Fatal))).await;
    }

    #[cfg(feature = "testing")]
    #[test]
    fn a_hint_of_zero_leaves_the_computed_delay() {
        use resilience::testing::ManualClock;

        const HINTED: RetryPolicy = RetryPolicy::new()
            .max_attempts(5)
            .base_delay(Duration::from_millis(100))
            .backoff(resilience::Backoff::Constant)
            .jitter(resilience::Jitter::None);

        #[retry(policy = HINTED, retry_after = |_| Some(Duration::ZERO))]
        fn by_attribute() -> Result<u32, Fault> {
            Err(Fault::Fatal)
        }
        let pipeline: Pipeline<u32, Fault> = Pipeline::builder()
            .retry_with(HINTED, |retry| retry.retry_after(|_| Some(Duration::ZERO)))
            .build()
            .unwrap();
        let calls: [&dyn Fn(); 3] = [
            &|| assert!(by_attribute().is_err()),
            &|| assert!(pipeline.call(|| Err(Fault::Fatal)).is_err()),
            &|| {
                let retry = HINTED.retry_after(|_: &Fault| Some(Duration::ZERO));
                assert!(retry.call(|| Err::<u32, _>(Fault::Fatal)).is_err());
            },
        ];
        for call in calls {
            let clock = ManualClock::install();
            call();
            assert_eq!(clock.elapsed(), Duration::from_millis(400));
        }
    }

    #[test]
    fn no_immediate_retry_is_made_past_a_deadline() {
        #[retry(max_attempts = 5, base_delay = "0s")]
        fn call(runs: &crate::support::Runs) -> Result<u32, Error> {
            runs.hit();
            resilience::deadline().map_or(Ok(()), |deadline| deadline.check())?;
            Ok(1)
        }
        let runs = crate::support::Runs::new();
        let over = resilience::Deadline::after(Duration::ZERO);
        assert!(over.scope(|| call(&runs)).unwrap_err().is_timed_out());
        assert_eq!(runs.count(), 1);
    }
}
