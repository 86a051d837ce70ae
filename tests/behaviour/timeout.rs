//! `#[timeout]`: async, cooperative and detached, and the deadline that all three set.

use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use resilience::{Error, TimeoutPolicy, fallback, timeout};

use crate::support::{Fault, Log, Runs, ms, panic_of, poll_now, secs, timed};

/// Tells when it is dropped.
struct Watch<'a>(&'a Log<&'static str>);

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        self.0.push("dropped");
    }
}

mod async_functions {
    use super::{
        Arc, Duration, Error, Fault, Log, Runs, TimeoutPolicy, Watch, fallback, ms, poll_now, secs, timed,
        timeout,
    };

    #[tokio::test(start_paused = true)]
    async fn end_at_the_limit_and_drop_the_body() {
        #[timeout("250ms")]
        async fn call(log: &Log<&'static str>) -> Result<u32, Fault> {
            let _watch = Watch(log);
            tokio::time::sleep(secs(1)).await;
            log.push("reached");
            Ok(1)
        }
        let log = Log::new();
        let (result, elapsed) = timed(call(&log)).await;
        let error = result.unwrap_err().refusal();
        assert_eq!((elapsed, log.take()), (ms(250), vec!["dropped"]));
        assert!(error.is_timed_out());
        assert!(matches!(&error, Error::TimedOut { limit, .. } if *limit == ms(250)));
        assert_eq!(error.policy_name(), "behaviour::timeout::async_functions::call");
        assert_eq!(error.to_string(), "`behaviour::timeout::async_functions::call` timed out after 250ms");
    }

    #[tokio::test(start_paused = true)]
    async fn that_are_in_time_are_left_alone() {
        #[timeout("250ms")]
        async fn call(takes: Duration) -> Result<u32, Fault> {
            tokio::time::sleep(takes).await;
            Ok(1)
        }
        assert_eq!(timed(call(ms(249))).await, (Ok(1), ms(249)));
        assert!(call(ms(251)).await.is_err());
        // Both are due at once; the body is asked first.
        assert_eq!(call(ms(250)).await, Ok(1));
    }

    #[test]
    fn that_are_ready_at_once_need_no_timer() {
        #[timeout("1s")]
        async fn call() -> Result<u32, Fault> {
            Ok(1)
        }
        let future = std::pin::pin!(call());
        assert_eq!(poll_now(future), std::task::Poll::Ready(Ok(1)));
    }

    #[tokio::test(start_paused = true)]
    async fn count_from_the_first_poll() {
        #[timeout("100ms")]
        async fn call() -> Result<u32, Fault> {
            tokio::time::sleep(ms(60)).await;
            Ok(1)
        }
        let future = call();
        tokio::time::sleep(secs(5)).await;
        assert_eq!(timed(future).await, (Ok(1), ms(60)));
    }

    const LIMIT: Duration = ms(20);
    const POLICY: TimeoutPolicy = TimeoutPolicy::new(ms(30));

    #[tokio::test(start_paused = true)]
    async fn take_their_limit_from_wherever_it_stands() {
        #[timeout(duration = "10ms")]
        async fn by_key() -> Option<u32> {
            std::future::pending().await
        }
        #[timeout(LIMIT)]
        async fn by_constant() -> Option<u32> {
            std::future::pending().await
        }
        #[timeout(policy = POLICY)]
        async fn by_policy() -> Option<u32> {
            std::future::pending().await
        }
        #[timeout(limit)]
        async fn by_argument(limit: Duration) -> Option<u32> {
            std::future::pending().await
        }
        #[timeout(duration = *limit * 2)]
        async fn by_expression(limit: &Duration) -> Option<u32> {
            std::future::pending().await
        }
        #[timeout("1m30.5s")]
        async fn by_parts() -> Option<u32> {
            std::future::pending().await
        }
        assert_eq!(timed(by_key()).await, (None, ms(10)));
        assert_eq!(timed(by_constant()).await, (None, ms(20)));
        assert_eq!(timed(by_policy()).await, (None, ms(30)));
        assert_eq!(timed(by_argument(ms(40))).await, (None, ms(40)));
        assert_eq!(timed(by_expression(&ms(25))).await, (None, ms(50)));
        assert_eq!(timed(by_parts()).await, (None, ms(90_500)));
    }

