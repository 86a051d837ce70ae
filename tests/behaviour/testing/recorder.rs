//! What the recorder hears, and what its assertions say.

use resilience::CircuitState::{Closed, HalfOpen, Open};
use resilience::testing::{self, Event, ManualClock};
use resilience::{
    ErrorKind, HedgePolicy, RetryEnd, bulkhead, circuit_breaker, fallback, get_bulkhead, hedge, rate_limit,
    retry, timeout,
};

use crate::support::{Fault, Runs, ms, named_here, panic_of, secs};

#[fallback(cached, value = 0)]
#[retry(max_attempts = 3, base_delay = "1s", jitter = "none", rejected(circuit_open))]
#[circuit_breaker(
    name = "recorder: quotes",
    failure_threshold = 2,
    reset_timeout = "30s",
    half_open_max_calls = 1
)]
async fn quote(runs: &Runs) -> Result<u32, Fault> {
    runs.works_at(3)
}

async fn cached(_: &Runs) -> Result<u32, Fault> {
    Err(Fault::Fatal)
}

#[tokio::test(start_paused = true)]
async fn tells_the_story_of_a_call() {
    testing::isolated_async(async {
        let events = testing::record();
        let _instant = testing::instant();
        assert_eq!(quote(&Runs::new()).await, Ok(3));
        events.assert_attempts("recorder::quote", 3);
        events.assert_attempts("recorder: quotes", 3);
        events.assert_delays("recorder::quote", [secs(1), secs(2), secs(28)]);
        events.assert_transitions("recorder: quotes", [Closed, Open, HalfOpen, Closed]);
        events.assert_rejections("recorder: quotes", ErrorKind::CircuitOpen, 1);
        events.assert_fallbacks("recorder::quote", 0);
        assert_eq!(events.retry_ends("recorder::quote"), [RetryEnd::Recovered]);
        let story: Vec<_> = events.events().iter().map(Event::to_string).collect();
        let quote = named_here!(quote);
        assert_eq!(
            story,
            [
                format!("{quote}: attempted"),
                format!("{quote}: attempt 1 failed, the next one in 1s"),
                format!("{quote}: attempted"),
                "recorder: quotes: closed to open: 2 failures in a row".to_owned(),
                format!("{quote}: attempt 2 failed, the next one in 2s"),
                "recorder: quotes: rejected: circuit breaker `recorder: quotes` is open; retry after 28s"
                    .to_owned(),
                format!("{quote}: attempt 3 failed, the next one in 28s"),
                "recorder: quotes: open to half-open: reset timeout over".to_owned(),
                format!("{quote}: attempted"),
                "recorder: quotes: half-open to closed: a trial call succeeded".to_owned(),
                format!("{quote}: ended after 3 attempts: recovered"),
            ]
        );
        events.clear();
        assert!(events.events().is_empty());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn hears_every_fallback_that_is_asked() {
    testing::isolated_async(async {
        let events = testing::record();
        let _instant = testing::instant();
        let fault = testing::inject("recorder::quote").fail(2, || Fault::Fatal).fail(1, || Fault::Fatal);
        assert_eq!(quote(&Runs::new()).await, Ok(0));
        fault.assert_calls(3);
        assert_eq!(events.fallbacks("recorder::quote"), ["cached", "value = 0"]);
        events.assert_fallbacks("recorder::quote", 2);
    })
    .await;
}

#[test]
fn hears_the_fallbacks_of_a_breaker_and_of_a_timeout() {
    #[circuit_breaker(name = "recorder: own fallback", fallback = |_| Ok(1))]
    fn refused() -> Result<u32, Fault> {
        Ok(0)
    }
    #[timeout("5s", mode = "cooperative", fallback = |_| Ok(2))]
    fn late() -> Result<u32, Fault> {
        Ok(0)
    }
    testing::isolated(|| {
        let (events, _clock) = (testing::record(), ManualClock::install());
        let _fault = testing::inject("recorder::late").delay(1, secs(5));
        resilience::get_circuit_breaker("recorder: own fallback").expect("above").force_open();
        assert_eq!((refused(), late()), (Ok(1), Ok(2)));
        assert_eq!(events.fallbacks("recorder::refused").len() + events.fallbacks("recorder::late").len(), 2);
        events.assert_rejections(named_here!(late), ErrorKind::TimedOut, 1);
        events.assert_attempts("recorder::refused", 0);
    });
}

#[tokio::test(start_paused = true)]
async fn hears_each_kind_of_rejection_by_the_policys_name() {
    #[bulkhead(name = "recorder: slots", max_concurrent = 1)]
    fn crowded() -> Result<u32, Fault> {
        Ok(1)
    }
    #[timeout("5s")]
    async fn pending() -> Result<u32, Fault> {
        std::future::pending().await
    }
    #[timeout("5s")]
    fn detached() -> Result<u32, Fault> {
        Ok(1)
    }
    #[rate_limit(name = "recorder: rate", rate = 1)]
    fn limited() -> Result<u32, Fault> {
        Ok(1)
    }
    let events = testing::record();
    testing::isolated(|| {
        limited().unwrap();
        limited().unwrap_err();
    });
    events.assert_rejections("recorder: rate", ErrorKind::RateLimited, 1);
    testing::isolated(|| {
        let _slot = get_bulkhead("recorder: slots").expect("above").acquire(secs(0));
        crowded().unwrap_err();
    });
    pending().await.unwrap_err();
    {
        let _instant = testing::instant();
        let _fault = testing::inject(named_here!(detached)).delay(1, secs(6));
        detached().unwrap_err();
    }
    events.assert_rejections("recorder: slots", ErrorKind::BulkheadFull, 1);
    events.assert_rejections("recorder: slots", ErrorKind::TimedOut, 0);
    events.assert_rejections(named_here!(pending), ErrorKind::TimedOut, 1);
    events.assert_rejections(named_here!(detached), ErrorKind::TimedOut, 1);
    assert_eq!(events.rejections("recorder: slots")[0].kind(), ErrorKind::BulkheadFull);
}

#[tokio::test(start_paused = true)]
async fn hears_which_calls_a_hedge_makes_and_which_of_them_answers() {
    #[hedge(after = "50ms", max = 2)]
    async fn hedged(runs: &Runs, times: [u64; 3]) -> Result<u32, Fault> {
        let run = runs.hit();
        tokio::time::sleep(ms(times[run as usize - 1])).await;
        Ok(run)
    }
    let events = testing::record();
    for (times, winner) in [([20, 0, 0], 1), ([70, 70, 0], 1), ([500, 500, 9], 3)] {
        assert_eq!(hedged(&Runs::new(), times).await, Ok(winner));
    }
    events.assert_attempts("recorder::hedged", 1 + 2 + 3);
    events.assert_hedges("recorder::hedged", 1 + 2);
    assert_eq!(events.hedge_winners("recorder::hedged"), [1, 3]);
    let function = named_here!(hedged);
    let told = events.to_string();
    assert!(told.contains(&format!("{function}: call 2 made beside the first\n")), "{told}");
    assert!(told.ends_with(&format!("{function}: call 3 gave the answer")), "{told}");
    let panic = panic_of(|| events.assert_hedges("recorder::hedged", 4));
    assert!(panic.starts_with("further calls of `recorder::hedged`: 3, expected 4\n"), "{panic}");

    // By hand there is no function to ask for.
    events.clear();
    let slow_then_quick = Runs::new();
    let call = async || {
        if slow_then_quick.hit() == 1 { std::future::pending().await } else { Ok::<_, Fault>(2) }
    };
    assert_eq!(HedgePolicy::new(ms(50)).call_async(call).await, Ok(2));
    let [Event::Hedged { function, call: 2, .. }, Event::HedgeWon { call: 2, .. }] = events.events()[..]
    else {
        panic!("{events}");
    };
    assert!(function.starts_with(module_path!()), "{function}");
}

#[tokio::test(start_paused = true)]
async fn injected_faults_happen_to_each_call_of_a_hedge() {
    #[hedge(after = "50ms")]
    async fn faulty() -> Result<u32, Fault> {
        Ok(1)
    }
    let events = testing::record();
    let fault = testing::inject("recorder::faulty").delay(1, secs(1)).fail(1, || Fault::Fatal);
    assert_eq!(faulty().await, Ok(1));
    fault.assert_calls(2);
    events.assert_hedges("recorder::faulty", 1);
}

#[test]
fn a_failed_assertion_says_what_was_recorded() {
    #[retry(max_attempts = 2, base_delay = "1s", jitter = "none")]
    fn fails() -> Result<u32, Fault> {
        Err(Fault::Fatal)
    }
    let (events, _instant) = (testing::record(), testing::instant());
    assert_eq!(
        panic_of(|| events.assert_transitions("recorder: quotes", [Closed, Open])),
        "states of `recorder: quotes`: [], expected [Closed, Open]\nnothing was recorded"
    );
    fails().unwrap_err();
    let function = named_here!(fails);
    let recorded = format!(
        "recorded, in order:\n   1. {function}: attempted\n   2. {function}: attempt 1 failed, the next one in 1s\n   \
         3. {function}: attempted\n   4. {function}: ended after 2 attempts: attempts"
    );
    let panic = panic_of(|| events.assert_attempts("recorder::fails", 3));
    assert_eq!(panic, format!("attempts of `recorder::fails`: 2, expected 3\n{recorded}"));
    let panic = panic_of(|| events.assert_delays("recorder::fails", [secs(2)]));
    assert_eq!(panic, format!("delays of `recorder::fails`: [1s], expected [2s]\n{recorded}"));
    let panic = panic_of(|| events.assert_fallbacks("recorder::fails", 1));
    assert_eq!(panic, format!("fallbacks of `recorder::fails`: 0, expected 1\n{recorded}"));
    let panic = panic_of(|| events.assert_rejections("recorder::fails", ErrorKind::TimedOut, 1));
    assert_eq!(
        panic,
        format!("rejections of the kind TimedOut by `recorder::fails`: 0, expected 1\n{recorded}")
    );
    assert!(panic_of(|| events.attempts("nobody")).starts_with("no annotated function is called `nobody`"));
}

#[test]
fn tests_side_by_side_do_not_hear_each_other() {
    #[retry(max_attempts = 1)]
    fn heard() -> Result<u32, Fault> {
        Ok(1)
    }
    let events = testing::record();
    std::thread::scope(|scope| {
        scope.spawn(|| heard().unwrap());
        scope.spawn(testing::carry_fn(|| heard().unwrap()));
    });
    events.assert_attempts("recorder::heard", 1);
    let nested = testing::record();
    heard().unwrap();
    drop(nested);
    events.assert_attempts("recorder::heard", 2);
}
