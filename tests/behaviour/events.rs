//! What a circuit breaker tells those who listen.

use std::sync::{Arc, Mutex, mpsc};

use resilience::testing::ManualClock;
use resilience::{
    CircuitBreaker, CircuitBreakerEvent, CircuitState, StateChange, TransitionCause, circuit_breaker,
    get_circuit_breaker,
};
use tokio::time::advance;

use crate::support::{Fault, secs};

fn breaker(name: &str) -> CircuitBreaker {
    get_circuit_breaker(name).unwrap_or_else(|| panic!("no breaker `{name}`"))
}

fn answer(works: bool) -> Result<u32, Fault> {
    if works { Ok(1) } else { Err(Fault::Fatal) }
}

/// An event in a word, with what it holds.
fn in_words(event: &CircuitBreakerEvent) -> String {
    match event {
        CircuitBreakerEvent::StateChanged { change: StateChange { from, to, cause, .. }, .. } => {
            format!("{from} to {to}: {cause}")
        }
        CircuitBreakerEvent::Succeeded { .. } => "succeeded".to_owned(),
        CircuitBreakerEvent::Failed { .. } => "failed".to_owned(),
        CircuitBreakerEvent::Ignored { .. } => "ignored".to_owned(),
        CircuitBreakerEvent::Rejected { retry_after, .. } => format!("rejected for {retry_after:?}"),
        other => panic!("an event that nobody knows: {other:?}"),
    }
}

#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<String>>>);

impl Heard {
    fn listener(&self) -> impl Fn(&CircuitBreakerEvent) + Send + Sync + 'static {
        let heard = self.clone();
        move |event| heard.0.lock().unwrap().push(in_words(event))
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

#[tokio::test(start_paused = true)]
async fn tell_the_story_of_a_breaker_in_order() {
    #[circuit_breaker(
        name = "events: story", failure_threshold = 2, reset_timeout = "10s", half_open_max_calls = 1,
        when = |fault| *fault != Fault::Transient(0),
    )]
    async fn call(result: Result<u32, Fault>) -> Result<u32, Fault> {
        result
    }
    let heard = Heard::default();
    // Before the first call.
    let subscription = breaker("events: story").subscribe(heard.listener());
    let _ = call(Ok(1)).await;
    let _ = call(Err(Fault::Fatal)).await;
    let _ = call(Err(Fault::Transient(0))).await;
    assert_eq!(heard.take(), ["succeeded", "failed", "ignored"]);
    let _ = call(Err(Fault::Fatal)).await;
    assert_eq!(heard.take(), ["failed", "closed to open: 2 failures in a row"]);
    advance(secs(4)).await;
    let _ = call(Ok(1)).await;
    assert_eq!(heard.take(), ["rejected for Some(6s)"]);
    advance(secs(6)).await;
    assert!(heard.take().is_empty(), "time alone tells nothing");
    let _ = call(Err(Fault::Fatal)).await;
    assert_eq!(
        heard.take(),
        ["open to half-open: reset timeout over", "failed", "half-open to open: a trial call failed"]
    );
    advance(secs(10)).await;
    let _ = call(Ok(1)).await;
    assert_eq!(
        heard.take(),
        ["open to half-open: reset timeout over", "succeeded", "half-open to closed: a trial call succeeded"]
    );
    breaker("events: story").force_open();
    let _ = call(Ok(1)).await;
    assert_eq!(heard.take(), ["closed to open: by hand", "rejected for None"]);
    drop(subscription);
    breaker("events: story").reset();
    let _ = call(Ok(1)).await;
    assert!(heard.take().is_empty());
}

#[test]
fn carry_the_breakers_name() {
    #[circuit_breaker(name = "events: name")]
    fn call() -> Result<u32, Fault> {
        Ok(1)
    }
    let names = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&names);
    let _subscription = breaker("events: name")
        .subscribe(move |event: &CircuitBreakerEvent| heard.lock().unwrap().push(event.name().to_owned()));
    call().unwrap();
    assert_eq!(*names.lock().unwrap(), ["events: name"]);
}

#[test]
fn a_listener_that_panics_changes_nothing() {
    #[circuit_breaker(name = "events: panic", failure_threshold = 2)]
    fn call(works: bool) -> Result<u32, Fault> {
        answer(works)
    }
    let (breaker, heard) = (breaker("events: panic"), Heard::default());
    let _first = breaker.subscribe(|_| panic!("a listener"));
    let _second = breaker.subscribe(heard.listener());
    assert_eq!(call(true), Ok(1));
    assert_eq!(call(false), Err(Fault::Fatal));
    assert_eq!(call(false), Err(Fault::Fatal));
    assert!(call(true).unwrap_err().refusal().is_circuit_open());
    assert_eq!(heard.take().len(), 5, "the next listener hears everything");
    let metrics = breaker.metrics();
    assert_eq!((metrics.success, metrics.failure, metrics.rejected), (1, 2, 1));
}