    #[tokio::test(start_paused = true)]
    async fn are_named_as_the_attribute_says() {
        #[timeout("10ms", name = "the slow one")]
        async fn call() -> Result<u32, Error> {
            std::future::pending().await
        }
        assert_eq!(call().await.unwrap_err().to_string(), "`the slow one` timed out after 10ms");
    }

    #[tokio::test(start_paused = true)]
    async fn convert_their_rejection_by_map_err() {
        #[derive(Debug, PartialEq)]
        struct Late(String);
        #[timeout("10ms", map_err = |rejection| Late(rejection.to_string()), name = "mapped")]
        async fn call(hang: bool) -> Result<u32, Late> {
            if hang { std::future::pending().await } else { Err(Late("its own".to_owned())) }
        }
        assert_eq!(call(true).await, Err(Late("`mapped` timed out after 10ms".to_owned())));
        assert_eq!(call(false).await, Err(Late("its own".to_owned())));
    }

    #[tokio::test(start_paused = true)]
    async fn may_have_an_answer_of_their_own() {
        async fn instead(hang: &bool) -> Result<u32, Fault> {
            assert!(*hang, "it gets the arguments");
            Ok(7)
        }
        #[timeout("10ms", fallback = instead)]
        async fn call(hang: &bool) -> Result<u32, Fault> {
            if *hang { std::future::pending().await } else { Err(Fault::Fatal) }
        }
        assert_eq!(call(&true).await, Ok(7));
        assert_eq!(call(&false).await, Err(Fault::Fatal), "it answers for the timeout only");
    }

    #[tokio::test(start_paused = true)]
    async fn with_a_plain_result_may_be_answered_by_a_fallback() {
        #[fallback(value = 9)]
        #[timeout("10ms")]
        async fn call() -> u32 {
            std::future::pending().await
        }
        assert_eq!(call().await, 9);
    }

    #[tokio::test(start_paused = true)]
    async fn pass_the_panic_of_their_body_on() {
        #[timeout("10ms")]
        async fn call(runs: Arc<Runs>) -> Result<u32, Fault> {
            tokio::task::yield_now().await;
            panic!("run {}", runs.hit());
        }
        let runs = Arc::new(Runs::new());
        let error = tokio::spawn(call(Arc::clone(&runs))).await.unwrap_err();
        assert_eq!(*error.into_panic().downcast::<String>().unwrap(), "run 1");
    }
}

mod cooperative_functions {
    #[cfg(feature = "testing")]
    use super::{Error, Fault, Log, ms, timeout};

    #[cfg(feature = "testing")]
    use resilience::testing::ManualClock;

    #[cfg(feature = "testing")]
    #[test]
    fn are_waited_for_and_their_late_result_is_replaced() {
        #[timeout("100ms", mode = "cooperative")]
        fn call(clock: &ManualClock, takes: u64, log: &Log<u64>) -> Result<u64, Fault> {
            clock.advance(ms(takes));
            log.push(takes);
            Ok(takes)
        }
        let (clock, log) = (ManualClock::install(), Log::new());
        assert_eq!(call(&clock, 99, &log), Ok(99));
        for late in [100, 101, 5_000] {
            let error = call(&clock, late, &log).unwrap_err().refusal();
            assert!(matches!(&error, Error::TimedOut { limit, .. } if *limit == ms(100)));
            assert_eq!(error.policy_name(), "behaviour::timeout::cooperative_functions::call");
        }
        assert_eq!(log.take(), [99, 100, 101, 5_000], "each body ran to its end");
    }

    #[cfg(feature = "testing")]
    #[test]
    fn end_by_themselves_when_they_look_at_the_deadline() {
        #[timeout("100ms", mode = "cooperative")]
        fn call(clock: &ManualClock, log: &Log<u32>) -> Result<u32, Error> {
            for step in 0.. {
                resilience::deadline().expect("a timeout stands here").check()?;
                log.push(step);
                clock.advance(ms(30));
            }
            unreachable!()
        }
        let (clock, log) = (ManualClock::install(), Log::new());
        assert!(call(&clock, &log).unwrap_err().is_timed_out());
        assert_eq!((log.take(), clock.elapsed()), (vec![0, 1, 2, 3], ms(120)));
    }

    #[cfg(feature = "testing")]
    #[test]
    fn replace_a_late_error_too() {
        #[timeout("100ms", mode = "cooperative")]
        fn call(clock: &ManualClock, takes: u64) -> Result<u64, Fault> {
            clock.advance(ms(takes));
            Err(Fault::Fatal)
        }
        let clock = ManualClock::install();
        assert_eq!(call(&clock, 99), Err(Fault::Fatal));
        assert!(call(&clock, 100).unwrap_err().refusal().is_timed_out());
    }

