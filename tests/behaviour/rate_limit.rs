//! `#[rate_limit]`: how many calls are let through, who waits for how long, and what changes the rate.

#![allow(clippy::float_cmp)] // a rate is what was set, to the last bit

use std::sync::Arc;
use std::time::Duration;

use resilience::{
    Error, RateChangeCause, RateLimitPolicy, RateLimiter, RateLimiterEvent, get_rate_limiter, rate_limit,
};

use crate::support::{Fault, Log, Runs, ms, poll_now, secs, timed};

fn of(name: &str) -> RateLimiter {
    get_rate_limiter(name).unwrap_or_else(|| panic!("no rate limiter `{name}`"))
}

fn by_hand(policy: RateLimitPolicy) -> RateLimiter {
    RateLimiter::new("by hand", policy).expect("settings that work")
}

/// The wait that a refusal asks for.
fn wait_of<T: std::fmt::Debug>(refused: Result<T, Fault>) -> Option<Duration> {
    let error = refused.unwrap_err().refusal();
    assert!(error.is_rate_limited(), "{error}");
    error.retry_after()
}

#[tokio::test(start_paused = true)]
async fn so_many_come_at_once_and_then_one_at_a_time() {
    #[rate_limit(name = "rate", rate = 10, burst = 3)]
    async fn call(runs: &Runs) -> Result<u32, Fault> {
        Ok(runs.hit())
    }
    let runs = Runs::new();
    for run in 1..=3 {
        assert_eq!(call(&runs).await, Ok(run));
    }
    assert_eq!(wait_of(call(&runs).await), Some(ms(100)));
    tokio::time::advance(ms(99)).await;
    assert_eq!(wait_of(call(&runs).await), Some(ms(1)));
    tokio::time::advance(ms(1)).await;
    assert_eq!(call(&runs).await, Ok(4));
    let error = call(&runs).await.unwrap_err().refusal();
    assert!(matches!(&error, Error::RateLimited { name, retry_after, .. }
        if *name == "rate" && *retry_after == Some(ms(100))));
    assert_eq!(error.to_string(), "rate limit `rate` is used up; retry after 100ms");
    // However long the rest, no more than the burst comes at once.
    tokio::time::advance(secs(3600)).await;
    for _ in 0..3 {
        assert!(call(&runs).await.is_ok());
    }
    assert_eq!(wait_of(call(&runs).await), Some(ms(100)));
    let metrics = of("rate").metrics();
    assert_eq!((runs.count(), metrics.allowed, metrics.rejected, metrics.waited), (7, 7, 4, 0));
}

#[cfg(feature = "testing")]
#[test]
fn a_sync_function_is_limited_alike() {
    use crate::support::named_here;

    #[rate_limit(rate = 1, per = "1m")]
    fn call() -> Result<(), Fault> {
        Ok(())
    }
    resilience::testing::isolated(|| {
        let clock = resilience::testing::ManualClock::install();
        assert_eq!(call(), Ok(()));
        let error = call().unwrap_err().refusal();
        assert_eq!((error.policy_name(), error.retry_after()), (named_here!(call), Some(secs(60))));
        clock.advance(secs(60));
        assert_eq!(call(), Ok(()));
        assert_eq!(of(named_here!(call)).metrics().rejected, 1);
    });
}

#[test]
fn the_burst_is_the_rate_unless_it_is_given() {
    let limiter = by_hand(RateLimitPolicy::new().rate(5).per(secs(3600)));
    for _ in 0..5 {
        limiter.try_acquire(1).unwrap();
    }
    assert!(limiter.try_acquire(1).unwrap_err().is_rate_limited());
}

#[tokio::test(start_paused = true)]
async fn a_call_costs_what_its_arguments_say() {
    #[rate_limit(name = "cost", rate = 10, cost = f64::from(u32::try_from(items.len()).unwrap()) / 2.0)]
    async fn call(items: &[u8]) -> Result<usize, Fault> {
        Ok(items.len())
    }
    assert_eq!(call(&[0; 15]).await, Ok(15));
    assert!((of("cost").available() - 2.5).abs() < 1e-9);
    assert_eq!(wait_of(call(&[0; 6]).await), Some(ms(50)));
    assert_eq!(call(&[0; 5]).await, Ok(5));
    // Nothing costs nothing.
    assert_eq!(call(&[]).await, Ok(0));
    // More than the bucket can hold is never let through.
    let error = call(&[0; 21]).await.unwrap_err().refusal();
    assert_eq!(error.retry_after(), None);
    let why = "rate limit `cost` never lets this call through: its cost is above the burst or is no cost at all, or \
                 what is used up never comes back";
    assert_eq!(error.to_string(), why);
    let limiter = of("cost");
    for never in [f64::NAN, -1.0, f64::INFINITY] {
        assert_eq!(limiter.try_acquire(never).unwrap_err().retry_after(), None);
    }
}

#[tokio::test(start_paused = true)]
async fn a_caller_waits_for_as_long_as_max_wait_and_no_longer() {
    #[rate_limit(name = "max_wait", rate = 10, burst = 1, max_wait = "250ms")]
    async fn call() -> Result<u32, Fault> {
        Ok(1)
    }
    let (a, b, c, d) = tokio::join!(timed(call()), timed(call()), timed(call()), timed(call()));
    assert_eq!((a, b, c), ((Ok(1), Duration::ZERO), (Ok(1), ms(100)), (Ok(1), ms(200))));
    // It would have to wait for 300 ms, and hears so at once.
    assert_eq!(d.1, Duration::ZERO);
    assert_eq!(wait_of(d.0), Some(ms(300)));
    let metrics = of("max_wait").metrics();
    assert_eq!((metrics.allowed, metrics.waited, metrics.rejected, metrics.queued), (3, 2, 1, 0));
}

