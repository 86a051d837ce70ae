//! A pipeline and the attributes, on the same histories: every answer, count and moment is the same.

use std::sync::Mutex;
use std::time::Duration;

use proptest::prelude::*;
use resilience::{
    Bulkhead, BulkheadPolicy, CircuitBreaker, CircuitBreakerPolicy, Jitter, Pipeline, PipelineBuilder,
    RateLimitPolicy, RateLimiter, RetryPolicy, bulkhead, circuit_breaker, fallback, get_bulkhead,
    get_circuit_breaker, get_rate_limiter, rate_limit, retry, testing, timeout,
};

use crate::support::{Fault, ms};

/// How one run of the body goes.
#[derive(Clone, Copy, Debug)]
struct Turn {
    takes: u64,
    ends: End,
}

#[derive(Clone, Copy, Debug)]
enum End {
    Works,
    Fails,
    FailsFatally,
}

/// The turns of a call, one for each attempt; the last one goes on for ever.
#[derive(Debug)]
struct Script(Mutex<(Vec<Turn>, usize)>);

impl Script {
    fn new(turns: Vec<Turn>) -> Self {
        Self(Mutex::new((turns, 0)))
    }

    fn runs(&self) -> usize {
        self.0.lock().unwrap().1
    }

    async fn run(&self) -> Result<u32, Fault> {
        let turn = {
            let (turns, at) = &mut *self.0.lock().unwrap();
            *at += 1;
            turns[(*at - 1).min(turns.len() - 1)]
        };
        tokio::time::sleep(ms(turn.takes)).await;
        match turn.ends {
            End::Works => Ok(1),
            End::Fails => Err(Fault::Transient(0)),
            End::FailsFatally => Err(Fault::Fatal),
        }
    }
}

const RETRY: RetryPolicy = RetryPolicy::new().max_attempts(3).base_delay(ms(20)).jitter(Jitter::None);
const BREAKER: CircuitBreakerPolicy =
    CircuitBreakerPolicy::new().failure_threshold(3).reset_timeout(ms(100)).half_open_max_calls(1);
const BULKHEAD: BulkheadPolicy = BulkheadPolicy::new(2).max_wait(ms(30));
const RATE: RateLimitPolicy = RateLimitPolicy::new().rate(20).burst(3).max_wait(ms(60));
const ADAPTIVE: RateLimitPolicy = RateLimitPolicy::new().rate(30).burst(4).max_wait(ms(60)).decrease(0.5);
const TOTAL: Duration = ms(150);
const EACH: Duration = ms(50);

fn cached(error: Fault) -> Result<u32, Fault> {
    if error == Fault::Fatal { Err(error) } else { Ok(99) }
}

