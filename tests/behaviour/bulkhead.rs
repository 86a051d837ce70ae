//! `#[bulkhead]`: how many calls run at once, and who waits for how long.

use std::sync::Arc;
use std::time::Duration;

use resilience::{Bulkhead, BulkheadPolicy, Error, bulkhead, get_bulkhead, timeout};
use tokio::sync::Semaphore;

use crate::support::{Fault, Log, Runs, ms, named_here, poll_now, secs, timed};

fn of(name: &str) -> Bulkhead {
    get_bulkhead(name).unwrap_or_else(|| panic!("no bulkhead `{name}`"))
}

#[tokio::test]
async fn so_many_run_at_once_and_the_next_is_refused_without_running() {
    #[bulkhead(name = "bound", max_concurrent = 2)]
    async fn call(runs: &Runs) -> Result<u32, Fault> {
        runs.hit();
        std::future::pending().await
    }
    let (bulkhead, runs) = (of("bound"), Runs::new());
    let mut calls = [Box::pin(call(&runs)), Box::pin(call(&runs))];
    for (index, call) in (1..).zip(&mut calls) {
        assert!(poll_now(call.as_mut()).is_pending());
        assert_eq!((bulkhead.active_calls(), bulkhead.available_slots()), (index, 2 - index));
    }
    let error = call(&runs).await.unwrap_err().refusal();
    assert!(matches!(&error, Error::BulkheadFull { max_concurrent: 2, .. }));
    assert_eq!((error.policy_name(), error.retry_after(), runs.count()), ("bound", None, 2));
    assert_eq!(error.to_string(), "bulkhead `bound` is full: 2 calls are under way");
    drop(calls);
    let metrics = bulkhead.metrics();
    assert_eq!((metrics.active, metrics.queued, metrics.rejected), (0, 0, 1));
}

#[test]
fn a_sync_function_is_bounded_alike() {
    #[bulkhead(max_concurrent = 2)]
    fn call(depth: u32) -> Result<u32, Fault> {
        if depth == 0 { Ok(0) } else { call(depth - 1).map(|depth| depth + 1) }
    }
    assert_eq!(call(1), Ok(1));
    let error = call(2).unwrap_err().refusal();
    assert!(error.is_bulkhead_full());
    assert_eq!(error.policy_name(), named_here!(call));
    assert_eq!(of(named_here!(call)).available_slots(), 2);
}

#[test]
fn a_slot_comes_free_however_the_call_ends() {
    #[bulkhead(name = "ends", max_concurrent = 1)]
    fn call(result: Option<Result<u32, Fault>>) -> Result<u32, Fault> {
        result.expect("a result")
    }
    for _ in 0..3 {
        assert_eq!(call(Some(Ok(1))), Ok(1));
        assert_eq!(call(Some(Err(Fault::Fatal))), Err(Fault::Fatal));
        assert_eq!(crate::support::panic_of(|| call(None)), "a result");
    }
    assert_eq!(of("ends").metrics().rejected, 0);
}

#[tokio::test(start_paused = true)]
async fn a_caller_waits_for_as_long_as_max_wait_and_no_longer() {
    #[bulkhead(name = "max_wait", max_concurrent = 1, max_wait = "100ms")]
    async fn call(takes: Duration) -> Result<u32, Fault> {
        tokio::time::sleep(takes).await;
        Ok(1)
    }
    let (first, second) = tokio::join!(timed(call(ms(99))), timed(call(ms(1))));
    assert_eq!((first, second), ((Ok(1), ms(99)), (Ok(1), ms(100))));
    let (first, (refused, waited)) = tokio::join!(call(ms(500)), timed(call(ms(1))));
    assert_eq!((first, waited), (Ok(1), ms(100)));
    assert!(refused.unwrap_err().refusal().is_bulkhead_full());
    let metrics = of("max_wait").metrics();
    assert_eq!((metrics.active, metrics.queued, metrics.rejected), (0, 0, 1));
}