#[tokio::test(start_paused = true)]
async fn turns_come_in_the_order_of_arrival_whatever_the_calls_cost() {
    #[rate_limit(name = "fifo", rate = 10, burst = 5, max_wait = "1h", cost = cost)]
    async fn call(cost: u32, log: &Log<u32>) -> Result<(), Fault> {
        log.push(cost);
        Ok(())
    }
    let log = Log::new();
    let limiter = of("fifo");
    limiter.try_acquire(5).unwrap();
    // The expensive one first: the cheap ones behind it could go, and don't.
    let mut calls = [5, 1, 2].map(|cost| Box::pin(call(cost, &log)));
    for call in &mut calls {
        assert!(poll_now(call.as_mut()).is_pending());
    }
    assert_eq!((limiter.queued(), limiter.available()), (3, 0.0));
    // Nobody overtakes, not even for next to nothing.
    assert_eq!(limiter.try_acquire(0.1).unwrap_err().retry_after(), Some(ms(810)));
    // Polled in the opposite order, they come in their own.
    let [first, second, third] = calls;
    let (results, took) = timed(async { tokio::join!(third, second, first) }).await;
    assert_eq!((results, took), ((Ok(()), Ok(()), Ok(())), ms(800)));
    assert_eq!(log.take(), [5, 1, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_goes_away_costs_nothing_and_those_behind_move_up() {
    let limiter = by_hand(RateLimitPolicy::new().rate(1).max_wait(secs(3600)));
    limiter.try_acquire(1).unwrap();
    let mut waiting: Vec<_> = (0..4).map(|_| Box::pin(limiter.acquire_async(1))).collect();
    for call in &mut waiting {
        assert!(poll_now(call.as_mut()).is_pending());
    }
    assert_eq!(limiter.try_acquire(1).unwrap_err().retry_after(), Some(secs(5)));
    drop(waiting.remove(1)); // in the middle
    drop(waiting.remove(0)); // at the front
    assert_eq!((limiter.queued(), limiter.try_acquire(1).unwrap_err().retry_after()), (2, Some(secs(3))));
    let start = tokio::time::Instant::now();
    waiting.remove(0).await.unwrap();
    assert_eq!(start.elapsed(), secs(1));
    waiting.remove(0).await.unwrap();
    assert_eq!(start.elapsed(), secs(2));
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_nobody_takes_is_given_back() {
    let limiter = by_hand(RateLimitPolicy::new().rate(1).burst(2).max_wait(secs(3600)));
    limiter.try_acquire(2).unwrap();
    let mut granted = Box::pin(limiter.acquire_async(2));
    assert!(poll_now(granted.as_mut()).is_pending());
    tokio::time::advance(secs(2)).await;
    // It is its turn, and it hasn't looked.
    assert_eq!((limiter.queued(), limiter.available()), (0, 0.0));
    drop(granted);
    assert!((limiter.available() - 2.0).abs() < 1e-9);
    limiter.try_acquire(2).unwrap();
    assert!(limiter.try_acquire(1).is_err());
}

#[tokio::test(start_paused = true)]
async fn two_dropped_permits_give_back_no_more_than_is_still_owed_for_them() {
    let limiter = by_hand(RateLimitPolicy::new().rate(1).burst(10).max_wait(secs(3600)));
    limiter.try_acquire(10).unwrap();
    let mut waiting: Vec<_> = (0..2).map(|_| Box::pin(limiter.acquire_async(2))).collect();
    for call in &mut waiting {
        assert!(poll_now(call.as_mut()).is_pending());
    }
    tokio::time::advance(secs(4)).await;
    // Both have their permits, and neither has been polled since.
    assert_eq!((limiter.queued(), limiter.available()), (0, 0.0));
    drop(waiting.remove(0));
    assert_eq!(limiter.available(), 2.0);
    tokio::time::advance(secs(7)).await;
    assert_eq!(limiter.available(), 9.0);
    limiter.try_acquire(5).unwrap();
    // Of the second permit's two calls time has brought back one. Without both the bucket would hold five now.
    drop(waiting.remove(0));
    assert_eq!(limiter.available(), 5.0);
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_does_not_look_holds_nobody_up_for_good() {
    let limiter = by_hand(RateLimitPolicy::new().rate(1).max_wait(secs(3600)));
    limiter.try_acquire(1).unwrap();
    let mut first = Box::pin(limiter.acquire_async(1));
    assert!(poll_now(first.as_mut()).is_pending());
    let (second, took) = timed(limiter.acquire_async(1)).await;
    assert!(second.is_ok());
    // When the second looked, the first one's turn had come, and nothing is saved up beyond the burst.
    assert_eq!(took, secs(3));
    assert_eq!(timed(first).await.1, Duration::ZERO);
    assert_eq!(limiter.try_acquire(1).unwrap_err().retry_after(), Some(secs(1)));
}

#[test]
fn sync_and_async_callers_share_bucket_and_line() {
    let policy = RateLimitPolicy::new().rate(1).per(ms(20)).max_wait(secs(3600));
    let limiter = by_hand(policy.rate(1));
    limiter.set_rate(0.001).unwrap(); // one in 20 seconds, so that nothing happens by itself
    limiter.try_acquire(1).unwrap();
    std::thread::scope(|scope| {
        let blocked = scope.spawn(|| limiter.acquire(1));
        while limiter.queued() == 0 {
            std::thread::yield_now();
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let _entered = runtime.enter();
        let mut behind = Box::pin(limiter.acquire_async(1));
        assert!(poll_now(behind.as_mut()).is_pending());
        assert_eq!(limiter.queued(), 2);
        // A rate that lets both through within a millisecond wakes the thread as well.
        limiter.set_rate(100).unwrap();
        assert!(blocked.join().unwrap().is_ok());
        assert!(runtime.block_on(behind).is_ok());
    });
    assert_eq!((limiter.queued(), limiter.metrics().waited), (0, 2));
}

#[cfg(feature = "testing")]
#[test]
fn a_sync_caller_waits_on_the_manual_clock() {
    #[rate_limit(name = "manual", rate = 10, burst = 1, max_wait = "100ms")]
    fn call() -> Result<u32, Fault> {
        Ok(1)
    }
    resilience::testing::isolated(|| {
        let clock = resilience::testing::ManualClock::install();
        for _ in 0..3 {
            assert_eq!(call(), Ok(1));
        }
        assert_eq!(clock.elapsed(), ms(200));
    });
    assert_eq!(of("manual").metrics().allowed, 0, "the program's own saw nothing");
}

#[tokio::test(start_paused = true)]
async fn no_wait_is_begun_that_a_deadline_leaves_no_room_for() {
    #[resilience::timeout("300ms")]
    #[rate_limit(name = "deadline", rate = 10, burst = 1, max_wait = "1h")]
    async fn call() -> Result<u32, Fault> {
        Ok(1)
    }
    let limiter = of("deadline");
    limiter.try_acquire(1).unwrap();
    let (a, b, c) = tokio::join!(timed(call()), timed(call()), timed(call()));
    assert_eq!((a, b), ((Ok(1), ms(100)), (Ok(1), ms(200))));
    // At 300 ms its time would be up.
    assert_eq!((c.1, wait_of(c.0)), (Duration::ZERO, Some(ms(300))));
}

#[tokio::test(start_paused = true)]
async fn the_rate_changes_in_place() {
    let limiter = by_hand(RateLimitPolicy::new().rate(10).max_wait(secs(1)));
    limiter.try_acquire(10).unwrap();
    assert_eq!(limiter.try_acquire(2).unwrap_err().retry_after(), Some(ms(200)));
    limiter.set_rate(100).unwrap();
    assert_eq!(limiter.try_acquire(2).unwrap_err().retry_after(), Some(ms(20)));
    limiter.set_rate(0.5).unwrap();
    assert_eq!(limiter.try_acquire(2).unwrap_err().retry_after(), Some(secs(4)));
    assert_eq!((limiter.rate(), limiter.available()), (0.5, 0.0));
    for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(limiter.set_rate(wrong).unwrap_err().setting(), "rate");
    }
    // Who waits already moves up, or learns that the wait can't end in time.
    limiter.set_rate(2).unwrap();
    let mut waiting = Box::pin(limiter.acquire_async(1));
    assert!(poll_now(waiting.as_mut()).is_pending());
    limiter.set_rate(10_usize).unwrap();
    assert_eq!(timed(waiting).await.1, ms(100));
    let mut waiting = Box::pin(limiter.acquire_async(1));
    assert!(poll_now(waiting.as_mut()).is_pending());
    limiter.set_rate(0.1).unwrap();
    let (refused, took) = timed(waiting).await;
    assert_eq!((refused.unwrap_err().retry_after(), took), (Some(secs(10)), Duration::ZERO));
    assert_eq!(limiter.queued(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_reset_fills_the_bucket_and_serves_the_line() {
    let policy = RateLimitPolicy::new().rate(2).per(secs(3600)).max_wait(secs(36_000)).decrease(0.5);
    let limiter = by_hand(policy);
    let admission = limiter.try_acquire(2).unwrap();
    limiter.failed(admission);
    assert!(limiter.update_from_headers([("Retry-After", "1800")]));
    let mut waiting = [1, 1, 1].map(|cost| Box::pin(limiter.acquire_async(cost)));
    for turn in &mut waiting {
        assert!(poll_now(turn.as_mut()).is_pending());
    }
    limiter.reset();
    assert_eq!((limiter.rate(), limiter.queued()), (2.0, 1));
    let [first, second, third] = waiting;
    assert_eq!(timed(first).await.1, Duration::ZERO);
    // The turn that is given up now was taken from what the reset has filled, and goes to the next.
    drop(second);
    assert_eq!(timed(third).await.1, Duration::ZERO);
    assert_eq!((limiter.queued(), limiter.available()), (0, 0.0));
    limiter.reset();
    assert_eq!(limiter.available(), 2.0);
}

#[tokio::test(start_paused = true)]
async fn a_turn_from_before_a_reset_is_not_given_back_to_it() {
    let limiter = by_hand(RateLimitPolicy::new().rate(1).per(secs(10)).burst(3).max_wait(secs(3600)));
    limiter.try_acquire(3).unwrap();
    let mut turn = Box::pin(limiter.acquire_async(1));
    assert!(poll_now(turn.as_mut()).is_pending());
    tokio::time::advance(secs(10)).await;
    assert_eq!(limiter.queued(), 0, "it has been let through, and doesn't know it yet");
    limiter.reset();
    limiter.try_acquire(2).unwrap();
    drop(turn);
    assert_eq!(limiter.available(), 1.0);
}

#[tokio::test(start_paused = true)]
async fn a_rate_for_ever_is_used_up_once() {
    let limiter = by_hand(RateLimitPolicy::new().rate(3).per(Duration::MAX).max_wait(Duration::MAX));
    limiter.try_acquire(2.5).unwrap();
    assert_eq!(limiter.available(), 0.5);
    tokio::time::advance(secs(1_000_000_000)).await;
    let refused = limiter.acquire_async(1).await.unwrap_err();
    assert_eq!((refused.retry_after(), limiter.available()), (None, 0.5));
    assert!(refused.to_string().contains("never comes back"), "{refused}");
    limiter.acquire(0.5).unwrap();
    limiter.reset();
    limiter.try_acquire(3).unwrap();
    // Another rate of the same kind brings nothing back, and one that has an end does.
    limiter.set_rate(100).unwrap();
    assert_eq!(limiter.try_acquire(1).unwrap_err().retry_after(), None);
    limiter.reconfigure(RateLimitPolicy::new().rate(1).burst(3)).unwrap();
    assert_eq!(limiter.try_acquire(1).unwrap_err().retry_after(), Some(secs(1)));
}

#[tokio::test(start_paused = true)]
async fn who_waits_when_the_rate_ends_is_refused() {
    let limiter = by_hand(RateLimitPolicy::new().rate(1).max_wait(Duration::MAX));
    limiter.try_acquire(1).unwrap();
    let mut waiting = Box::pin(limiter.acquire_async(1));
    assert!(poll_now(waiting.as_mut()).is_pending());
    limiter.reconfigure(RateLimitPolicy::new().rate(1).per(Duration::MAX)).unwrap();
    assert_eq!(waiting.await.unwrap_err().retry_after(), None);
}

#[tokio::test(start_paused = true)]
async fn other_settings_keep_what_was_used_up() {
    let limiter = by_hand(RateLimitPolicy::new().rate(10));
    limiter.try_acquire(8).unwrap();
    limiter.reconfigure(RateLimitPolicy::new().rate(60).per(secs(60)).burst(9)).unwrap();
    assert!((limiter.available() - 1.0).abs() < 1e-6);
    limiter.try_acquire(1).unwrap();
    assert_eq!(limiter.try_acquire(1).unwrap_err().retry_after(), Some(secs(1)));
    let error = limiter.reconfigure(RateLimitPolicy::new()).unwrap_err();
    assert_eq!((error.setting(), limiter.rate()), ("rate", 60.0));
}

#[tokio::test(start_paused = true)]
async fn failures_lower_the_rate_and_time_brings_it_back() {
    #[rate_limit(
        name = "aimd",
        rate = 100,
        decrease = 0.5,
        increase = 20,
        min_rate = 10,
        on(Fault::Transient(_))
    )]
    async fn call(result: Result<u32, Fault>) -> Result<u32, Fault> {
        result
    }
    let limiter = of("aimd");
    let events = Arc::new(Log::new());
    let heard = Arc::clone(&events);
    let _subscription = limiter.subscribe(move |event| {
        if let RateLimiterEvent::RateChanged { from, to, cause, .. } = event {
            heard.push((*from, *to, *cause));
        }
    });
    // What the filter leaves out says nothing about the rate.
    assert_eq!(call(Err(Fault::Fatal)).await, Err(Fault::Fatal));
    assert_eq!(call(Ok(1)).await, Ok(1));
    assert_eq!(limiter.rate(), 100.0);
    assert!(call(Err(Fault::Transient(1))).await.is_err());
    assert_eq!(limiter.rate(), 50.0);
    for (millis, rate) in [(999, 50.0), (1, 70.0), (1000, 90.0), (1000, 100.0), (5000, 100.0)] {
        tokio::time::advance(ms(millis)).await;
        assert_eq!(limiter.rate(), rate);
    }
    for _ in 0..10 {
        assert!(call(Err(Fault::Transient(1))).await.is_err());
    }
    assert_eq!(limiter.rate(), 10.0);
    let expected = [(100.0, 50.0, RateChangeCause::Failure), (50.0, 70.0, RateChangeCause::Recovery)];
    assert_eq!(events.take()[..2], expected);
}

#[tokio::test(start_paused = true)]
async fn calls_that_fail_together_lower_the_rate_once() {
    #[rate_limit(name = "together", rate = 100, decrease = 0.5)]
    async fn call() -> Option<u32> {
        tokio::time::sleep(ms(50)).await;
        None
    }
    tokio::join!(call(), call(), call(), call());
    assert_eq!(of("together").rate(), 50.0);
}

#[tokio::test(start_paused = true)]
async fn an_inner_timeout_counts_as_a_failure_and_a_full_bulkhead_does_not() {
    #[rate_limit(name = "inner timeout", rate = 100, decrease = 0.5)]
    #[resilience::timeout("10ms")]
    async fn late() -> Result<u32, Fault> {
        std::future::pending().await
    }
    #[rate_limit(name = "inner bulkhead", rate = 100, decrease = 0.5)]
    #[resilience::bulkhead(name = "inside of a rate limit", max_concurrent = 1)]
    async fn full() -> Result<u32, Fault> {
        Ok(1)
    }
    assert!(late().await.unwrap_err().refusal().is_timed_out());
    assert_eq!(of("inner timeout").rate(), 50.0);
    let _slot = resilience::get_bulkhead("inside of a rate limit").unwrap().try_acquire().unwrap();
    assert!(full().await.unwrap_err().refusal().is_bulkhead_full());
    assert_eq!(of("inner bulkhead").rate(), 100.0);
}

#[tokio::test(start_paused = true)]
async fn a_server_slows_the_rate_down_until_its_reset() {
    let limiter = by_hand(RateLimitPolicy::new().rate(100).burst(10).safety(0.5).min_rate(1.0));
    // A half of 400 in 10 seconds; ten are there already.
    assert!(limiter.update_from_headers([("X-RateLimit-Remaining", "400"), ("X-RateLimit-Reset", "10")]));
    assert!((limiter.rate() - 19.0).abs() < 1e-9);
    tokio::time::advance(ms(9_999)).await;
    assert!((limiter.rate() - 19.0).abs() < 1e-9);
    tokio::time::advance(ms(1)).await;
    assert_eq!(limiter.rate(), 100.0);
    // More than is configured is not used.
    assert!(limiter.update_from_headers([("RateLimit", "\"default\";r=100000;t=1")]));
    assert_eq!(limiter.rate(), 100.0);
    // Six are left: the three that may be used are in the bucket. More than that would break the server's limit, the
    // smallest rate that failures lead to included.
    assert!(limiter.update_from_headers([("RateLimit", "\"default\";r=6;t=60")]));
    assert!((limiter.available() - 3.0).abs() < 1e-6);
    assert_eq!(limiter.rate(), 0.0);
    let mut made = 0;
    for _ in 0..59 {
        while limiter.try_acquire(1).is_ok() {
            made += 1;
        }
        tokio::time::advance(secs(1)).await;
    }
    assert_eq!(made, 3);
    tokio::time::advance(secs(1)).await;
    assert_eq!(limiter.rate(), 100.0);
}

#[tokio::test(start_paused = true)]
async fn a_pause_leaves_the_rest_of_a_long_period() {
    for period in [secs(86_400), Duration::MAX] {
        let limiter = by_hand(RateLimitPolicy::new().rate(1000).per(period));
        limiter.try_acquire(100).unwrap();
        limiter.update_from_headers([("Retry-After", "1")]);
        assert!(limiter.try_acquire(1).is_err());
        tokio::time::advance(secs(1)).await;
        assert!(limiter.available() >= 900.0, "{} of 1000 in {period:?}", limiter.available());
    }
}

#[tokio::test(start_paused = true)]
async fn a_quota_leaves_the_rest_of_a_long_period() {
    let day = secs(86_400);
    let quota = [("X-RateLimit-Remaining", "10"), ("X-RateLimit-Reset", "5")];
    let limiter = by_hand(RateLimitPolicy::new().rate(1000).per(day));
    limiter.update_from_headers(quota);
    assert_eq!((limiter.available().floor(), limiter.rate()), (9.0, 0.0));
    limiter.try_acquire(2).unwrap();
    tokio::time::advance(secs(5)).await;
    assert!(limiter.available() > 997.0, "{}", limiter.available());
    // A further answer counts anew, and doesn't withhold twice.
    for _ in 0..3 {
        limiter.update_from_headers(quota);
        tokio::time::advance(secs(1)).await;
    }
    // Other settings end the quota.
    limiter.set_rate(1000).unwrap();
    assert!(limiter.available() > 997.0, "{}", limiter.available());
    limiter.try_acquire(997).unwrap();
    assert!(limiter.try_acquire(2).is_err());
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_was_overtaken_leaves_the_quota() {
    let limiter = by_hand(RateLimitPolicy::new().rate(100));
    let answer = |remaining, reset, date| {
        [("X-RateLimit-Remaining", remaining), ("X-RateLimit-Reset", reset), ("Date", date)]
    };
    limiter.update_from_headers(answer("200", "60", "Sun, 06 Nov 1994 08:49:38 GMT"));
    let tight = limiter.rate();
    limiter.update_from_headers(answer("3000", "600", "Sun, 06 Nov 1994 08:49:37 GMT"));
    assert_eq!(limiter.rate(), tight, "sent earlier");
    limiter.update_from_headers(answer("3000", "60", "Sun, 06 Nov 1994 08:49:39 GMT"));
    assert_eq!(limiter.rate(), tight, "more in the same window");
    limiter.update_from_headers(answer("150", "60", "Sun, 06 Nov 1994 08:49:39 GMT"));
    assert!(limiter.rate() < tight, "less in the same window");
    tokio::time::advance(secs(60)).await;
    limiter.update_from_headers(answer("3000", "60", "Sun, 06 Nov 1994 08:50:38 GMT"));
    assert!(limiter.rate() > tight, "the next window");
}

#[test]
fn a_rate_that_can_not_work_is_an_error_and_changes_nothing() {
    let adaptive = RateLimitPolicy::new().rate(10).decrease(0.5).increase(1.0).min_rate(1.0);
    for policy in [RateLimitPolicy::new().rate(10), adaptive] {
        let limiter = by_hand(policy);
        for wrong in [-1.0, 0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1.0e300] {
            assert_eq!(limiter.set_rate(wrong).unwrap_err().setting(), "rate", "{wrong}");
        }
        assert_eq!((limiter.rate(), limiter.policy()), (10.0, policy));
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_says_when_to_come_back_is_left_alone_until_then() {
    let limiter = by_hand(RateLimitPolicy::new().rate(100).max_wait(secs(5)));
    let mut waiting = Box::pin(limiter.acquire_async(100));
    assert!(poll_now(waiting.as_mut()).is_ready());
    assert!(limiter.update_from_headers([("Retry-After", "30")]));
    assert_eq!(limiter.available(), 0.0);
    assert_eq!(limiter.try_acquire(1).unwrap_err().retry_after(), Some(secs(30)));
    tokio::time::advance(secs(29)).await;
    // Then one at first, and the others at the rate.
    let (a, b) = tokio::join!(timed(limiter.acquire_async(1)), timed(limiter.acquire_async(1)));
    assert!(a.0.is_ok() && b.0.is_ok());
    assert_eq!((a.1, b.1), (secs(1), ms(1_010)));
    // Nothing left is the same.
    assert!(limiter.update_from_headers([("RateLimit-Remaining", "0"), ("RateLimit-Reset", "7")]));
    assert_eq!(limiter.try_acquire(1).unwrap_err().retry_after(), Some(secs(7)));
    // Nobody is believed who asks for a year.
    assert!(limiter.update_from_headers([("Retry-After", "31536000")]));
    assert_eq!(limiter.try_acquire(1).unwrap_err().retry_after(), Some(secs(3600)));
    limiter.set_rate(10).unwrap();
    assert_eq!(limiter.try_acquire(1).unwrap_err().retry_after(), Some(secs(3600)), "the pause holds");
}

#[test]
fn headers_come_in_many_shapes() {
    use std::collections::{BTreeMap, HashMap};
    let limiter = by_hand(RateLimitPolicy::new().rate(1000).burst(1));
    let header = ("Retry-After".to_owned(), "1".to_owned());
    assert!(limiter.update_from_headers(std::slice::from_ref(&header)));
    assert!(limiter.update_from_headers(HashMap::from([header.clone()])));
    let map = BTreeMap::from([("Retry-After", b"1".to_vec())]);
    assert!(limiter.update_from_headers(&map));
    assert_eq!(map.len(), 1);
    let mut map = http::HeaderMap::new();
    map.insert("retry-after", http::HeaderValue::from_static("1"));
    assert!(limiter.update_from_headers(&map));
    map.clear();
    assert!(!limiter.update_from_headers(&map));
}

#[tokio::test(start_paused = true)]
async fn custom_headers_of_servers_pause_the_limiter() {
    let date = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "2030-01-01T00:01:00Z")];
    let sent = [("date", "Tue, 01 Jan 2030 00:00:00 GMT")];
    let cases: [(Vec<(&str, &str)>, Duration); 5] = [
        (vec![("retry-after-ms", "1500")], ms(1500)),
        (vec![("x-ms-retry-after-ms", "1500")], ms(1500)),
        (vec![("x-ratelimit-remaining-requests", "0"), ("x-ratelimit-reset-requests", "6m0s")], secs(360)),
        ([&date[..], &sent[..]].concat(), secs(60)),
        (vec![("retry-after-ms", "99999999999999999999999")], secs(3600)),
    ];
    for (headers, pause) in cases {
        let limiter = by_hand(RateLimitPolicy::new().rate(1000));
        assert!(limiter.update_from_headers(&headers), "{headers:?}");
        let refused = limiter.try_acquire(1).unwrap_err();
        assert_eq!(refused.retry_after(), Some(pause), "{headers:?}");
        tokio::time::advance(pause).await;
        assert!(limiter.try_acquire(1).is_ok(), "{headers:?}");
    }
}

#[test]
fn the_settings_are_those_of_the_site_that_gives_any() {
    const SHARED: RateLimitPolicy = RateLimitPolicy::new().rate(7).per(secs(60));
    fn at_once() -> u32 {
        3
    }
    #[rate_limit(name = "rate settings: elsewhere")]
    #[allow(dead_code)]
    fn only_the_name() -> Option<()> {
        None
    }
    #[rate_limit(
        name = "rate settings: elsewhere",
        rate = 5,
        per = "1m",
        burst = 2,
        max_wait = "2s",
        decrease = 0.25,
        increase = 0.5,
        min_rate = 1,
        safety = 1.0
    )]
    #[allow(dead_code)]
    fn declared() -> Option<()> {
        None
    }
    #[rate_limit(name = "rate settings: policy", policy = SHARED, burst = 8)]
    #[allow(dead_code)]
    fn from_policy() -> Option<()> {
        None
    }
    #[rate_limit(name = "rate settings: computed", rate = at_once() * 2)]
    #[allow(dead_code)]
    fn computed() -> Option<()> {
        None
    }
    let expected = RateLimitPolicy::new().rate(5).per(secs(60)).burst(2).max_wait(secs(2));
    let expected = expected.decrease(0.25).increase(0.5).min_rate(1.0).safety(1.0);
    assert_eq!(of("rate settings: elsewhere").policy(), expected);
    assert_eq!(of("rate settings: policy").policy(), SHARED.burst(8));
    assert_eq!(of("rate settings: computed").policy(), RateLimitPolicy::new().rate(6));
}

#[test]
fn map_err_converts_the_refusal_and_an_option_is_none() {
    #[derive(Debug, PartialEq)]
    struct Limited(String);
    #[rate_limit(name = "rate map_err", rate = 1, per = "1h", map_err = |rejection| Limited(rejection.policy_name().to_owned()))]
    fn call() -> Result<u32, Limited> {
        Err(Limited("its own".to_owned()))
    }
    #[rate_limit(rate = 1, per = "1h")]
    fn optional() -> Option<u32> {
        Some(1)
    }
    assert_eq!(call(), Err(Limited("its own".to_owned())));
    assert_eq!(call(), Err(Limited("rate map_err".to_owned())));
    assert_eq!((optional(), optional()), (Some(1), None));
}

#[tokio::test(start_paused = true)]
async fn the_handle_runs_code_and_says_why_it_does_not() {
    let limiter = by_hand(RateLimitPolicy::new().rate(4).decrease(0.5));
    assert_eq!(limiter.call(|| Ok::<u32, Fault>(1)), Ok(1));
    assert_eq!(limiter.call_async(async || Err::<u32, _>(Fault::Fatal)).await, Err(Fault::Fatal));
    assert_eq!((limiter.rate(), limiter.available()), (2.0, 2.0));
    limiter.try_acquire(2).unwrap();
    assert_eq!(wait_of(limiter.call(|| Ok::<u32, Fault>(1))), Some(ms(500)));
    assert_eq!(wait_of(limiter.call_async(async || Ok::<u32, Fault>(1)).await), Some(ms(500)));
    let reason = |policy| RateLimiter::new("x", policy).map(drop).map_err(|error| error.setting());
    assert_eq!(reason(RateLimitPolicy::new()), Err("rate"));
    assert_eq!(RateLimiter::new("", RateLimitPolicy::new().rate(1)).map(drop).unwrap_err().setting(), "name");
}

#[tokio::test(start_paused = true)]
async fn listeners_hear_of_every_call_and_may_use_the_limiter() {
    let limiter = by_hand(RateLimitPolicy::new().rate(10).burst(1).max_wait(ms(100)));
    let events = Arc::new(Log::new());
    let (heard, asked) = (Arc::clone(&events), limiter.clone());
    let subscription = limiter.subscribe(move |event| {
        assert_eq!(event.name(), asked.name());
        heard.push(match event {
            RateLimiterEvent::Allowed { waited, .. } => format!("allowed after {waited:?}"),
            RateLimiterEvent::Rejected { retry_after, .. } => format!("rejected, {retry_after:?}"),
            event => format!("{event:?}"),
        });
    });
    limiter.try_acquire(1).unwrap();
    limiter.acquire_async(1).await.unwrap();
    limiter.try_acquire(1).unwrap_err();
    limiter.try_acquire(2).unwrap_err();
    let expected = ["allowed after 0ns", "allowed after 100ms", "rejected, Some(100ms)", "rejected, None"];
    assert_eq!(events.take(), expected);
    drop(subscription);
    tokio::time::advance(ms(100)).await;
    limiter.try_acquire(1).unwrap();
    assert!(events.take().is_empty());
}

#[test]
fn threads_that_crowd_it_get_what_the_bucket_holds_and_no_more() {
    let limiter = by_hand(RateLimitPolicy::new().rate(1000).per(secs(86_400 * 300)));
    let let_through: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| (0..600).filter(|_| limiter.try_acquire(1).is_ok()).count()))
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(let_through, 1000);
    let metrics = limiter.metrics();
    assert_eq!((metrics.allowed, metrics.rejected), (1000, 1400));
}

#[cfg(feature = "testing")]
#[test]
fn each_key_has_a_bucket_of_its_own_and_they_are_bounded() {
    use resilience::{get_rate_limiter_for, get_rate_limiters};
    struct Client {
        tenant: String,
    }
    impl Client {
        #[rate_limit(name = "tenants", key = self.tenant, max_keys = 10, rate = 2, per = "1m", cost = cost)]
        fn call(&self, cost: f64) -> Result<(), Fault> {
            Ok(())
        }
    }
    let client = |tenant: &str| Client { tenant: tenant.to_owned() };
    resilience::testing::isolated(|| {
        let clock = resilience::testing::ManualClock::install();
        assert_eq!(client("a").call(2.0), Ok(()));
        assert_eq!(wait_of(client("a").call(1.0)), Some(secs(30)));
        assert_eq!(client("b").call(1.0), Ok(()));
        let limiter = get_rate_limiter_for("tenants", "a").expect("a call has used it");
        assert_eq!((limiter.name(), limiter.available()), ("tenants[a]", 0.0));
        drop(limiter);
        assert!(get_rate_limiter("tenants").is_none(), "no bucket stands for all of them");
        // Those with something to remember stay, and the others make room for new ones.
        clock.advance(secs(30));
        for tenant in 0..1_000 {
            client(&tenant.to_string()).call(0.0).unwrap();
        }
        assert!(get_rate_limiters("tenants").len() <= 10);
        let limiter = get_rate_limiter_for("tenants", "a").expect("its bucket isn't full");
        assert_eq!(limiter.available(), 1.0);
        drop(limiter);
        // Looked at twice with the idle time between: the first look finds it used.
        for _ in 0..2 {
            clock.advance(secs(601));
            for tenant in 0..1_000 {
                client(&tenant.to_string()).call(0.0).unwrap();
            }
        }
        assert!(get_rate_limiter_for("tenants", "a").is_none(), "a full bucket is like a new one, and idle");
    });
}

#[cfg(feature = "testing")]
#[test]
fn what_was_said_to_one_key_is_not_forgotten() {
    #[rate_limit(name = "rate: told", key = user, max_keys = 2, rate = 1, overflow = "unprotected")]
    fn call(user: u32) -> Option<u32> {
        Some(user)
    }
    resilience::testing::isolated(|| {
        let clock = resilience::testing::ManualClock::install();
        call(0);
        resilience::get_rate_limiter_for("rate: told", &0_u32).unwrap().set_rate(2).unwrap();
        clock.advance(secs(60));
        (1..100).for_each(|user| assert_eq!(call(user), Some(user)));
        let kept = resilience::get_rate_limiter_for("rate: told", &0_u32).unwrap();
        assert_eq!((kept.rate(), kept.available()), (2.0, 1.0));
    });
}

#[tokio::test(start_paused = true)]
async fn a_timeout_that_covers_the_retries_covers_their_waits_for_a_turn() {
    // Two attempts of up to a second and a second's wait for a turn each, and the wait that a refusal asks for.
    #[resilience::timeout("6s", covers_retries)]
    #[resilience::retry(max_attempts = 2, base_delay = "1s", max_retry_after = "1s")]
    #[rate_limit(rate = 1, max_wait = "1s")]
    #[resilience::timeout("1s")]
    async fn call() -> Result<u32, Fault> {
        Ok(1)
    }
    assert_eq!(timed(call()).await, (Ok(1), Duration::ZERO));
    assert_eq!(timed(call()).await, (Ok(1), secs(1)));
}

#[tokio::test(start_paused = true)]
async fn a_retry_waits_for_as_long_as_the_refusal_says_and_not_at_all_for_what_never_is() {
    #[resilience::retry(max_attempts = 3, base_delay = "7s")]
    #[resilience::circuit_breaker(name = "around a rate limit", failure_threshold = 1)]
    #[rate_limit(rate = 1, per = "1m", burst = 2, cost = cost)]
    async fn call(cost: u32, runs: &Runs) -> Result<u32, Fault> {
        Ok(runs.hit())
    }
    let runs = Runs::new();
    assert_eq!(timed(call(2, &runs)).await, (Ok(1), Duration::ZERO));
    assert_eq!(timed(call(1, &runs)).await, (Ok(2), secs(60)));
    let (refused, took) = timed(call(3, &runs)).await;
    assert_eq!((wait_of(refused), took, runs.count()), (None, Duration::ZERO, 2));
    // To the breaker none of it was a failure.
    let breaker = resilience::get_circuit_breaker("around a rate limit").expect("declared above");
    assert_eq!((breaker.state(), breaker.metrics().failure), (resilience::CircuitState::Closed, 0));
}

/// The first delay has no room there, and what the refusal asks for has.
#[tokio::test(start_paused = true)]
async fn a_retry_waits_for_a_turn_where_its_own_delay_has_no_room() {
    #[resilience::timeout("2s")]
    #[resilience::retry(base_delay = "3s", jitter = "none")]
    #[rate_limit(rate = 1, per = "500ms")]
    async fn call(works: bool) -> Result<u32, Fault> {
        if works { Ok(1) } else { Err(Fault::Transient(1)) }
    }
    assert_eq!(timed(call(true)).await, (Ok(1), Duration::ZERO));
    assert_eq!(timed(call(true)).await, (Ok(1), ms(500)));
    assert_eq!(timed(call(false)).await, (Err(Fault::Transient(1)), ms(500)));
}

#[tokio::test(start_paused = true)]
async fn a_fallback_answers_for_a_used_up_rate_and_for_nothing_else_if_it_says_so() {
    #[resilience::fallback(value = 7, rejected(rate_limited), on(Fault::Fatal))]
    #[rate_limit(rate = 1)]
    async fn call() -> Result<u32, Fault> {
        Err(Fault::Transient(1))
    }
    assert_eq!(call().await, Err(Fault::Transient(1)));
    assert_eq!(call().await, Ok(7));
}

#[test]
fn the_defaults_are_documented() {
    use resilience::defaults;
    let page = include_str!("../../docs/attributes/rate_limit.md");
    for row in
        ["| `per = \"…\"` | `\"1s\"` |", "| `max_wait = \"…\"` | `\"0s\"` |", "| `safety = 0.9` | `0.9` |"]
    {
        assert!(page.contains(row), "{row}");
    }
    assert_eq!(defaults::RATE_LIMIT_PER, secs(1));
    assert_eq!(defaults::RATE_LIMIT_MAX_WAIT, Duration::ZERO);
    assert_eq!(defaults::RATE_LIMIT_SAFETY, 0.9);
    assert_eq!(defaults::RATE_LIMIT_MIN_RATE_SHARE, 0.01);
    assert_eq!(defaults::RATE_LIMIT_INCREASE_SHARE, 0.1);
    assert_eq!(defaults::RATE_LIMIT_MAX_PAUSE, secs(3600));
}