/// The same policies as attributes and as a pipeline.
macro_rules! stacks {
    ($($name:ident: $(#[$attribute:meta])* => $build:expr;)*) => {
        $(mod $name {
            use super::*;

            $(#[$attribute])*
            async fn annotated(script: &Script) -> Result<u32, Fault> {
                script.run().await
            }

            async fn both(history: History) -> (Account, Account) {
                let name = concat!(module_path!(), "::annotated");
                let attributes = testing::isolated_async(history.clone().play(name, annotated)).await;
                let by_hand = testing::isolated_async(async {
                    let build: fn(PipelineBuilder<u32, Fault>) -> PipelineBuilder<u32, Fault> = $build;
                    let pipeline = build(Pipeline::builder().name("by hand")).build().unwrap();
                    history.play("by hand", async |script| pipeline.call_async(|| script.run()).await).await
                })
                .await;
                (attributes, by_hand)
            }

            #[test]
            fn attributes_and_pipeline_agree() {
                let config = ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() };
                proptest!(config, |(history in history())| {
                    let runtime = tokio::runtime::Builder::new_current_thread()
                        .enable_time()
                        .start_paused(true)
                        .build()
                        .unwrap();
                    let (attributes, by_hand) = runtime.block_on(both(history));
                    prop_assert_eq!(attributes, by_hand);
                });
            }
        })*
    };
}

stacks! {
    recommended:
        #[fallback(|error| super::cached(error))]
        #[timeout(TOTAL)]
        #[retry(policy = RETRY)]
        #[circuit_breaker(policy = BREAKER)]
        #[bulkhead(policy = BULKHEAD)]
        #[timeout(EACH)]
        => |b| b.fallback(cached).timeout(TOTAL).retry(RETRY).circuit_breaker(BREAKER).bulkhead(BULKHEAD).timeout(EACH);
    breaker_outside:
        #[circuit_breaker(policy = BREAKER)]
        #[retry(policy = RETRY)]
        #[bulkhead(policy = BULKHEAD)]
        => |b| b.circuit_breaker(BREAKER).retry(RETRY).bulkhead(BULKHEAD);
    bulkhead_outside:
        #[bulkhead(policy = BULKHEAD)]
        #[timeout(EACH)]
        #[retry(policy = RETRY)]
        #[circuit_breaker(policy = BREAKER)]
        => |b| b.bulkhead(BULKHEAD).timeout(EACH).retry(RETRY).circuit_breaker(BREAKER);
    timeout_between:
        #[timeout(TOTAL)]
        #[circuit_breaker(policy = BREAKER)]
        #[timeout(EACH)]
        #[bulkhead(policy = BULKHEAD)]
        => |b| b.timeout(TOTAL).circuit_breaker(BREAKER).timeout(EACH).bulkhead(BULKHEAD);
    limited:
        #[timeout(TOTAL)]
        #[retry(policy = RETRY)]
        #[rate_limit(policy = RATE)]
        #[bulkhead(policy = BULKHEAD)]
        => |b| b.timeout(TOTAL).retry(RETRY).rate_limit(RATE).bulkhead(BULKHEAD);
    limited_by_failures:
        #[circuit_breaker(policy = BREAKER)]
        #[rate_limit(policy = ADAPTIVE, on(Fault::Transient(_)))]
        #[timeout(EACH)]
        => |b| b
            .circuit_breaker(BREAKER)
            .rate_limit_with(ADAPTIVE, |layer| layer.when(|error| matches!(error, Fault::Transient(_))))
            .timeout(EACH);
    filters:
        #[retry(policy = RETRY, except(Fault::Fatal), rejected(timed_out, circuit_open))]
        #[circuit_breaker(policy = BREAKER, on(Fault::Fatal), rejected(timed_out, bulkhead_full))]
        #[timeout(EACH)]
        #[bulkhead(policy = BULKHEAD)]
        => |b| b
            .retry_with(RETRY, |layer| {
                layer
                    .when(|error| !matches!(error, Fault::Fatal))
                    .rejected([resilience::ErrorKind::TimedOut, resilience::ErrorKind::CircuitOpen])
            })
            .circuit_breaker_with(BREAKER, |layer| {
                layer
                    .when(|error| matches!(error, Fault::Fatal))
                    .rejected([resilience::ErrorKind::TimedOut, resilience::ErrorKind::BulkheadFull])
            })
            .timeout(EACH)
            .bulkhead(BULKHEAD);
}

/// Rounds of calls that begin together, with pauses between the rounds.
#[derive(Clone, Debug)]
struct History(Vec<(u64, [Vec<Turn>; 3])>);

/// What a history came to.
#[derive(Debug, PartialEq)]
struct Account {
    calls: Vec<(Result<u32, String>, Duration, usize)>,
    breaker: Option<String>,
    limiter: Option<String>,
    bulkhead: Option<String>,
}

impl History {
    async fn play(self, name: &str, call: impl AsyncFn(&Script) -> Result<u32, Fault>) -> Account {
        let start = tokio::time::Instant::now();
        let mut calls = Vec::new();
        for (pause, turns) in self.0 {
            tokio::time::sleep(ms(pause)).await;
            let [first, second, third] = turns.map(Script::new);
            let one = async |script: &Script| {
                let result = call(script).await;
                // Names differ by design, and nothing else may.
                let result = result.map_err(|fault| fault.to_string().replace(name, "NAME"));
                (result, start.elapsed(), script.runs())
            };
            let (first, second, third) = tokio::join!(one(&first), one(&second), one(&third));
            calls.extend([first, second, third]);
        }
        let told = |breaker: CircuitBreaker| {
            let metrics = breaker.metrics();
            let changes: Vec<_> =
                metrics.state_changes.iter().map(|change| (change.from, change.to, change.cause)).collect();
            let counts = (metrics.success, metrics.failure, metrics.rejected, metrics.ignored);
            format!("{:?} {counts:?} {changes:?}", breaker.state())
        };
        let passed = |limiter: RateLimiter| {
            format!("{:?} {} {}", limiter.metrics(), limiter.rate(), limiter.available())
        };
        let seen = |bulkhead: Bulkhead| format!("{:?}", bulkhead.metrics());
        Account {
            calls,
            breaker: get_circuit_breaker(name).map(told),
            limiter: get_rate_limiter(name).map(passed),
            bulkhead: get_bulkhead(name).map(seen),
        }
    }
}

fn history() -> impl Strategy<Value = History> {
    let ends = prop_oneof![3 => Just(End::Works), 4 => Just(End::Fails), 1 => Just(End::FailsFatally)];
    // Multiples of ten, with an odd number added: no two timers of different purposes end in the same millisecond.
    let turn = (0..9_u64, ends).prop_map(|(tens, ends)| Turn { takes: tens * 10 + 3, ends });
    let turns = || prop::collection::vec(turn.clone(), 1..4);
    let round = (0..15_u64, [turns(), turns(), turns()]);
    prop::collection::vec(round.prop_map(|(tens, turns)| (tens * 10 + 7, turns)), 1..7).prop_map(History)
}
