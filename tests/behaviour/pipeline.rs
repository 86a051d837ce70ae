//! The policies by hand: order, sharing, names, and what doesn't make a pipeline.

use std::sync::Arc;
use std::time::Duration;

use resilience::{
    Bulkhead, BulkheadPolicy, CircuitBreaker, CircuitBreakerPolicy, CircuitState, Error, ErrorKind, Jitter,
    Pipeline, PipelineError, PolicyKind, RateLimitPolicy, RateLimiter, RetryBudgetPolicy, RetryPolicy,
    TimeoutPolicy, catalog, deadline, get_async_pipeline, get_bulkhead, get_circuit_breaker, get_pipeline,
};

use crate::support::{Fault, Log, Runs, assert_send, ms, poll_times, secs, timed};

const TWICE: RetryPolicy = RetryPolicy::new().max_attempts(2).base_delay(Duration::ZERO);
const SECONDS: RetryPolicy = RetryPolicy::new().base_delay(secs(1)).jitter(Jitter::None);

fn builder() -> resilience::PipelineBuilder<u32, Fault> {
    Pipeline::builder()
}

mod order {
    use super::{CircuitBreaker, CircuitBreakerPolicy, Runs, TWICE, builder};

    #[test]
    fn the_first_policy_added_is_the_outermost() {
        let inside = CircuitBreaker::new("inside", CircuitBreakerPolicy::new()).unwrap();
        let outside = CircuitBreaker::new("outside", CircuitBreakerPolicy::new()).unwrap();
        let counts_attempts = builder().retry(TWICE).circuit_breaker(inside.clone()).build().unwrap();
        let counts_calls = builder().circuit_breaker(outside.clone()).retry(TWICE).build().unwrap();
        for pipeline in [counts_attempts, counts_calls] {
            let runs = Runs::new();
            assert_eq!(pipeline.call(|| runs.works_at(2)), Ok(2));
        }
        assert_eq!((inside.metrics().failure, inside.metrics().success), (1, 1));
        assert_eq!((outside.metrics().failure, outside.metrics().success), (0, 1));
    }

    #[test]
    fn a_fallback_answers_what_is_inside_of_it() {
        let runs = Runs::new();
        let pipeline = builder().fallback(|_| Ok(7)).retry(TWICE).build().unwrap();
        assert_eq!(pipeline.call(|| runs.fail()), Ok(7));
        assert_eq!(runs.count(), 2);
    }
}

mod layers {
    use super::{
        Arc, CircuitBreakerPolicy, CircuitState, Duration, ErrorKind, Fault, Log, RateLimitPolicy,
        RateLimiter, RetryBudgetPolicy, Runs, SECONDS, TWICE, builder, ms, secs, timed,
    };

    #[test]
    fn a_filter_says_what_counts() {
        let runs = Runs::new();
        let pipeline = builder()
            .fallback_with(|_| Ok(7), |layer| layer.when(|error| *error != Fault::Fatal))
            .retry_with(TWICE, |layer| {
                layer.when(|error| *error != Fault::Fatal).when_ok(|value| *value == 0)
            })
            .build()
            .unwrap();
        let fatal = pipeline.call(|| {
            runs.hit();
            Err(Fault::Fatal)
        });
        assert_eq!((fatal, runs.count()), (Err(Fault::Fatal), 1));
        let zero = pipeline.call(|| {
            runs.hit();
            Ok(0)
        });
        assert_eq!((zero, runs.count()), (Ok(0), 3));
    }

    #[test]
    fn a_breakers_filter_and_hint() {
        let pipeline = builder()
            .circuit_breaker_with(
                CircuitBreakerPolicy::new().failure_threshold(1).max_reset_timeout(secs(3600)),
                |layer| {
                    layer
                        .when(|error| *error != Fault::Fatal)
                        .when_ok(|value| *value == 0)
                        .retry_after(|error| matches!(error, Fault::Transient(9)).then_some(secs(600)))
                },
            )
            .name("filtered")
            .build()
            .unwrap();
        let breaker = resilience::get_circuit_breaker("filtered").unwrap();
        assert_eq!(pipeline.call(|| Err(Fault::Fatal)), Err(Fault::Fatal));
        assert_eq!((breaker.state(), breaker.metrics().ignored), (CircuitState::Closed, 1));
        assert_eq!(pipeline.call(|| Ok(0)), Ok(0));
        assert_eq!(breaker.state(), CircuitState::Open);
        breaker.reset();
        assert_eq!(pipeline.call(|| Err(Fault::Transient(9))), Err(Fault::Transient(9)));
        assert!(breaker.time_until_reset().unwrap() > secs(590));
    }

