//! What policies without an instance count, and the events of it: retries, timeouts, hedges and fallbacks.

use std::sync::{Arc, Mutex};

use resilience::testing::{self, ManualClock};
use resilience::{
    CircuitBreaker, CircuitBreakerPolicy, CircuitState, Deadline, Error, Event, FallbackChain, HedgePolicy,
    Pipeline, RetryMetrics, RetryPolicy, Subscription, circuit_breaker, fallback, get_fallback, get_hedge,
    get_retry, get_timeout, hedge, retry, subscribe, timeout, with_timeout,
};

use crate::support::{Fault, Runs, ms, named_here, secs};

/// The events of this test, without the durations of waits.
fn heard() -> (Arc<Mutex<Vec<Event>>>, Subscription) {
    let events: Arc<Mutex<Vec<Event>>> = Arc::default();
    let log = Arc::clone(&events);
    (events, subscribe(move |event| log.lock().unwrap().push(event.clone())))
}

fn ends(events: &Mutex<Vec<Event>>) -> Vec<String> {
    let events = std::mem::take(&mut *events.lock().unwrap());
    let reasons = events.into_iter().filter_map(|event| match event {
        Event::RetryEnded { attempts, reason, .. } => Some(format!("{attempts} {reason}")),
        _ => None,
    });
    reasons.collect()
}

fn retries(function: &str) -> RetryMetrics {
    get_retry(function).unwrap_or_else(|| panic!("no retry of `{function}`")).metrics()
}

#[test]
fn retries_are_counted_by_attempt_and_by_how_they_ended() {
    #[retry(max_attempts = 5, base_delay = "0s", except(Fault::Fatal))]
    fn sync_one(runs: &Runs, works_at: u32) -> Result<u32, Fault> {
        match runs.works_at(works_at) {
            _ if works_at == 0 => Err(Fault::Fatal),
            outcome => outcome,
        }
    }
    testing::isolated(|| {
        let (events, _subscription) = heard();
        let function = named_here!(sync_one);
        assert_eq!(retries(function), RetryMetrics::default());
        assert_eq!(sync_one(&Runs::new(), 1), Ok(1));
        assert_eq!(retries(function), RetryMetrics::default(), "a call that succeeds at once");
        assert!(events.lock().unwrap().is_empty());

        assert_eq!(sync_one(&Runs::new(), 3), Ok(3));
        sync_one(&Runs::new(), 9).unwrap_err();
        sync_one(&Runs::new(), 0).unwrap_err();
        let metrics = retries(function);
        assert_eq!((metrics.second_attempts, metrics.third_attempts, metrics.later_attempts), (2, 2, 2));
        assert_eq!((metrics.recovered, metrics.attempts, metrics.not_retryable), (1, 1, 1));
        assert_eq!(ends(&events), ["3 recovered", "5 attempts", "1 not_retryable"]);
    });
    assert_eq!(retries(named_here!(sync_one)), RetryMetrics::default(), "an isolated test has its own");
}

