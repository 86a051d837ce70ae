//! What a `tracing` subscriber is told.

use std::fmt::{self, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::task::Poll;
use std::time::Duration;

use resilience::{
    Bulkhead, BulkheadPolicy, CircuitBreaker, CircuitBreakerPolicy, Error, Jitter, Pipeline, RateLimitPolicy,
    RateLimiter, RetryPolicy, hedge, timeout,
};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber, span};

use crate::support::{Runs, poll_now};

/// Keeps each event as its level and its fields, and runs some code before that.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<(Level, String)>>>, Option<Arc<dyn Fn() + Send + Sync>>);

struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let _ = write!(self.0, "{}={value:?} ", field.name());
    }
}

impl Subscriber for Notes {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("resilience")
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        if let Some(before) = &self.1 {
            before();
        }
        let mut fields = Fields(String::new());
        event.record(&mut fields);
        self.0.lock().unwrap().push((*event.metadata().level(), fields.0));
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

#[tokio::test(start_paused = true)]
async fn an_opened_circuit_is_a_warning_and_a_half_open_or_closed_one_is_news() {
    let notes = Notes::default();
    let listening = tracing::subscriber::set_default(notes.clone());
    let breaker = CircuitBreaker::new("traced", CircuitBreakerPolicy::new().failure_threshold(2)).unwrap();
    breaker.try_acquire().unwrap().failure();
    breaker.try_acquire().unwrap().failure();
    tokio::time::advance(breaker.time_until_reset().unwrap()).await;
    breaker.try_acquire().unwrap().ignore();
    breaker.reset();
    drop(listening);
    let notes = notes.0.lock().unwrap();
    let [(opened, fields), (half_open, _), (closed, _)] = &notes[..] else { panic!("{notes:?}") };
    assert_eq!((*opened, *half_open, *closed), (Level::WARN, Level::INFO, Level::INFO));
    for part in ["name=\"traced\"", "from=\"closed\"", "to=\"open\"", "cause=2 failures in a row"] {
        assert!(fields.contains(part), "{fields}");
    }
}

#[test]
fn further_calls_and_their_answers_are_told_to_who_looks_closely() {
    #[hedge(after = "0s")]
    async fn traced(runs: &Runs) -> Result<u32, Error> {
        if runs.hit() == 1 { std::future::pending().await } else { Ok(2) }
    }
    let notes = Notes::default();
    tracing::subscriber::with_default(notes.clone(), || {
        let runs = Runs::new();
        assert_eq!(poll_now(std::pin::pin!(traced(&runs))), Poll::Ready(Ok(2)));
    });
    let notes = notes.0.lock().unwrap();
    let [(made, call), (answered, winner)] = &notes[..] else { panic!("{notes:?}") };
    assert_eq!((*made, *answered), (Level::DEBUG, Level::DEBUG));
    for fields in [call, winner] {
        assert!(fields.contains("tracing::traced") && fields.contains("call=2"), "{fields}");
    }
}

/// A subscriber is foreign code as a listener is: no lock is held while it runs, or this would not end.
#[test]
fn another_rate_is_news_and_a_subscriber_may_use_the_rate_limiter() {
    let limiter = RateLimiter::new("traced", RateLimitPolicy::new().rate(10).decrease(0.5)).unwrap();
    let used = limiter.clone();
    let notes = Notes(Arc::default(), Some(Arc::new(move || assert_eq!(used.metrics().queued, 0))));
    tracing::subscriber::with_default(notes.clone(), || {
        let admission = limiter.try_acquire(1).unwrap();
        limiter.failed(admission);
    });
    let notes = notes.0.lock().unwrap();
    let [(level, fields)] = &notes[..] else { panic!("{notes:?}") };
    assert_eq!(*level, Level::INFO);
    for part in ["name=\"traced\"", "from=10.0", "to=5.0", "cause=a call failed"] {
        assert!(fields.contains(part), "{fields}");
    }
}

#[test]
fn a_slow_subscriber_gets_changes_of_a_breaker_in_order() {
    let breaker = CircuitBreaker::new("traced", CircuitBreakerPolicy::new()).unwrap();
    let (busy, is_busy) = mpsc::channel();
    let (go, may_go) = mpsc::channel::<()>();
    let (is_first, may_go) = (AtomicBool::new(true), Mutex::new(may_go));
    let slow_at_first = move || {
        if is_first.swap(false, Ordering::Relaxed) {
            busy.send(()).unwrap();
            let _ = may_go.lock().unwrap().recv_timeout(Duration::from_secs(5));
        }
    };
    let notes = Notes(Arc::default(), Some(Arc::new(slow_at_first)));
    std::thread::scope(|scope| {
        scope.spawn(|| tracing::subscriber::with_default(notes.clone(), || breaker.force_open()));
        is_busy.recv().unwrap();
        tracing::subscriber::with_default(notes.clone(), || breaker.reset());
        assert!(notes.0.lock().unwrap().is_empty(), "the first change is first");
        go.send(()).unwrap();
    });
    let notes = notes.0.lock().unwrap();
    let [(opened, _), (closed, fields)] = &notes[..] else { panic!("{notes:?}") };
    assert_eq!((*opened, *closed), (Level::WARN, Level::INFO));
    assert!(fields.contains("to=\"closed\""), "{fields}");
}

/// In a registry of its own: the tests of the catalogue use every name of the program's.
#[cfg(feature = "testing")]
#[test]
fn settings_that_disagree_are_a_warning_at_the_first_call_of_the_name() {
    #[resilience::circuit_breaker(name = "tracing: conflict", failure_threshold = 2)]
    fn one() -> Option<u32> {
        Some(1)
    }
    #[resilience::circuit_breaker(name = "tracing: conflict", failure_threshold = 3)]
    fn other() -> Option<u32> {
        Some(2)
    }
    let notes = Notes::default();
    tracing::subscriber::with_default(notes.clone(), || {
        let called = resilience::testing::isolated(|| (other(), one(), other()));
        assert_eq!(called, (Some(2), Some(1), Some(2)));
    });
    let problems = resilience::verify().unwrap_err();
    let conflict = problems.iter().find(|problem| problem.name() == "tracing: conflict").unwrap();
    let notes = notes.0.lock().unwrap();
    let [(level, fields)] = &notes[..] else { panic!("{notes:?}") };
    assert_eq!(*level, Level::WARN);
    assert!(fields.contains(&conflict.to_string()), "{fields}");
}

#[test]
fn a_sync_function_that_blocks_a_runtimes_thread_is_reported_once() {
    #[timeout("1h")]
    fn blocks() -> Result<u32, resilience::Error> {
        Ok(1)
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let notes = Notes::default();
    tracing::subscriber::with_default(notes.clone(), || {
        assert_eq!(blocks(), Ok(1));
        assert!(notes.0.lock().unwrap().is_empty(), "no runtime is blocked");
        runtime.block_on(async {
            assert_eq!(blocks(), Ok(1));
            assert_eq!(blocks(), Ok(1));
        });
    });
    let notes = notes.0.lock().unwrap();
    let [(level, fields)] = &notes[..] else { panic!("{notes:?}") };
    assert_eq!(*level, Level::WARN);
    assert!(fields.contains(file!()) && fields.contains("spawn_blocking"), "{fields}");
}

#[test]
fn so_is_a_call_by_hand_with_its_own_line() {
    const SHORT: Duration = Duration::from_nanos(1);
    const RETRY: RetryPolicy = RetryPolicy::new().max_attempts(2).base_delay(SHORT).jitter(Jitter::None);
    let queue = BulkheadPolicy::new(1).max_wait(SHORT);
    let bulkhead = Bulkhead::new("blocks", queue).unwrap();
    let rate = RateLimitPolicy::new().rate(1_000).burst(1).max_wait(Duration::from_secs(1));
    let limiter = RateLimiter::new("blocks", rate).unwrap();
    let retrying: Pipeline<u32, Error> = Pipeline::builder().retry(RETRY).build().unwrap();
    let queueing: Pipeline<u32, Error> = Pipeline::builder().bulkhead(bulkhead.clone()).build().unwrap();
    let in_turn: Pipeline<u32, Error> = Pipeline::builder().rate_limit(limiter.clone()).build().unwrap();
    let down = || bulkhead.try_acquire().map(|_| 1);

    let first = line!() + 2;
    let calls: [&dyn Fn(); 9] = [
        &|| drop(RETRY.call(down)),
        &|| drop(RETRY.when(|_| true).call(down)),
        &|| drop(retrying.call(down)),
        &|| drop(queueing.call(|| Ok(1))),
        &|| drop(in_turn.call(|| Ok(1))),
        &|| drop(bulkhead.acquire(SHORT)),
        &|| drop(bulkhead.call(|| Ok::<_, Error>(1))),
        &|| drop(limiter.acquire(1)),
        &|| drop(limiter.call(|| Ok::<_, Error>(1))),
    ];
    // Its clock stands still, so that the limiter's next turn is a wait away at each call.
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let notes = Notes::default();
    runtime.block_on(async {
        let _slot = bulkhead.try_acquire().unwrap();
        limiter.try_acquire(1).unwrap();
        tracing::subscriber::with_default(notes.clone(), || {
            for call in calls {
                call();
                call();
            }
            // Neither waits, and a zero is no wait.
            bulkhead.try_acquire().unwrap_err();
            bulkhead.acquire(Duration::ZERO).unwrap_err();
            limiter.try_acquire(1).unwrap_err();
        });
    });
    let mut notes = notes.0.lock().unwrap();
    // The rejections and retries are for who looks closely.
    notes.retain(|(level, _)| *level == Level::WARN);
    let told: Vec<_> = (first..first + 9).map(|line| format!("{}:{line} waits", file!())).collect();
    assert_eq!(notes.len(), told.len(), "{notes:?}");
    for ((_, fields), place) in notes.iter().zip(&told) {
        assert!(fields.contains(place), "{fields}: {place}");
    }
}

/// A subscriber that knows the current span of each thread.
#[derive(Clone, Default)]
struct Current(
    Arc<Mutex<Vec<(std::thread::ThreadId, span::Id)>>>,
    Arc<Mutex<Option<&'static Metadata<'static>>>>,
);

impl Subscriber for Current {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, attributes: &span::Attributes<'_>) -> span::Id {
        *self.1.lock().unwrap() = Some(attributes.metadata());
        span::Id::from_u64(attributes.metadata().name().len() as u64)
    }

    fn current_span(&self) -> tracing_core::span::Current {
        let metadata = *self.1.lock().unwrap();
        match (self.spans_here().last(), metadata) {
            (Some(span), Some(metadata)) => {
                tracing_core::span::Current::new(span::Id::from_u64(*span), metadata)
            }
            _ => tracing_core::span::Current::none(),
        }
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, _: &Event<'_>) {}

    fn enter(&self, span: &span::Id) {
        self.0.lock().unwrap().push((std::thread::current().id(), span.clone()));
    }

    fn exit(&self, span: &span::Id) {
        let here = (std::thread::current().id(), span.clone());
        let mut entered = self.0.lock().unwrap();
        let last = entered.iter().rposition(|entry| *entry == here);
        last.map(|last| entered.remove(last));
    }
}

impl Current {
    fn spans_here(&self) -> Vec<u64> {
        let here = std::thread::current().id();
        let entered = self.0.lock().unwrap();
        entered.iter().filter(|(thread, _)| *thread == here).map(|(_, span)| span.into_u64()).collect()
    }
}

#[test]
fn a_detached_body_runs_in_the_callers_span_and_subscriber() {
    #[resilience::timeout("10s")]
    fn spans(current: Current) -> Result<(Vec<u64>, std::thread::ThreadId), Error> {
        let is_subscribed = tracing::dispatcher::get_default(tracing::Dispatch::is::<Current>);
        assert!(is_subscribed);
        Ok((current.spans_here(), std::thread::current().id()))
    }
    let current = Current::default();
    tracing::subscriber::with_default(current.clone(), || {
        tracing::info_span!("request").in_scope(|| {
            let (spans, thread) = spans(current.clone()).unwrap();
            assert_eq!(spans, ["request".len() as u64]);
            assert_ne!(thread, std::thread::current().id());
        });
        let (spans, _) = spans(current.clone()).unwrap();
        assert!(spans.is_empty(), "nothing of the call before is left on the thread");
    });
}

#[tokio::test]
async fn a_sync_health_check_runs_in_the_callers_span_and_subscriber() {
    let current = Current::default();
    let seen = Arc::new(Mutex::new(None));
    let (subscriber, answer) = (current.clone(), Arc::clone(&seen));
    let registry = resilience::HealthRegistry::new();
    let check = move || {
        let is_subscribed = tracing::dispatcher::get_default(tracing::Dispatch::is::<Current>);
        *answer.lock().unwrap() = Some((is_subscribed, subscriber.spans_here()));
        true
    };
    registry.register("db", Duration::from_secs(10), check).unwrap();
    let listening = tracing::subscriber::set_default(current.clone());
    {
        let span = tracing::info_span!("request");
        let _entered = span.enter();
        // The test's own thread is the only one that polls.
        registry.run_all().await;
    }
    drop(listening);
    assert_eq!(*seen.lock().unwrap(), Some((true, vec!["request".len() as u64])));
}
