//! Each listener gets events in the order in which they happened, whichever threads they happen on.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, mpsc};

use resilience::testing::{self, ManualClock};
use resilience::{
    Bulkhead, BulkheadEvent, BulkheadPolicy, CircuitBreaker, CircuitBreakerEvent, CircuitBreakerPolicy,
    CircuitState, Event, RateLimitPolicy, RateLimiter, RateLimiterEvent, Subscription, subscribe,
};

use crate::support::secs;

fn breaker() -> CircuitBreaker {
    CircuitBreaker::new("order", CircuitBreakerPolicy::new().failure_threshold(1)).unwrap()
}

/// What a listener has got, which is slow at its first event.
struct Slow {
    shown: Arc<Mutex<Vec<String>>>,
    is_first: AtomicBool,
    busy: mpsc::Sender<()>,
    may_go: Mutex<mpsc::Receiver<()>>,
}

impl Slow {
    fn get(&self, event: String) {
        if self.is_first.swap(false, Ordering::Relaxed) {
            self.busy.send(()).unwrap();
            // At most, so that a listener that is waited for ends the test.
            let _ = self.may_go.lock().unwrap().recv_timeout(secs(5));
        }
        self.shown.lock().unwrap().push(event);
    }
}

/// Emits `first` on another thread, and `second` on this one while the listener is slow there. Returns what it got.
fn while_it_is_slow(
    subscribe: impl FnOnce(Slow) -> Subscription,
    first: impl FnOnce() + Send,
    second: impl FnOnce(),
) -> Vec<String> {
    let shown: Arc<Mutex<Vec<String>>> = Arc::default();
    let (busy, is_busy) = mpsc::channel();
    let (go, may_go) = mpsc::channel();
    let is_first = AtomicBool::new(true);
    let _subscription = subscribe(Slow { shown: Arc::clone(&shown), is_first, busy, may_go: may_go.into() });
    std::thread::scope(|scope| {
        scope.spawn(first);
        is_busy.recv().unwrap();
        // Not held up by the other thread's listener.
        second();
        assert!(shown.lock().unwrap().is_empty(), "the first event is first");
        go.send(()).unwrap();
    });
    shown.lock().unwrap().clone()
}

#[test]
fn slow_listener_of_a_breaker_gets_the_latest_state_last() {
    let breaker = breaker();
    let shown = while_it_is_slow(
        |slow| {
            breaker.subscribe(move |event| {
                if let CircuitBreakerEvent::StateChanged { change, .. } = event {
                    slow.get(change.to.to_string());
                }
            })
        },
        || breaker.try_acquire().unwrap().failure(),
        || {
            breaker.reset();
            breaker.force_open();
            breaker.disable();
        },
    );
    assert_eq!(shown, ["open", "closed", "open", "disabled"]);
    assert_eq!(breaker.state(), CircuitState::Disabled);
}

#[test]
fn slow_listener_of_a_rate_limiter_gets_the_latest_rate_last() {
    let limiter = RateLimiter::new("order", RateLimitPolicy::new().rate(100)).unwrap();
    let shown = while_it_is_slow(
        |slow| {
            limiter.subscribe(move |event| {
                if let RateLimiterEvent::RateChanged { to, .. } = event {
                    slow.get(to.to_string());
                }
            })
        },
        || limiter.set_rate(50.0).unwrap(),
        || limiter.set_rate(20.0).unwrap(),
    );
    assert_eq!(shown, ["50", "20"]);
}

#[test]
fn slow_listener_of_a_bulkhead_gets_the_latest_size_last() {
    let bulkhead = Bulkhead::new("order", BulkheadPolicy::new(4)).unwrap();
    let shown = while_it_is_slow(
        |slow| {
            bulkhead.subscribe(move |event| {
                if let BulkheadEvent::Resized { to, .. } = event {
                    slow.get(to.to_string());
                }
            })
        },
        || bulkhead.resize(8).unwrap(),
        || bulkhead.resize(2).unwrap(),
    );
    assert_eq!(shown, ["8", "2"]);
}

#[test]
fn slow_listener_of_the_program_gets_events_of_all_policies_in_order() {
    testing::isolated(|| {
        let (breaker, bulkhead) = (breaker(), Bulkhead::new("slots", BulkheadPolicy::new(4)).unwrap());
        let shown = while_it_is_slow(
            |slow| subscribe(move |event| slow.get(event.to_string())),
            testing::carry_fn(|| breaker.try_acquire().unwrap().failure()),
            || {
                bulkhead.resize(8).unwrap();
                assert!(breaker.try_acquire().is_err());
                breaker.reset();
            },
        );
        let [opened, resized, rejected, closed] = &shown[..] else { panic!("{shown:?}") };
        assert_eq!(opened, "order: closed to open: a failure");
        assert_eq!(resized, "slots: 4 to 8 slots");
        assert!(rejected.starts_with("order: rejected"), "{rejected}");
        assert_eq!(closed, "order: open to closed: by hand");
    });
}