    #[test]
    fn may_borrow_their_arguments() {
        #[resilience::timeout("1h", mode = "cooperative")]
        fn call<'a>(words: &'a [String], at: &mut usize) -> Result<&'a str, resilience::Error> {
            *at += 1;
            Ok(&words[*at])
        }
        let mut at = 0;
        assert_eq!(call(&["a".to_owned(), "b".to_owned()], &mut at).unwrap(), "b");
        assert_eq!(at, 1);
    }
}

mod detached_functions {
    #[cfg(feature = "testing")]
    use super::{Duration, secs};
    use super::{Fault, mpsc, ms, panic_of, timeout};

    #[test]
    fn give_their_result_from_another_thread() {
        #[timeout("1h")]
        fn call(by: u32) -> Result<(u32, std::thread::ThreadId), Fault> {
            Ok((by + 1, std::thread::current().id()))
        }
        let (result, thread) = call(1).unwrap();
        assert_eq!(result, 2);
        assert_ne!(thread, std::thread::current().id());
    }

    #[test]
    fn pass_the_panic_of_their_body_on() {
        #[timeout("1h")]
        fn call(by: u32) -> Result<u32, Fault> {
            panic!("with {by}")
        }
        assert_eq!(panic_of(|| call(3)), "with 3");
    }

    #[test]
    fn leave_on_time_and_their_body_goes_on_to_its_end() {
        // Sending on `ended` is the body's last act; it waits for `go` before that.
        #[timeout("10ms")]
        fn call(go: mpsc::Receiver<()>, ended: mpsc::Sender<u32>) -> Result<u32, Fault> {
            let _ = go.recv();
            let _ = ended.send(7);
            Ok(1)
        }
        // Once more where the thread came to it too late to begin at all, which a busy machine may do.
        for _ in 0..100 {
            let (release, go) = mpsc::channel();
            let (ended, end) = mpsc::channel();
            let error = call(go, ended).unwrap_err().refusal();
            assert!(matches!(&error, resilience::Error::TimedOut { limit, .. } if *limit == ms(10)));
            if release.send(()).is_ok() {
                assert_eq!(end.recv(), Ok(7));
                return;
            }
        }
        panic!("no body ever began");
    }

    #[cfg(feature = "testing")]
    #[test]
    fn see_the_manual_clock_and_the_registry_of_their_caller() {
        use resilience::testing::{ManualClock, isolated};
        use resilience::{Bulkhead, BulkheadPolicy};

        // Waiting in vain for a slot moves the clock to the deadline, and so ends the caller's wait.
        #[timeout("100ms")]
        fn call(full: Bulkhead, ended: mpsc::Sender<Duration>) -> Result<u32, Fault> {
            let left = resilience::deadline().map(|deadline| deadline.remaining());
            let _ = full.acquire(secs(3_600));
            let _ = ended.send(left.unwrap_or_default());
            Ok(1)
        }
        isolated(|| {
            let clock = ManualClock::install();
            let full = Bulkhead::new("full", BulkheadPolicy::new(1)).unwrap();
            let _slot = full.try_acquire().unwrap();
            let (ended, end) = mpsc::channel();
            // The body is ready when its time is up, and either may be seen first.
            let result = call(full.clone(), ended);
            assert!(result.is_ok() || result.unwrap_err().refusal().is_timed_out());
            assert_eq!(end.recv().unwrap(), ms(100));
            assert_eq!(clock.elapsed(), ms(100));
        });
    }

    #[test]
    fn drop_a_late_result_on_their_own_thread() {
        struct Told(mpsc::Sender<std::thread::ThreadId>);
        impl Drop for Told {
            fn drop(&mut self) {
                let _ = self.0.send(std::thread::current().id());
            }
        }
        #[timeout("10ms")]
        fn call(go: mpsc::Receiver<()>, tell: mpsc::Sender<std::thread::ThreadId>) -> Result<Told, Fault> {
            let told = Told(tell);
            let _ = go.recv();
            Ok(told)
        }
        for _ in 0..100 {
            let (release, go) = mpsc::channel();
            let (tell, told) = mpsc::channel();
            assert!(call(go, tell).err().unwrap().refusal().is_timed_out());
            if release.send(()).is_ok() {
                assert_ne!(told.recv().unwrap(), std::thread::current().id());
                return;
            }
        }
        panic!("no body ever began");
    }
}

