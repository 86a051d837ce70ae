//! Deadlines that come from elsewhere, and what timeouts count.

use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};

use resilience::testing::ManualClock;
use resilience::{Deadline, deadline, get_timeout, retry, timeout};

use crate::support::{Fault, Runs, assert_send, ms, named_here, secs, timed};

#[test]
fn the_header_of_a_request_limits_the_calls_that_it_causes() {
    #[retry(max_attempts = 10, base_delay = "100ms", backoff = "constant", jitter = "none")]
    fn call(runs: &Runs) -> Result<u32, Fault> {
        runs.fail()
    }
    let clock = ManualClock::install();
    let incoming = Deadline::from_grpc_timeout("250m").unwrap();
    let runs = Runs::new();
    // A third wait would end after the deadline.
    assert_eq!(incoming.scope(|| call(&runs)), Err(Fault::Transient(3)));
    assert_eq!((runs.count(), clock.elapsed()), (3, ms(200)));
    assert_eq!(incoming.to_grpc_timeout().to_string(), "50000000n");
    clock.advance(ms(60));
    assert!(incoming.is_expired());
    assert_eq!(incoming.to_grpc_timeout().to_string(), "0n");
    assert!(incoming.check().unwrap_err().is_timed_out());
    assert!(deadline().is_none(), "it was in force inside only");
}

#[test]
fn the_tightest_deadline_is_the_one_in_force() {
    #[timeout("1s", mode = "cooperative")]
    fn next_header() -> Result<String, Fault> {
        Ok(deadline().expect("inside of a timeout").to_grpc_timeout().to_string())
    }
    let _clock = ManualClock::install();
    let (near, far) = (Deadline::after(ms(300)), Deadline::after(secs(5)));
    assert_eq!(near.scope(next_header).unwrap(), "300000u");
    assert_eq!(far.scope(next_header).unwrap(), "1000000u");
    assert_eq!(near.scope(|| far.scope(next_header)).unwrap(), "300000u");
}

#[tokio::test(start_paused = true)]
async fn a_future_has_its_deadline_at_every_poll() {
    #[retry(max_attempts = 10, base_delay = "100ms", backoff = "constant", jitter = "none")]
    async fn call(runs: &Runs) -> Result<u32, Fault> {
        runs.fail()
    }
    let runs = Runs::new();
    let limited = assert_send(Deadline::after(ms(250)).scope_async(call(&runs)));
    let other = async {
        tokio::time::sleep(ms(150)).await;
        deadline().is_none()
    };
    let ((result, took), is_free) = tokio::join!(timed(limited), other);
    assert_eq!((result, took, is_free), (Err(Fault::Transient(3)), ms(200), true));
}

#[test]
fn results_that_come_too_late_are_counted() {
    #[timeout("10ms", mode = "cooperative")]
    fn in_place(clock: &ManualClock) -> Result<u32, Fault> {
        clock.advance(ms(10));
        Ok(1)
    }
    #[timeout("2ms", name = "deadline: detached")]
    fn detached(gate: Arc<Mutex<Receiver<()>>>) -> Result<u32, Fault> {
        let _ = gate.lock().expect("no panic").recv();
        Ok(1)
    }
    assert!(get_timeout("deadline: misspelt").is_none());
    let clock = ManualClock::install();
    in_place(&clock).unwrap_err();
    drop(clock);
    let metrics = get_timeout(named_here!(in_place)).unwrap().metrics();
    assert_eq!((metrics.late, metrics.abandoned), (1, 0));

    let (release, gate) = channel();
    let gate = Arc::new(Mutex::new(gate));
    let timeout = get_timeout("deadline: detached").unwrap();
    // A thread may be slow to start; then the body was never begun, and has no result.
    while timeout.metrics().abandoned == 0 {
        detached(Arc::clone(&gate)).unwrap_err();
    }
    assert_eq!((timeout.metrics().late, timeout.metrics().abandoned), (0, 1));
    drop(release);
    while timeout.metrics().abandoned > 0 {
        std::thread::yield_now();
    }
    assert_eq!(timeout.metrics().late, 1);
    assert_eq!(timeout.name(), "deadline: detached");
}

mod scoped {
    //! What a deadline ends that nothing else ends the call by.

    use std::future::pending;

    use resilience::{
        Bulkhead, BulkheadPolicy, Error, Pipeline, RateLimitPolicy, RateLimiter, bulkhead, rate_limit,
        with_timeout,
    };

    use super::{Deadline, Fault, ManualClock, ms, secs, timed, timeout};