/// Opened and reset by many threads: each listener, and the recorder, gets a chain of states without a gap.
#[test]
fn many_threads_change_a_breaker_and_every_listener_gets_each_change_after_the_one_before() {
    let rounds = 300;
    testing::isolated(|| {
        let breaker = breaker();
        let (own, all): (Arc<Mutex<Vec<_>>>, Arc<Mutex<Vec<_>>>) = Default::default();
        let (heard, heard_of_all) = (Arc::clone(&own), Arc::clone(&all));
        let _own = breaker.subscribe(move |event| {
            if let CircuitBreakerEvent::StateChanged { change, .. } = event {
                heard.lock().unwrap().push((change.from, change.to));
            }
        });
        let _all = subscribe(move |event| {
            if let Event::StateChanged { change, .. } = event {
                heard_of_all.lock().unwrap().push((change.from, change.to));
            }
        });
        let recorder = testing::record();
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(testing::carry_fn(|| {
                    for _ in 0..rounds {
                        if let Ok(permit) = breaker.try_acquire() {
                            permit.failure();
                        }
                        breaker.reset();
                    }
                }));
            }
        });
        let own = std::mem::take(&mut *own.lock().unwrap());
        assert!(own.len() >= 2, "{}", own.len());
        assert!(own.windows(2).all(|pair| pair[0].1 == pair[1].0), "{own:?}");
        assert_eq!(own.last().unwrap().1, CircuitState::Closed);
        assert_eq!(*all.lock().unwrap(), own);
        let changes = recorder.events().into_iter().filter_map(|event| match event {
            Event::StateChanged { change, .. } => Some((change.from, change.to)),
            _ => None,
        });
        assert_eq!(changes.collect::<Vec<_>>(), own);
    });
}

#[test]
fn listener_that_emits_gets_its_own_events_after_it_has_returned() {
    testing::isolated(|| {
        let (breaker, log): (_, Arc<Mutex<Vec<String>>>) = (breaker(), Arc::default());
        let (own, inside) = (breaker.clone(), Arc::clone(&log));
        let _subscription = subscribe(move |event| {
            inside.lock().unwrap().push(format!("begins: {event}"));
            if let Event::StateChanged { change, .. } = event
                && change.to == CircuitState::Open
            {
                drop(subscribe(|_| unreachable!("it ends before anything happens")));
                own.disable();
                assert_eq!(own.state(), CircuitState::Disabled);
                own.reset();
            }
            inside.lock().unwrap().push("ends".to_owned());
        });
        breaker.force_open();
        assert_eq!(
            *log.lock().unwrap(),
            [
                "begins: order: closed to open: by hand",
                "ends",
                "begins: order: open to disabled: by hand",
                "ends",
                "begins: order: disabled to closed: by hand",
                "ends",
            ]
        );
    });
}

/// No lock is held while a listener runs, at any transition, or this would not end.
#[test]
fn listener_may_use_the_breaker_at_every_transition() {
    let (breaker, clock) = (breaker(), ManualClock::install());
    let states: Arc<Mutex<Vec<CircuitState>>> = Arc::default();
    let (heard, inside) = (Arc::clone(&states), breaker.clone());
    let _subscription = breaker.subscribe(move |event| {
        let metrics = inside.metrics();
        if let CircuitBreakerEvent::StateChanged { change, .. } = event {
            assert_eq!(metrics.state_changes.last(), Some(change));
            heard.lock().unwrap().push(inside.state());
        }
    });
    breaker.try_acquire().unwrap().failure();
    clock.advance(secs(30));
    for _ in 0..3 {
        breaker.try_acquire().unwrap().success();
    }
    let [closed, half_open, open] = [CircuitState::Closed, CircuitState::HalfOpen, CircuitState::Open];
    assert_eq!(*states.lock().unwrap(), [open, half_open, closed]);
}

#[test]
fn listener_that_was_unsubscribed_gets_nothing_that_waited_for_it() {
    let breaker = breaker();
    let calls = Arc::new(AtomicU32::new(0));
    let (own, counted): (Arc<Mutex<Option<Subscription>>>, _) = (Arc::default(), Arc::clone(&calls));
    let (slot, inside) = (Arc::clone(&own), breaker.clone());
    let subscription = breaker.subscribe(move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
        // These wait behind this event.
        inside.reset();
        inside.force_open();
        drop(slot.lock().unwrap().take());
    });
    *own.lock().unwrap() = Some(subscription);
    breaker.force_open();
    breaker.reset();
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

#[test]
fn listener_that_panics_gets_the_events_that_waited_for_it() {
    let breaker = breaker();
    let states: Arc<Mutex<Vec<CircuitState>>> = Arc::default();
    let (heard, inside) = (Arc::clone(&states), breaker.clone());
    let _subscription = breaker.subscribe(move |event| {
        if let CircuitBreakerEvent::StateChanged { change, .. } = event {
            heard.lock().unwrap().push(change.to);
            if change.to == CircuitState::Open {
                inside.reset();
                panic!("a listener");
            }
        }
    });
    breaker.force_open();
    assert_eq!(*states.lock().unwrap(), [CircuitState::Open, CircuitState::Closed]);
}

/// One that hangs takes a bounded amount of memory, and gets the latest events once it comes back.
#[test]
fn listener_that_hangs_loses_the_oldest_events_and_counts_them() {
    let breaker = breaker();
    let _clock = ManualClock::install();
    let states: Arc<Mutex<Vec<CircuitState>>> = Arc::default();
    let (heard, inside) = (Arc::clone(&states), breaker.clone());
    let subscription = breaker.subscribe(move |event| {
        let CircuitBreakerEvent::StateChanged { change, .. } = event else { return };
        let is_first = heard.lock().unwrap().is_empty();
        heard.lock().unwrap().push(change.to);
        if is_first {
            for _ in 0..600 {
                inside.reset();
                inside.force_open();
            }
            inside.disable();
        }
    });
    breaker.force_open();
    let states = states.lock().unwrap();
    assert_eq!((states.len(), states.last()), (1 + 1024, Some(&CircuitState::Disabled)));
    assert_eq!(subscription.lost(), 1201 - 1024);
}