mod deadlines {
    use super::{Error, Fault, Log, ms, poll_now, secs, timeout};
    use resilience::deadline;

    #[test]
    fn there_is_none_outside_of_every_timeout() {
        assert!(deadline().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn tell_how_much_time_is_left_at_every_point() {
        #[timeout("100ms")]
        async fn call(log: &Log<(u128, bool)>) -> Result<u32, Fault> {
            for _ in 0..2 {
                let deadline = deadline().unwrap();
                log.push((deadline.remaining().as_millis(), deadline.is_expired()));
                tokio::time::sleep(ms(30)).await;
            }
            let kept = deadline().unwrap();
            tokio::time::advance(ms(60)).await;
            log.push((kept.remaining().as_millis(), kept.is_expired()));
            assert!(matches!(kept.check(), Err(Error::TimedOut { limit, .. }) if limit == ms(100)));
            Ok(1)
        }
        let log = Log::new();
        let _ = call(&log).await;
        assert_eq!(log.take(), [(100, false), (70, false), (0, true)]);
        assert!(deadline().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn are_seen_by_nested_calls_and_only_ever_shortened() {
        #[timeout("50ms")]
        async fn shorter(log: &Log<u128>) -> Option<()> {
            log.push(deadline()?.remaining().as_millis());
            Some(())
        }
        #[timeout("10s")]
        async fn longer(log: &Log<u128>) -> Option<()> {
            log.push(deadline()?.remaining().as_millis());
            Some(())
        }
        async fn plain(log: &Log<u128>) -> Option<()> {
            log.push(deadline()?.remaining().as_millis());
            Some(())
        }
        #[timeout("100ms")]
        async fn outer(log: &Log<u128>) -> Option<()> {
            tokio::time::sleep(ms(10)).await;
            shorter(log).await?;
            longer(log).await?;
            plain(log).await
        }
        let log = Log::new();
        assert_eq!(outer(&log).await, Some(()));
        assert_eq!(log.take(), [50, 90, 90]);
    }

    #[tokio::test(start_paused = true)]
    async fn do_not_leak_into_another_future_of_the_same_task() {
        #[timeout("1s")]
        async fn limited(log: &Log<bool>) -> Option<()> {
            for _ in 0..3 {
                log.push(deadline().is_some());
                tokio::task::yield_now().await;
            }
            Some(())
        }
        let log = Log::new();
        let free = async {
            for _ in 0..3 {
                assert!(deadline().is_none());
                tokio::task::yield_now().await;
            }
        };
        tokio::join!(limited(&log), free);
        assert_eq!(log.take(), [true; 3]);
        let mut dropped = Box::pin(limited(&log));
        assert!(poll_now(dropped.as_mut()).is_pending());
        assert!(deadline().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn do_not_follow_a_spawned_task() {
        #[timeout("1s")]
        async fn call() -> Option<bool> {
            tokio::spawn(async { deadline().is_some() }).await.ok()
        }
        assert_eq!(call().await, Some(false));
    }

    #[test]
    fn are_gone_after_a_panic() {
        #[timeout("1h", mode = "cooperative")]
        fn call() -> Option<u32> {
            assert!(deadline().is_none(), "there is one");
            None
        }
        assert_eq!(super::panic_of(call), "there is one");
        assert!(deadline().is_none());
    }

    #[test]
    fn follow_a_detached_body_to_its_thread() {
        #[timeout("1h")]
        fn inner() -> Option<u64> {
            Some(deadline()?.remaining().as_secs())
        }
        #[timeout("1m", mode = "cooperative")]
        fn outer() -> Option<u64> {
            inner()
        }
        assert!(inner().is_some_and(|left| left > 3_500));
        assert!(outer().is_some_and(|left| left <= 60), "the outer one is tighter");
    }

    #[tokio::test(start_paused = true)]
    async fn of_with_timeout_work_without_an_attribute() {
        let result = resilience::with_timeout(secs(1), async {
            let left = deadline().unwrap().remaining();
            std::future::pending::<()>().await;
            left
        });
        assert!(result.await.unwrap_err().is_timed_out());
        assert_eq!(
            resilience::with_timeout(secs(1), async { deadline().unwrap().remaining() }).await,
            Ok(secs(1))
        );
    }
}
