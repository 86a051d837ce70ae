//! `Bulkhead` by hand: slots, sizes, events, figures.

use std::sync::Arc;
use std::time::Duration;

use resilience::{
    Bulkhead, BulkheadEvent, BulkheadPolicy, BulkheadSlot, Subscription, bulkhead, get_bulkhead, timeout,
};

use crate::support::{Fault, Log, ms, poll_now, secs, timed};

fn of_size(size: u32) -> Bulkhead {
    Bulkhead::new("by hand", BulkheadPolicy::new(size)).unwrap()
}

/// What listeners hear, in words.
fn listen(bulkhead: &Bulkhead) -> (Arc<Log<String>>, Subscription) {
    let log = Arc::new(Log::new());
    let sink = Arc::clone(&log);
    let subscription = bulkhead.subscribe(move |event| {
        sink.push(match event {
            BulkheadEvent::Admitted { waited, .. } => format!("admitted after {waited:?}"),
            BulkheadEvent::Queued { .. } => "queued".to_owned(),
            BulkheadEvent::Rejected { waited, .. } => format!("rejected after {waited:?}"),
            BulkheadEvent::Cancelled { .. } => "cancelled".to_owned(),
            BulkheadEvent::Finished { .. } => "finished".to_owned(),
            BulkheadEvent::Resized { from, to, .. } => format!("resized from {from} to {to}"),
            other => format!("{other:?}"),
        });
    });
    (log, subscription)
}

#[tokio::test(start_paused = true)]
async fn a_slot_is_waited_for_as_long_as_the_caller_says() {
    let bulkhead = Bulkhead::new("by hand", BulkheadPolicy::new(1).max_wait(secs(9))).unwrap();
    let slot = bulkhead.acquire(Duration::ZERO).unwrap();
    assert!(bulkhead.try_acquire().unwrap_err().is_bulkhead_full());
    let (refused, waited) = timed(bulkhead.acquire_async(ms(50))).await;
    assert!(refused.unwrap_err().is_bulkhead_full());
    assert_eq!(waited, ms(50));
    let end = async {
        tokio::time::sleep(ms(10)).await;
        drop(slot);
    };
    let (admitted, ()) = tokio::join!(timed(bulkhead.acquire_async(ms(50))), end);
    assert!(admitted.0.is_ok());
    assert_eq!(admitted.1, ms(10));
    let metrics = bulkhead.metrics();
    assert_eq!((metrics.admitted, metrics.rejected, metrics.timed_out), (2, 2, 1));
}

#[test]
fn sync_callers_wait_on_the_manual_clock() {
    let bulkhead = of_size(1);
    let clock = resilience::testing::ManualClock::install();
    let _slot = bulkhead.try_acquire().unwrap();
    assert!(bulkhead.acquire(ms(70)).unwrap_err().is_bulkhead_full());
    assert_eq!(clock.elapsed(), ms(70));
}

#[test]
fn nobody_waits_past_the_deadline_around() {
    #[timeout("30ms", mode = "cooperative")]
    fn call(bulkhead: &Bulkhead) -> Result<bool, Fault> {
        Ok(bulkhead.acquire(secs(5)).is_ok())
    }
    let clock = resilience::testing::ManualClock::install();
    let bulkhead = of_size(1);
    let _slot = bulkhead.try_acquire().unwrap();
    assert!(call(&bulkhead).unwrap_err().refusal().is_timed_out());
    assert_eq!(clock.elapsed(), ms(30));
}

#[tokio::test(start_paused = true)]
async fn a_bulkhead_that_grows_lets_the_waiting_in_in_their_order() {
    let bulkhead = of_size(1);
    let _slot = bulkhead.try_acquire().unwrap();
    let mut waiting: Vec<_> = (0..4).map(|_| Box::pin(bulkhead.acquire_async(secs(60)))).collect();
    for caller in &mut waiting {
        assert!(poll_now(caller.as_mut()).is_pending());
    }
    bulkhead.resize(3).unwrap();
    assert_eq!((bulkhead.active_calls(), bulkhead.queued(), bulkhead.available_slots()), (3, 2, 0));
    let mut slots = Vec::new();
    for (number, caller) in waiting.iter_mut().enumerate() {
        match poll_now(caller.as_mut()) {
            std::task::Poll::Ready(slot) => slots.push(slot.unwrap()),
            std::task::Poll::Pending => assert!(number >= 2, "the first two are let in"),
        }
    }
    assert_eq!(slots.len(), 2);
    bulkhead.resize(10).unwrap();
    assert_eq!((bulkhead.queued(), bulkhead.available_slots()), (0, 5));
}

#[test]
fn a_bulkhead_that_shrinks_lets_those_under_way_end_and_takes_their_slots() {
    let bulkhead = of_size(4);
    let mut slots: Vec<BulkheadSlot> = (0..3).map(|_| bulkhead.try_acquire().unwrap()).collect();
    bulkhead.resize(1).unwrap();
    assert_eq!((bulkhead.active_calls(), bulkhead.available_slots()), (3, 0));
    assert_eq!(bulkhead.policy().to_string(), "1 at once, no waiting");
    for active in [2, 1] {
        slots.pop();
        assert_eq!((bulkhead.active_calls(), bulkhead.available_slots()), (active, 0));
        let refusal = bulkhead.try_acquire().unwrap_err();
        assert_eq!(refusal.to_string(), "bulkhead `by hand` is full: 1 call is under way");
    }
    slots.pop();
    assert_eq!((bulkhead.active_calls(), bulkhead.available_slots()), (0, 1));
    let _slot = bulkhead.try_acquire().unwrap();
    assert!(bulkhead.try_acquire().is_err());
}