    #[tokio::test(start_paused = true)]
    async fn a_hook_is_told_of_every_wait() {
        let log = Arc::new(Log::new());
        let told = Arc::clone(&log);
        let pipeline = builder()
            .retry_with(SECONDS, move |layer| {
                layer.on_retry(move |event| {
                    told.push((event.attempt(), event.delay(), event.elapsed(), event.error().cloned()));
                    panic!("a hook's own affair");
                })
            })
            .name("hooked")
            .build()
            .unwrap();
        let runs = Runs::new();
        let (result, elapsed) = timed(pipeline.call_async(async || runs.works_at(3))).await;
        assert_eq!((result, elapsed), (Ok(3), secs(3)));
        let expected = [
            (1, secs(1), Duration::ZERO, Some(Fault::Transient(1))),
            (2, secs(2), secs(1), Some(Fault::Transient(2))),
        ];
        assert_eq!(log.take(), expected);
    }

    #[tokio::test(start_paused = true)]
    async fn a_rate_is_waited_for_and_refused_beyond_that() {
        let policy = RateLimitPolicy::new().rate(1).max_wait(secs(1));
        let pipeline = builder().name("limited").rate_limit(policy).build().unwrap();
        let calls = async || timed(pipeline.call_async(async || Ok(1))).await;
        let (first, second, third) = tokio::join!(calls(), calls(), calls());
        assert_eq!((first, second), ((Ok(1), ms(0)), (Ok(1), secs(1))));
        let refusal = third.0.unwrap_err().refusal();
        assert_eq!((refusal.policy_name(), refusal.retry_after()), ("limited", Some(secs(2))));
        assert_eq!(resilience::get_rate_limiter("limited").unwrap().metrics().rejected, 1);
    }

    #[test]
    fn failures_that_count_lower_a_rate_that_adapts() {
        let limiter = RateLimiter::new("adapts", RateLimitPolicy::new().rate(100).decrease(0.5)).unwrap();
        let pipeline = builder()
            .rate_limit_with(limiter.clone(), |layer| layer.when(|error| *error == Fault::Fatal))
            .build()
            .unwrap();
        assert!(pipeline.call(|| Err(Fault::Transient(1))).is_err());
        assert!((limiter.rate() - 100.0).abs() < f64::EPSILON);
        assert!(pipeline.call(|| Err(Fault::Fatal)).is_err());
        assert!((limiter.rate() - 50.0).abs() < 1.0, "{}", limiter.rate());
    }