#[test]
fn a_listener_that_hangs_holds_up_its_own_call_and_nothing_else() {
    #[circuit_breaker(name = "events: slow", failure_threshold = 2)]
    fn call(works: bool) -> Result<u32, Fault> {
        answer(works)
    }
    let breaker = breaker("events: slow");
    let (begun, has_begun) = mpsc::channel();
    let (go_on, may_go_on) = mpsc::channel::<()>();
    let (begun, may_go_on) = (Mutex::new(begun), Mutex::new(may_go_on));
    let _heard = breaker.subscribe(move |event| {
        if matches!(event, CircuitBreakerEvent::Failed { .. }) {
            begun.lock().unwrap().send(()).unwrap();
            may_go_on.lock().unwrap().recv().unwrap();
        }
    });
    std::thread::scope(|scope| {
        // Dropped with a failed assertion, so that nobody waits for ever.
        let go_on = go_on;
        let hangs = scope.spawn(|| call(false));
        has_begun.recv().unwrap();
        assert_eq!(call(true), Ok(1));
        drop(breaker.subscribe(|_| ()));
        let metrics = breaker.metrics();
        assert_eq!((metrics.success, metrics.failure, breaker.failure_count()), (1, 1, 0));
        assert!(!hangs.is_finished());
        go_on.send(()).unwrap();
        assert_eq!(hangs.join().unwrap(), Err(Fault::Fatal));
    });
}

#[test]
fn a_listener_may_use_the_breaker() {
    #[circuit_breaker(name = "events: re-entrant", failure_threshold = 1)]
    fn call(works: bool) -> Result<u32, Fault> {
        answer(works)
    }
    let (breaker, heard) = (breaker("events: re-entrant"), Heard::default());
    let _clock = ManualClock::install();
    let seen = heard.clone();
    let subscription = breaker.subscribe(move |event| {
        let breaker = get_circuit_breaker(event.name()).expect("it tells of itself");
        seen.0.lock().unwrap().push(format!("{}: {}", in_words(event), breaker.state()));
        if let CircuitBreakerEvent::StateChanged { change, .. } = event
            && change.to == CircuitState::Open
        {
            // A call, a subscription, a change of state, all from within.
            assert!(call(true).is_err());
            drop(breaker.subscribe(|_| ()));
            assert_eq!(breaker.metrics().failure, 1);
            breaker.reset();
        }
    });
    call(false).unwrap_err();
    drop(subscription);
    assert_eq!(breaker.state(), CircuitState::Closed);
    assert_eq!(call(true), Ok(1));
    assert_eq!(
        heard.take(),
        [
            "failed: open",
            "closed to open: a failure: open",
            // Its own events come after it has returned, in the order in which they happened.
            "rejected for Some(30s): closed",
            "open to closed: by hand: closed",
        ]
    );
}

#[test]
fn end_when_the_subscription_is_dropped_and_go_on_when_it_is_detached() {
    #[circuit_breaker(name = "events: drop")]
    fn call() -> Result<u32, Fault> {
        Ok(1)
    }
    let breaker = breaker("events: drop");
    let (dropped, detached) = (Heard::default(), Heard::default());
    let subscription = breaker.subscribe(dropped.listener());
    breaker.subscribe(detached.listener()).detach();
    call().unwrap();
    drop(subscription);
    call().unwrap();
    assert_eq!((dropped.take().len(), detached.take().len()), (1, 2));
    assert_eq!(Arc::strong_count(&dropped.0), 1, "what the listener held is gone with it");
}

#[test]
fn a_listener_may_end_its_own_subscription() {
    #[circuit_breaker(name = "events: own end")]
    fn call() -> Result<u32, Fault> {
        Ok(1)
    }
    let own: Arc<Mutex<Option<resilience::Subscription>>> = Arc::default();
    let (slot, heard) = (Arc::clone(&own), Heard::default());
    let listener = heard.listener();
    let subscription = breaker("events: own end").subscribe(move |event| {
        listener(event);
        drop(slot.lock().unwrap().take());
    });
    *own.lock().unwrap() = Some(subscription);
    call().unwrap();
    call().unwrap();
    assert_eq!(heard.take(), ["succeeded"]);
}

#[test]
fn other_settings_are_no_event_and_lose_no_listener() {
    #[circuit_breaker(name = "events: reconfigured", failure_threshold = 3)]
    fn call(works: bool) -> Result<u32, Fault> {
        answer(works)
    }
    let (breaker, heard) = (breaker("events: reconfigured"), Heard::default());
    let _subscription = breaker.subscribe(heard.listener());
    call(false).unwrap_err();
    breaker.reconfigure(breaker.policy().failure_threshold(2)).unwrap();
    assert_eq!((breaker.state(), breaker.failure_count()), (CircuitState::Closed, 1));
    call(false).unwrap_err();
    assert_eq!(heard.take(), ["failed", "failed", "closed to open: 2 failures in a row"]);
    assert_eq!(breaker.metrics().state_changes[0].cause, TransitionCause::Failures(2));
}