#[tokio::test(start_paused = true)]
async fn slots_go_to_the_waiting_in_the_order_of_arrival() {
    #[bulkhead(name = "fifo", max_concurrent = 2, max_wait = "1h")]
    async fn call(number: u32, log: &Log<u32>) -> Result<u32, Fault> {
        log.push(number);
        tokio::time::sleep(ms(10)).await;
        Ok(number)
    }
    let log = Log::new();
    let mut calls: Vec<_> = (0..20).map(|number| Box::pin(call(number, &log))).collect();
    for call in &mut calls {
        assert!(poll_now(call.as_mut()).is_pending());
    }
    assert_eq!(of("fifo").queued(), 18);
    // Polled in the opposite order, they come in their own.
    for _ in 0..30 {
        let mut left = Vec::new();
        for mut call in calls.into_iter().rev() {
            if poll_now(call.as_mut()).is_pending() {
                left.push(call);
            }
        }
        left.reverse();
        calls = left;
        tokio::time::advance(ms(10)).await;
    }
    let order = log.take();
    assert_eq!(order.len(), 20);
    for (turn, pair) in (0..).zip(order.chunks(2)) {
        let mut pair = pair.to_vec();
        pair.sort_unstable();
        assert_eq!(pair, [turn * 2, turn * 2 + 1]);
    }
    assert_eq!((of("fifo").available_slots(), of("fifo").queued()), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn a_waiting_caller_that_finds_another_slot_free_takes_one_all_the_same() {
    #[bulkhead(name = "two at once", max_concurrent = 2, max_wait = "1h")]
    async fn call() -> Result<u32, Fault> {
        std::future::pending().await
    }
    let mut calls: Vec<_> = (0..3).map(|_| Box::pin(call())).collect();
    for call in &mut calls {
        assert!(poll_now(call.as_mut()).is_pending());
    }
    // One slot is handed over, the other comes free.
    calls.drain(..2);
    assert!(poll_now(calls[0].as_mut()).is_pending());
    assert_eq!((of("two at once").active_calls(), of("two at once").available_slots()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn what_a_call_leaves_under_way_is_over_before_its_slot_comes_free() {
    struct UnderWay<'a>(&'a Log<u32>);
    impl Drop for UnderWay<'_> {
        fn drop(&mut self) {
            self.0.push(of("to the end").active_calls());
        }
    }
    #[bulkhead(name = "to the end", max_concurrent = 1)]
    #[timeout("10ms")]
    async fn call(log: &Log<u32>) -> Result<u32, Fault> {
        let _under_way = UnderWay(log);
        std::future::pending().await
    }
    let log = Log::new();
    assert!(call(&log).await.unwrap_err().refusal().is_timed_out());
    assert_eq!((log.take(), of("to the end").active_calls()), (vec![1], 0));
}

#[tokio::test(start_paused = true)]
async fn nobody_overtakes_a_waiting_caller() {
    #[bulkhead(name = "overtake", max_concurrent = 1, max_wait = "1h")]
    async fn call(number: u32, gate: &Semaphore, log: &Log<u32>) -> Result<u32, Fault> {
        log.push(number);
        gate.acquire().await.unwrap().forget();
        Ok(number)
    }
    let (gate, log) = (Semaphore::new(0), Log::new());
    let mut first = Box::pin(call(1, &gate, &log));
    let mut second = Box::pin(call(2, &gate, &log));
    assert!(poll_now(first.as_mut()).is_pending());
    assert!(poll_now(second.as_mut()).is_pending());
    gate.add_permits(1);
    assert!(poll_now(first.as_mut()).is_ready());
    // The slot is the second's, which has not been polled since.
    let mut third = Box::pin(call(3, &gate, &log));
    assert!(poll_now(third.as_mut()).is_pending());
    assert!(of("overtake").acquire_async_now().is_none());
    gate.add_permits(2);
    assert!(poll_now(second.as_mut()).is_ready());
    assert!(poll_now(third.as_mut()).is_ready());
    assert_eq!(log.take(), [1, 2, 3]);
}

/// A try without waiting.
trait AcquireNow {
    fn acquire_async_now(&self) -> Option<resilience::BulkheadSlot>;
}

impl AcquireNow for Bulkhead {
    fn acquire_async_now(&self) -> Option<resilience::BulkheadSlot> {
        match poll_now(Box::pin(self.acquire_async(Duration::ZERO)).as_mut()) {
            std::task::Poll::Ready(slot) => slot.ok(),
            std::task::Poll::Pending => None,
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_line_is_no_longer_than_max_queue() {
    #[bulkhead(name = "max_queue", max_concurrent = 1, max_wait = "1s", max_queue = 2)]
    async fn call() -> Result<u32, Fault> {
        tokio::time::sleep(ms(10)).await;
        Ok(1)
    }
    let mut calls: Vec<_> = (0..3).map(|_| Box::pin(call())).collect();
    for call in &mut calls {
        assert!(poll_now(call.as_mut()).is_pending());
    }
    let (refused, waited) = timed(call()).await;
    assert!(refused.unwrap_err().refusal().is_bulkhead_full());
    assert_eq!((waited, of("max_queue").queued()), (Duration::ZERO, 2));
    drop(calls.pop());
    assert_eq!(of("max_queue").queued(), 1);
    calls.push(Box::pin(call()));
    for call in calls {
        assert_eq!(call.await, Ok(1));
    }
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_goes_away_leaves_the_line_and_hands_its_slot_on() {
    #[bulkhead(name = "leaves", max_concurrent = 1, max_wait = "1h")]
    async fn call(runs: &Runs, gate: &Semaphore) -> Result<u32, Fault> {
        let run = runs.hit();
        gate.acquire().await.unwrap().forget();
        Ok(run)
    }
    let (bulkhead, runs, gate) = (of("leaves"), Runs::new(), Semaphore::new(0));
    for _ in 0..50 {
        let before = runs.count();
        let mut running = Box::pin(call(&runs, &gate));
        let mut granted = Box::pin(call(&runs, &gate));
        let mut waiting = Box::pin(call(&runs, &gate));
        let mut last = Box::pin(call(&runs, &gate));
        assert!(poll_now(running.as_mut()).is_pending());
        assert!(poll_now(granted.as_mut()).is_pending());
        assert!(poll_now(waiting.as_mut()).is_pending());
        assert!(poll_now(last.as_mut()).is_pending());
        assert_eq!(bulkhead.queued(), 3);
        drop(waiting); // in line
        assert_eq!(bulkhead.queued(), 2);
        gate.add_permits(1);
        assert!(poll_now(running.as_mut()).is_ready());
        drop(granted); // the slot was handed to it, and it never knew
        gate.add_permits(1);
        assert!(poll_now(last.as_mut()).is_ready());
        assert_eq!((bulkhead.available_slots(), bulkhead.queued()), (1, 0));
        assert_eq!(runs.count() - before, 2);
    }
}

#[test]
fn sync_and_async_callers_share_slots_and_line() {
    #[bulkhead(name = "both", max_concurrent = 1, max_wait = "1h")]
    async fn in_async(gate: Arc<Semaphore>) -> Result<&'static str, Fault> {
        gate.acquire().await.unwrap().forget();
        Ok("async")
    }
    #[bulkhead(name = "both")]
    fn in_sync() -> Result<&'static str, Fault> {
        Ok("sync")
    }
    let (bulkhead, gate) = (of("both"), Arc::new(Semaphore::new(0)));
    let mut running = Box::pin(in_async(Arc::clone(&gate)));
    assert!(poll_now(running.as_mut()).is_pending());
    std::thread::scope(|scope| {
        let blocked = scope.spawn(in_sync);
        while bulkhead.queued() == 0 {
            std::thread::yield_now();
        }
        assert!(!blocked.is_finished());
        let slot = bulkhead.acquire_async(secs(3_600));
        let mut behind = Box::pin(slot);
        // Outside of a runtime no timer can be made; the line can be joined all the same.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let _entered = runtime.enter();
        assert!(poll_now(behind.as_mut()).is_pending());
        assert_eq!(bulkhead.queued(), 2);
        gate.add_permits(1);
        assert!(poll_now(running.as_mut()).is_ready());
        assert_eq!(blocked.join().unwrap(), Ok("sync"));
        assert!(poll_now(behind.as_mut()).is_ready());
    });
    assert_eq!((bulkhead.available_slots(), bulkhead.queued()), (1, 0));
}

#[cfg(feature = "testing")]
#[test]
fn a_sync_caller_waits_on_the_manual_clock() {
    #[bulkhead(name = "manual", max_concurrent = 1, max_wait = "100ms")]
    fn call() -> Result<u32, Fault> {
        Ok(1)
    }
    resilience::testing::isolated(|| {
        let clock = resilience::testing::ManualClock::install();
        let slot = of("manual").try_acquire().unwrap();
        assert!(call().unwrap_err().refusal().is_bulkhead_full());
        assert_eq!(clock.elapsed(), ms(100));
        drop(slot);
        assert_eq!(call(), Ok(1));
        assert_eq!(clock.elapsed(), ms(100));
    });
    assert_eq!(of("manual").metrics().rejected, 0, "the program's own saw nothing");
}

#[test]
fn the_settings_are_those_of_the_site_that_gives_any() {
    const SHARED: BulkheadPolicy = BulkheadPolicy::new(7).max_wait(secs(1));
    fn at_once() -> u32 {
        3
    }
    #[bulkhead(name = "settings: elsewhere")]
    #[allow(dead_code)]
    fn only_the_name() -> Option<()> {
        None
    }
    #[bulkhead(name = "settings: elsewhere", max_concurrent = 5, max_wait = "2s", max_queue = 9)]
    #[allow(dead_code)]
    fn declared() -> Option<()> {
        None
    }
    #[bulkhead(name = "settings: policy", policy = SHARED, max_concurrent = 8)]
    #[allow(dead_code)]
    fn from_policy() -> Option<()> {
        None
    }
    #[bulkhead(name = "settings: computed", max_concurrent = at_once() * 2)]
    #[allow(dead_code)]
    fn computed() -> Option<()> {
        None
    }
    let expected = BulkheadPolicy::new(5).max_wait(secs(2)).max_queue(9);
    assert_eq!(of("settings: elsewhere").policy(), expected);
    assert_eq!(of("settings: policy").policy(), SHARED.max_concurrent(8));
    assert_eq!(of("settings: computed").policy(), BulkheadPolicy::new(6));
    assert_eq!(of("settings: computed").available_slots(), 6);
}

#[test]
fn map_err_converts_the_refusal_and_nothing_else() {
    #[derive(Debug, PartialEq)]
    struct Full(String);
    #[bulkhead(name = "map_err", max_concurrent = 1, map_err = |rejection| Full(rejection.policy_name().to_owned()))]
    fn call() -> Result<u32, Full> {
        Err(Full("its own".to_owned()))
    }
    assert_eq!(call(), Err(Full("its own".to_owned())));
    let _slot = of("map_err").try_acquire().unwrap();
    assert_eq!(call(), Err(Full("map_err".to_owned())));
}

#[tokio::test]
async fn the_handle_runs_code_in_a_slot() {
    let bulkhead = Bulkhead::new("by hand", BulkheadPolicy::new(1)).unwrap();
    assert_eq!(bulkhead.call(|| Ok::<_, Fault>(bulkhead.available_slots())), Ok(0));
    let nested = bulkhead.call_async(async || bulkhead.call(|| Ok::<u32, Fault>(1))).await;
    assert!(nested.unwrap_err().refusal().is_bulkhead_full());
    assert_eq!(bulkhead.available_slots(), 1);
    let reason =
        |policy: BulkheadPolicy| Bulkhead::new("x", policy).map(drop).map_err(|error| error.setting());
    assert_eq!(reason(BulkheadPolicy::new(0)), Err("max_concurrent"));
    assert_eq!(reason(BulkheadPolicy::new(1).max_queue(1)), Err("max_queue"));
    assert_eq!(reason(BulkheadPolicy::new(1).max_wait(secs(1)).max_queue(0)), Err("max_queue"));
    assert_eq!(Bulkhead::new("", BulkheadPolicy::new(1)).map(drop).unwrap_err().setting(), "name");
}

#[test]
fn threads_that_crowd_it_are_never_more_than_it_admits_and_lose_no_slot() {
    use std::sync::atomic::{AtomicU32, Ordering};
    static INSIDE: AtomicU32 = AtomicU32::new(0);
    #[bulkhead(name = "crowd", max_concurrent = 2, max_wait = "1h")]
    fn call() -> Result<(), Fault> {
        assert!(INSIDE.fetch_add(1, Ordering::SeqCst) < 2);
        std::thread::yield_now();
        INSIDE.fetch_sub(1, Ordering::SeqCst);
        Ok(())
    }
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                for _ in 0..300 {
                    call().unwrap();
                }
            });
        }
    });
    assert_eq!((of("crowd").available_slots(), of("crowd").queued()), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn a_slot_whose_waiter_is_not_polled_goes_to_the_next_one() {
    #[bulkhead(name = "not polled", max_concurrent = 1, max_wait = "300ms")]
    async fn query(time: std::time::Duration) -> Result<(), Fault> {
        tokio::time::sleep(time).await;
        Ok(())
    }
    let first = tokio::spawn(query(ms(20)));
    tokio::task::yield_now().await;
    // In line, and its task awaits something else when the slot is handed to it.
    let mut second = Box::pin(query(ms(5)));
    assert!(poll_now(second.as_mut()).is_pending());
    first.await.unwrap().unwrap();
    let (third, took) = timed(query(ms(1))).await;
    assert_eq!(third, Ok(()));
    assert!(took <= ms(301), "{took:?}");
    assert_eq!(of("not polled").active_calls(), 0);
    // Its own time is over by now, and the slot is free.
    assert_eq!(second.await, Ok(()));
    assert_eq!((of("not polled").active_calls(), of("not polled").available_slots()), (0, 1));
}