    #[test]
    fn every_call_pays_into_the_budget() {
        let policy = TWICE.budget_with("piped", RetryBudgetPolicy::new().ratio(0.5).min_per_second(0));
        let pipeline = builder().retry(policy).build().unwrap();
        let runs = Runs::new();
        assert_eq!(pipeline.call(|| Ok(1)), Ok(1));
        assert!(pipeline.call(|| runs.fail()).is_err());
        assert!(pipeline.call(|| runs.fail()).is_err());
        // Three calls paid for one retry.
        assert_eq!(runs.count(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn refusals_count_by_kind() {
        let pipeline = builder()
            .fallback_with(|_| Ok(7), |layer| layer.rejected([ErrorKind::CircuitOpen]))
            .retry_with(TWICE, |layer| layer.rejected([]))
            .circuit_breaker(CircuitBreakerPolicy::new())
            .timeout(ms(10))
            .build()
            .unwrap();
        let runs = Runs::new();
        let slow = pipeline.call_async(async || {
            runs.hit();
            tokio::time::sleep(secs(1)).await;
            Ok(1)
        });
        let late = slow.await.unwrap_err().refusal();
        assert!(late.is_timed_out(), "{late}");
        assert_eq!(runs.count(), 1);
    }

    #[test]
    fn a_refusal_becomes_the_error_by_a_function_too() {
        let pipeline = resilience::Pipeline::<(), String>::builder_with(|error| format!("<{error}>"))
            .name("mapped")
            .circuit_breaker(CircuitBreakerPolicy::new())
            .build()
            .unwrap();
        resilience::get_circuit_breaker("mapped").unwrap().force_open();
        assert_eq!(pipeline.call(|| Ok(())), Err("<circuit breaker `mapped` is open>".to_owned()));
    }
}

mod time {
    use super::{
        BulkheadPolicy, Duration, Fault, Runs, SECONDS, TWICE, assert_send, builder, deadline, ms,
        poll_times, secs, timed,
    };

    #[tokio::test(start_paused = true)]
    async fn two_timeouts_one_for_all_attempts_and_one_for_each() {
        let pipeline =
            builder().timeout(ms(2500)).retry(SECONDS.max_attempts(9)).timeout(ms(300)).build().unwrap();
        let runs = Runs::new();
        let call = pipeline.call_async(|| {
            runs.hit();
            std::future::pending()
        });
        let (result, elapsed) = timed(call).await;
        let late = result.unwrap_err().refusal();
        // 0.3, wait 1, 0.3: the next wait of 2 would end after 2.5, so it isn't begun.
        assert_eq!(late.to_string(), "`pipeline` timed out after 300ms");
        assert_eq!((elapsed, runs.count()), (ms(1600), 2));
    }

    #[tokio::test(start_paused = true)]
    async fn an_outer_timeout_ends_everything_inside_without_a_verdict() {
        let pipeline = builder()
            .name("ended from outside")
            .timeout(ms(500))
            .circuit_breaker(resilience::CircuitBreakerPolicy::new().failure_threshold(1))
            .bulkhead(BulkheadPolicy::new(1))
            .build()
            .unwrap();
        let (result, elapsed) = timed(pipeline.call_async(std::future::pending)).await;
        assert!(result.unwrap_err().refusal().is_timed_out());
        assert_eq!(elapsed, ms(500));
        let breaker = resilience::get_circuit_breaker("ended from outside").unwrap();
        assert_eq!(breaker.state(), resilience::CircuitState::Closed);
        assert_eq!(resilience::get_bulkhead("ended from outside").unwrap().available_slots(), 1);
        assert_eq!(pipeline.call(|| Ok(1)), Ok(1));
    }

    #[tokio::test(start_paused = true)]
    async fn the_queue_counts_against_an_outer_timeout() {
        let pipeline =
            builder().timeout(ms(500)).bulkhead(BulkheadPolicy::new(1).max_wait(secs(9))).build().unwrap();
        let runs = Runs::new();
        let slow = async {
            tokio::time::sleep(secs(1)).await;
            Ok(1)
        };
        let mut slow = Some(slow);
        let holder = pipeline.call_async(|| slow.take().expect("one attempt"));
        let waiter = pipeline.call_async(async || Ok(runs.hit()));
        let (held, (_, elapsed)) = tokio::join!(holder, timed(waiter));
        assert!(held.unwrap_err().refusal().is_timed_out());
        // The holder is dropped at its own deadline, and the waiter's comes with it.
        assert_eq!(elapsed, ms(500));
    }

    #[test]
    fn a_sync_body_learns_its_deadline_and_a_late_result_is_replaced() {
        let pipeline = builder().timeout(Duration::from_nanos(1)).build().unwrap();
        let result = pipeline.call(|| {
            let deadline = deadline().expect("a timeout is around");
            while !deadline.is_expired() {}
            Ok(1)
        });
        assert!(result.unwrap_err().refusal().is_timed_out());
        assert!(deadline().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_dropped_call_gives_everything_back() {
        let pipeline = builder()
            .name("dropped")
            .retry(TWICE)
            .circuit_breaker(resilience::CircuitBreakerPolicy::new().failure_threshold(1))
            .bulkhead(BulkheadPolicy::new(1))
            .timeout(secs(1))
            .build()
            .unwrap();
        assert_eq!(poll_times(1, pipeline.call_async(std::future::pending)).await, None);
        assert_eq!(resilience::get_bulkhead("dropped").unwrap().available_slots(), 1);
        assert_eq!(pipeline.call_async(async || Ok(1)).await, Ok(1));
    }

    #[tokio::test]
    async fn a_call_goes_to_another_thread() {
        let pipeline = builder().retry(TWICE).timeout(secs(1)).bulkhead(BulkheadPolicy::new(1)).build();
        let pipeline = pipeline.unwrap();
        let call = assert_send(async move { pipeline.call_async(|| async { Ok::<_, Fault>(1) }).await });
        assert_eq!(tokio::spawn(call).await.unwrap(), Ok(1));
    }
}

mod names {
    use super::{
        Bulkhead, BulkheadPolicy, CircuitBreakerPolicy, Error, Fault, Pipeline, PipelineError, PolicyKind,
        TWICE, builder, catalog, get_bulkhead, get_circuit_breaker, get_pipeline, secs,
    };

    #[test]
    fn a_named_pipeline_is_found_with_its_instances_while_it_exists() {
        let pipeline = builder()
            .name("found")
            .circuit_breaker(CircuitBreakerPolicy::new())
            .bulkhead(BulkheadPolicy::new(3))
            .build()
            .unwrap();
        let clone = pipeline.clone();
        drop(pipeline);
        assert_eq!(get_circuit_breaker("found").unwrap().name(), "found");
        assert_eq!(get_bulkhead("found").unwrap().available_slots(), 3);
        assert_eq!(get_pipeline::<u32, Fault>("found").unwrap().call(|| Ok(3)), Ok(3));
        assert!(get_pipeline::<u64, Fault>("found").is_none());
        assert_eq!(get_circuit_breaker("found").unwrap().metrics().success, 1);
        drop(clone);
        assert!(get_circuit_breaker("found").is_none());
        assert!(get_pipeline::<u32, Fault>("found").is_none());
    }

    #[test]
    fn a_second_pipeline_of_a_name_is_refused_until_the_first_is_gone() {
        let first = builder().name("taken").retry(TWICE).build().unwrap();
        let second = builder().name("taken").retry(TWICE).build();
        let error = second.unwrap_err();
        assert!(matches!(error, PipelineError::NameTaken { name: "taken", .. }));
        assert_eq!(error.to_string(), "there is a pipeline `taken` already: build it once and clone it");
        drop(first);
        assert!(builder().name("taken").retry(TWICE).build().is_ok());
    }

    #[test]
    fn the_catalogue_lists_it() {
        let _pipeline =
            builder().name("listed").retry(TWICE).bulkhead(BulkheadPolicy::new(3)).timeout(secs(1)).build();
        let catalog = catalog();
        let listed = catalog.pipelines().iter().find(|pipeline| pipeline.name == "listed").unwrap();
        let kinds: Vec<_> = listed.policies.iter().map(|(kind, _)| *kind).collect();
        assert_eq!(kinds, [PolicyKind::Retry, PolicyKind::Bulkhead, PolicyKind::Timeout]);
        let expected = "pipeline listed\n  \
            retry           2 attempts, exponential from 0ns × 2 to 30s, full jitter\n  \
            bulkhead        3 at once, no waiting\n  \
            timeout         1s";
        assert_eq!(listed.to_string(), expected);
        assert!(catalog.to_string().contains(expected));
    }

    #[test]
    fn instances_are_shared_by_their_handles() {
        let shared = Bulkhead::new("shared", BulkheadPolicy::new(1)).unwrap();
        let numbers: Pipeline<u32, Error> = Pipeline::builder().bulkhead(shared.clone()).build().unwrap();
        let texts: Pipeline<String, Error> = Pipeline::builder().bulkhead(shared).build().unwrap();
        let outcome = numbers.call(|| {
            let refused = texts.call(|| Ok(String::new())).unwrap_err();
            assert!(refused.is_bulkhead_full());
            Ok(1)
        });
        assert_eq!(outcome, Ok(1));
    }
}

mod mistakes {
    use super::ErrorKind::{CircuitOpen, TimedOut};
    use super::{
        BulkheadPolicy, CircuitBreakerPolicy, Jitter, PipelineError, RateLimitPolicy, RetryPolicy, SECONDS,
        TWICE, TimeoutPolicy, builder, ms, secs,
    };

    const BREAKER: CircuitBreakerPolicy = CircuitBreakerPolicy::new();

    fn message(built: resilience::PipelineBuilder<u32, super::Fault>) -> String {
        built.build().unwrap_err().to_string()
    }

    #[test]
    fn what_the_attributes_refuse_a_pipeline_refuses_too() {
        let cases = [
            (builder(), "the pipeline has no policies: add one before `build`"),
            (
                builder().retry(TWICE).timeout(secs(1)).retry(TWICE),
                "the pipeline has `retry` twice: keep one",
            ),
            (
                builder().timeout(secs(1)).timeout(ms(1)),
                "of two timeouts with nothing between them the shorter one is enough: keep it, or put the retry between",
            ),
            (
                builder().timeout(secs(1)).retry(TWICE).timeout(secs(2)),
                "one attempt may take 2s, and all of them together 1s: the inner timeout could never be reached",
            ),
            (
                builder()
                    .timeout(secs(3))
                    .retry(TWICE)
                    .timeout(secs(2))
                    .bulkhead(BulkheadPolicy::new(1))
                    .timeout(ms(1)),
                "the pipeline has a third `timeout`: there is one for all attempts together and one for each, keep two",
            ),
            (
                builder().retry(TWICE).fallback(|_| Ok(1)),
                "the fallback answers every failure, so the `retry` outside of it would never see one: add the fallback \
                 first, or let it answer some only, with `fallback_with`",
            ),
            (
                builder().timeout(secs(1)).retry(SECONDS),
                "the first wait takes 1s or more, and the `timeout` outside ends all attempts after 1s: nothing would ever \
                 be retried, give it a shorter `base_delay` or a longer timeout",
            ),
            (
                builder().retry_with(TWICE, |layer| layer.rejected([TimedOut, CircuitOpen])).timeout(secs(1)),
                "nothing inside of `retry` refuses a call with `circuit_open`: leave it out of its `rejected`, or add the \
                 policy that does after it",
            ),
            (
                builder()
                    .circuit_breaker_with(BREAKER, |layer| layer.rejected([TimedOut]))
                    .fallback_with(|_| Ok(1), |layer| layer.rejected([TimedOut]))
                    .timeout(secs(1)),
                "nothing inside of `circuit_breaker` refuses a call with `timed_out`: leave it out of its `rejected`, or add \
                 the policy that does after it",
            ),
        ];
        for (built, expected) in cases {
            assert_eq!(message(built), expected);
        }
    }

    #[test]
    fn what_can_be_reached_is_let_alone() {
        let some_only = builder().retry(TWICE).fallback_with(|_| Ok(1), |layer| layer.when(|_| true));
        assert!(some_only.build().is_ok());
        let named = builder()
            .retry_with(TWICE, |layer| layer.rejected([TimedOut, CircuitOpen]))
            .circuit_breaker(BREAKER)
            .timeout(secs(1));
        assert!(named.build().is_ok());
        // Somebody else may ask for a shorter wait than the first one: an error, or a rate limiter.
        let hinted = builder().timeout(secs(1)).retry_with(SECONDS, |layer| layer.retry_after(|_| None));
        assert!(hinted.build().is_ok());
        let limited = builder().timeout(secs(1)).retry(SECONDS).rate_limit(RateLimitPolicy::new().rate(10));
        assert!(limited.build().is_ok());
        assert!(builder().timeout(secs(1)).retry(SECONDS.max_attempts(1)).build().is_ok());
    }

    #[test]
    fn a_policy_that_cannot_work_is_told_by_its_setting() {
        let cases = [
            (builder().retry(RetryPolicy::new().max_attempts(0)), "max_attempts"),
            (
                builder().circuit_breaker(CircuitBreakerPolicy::new().failure_threshold(0)),
                "failure_threshold",
            ),
            (builder().timeout(secs(1)).retry(RetryPolicy::new().jitter(Jitter::Factor(f64::NAN))), "jitter"),
            (builder().bulkhead(BulkheadPolicy::new(0)), "max_concurrent"),
            (builder().timeout(TimeoutPolicy::new(ms(0))), "duration"),
            (builder().timeout(TimeoutPolicy::new(ms(0))).retry(TWICE), "duration"),
            (builder().name(" ").retry(TWICE), "name"),
        ];
        for (built, setting) in cases {
            let Err(PipelineError::Settings(error)) = built.build() else { panic!("{setting} was accepted") };
            assert_eq!(error.setting(), setting);
        }
    }

    #[test]
    fn execute_builds_and_calls() {
        assert_eq!(builder().retry(TWICE).execute(|| Ok(1)), Ok(Ok(1)));
        assert_eq!(builder().execute(|| Ok(1)), Err(PipelineError::Empty));
    }
}

mod async_fallbacks {
    use super::{
        ErrorKind, Fault, Runs, SECONDS, TWICE, assert_send, builder, get_async_pipeline, get_pipeline, ms,
        poll_times, secs, timed,
    };

    #[tokio::test(start_paused = true)]
    async fn are_awaited_in_the_place_of_the_failure() {
        async fn cached(error: Fault) -> Result<u32, Fault> {
            tokio::time::sleep(ms(40)).await;
            if error == Fault::Fatal { Err(error) } else { Ok(7) }
        }
        let runs = Runs::new();
        let pipeline = builder().fallback_async(cached).retry(SECONDS.max_attempts(2)).build().unwrap();
        let call = pipeline.call_async(async || runs.fail());
        assert_eq!(timed(assert_send(call)).await, (Ok(7), ms(1040)));
        assert_eq!(runs.count(), 2);
        let own = pipeline.call_async(async || Err(Fault::Fatal));
        assert_eq!(timed(own).await, (Err(Fault::Fatal), ms(1040)));
        assert_eq!(timed(pipeline.call_async(async || Ok(1))).await, (Ok(1), ms(0)));
    }

    #[tokio::test(start_paused = true)]
    async fn end_by_the_timeout_outside_of_them() {
        let slow = async |_| {
            tokio::time::sleep(secs(60)).await;
            Ok(7)
        };
        let pipeline = builder().timeout(ms(100)).fallback_async(slow).retry(TWICE).build().unwrap();
        let (answer, took) = timed(pipeline.call_async(async || Err(Fault::Fatal))).await;
        assert_eq!((answer.unwrap_err().refusal().kind(), took), (ErrorKind::TimedOut, ms(100)));
    }

    #[tokio::test]
    async fn are_asked_about_what_their_filter_takes() {
        let pipeline = builder()
            .fallback_async_with(async |_| Ok(7), |layer| layer.when(|error| *error != Fault::Fatal))
            .build()
            .unwrap();
        assert_eq!(pipeline.call_async(async || Err(Fault::Fatal)).await, Err(Fault::Fatal));
        assert_eq!(pipeline.call_async(async || Err(Fault::Transient(1))).await, Ok(7));
    }

    #[tokio::test]
    async fn may_be_dropped_while_they_are_awaited() {
        let pipeline = builder().fallback_async(async |_| std::future::pending().await).build().unwrap();
        assert!(poll_times(1, pipeline.call_async(async || Err(Fault::Fatal))).await.is_none());
        assert_eq!(pipeline.call_async(async || Ok(1)).await, Ok(1));
    }

    #[test]
    fn make_a_pipeline_that_is_found_as_an_async_one() {
        let mixed = builder().name("async fallback").fallback_async(async |_| Ok(7)).build().unwrap();
        let plain = builder().name("sync fallback").fallback(|_| Ok(7)).build().unwrap();
        assert!(get_pipeline::<u32, Fault>("async fallback").is_none());
        assert!(get_async_pipeline::<u32, Fault>("async fallback").is_some());
        assert!(get_async_pipeline::<u32, Fault>("sync fallback").is_some());
        assert!(get_async_pipeline::<String, Fault>("async fallback").is_none());
        drop((mixed, plain));
        assert!(get_async_pipeline::<u32, Fault>("async fallback").is_none());
    }
}

#[cfg(feature = "testing")]
mod in_tests {
    use std::sync::LazyLock;

    use resilience::testing;

    use super::{CircuitBreakerPolicy, Fault, Pipeline, SECONDS, TWICE, builder, get_pipeline, ms, timed};

    #[test]
    fn failures_are_injected_by_name_and_what_happens_is_recorded() {
        let pipeline = builder().name("injected").fallback(|_| Ok(7)).retry(TWICE).build().unwrap();
        let events = testing::record();
        let fault = testing::inject("injected").pass(1).fail(3, || Fault::Transient(1));
        assert_eq!(pipeline.call(|| Ok(1)), Ok(1));
        assert_eq!(pipeline.call(|| Ok(2)), Ok(7));
        assert_eq!(pipeline.call(|| Ok(3)), Ok(3));
        fault.assert_calls(5);
        events.assert_attempts("injected", 5);
        events.assert_fallbacks("injected", 1);
        drop(fault);
        assert_eq!(pipeline.call(|| Ok(4)), Ok(4));
    }

    #[tokio::test(start_paused = true)]
    async fn delays_count_for_the_timeout_around_the_body() {
        let pipeline =
            builder().name("slow").retry(SECONDS.max_attempts(2)).timeout(ms(100)).build().unwrap();
        let fault = testing::inject("slow").delay(1, ms(300)).delay(1, ms(50));
        assert_eq!(timed(pipeline.call_async(async || Ok(1))).await, (Ok(1), ms(1150)));
        fault.assert_calls(2);
    }

    #[test]
    #[should_panic(expected = "`&str` was injected into `other errors`, whose errors are of the type")]
    fn an_error_of_another_type_is_told() {
        let pipeline = builder().name("other errors").retry(TWICE).build().unwrap();
        let _fault = testing::inject("other errors").fail(1, || "down");
        let _ = pipeline.call(|| Ok(1));
    }

    static OF_ALL: LazyLock<Pipeline<u32, Fault>> = LazyLock::new(|| {
        let builder =
            builder().name("of all tests").retry(TWICE).circuit_breaker(CircuitBreakerPolicy::new());
        builder.build().unwrap()
    });

    /// Whichever test came first has built it.
    #[test]
    fn one_in_a_static_is_found_by_every_test() {
        let test = || {
            assert_eq!(OF_ALL.call(|| Ok(1)), Ok(1));
            let fault = testing::inject("of all tests").fail(1, || Fault::Transient(1));
            assert_eq!(OF_ALL.call(|| Ok(2)), Ok(2));
            fault.assert_calls(2);
            {
                let _open = testing::force_open("of all tests");
                assert!(OF_ALL.call(|| Ok(3)).is_err());
            }
            assert!(get_pipeline::<u32, Fault>("of all tests").is_some());
        };
        testing::isolated(test);
        testing::isolated(test);
        test();
    }

    #[test]
    fn a_test_finds_its_own_before_those_of_others() {
        let build = |answer| builder().name("in each").fallback(move |_| Ok(answer)).build().unwrap();
        let of_another = testing::isolated(|| build(1));
        testing::isolated(|| {
            let own = build(2);
            let failed = |pipeline: Pipeline<u32, Fault>| pipeline.call(|| Err(Fault::Fatal));
            assert_eq!(get_pipeline("in each").map(failed), Some(Ok(2)));
            drop(own);
            assert_eq!(get_pipeline("in each").map(failed), Some(Ok(1)));
        });
        drop(of_another);
        assert!(get_pipeline::<u32, Fault>("in each").is_none());
    }

    #[test]
    #[should_panic(
        expected = "nor a pipeline that exists, which one in a `LazyLock` does from its first use on; "
    )]
    fn a_pipeline_that_is_gone_is_none() {
        drop(builder().name("gone").retry(TWICE).build().unwrap());
        let _fault = testing::inject("gone");
    }
}