#[tokio::test(start_paused = true)]
async fn limits_that_end_retries_are_told_apart() {
    const BASE: RetryPolicy = RetryPolicy::new().base_delay(secs(1)).jitter(resilience::Jitter::None);

    #[retry(policy = BASE, max_elapsed = "500ms")]
    async fn elapsed() -> Result<u32, Fault> {
        Err(Fault::Transient(1))
    }
    #[retry(policy = BASE)]
    async fn deadline() -> Result<u32, Fault> {
        Err(Fault::Transient(1))
    }
    #[retry(policy = BASE, budget(name = "figures: empty", ratio = 0.001, min_per_second = 0))]
    async fn budget() -> Result<u32, Fault> {
        Err(Fault::Transient(1))
    }
    #[retry(policy = BASE, retry_after = |_| Some(secs(600)))]
    async fn hint() -> Result<u32, Fault> {
        Err(Fault::Transient(1))
    }
    #[retry(policy = BASE)]
    #[circuit_breaker(name = "figures: open")]
    async fn open() -> Result<u32, Fault> {
        Ok(1)
    }
    testing::isolated_async(async {
        let (events, _subscription) = heard();
        elapsed().await.unwrap_err();
        Deadline::after(ms(500)).scope_async(deadline()).await.unwrap_err();
        budget().await.unwrap_err();
        hint().await.unwrap_err();
        let _open = testing::force_open("figures: open");
        open().await.unwrap_err();
        let reasons = ["1 elapsed", "1 deadline", "1 budget", "1 retry_after", "1 not_retryable"];
        assert_eq!(ends(&events), reasons);
        assert_eq!(retries(named_here!(elapsed)).elapsed, 1);
        assert_eq!(retries(named_here!(deadline)).deadline, 1);
        assert_eq!(retries(named_here!(budget)).budget, 1);
        assert_eq!(retries(named_here!(hint)).retry_after, 1);
        assert_eq!(retries(named_here!(open)).not_retryable, 1);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn retries_that_recover_are_counted_in_every_form() {
    const POLICY: RetryPolicy = RetryPolicy::new().base_delay(ms(1));

    #[retry(policy = POLICY)]
    async fn attribute(runs: &Runs) -> Result<u32, Fault> {
        runs.works_at(2)
    }
    #[fallback(value = 0)]
    #[retry(policy = POLICY)]
    #[circuit_breaker(name = "figures: recovers", failure_threshold = 9)]
    #[timeout("1s")]
    async fn stack(runs: &Runs) -> Result<u32, Fault> {
        runs.works_at(2)
    }
    testing::isolated_async(async {
        let (events, _subscription) = heard();
        assert_eq!(attribute(&Runs::new()).await, Ok(2));
        assert_eq!(stack(&Runs::new()).await, Ok(2));
        let runs = Runs::new();
        let call = POLICY.named("figures: by hand").call_async(async || runs.works_at(2));
        assert_eq!(call.await.unwrap(), 2);
        let runs = Runs::new();
        let pipeline: Pipeline<u32, Fault> =
            Pipeline::builder().name("figures: pipeline").retry(POLICY).build().unwrap();
        assert_eq!(pipeline.call_async(async || runs.works_at(2)).await, Ok(2));
        assert_eq!(ends(&events), ["2 recovered"; 4]);
        for name in [named_here!(attribute), named_here!(stack), "figures: by hand", "figures: pipeline"] {
            let metrics = retries(name);
            assert_eq!((metrics.second_attempts, metrics.recovered), (1, 1), "{name}");
        }
        assert_eq!(pipeline.metrics().retry, retries("figures: pipeline"));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn timeouts_are_counted_in_every_form() {
    #[timeout("1s")]
    async fn by_site() -> Result<u32, Error> {
        std::future::pending().await
    }
    #[timeout(limit)]
    async fn of_each_call(limit: std::time::Duration) -> Result<u32, Error> {
        std::future::pending().await
    }
    testing::isolated_async(async {
        let (events, _subscription) = heard();
        for _ in 0..3 {
            by_site().await.unwrap_err();
            of_each_call(secs(1)).await.unwrap_err();
            let limited = with_timeout(secs(1), std::future::pending::<()>()).named("figures: limited");
            assert_eq!(limited.await.unwrap_err().policy_name(), "figures: limited");
        }
        let pipeline: Pipeline<u32, Error> =
            Pipeline::builder().name("figures: late").timeout(secs(1)).build().unwrap();
        pipeline.call_async(async || std::future::pending().await).await.unwrap_err();
        for function in [named_here!(by_site), named_here!(of_each_call)] {
            assert_eq!(get_timeout(function).unwrap().metrics().fired, 3, "{function}");
        }
        assert_eq!(pipeline.metrics().timeout.fired, 1);
        let rejected =
            |event: &Event| matches!(event, Event::Rejected { rejection, .. } if rejection.is_timed_out());
        assert_eq!(events.lock().unwrap().iter().filter(|event| rejected(event)).count(), 10);
    })
    .await;
}

#[test]
fn late_results_of_sync_bodies_are_counted_and_events() {
    #[timeout("1s", mode = "cooperative")]
    fn late(clock: &ManualClock) -> Result<u32, Error> {
        clock.advance(secs(2));
        Ok(1)
    }
    testing::isolated(|| {
        let (events, _subscription) = heard();
        let clock = ManualClock::install();
        late(&clock).unwrap_err();
        let metrics = get_timeout(named_here!(late)).unwrap().metrics();
        assert_eq!((metrics.fired, metrics.late, metrics.abandoned), (1, 1, 0));
        let [Event::Late { name, .. }, Event::Rejected { .. }] = &events.lock().unwrap()[..] else {
            panic!("{events:?}");
        };
        assert_eq!(*name, named_here!(late));
    });
}

#[tokio::test(start_paused = true)]
async fn hedges_are_counted_with_an_attribute_and_without() {
    #[hedge(after = "50ms")]
    async fn quick_second(runs: &Runs) -> Result<u32, Fault> {
        if runs.hit() == 1 { std::future::pending().await } else { Ok(2) }
    }
    #[hedge(after = "50ms", budget(name = "figures: no hedge", ratio = 0.001, min_per_second = 0))]
    async fn unpaid() -> Result<u32, Fault> {
        tokio::time::sleep(secs(1)).await;
        Ok(1)
    }
    testing::isolated_async(async {
        let (events, _subscription) = heard();
        assert_eq!(quick_second(&Runs::new()).await, Ok(2));
        assert_eq!(unpaid().await, Ok(1));
        let runs = Runs::new();
        let call = async || {
            if runs.hit() == 1 { std::future::pending().await } else { Ok::<_, Fault>(2) }
        };
        assert_eq!(HedgePolicy::new(ms(50)).call_async(call).await, Ok(2));
        let metrics = |name: &str| get_hedge(name).unwrap().metrics();
        let quick = metrics(named_here!(quick_second));
        assert_eq!((quick.made, quick.won, quick.refused), (1, 1, 0));
        assert_eq!(metrics(named_here!(unpaid)).refused, 1);
        let events = events.lock().unwrap();
        let rejected = |event: &Event| matches!(event, Event::HedgeRejected { .. });
        assert_eq!(events.iter().filter(|event| rejected(event)).count(), 1);
        let by_hand = events.iter().rev().find_map(|event| match event {
            Event::HedgeWon { function, .. } => Some(*function),
            _ => None,
        });
        assert_eq!(metrics(by_hand.unwrap()).won, 1);
    })
    .await;
}

fn cached(fault: Fault) -> Result<u32, Fault> {
    if fault == Fault::Fatal { Ok(7) } else { Err(fault) }
}

#[test]
fn fallbacks_are_counted_by_handler() {
    #[fallback(cached_of, |fault| if fault == Fault::Transient(2) { Ok(2) } else { Err(fault) })]
    fn two_handlers(outcome: &Result<u32, Fault>) -> Result<u32, Fault> {
        outcome.clone()
    }
    fn cached_of(_: &Result<u32, Fault>, fault: Fault) -> Result<u32, Fault> {
        cached(fault)
    }
    testing::isolated(|| {
        let (events, _subscription) = heard();
        let handle = get_fallback(named_here!(two_handlers)).unwrap();
        assert_eq!(two_handlers(&Ok(1)), Ok(1));
        assert!(handle.handlers().is_empty());
        assert_eq!(two_handlers(&Err(Fault::Fatal)), Ok(7));
        assert_eq!(two_handlers(&Err(Fault::Transient(2))), Ok(2));
        assert_eq!(two_handlers(&Err(Fault::Transient(3))), Err(Fault::Transient(3)));
        let [(first, 3), (second, 2)] = handle.handlers()[..] else { panic!("{:?}", handle.handlers()) };
        assert!(first == "cached_of" && second.starts_with('|'), "{first}, {second}");
        assert_eq!((handle.metrics().answered, handle.metrics().exhausted), (2, 1));
        let exhausted = events.lock().unwrap().last().cloned();
        assert!(matches!(exhausted, Some(Event::FallbackExhausted { .. })), "{exhausted:?}");
    });
}

#[tokio::test]
async fn fallbacks_of_async_functions_breakers_pipelines_and_chains_are_counted() {
    #[fallback(value = 5)]
    async fn by_value() -> Result<u32, Fault> {
        Err(Fault::Fatal)
    }
    #[circuit_breaker(name = "figures: answers", fallback = answer)]
    async fn breaker() -> Result<u32, Fault> {
        Ok(1)
    }
    async fn answer() -> Result<u32, Fault> {
        Ok(8)
    }
    testing::isolated_async(async {
        let (events, _subscription) = heard();
        assert_eq!(by_value().await, Ok(5));
        let handle = get_fallback(named_here!(by_value)).unwrap();
        assert_eq!((handle.handlers().len(), handle.metrics().answered), (1, 1));
        {
            let _open = testing::force_open("figures: answers");
            assert_eq!(breaker().await, Ok(8));
        }
        let handle = get_fallback(named_here!(breaker)).unwrap();
        assert_eq!(handle.handlers(), [("answer", 1)]);

        let sync: Pipeline<u32, Fault> =
            Pipeline::builder().name("figures: sync fallback").fallback(cached).build().unwrap();
        assert_eq!(sync.call(|| Err(Fault::Fatal)), Ok(7));
        sync.call(|| Err(Fault::Transient(1))).unwrap_err();
        let asynchronous = Pipeline::<u32, Fault>::builder()
            .name("figures: async fallback")
            .fallback_async(async |fault| cached(fault))
            .build()
            .unwrap();
        assert_eq!(asynchronous.call_async(async || Err(Fault::Fatal)).await, Ok(7));
        asynchronous.call_async(async || Err(Fault::Transient(1))).await.unwrap_err();
        for metrics in [sync.metrics(), asynchronous.metrics()] {
            assert_eq!((metrics.fallback.answered, metrics.fallback.exhausted), (1, 1));
        }
        events.lock().unwrap().clear();
        let chain =
            FallbackChain::new("figures: chain").add(|fault: &Fault| cached(fault.clone())).default(0);
        assert_eq!(chain.call(|| Err(Fault::Transient(1))), Ok(0));
        let told: Vec<_> = events.lock().unwrap().iter().map(Event::to_string).collect();
        let expected = ["figures: chain: fell back to handler 1", "figures: chain: fell back to handler 2"];
        assert_eq!(told, expected);
    })
    .await;
}

#[test]
fn transitions_of_a_breaker_are_counted_with_the_time_in_each_state() {
    testing::isolated(|| {
        let clock = ManualClock::install();
        let policy =
            CircuitBreakerPolicy::new().failure_threshold(1).half_open_max_calls(1).reset_timeout(secs(10));
        let breaker = CircuitBreaker::new("figures", policy).unwrap();
        clock.advance(secs(1));
        for _ in 0..40 {
            breaker.try_acquire().unwrap().failure();
            clock.advance(secs(10) + secs(3)); // half-open by the clock for three seconds
            breaker.try_acquire().unwrap().success();
            clock.advance(secs(2));
        }
        breaker.disable();
        clock.advance(secs(5));
        let metrics = breaker.metrics();
        let times = metrics.time_in_state;
        assert_eq!((times.closed, times.open, times.half_open), (secs(81), secs(400), secs(120)));
        assert_eq!(times.get(CircuitState::Disabled), secs(5));
        let count = |from, to| {
            let mut counts = metrics.transitions.iter();
            counts.find(|counted| (counted.from, counted.to) == (from, to)).map(|counted| counted.count)
        };
        let [closed, open, half_open] = [CircuitState::Closed, CircuitState::Open, CircuitState::HalfOpen];
        assert_eq!([count(closed, open), count(open, half_open), count(half_open, closed)], [Some(40); 3]);
        assert_eq!((count(closed, CircuitState::Disabled), count(half_open, open)), (Some(1), None));
        assert_eq!(metrics.transitions.len(), 4);
        // Without a call in between.
        breaker.enable();
        breaker.try_acquire().unwrap().failure();
        clock.advance(secs(12));
        let later = breaker.metrics().time_in_state;
        assert_eq!((later.open, later.half_open), (secs(410), secs(122)));
    });
}