#[test]
fn slots_that_were_to_go_stay_if_it_grows_again_before() {
    let bulkhead = of_size(3);
    let slots: Vec<_> = (0..3).map(|_| bulkhead.try_acquire().unwrap()).collect();
    bulkhead.resize(1).unwrap();
    bulkhead.resize(2).unwrap();
    drop(slots);
    assert_eq!((bulkhead.active_calls(), bulkhead.available_slots()), (0, 2));
}

#[tokio::test(start_paused = true)]
async fn other_settings_hold_from_the_next_call_on() {
    #[bulkhead(name = "handle: reconfigured", max_concurrent = 1)]
    async fn call(takes: Duration) -> Result<u32, Fault> {
        tokio::time::sleep(takes).await;
        Ok(1)
    }
    let bulkhead = get_bulkhead("handle: reconfigured").unwrap();
    let (first, refused) = tokio::join!(call(ms(10)), call(ms(10)));
    assert_eq!(first, Ok(1));
    assert!(refused.unwrap_err().refusal().is_bulkhead_full());
    bulkhead.reconfigure(BulkheadPolicy::new(1).max_wait(ms(20))).unwrap();
    assert_eq!(tokio::join!(call(ms(10)), call(ms(10))), (Ok(1), Ok(1)));
    bulkhead.reconfigure(BulkheadPolicy::new(2)).unwrap();
    assert_eq!(tokio::join!(call(ms(10)), call(ms(10))), (Ok(1), Ok(1)));
    assert_eq!(bulkhead.reconfigure(BulkheadPolicy::new(2).max_queue(1)).unwrap_err().setting(), "max_queue");
    assert_eq!(bulkhead.resize(0).unwrap_err().setting(), "max_concurrent");
    assert_eq!(bulkhead.policy(), BulkheadPolicy::new(2), "nothing changed");
    let metrics = bulkhead.metrics();
    assert_eq!((metrics.admitted, metrics.rejected, metrics.timed_out), (5, 1, 0));
}

#[tokio::test(start_paused = true)]
async fn listeners_hear_everything_in_its_order() {
    let bulkhead = of_size(1);
    let (log, subscription) = listen(&bulkhead);
    let slot = bulkhead.try_acquire().unwrap();
    assert!(bulkhead.try_acquire().is_err());
    assert_eq!(log.take(), ["admitted after 0ns", "rejected after 0ns"]);

    assert!(bulkhead.acquire_async(ms(20)).await.is_err());
    assert_eq!(log.take(), ["queued", "rejected after 20ms"]);

    let mut given_up = Box::pin(bulkhead.acquire_async(ms(20)));
    assert!(poll_now(given_up.as_mut()).is_pending());
    drop(given_up);
    assert_eq!(log.take(), ["queued", "cancelled"]);

    let end = async {
        tokio::time::sleep(ms(5)).await;
        drop(slot);
    };
    let (slot, ()) = tokio::join!(bulkhead.acquire_async(ms(20)), end);
    assert_eq!(log.take(), ["queued", "finished", "admitted after 5ms"]);

    bulkhead.resize(2).unwrap();
    bulkhead.reconfigure(BulkheadPolicy::new(2).max_wait(ms(1))).unwrap();
    assert_eq!(log.take(), ["resized from 1 to 2"]);
    drop(subscription);
    drop(slot);
    drop(bulkhead.try_acquire());
    assert!(log.take().is_empty());
}

#[test]
fn a_listener_may_use_the_bulkhead_and_may_panic() {
    let bulkhead = of_size(2);
    let (handle, seen) = (bulkhead.clone(), Arc::new(Log::new()));
    let sink = Arc::clone(&seen);
    let _meddles = bulkhead.subscribe(move |event| {
        if let BulkheadEvent::Finished { name, .. } = event {
            let metrics = handle.metrics();
            sink.push((name.as_str().to_owned(), metrics.active, handle.available_slots()));
            handle.resize(handle.available_slots() + 5).unwrap();
            panic!("in a listener");
        }
    });
    drop(bulkhead.try_acquire().unwrap());
    assert_eq!(seen.take(), [("by hand".to_owned(), 0, 2)]);
    assert_eq!(bulkhead.available_slots(), 7);
}

#[test]
fn annotated_functions_are_heard_of_too() {
    #[bulkhead(name = "handle: heard", max_concurrent = 1)]
    fn call(depth: u32) -> Option<u32> {
        if depth == 0 { Some(0) } else { call(depth - 1) }
    }
    let (log, _subscription) = listen(&get_bulkhead("handle: heard").unwrap());
    assert_eq!((call(0), call(1)), (Some(0), None));
    let call = ["admitted after 0ns", "finished"];
    assert_eq!(log.take(), [call[0], call[1], call[0], "rejected after 0ns", call[1]]);
}

#[test]
fn what_was_said_to_one_key_is_not_forgotten() {
    #[bulkhead(name = "handle: keyed", key = user, max_keys = 2, max_concurrent = 1)]
    fn call(user: u32) -> Option<u32> {
        Some(user)
    }
    call(0);
    resilience::get_bulkhead_for("handle: keyed", &0_u32).unwrap().resize(7).unwrap();
    (1..100).for_each(|user| assert_eq!(call(user), Some(user)));
    let kept = resilience::get_bulkhead_for("handle: keyed", &0_u32).unwrap();
    assert_eq!(kept.policy(), BulkheadPolicy::new(7));
}