    #[bulkhead(name = "scoped: slots", max_concurrent = 1, max_wait = "60s")]
    async fn queued() -> Result<u32, Fault> {
        pending().await
    }

    #[rate_limit(name = "scoped: rate", rate = 1, per = "30s", max_wait = "60s")]
    async fn limited() -> Result<u32, Fault> {
        Ok(1)
    }

    #[timeout("60s")]
    async fn hangs() -> Result<u32, Fault> {
        pending().await
    }

    #[tokio::test(start_paused = true)]
    async fn waits_and_timeouts_of_attributes_end_by_it() {
        let within = |call| Deadline::after(secs(2)).scope_async(call);
        let _slot = resilience::get_bulkhead("scoped: slots").unwrap().try_acquire().unwrap();
        let (refused, took) = timed(within(queued())).await;
        assert!(refused.unwrap_err().refusal().is_bulkhead_full() && took == secs(2), "{took:?}");
        limited().await.unwrap();
        let (refused, took) = timed(Deadline::after(secs(2)).scope_async(limited())).await;
        assert!(refused.unwrap_err().refusal().is_rate_limited() && took <= secs(2), "{took:?}");
        let (late, took) = timed(Deadline::after(secs(2)).scope_async(hangs())).await;
        let late = late.unwrap_err().refusal();
        assert!(late.is_timed_out() && took == secs(2), "{took:?}");
        assert_eq!(late.policy_name(), "deadline");
        // A looser one changes nothing.
        assert_eq!(timed(Deadline::after(secs(90)).scope_async(hangs())).await.1, secs(60));
    }

    #[tokio::test(start_paused = true)]
    async fn waits_and_timeouts_without_attributes_end_by_it() {
        let slots = Bulkhead::new("slots", BulkheadPolicy::new(1).max_wait(secs(60))).unwrap();
        let limiter =
            RateLimiter::new("rate", RateLimitPolicy::new().rate(1).per(secs(30)).max_wait(secs(60)))
                .unwrap();
        let (_slot, _) = (slots.try_acquire().unwrap(), limiter.try_acquire(1).unwrap());
        let with_queue: Pipeline<u32, Fault> =
            Pipeline::builder().name("scoped: queue").bulkhead(slots.clone()).build().unwrap();
        let with_limit: Pipeline<u32, Fault> =
            Pipeline::builder().name("scoped: limit").timeout(secs(60)).build().unwrap();
        macro_rules! assert_ends {
            ($($call:expr),* $(,)?) => {$(
                let (result, took) = timed(Deadline::after(secs(2)).scope_async($call)).await;
                assert!(result.is_err() && took <= secs(2), "{}: {took:?}", stringify!($call));
            )*};
        }
        assert_ends! {
            slots.acquire_async(secs(60)),
            slots.call_async(async || Ok::<u32, Error>(1)),
            limiter.acquire_async(1),
            limiter.call_async(async || Ok::<u32, Error>(1)),
            with_queue.call_async(async || Ok(1)),
            with_limit.call_async(async || pending().await),
            with_timeout(secs(60), pending::<()>()),
        }
    }

    #[test]
    fn sync_waits_and_timeouts_end_by_it() {
        #[timeout("60s", mode = "cooperative")]
        fn cooperative() -> Result<u32, Fault> {
            resilience::deadline().unwrap().check()?;
            Ok(1)
        }
        let clock = ManualClock::install();
        let slots = Bulkhead::new("slots", BulkheadPolicy::new(1).max_wait(secs(60))).unwrap();
        let slot = slots.try_acquire().unwrap();
        let with_queue: Pipeline<u32, Fault> = Pipeline::builder()
            .name("scoped: sync")
            .bulkhead(slots.clone())
            .timeout(secs(60))
            .build()
            .unwrap();
        let end = || clock.elapsed() + secs(2);
        let expected = end();
        Deadline::after(secs(2)).scope(|| slots.acquire(secs(60)).unwrap_err());
        assert_eq!(clock.elapsed(), expected);
        let expected = end();
        Deadline::after(secs(2)).scope(|| with_queue.call(|| Ok(1)).unwrap_err());
        assert_eq!(clock.elapsed(), expected);
        drop(slot);
        let late = Deadline::after(secs(2)).scope(|| {
            with_queue.call(|| {
                clock.advance(secs(3));
                Ok(1)
            })
        });
        assert!(late.unwrap_err().refusal().is_timed_out());
        let incoming = Deadline::after(ms(10));
        clock.advance(ms(10));
        assert!(incoming.scope(cooperative).unwrap_err().refusal().is_timed_out());
    }
}
