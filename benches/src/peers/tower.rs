//! Tower, and tower-resilience: layers around a `Service`.

use std::future::{Ready, ready};
use std::hint::black_box;
use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use ::tower::limit::ConcurrencyLimit;
use ::tower::retry::Policy;
use ::tower::timeout::Timeout;
use ::tower::{BoxError, Layer, Service, ServiceBuilder, ServiceExt, service_fn};
use tower_resilience_bulkhead::{BulkheadLayer, BulkheadServiceError};
use tower_resilience_circuitbreaker::{CircuitBreakerError, CircuitBreakerLayer, SlidingWindowType};
use tower_resilience_fallback::FallbackLayer;
use tower_resilience_hedge::HedgeLayer;
use tower_resilience_ratelimiter::RateLimiterLayer;
use tower_resilience_retry::RetryLayer;
use tower_resilience_timelimiter::{TimeLimiterError, TimeLimiterLayer};

use super::shared;
use crate::beside::{
    Failed, HOUR, MINUTE, NEVER, Outcome, SECOND, Way, Work, fail_async, mixed_async, succeed_after_a_yield,
    succeed_async, succeed_the_third_time_async,
};
use crate::drive::RUNTIME;

const TOWER: &str = "tower";
const TOWER_RESILIENCE: &str = "tower-resilience";

const MEETING: &str = "sleeps for a millisecond where two threads meet";

pub const ALL: &[Way] = &[
    Way::new(Work::BreakerInARow, TOWER_RESILIENCE, "layer", |calls| {
        drive(calls, service(|| in_a_row(5).layer(service_fn(succeed_async))));
    }),
    Way::new(Work::BreakerLastCalls, TOWER_RESILIENCE, "layer", |calls| {
        drive(calls, service(|| last_calls(0.5).layer(service_fn(succeed_async))));
    }),
    Way::new(Work::BreakerRecentCalls, TOWER_RESILIENCE, "layer", |calls| {
        drive(calls, service(|| recent_calls(0.5).layer(service_fn(succeed_async))));
    })
    .note("keeps every call of the minute: it grows with the traffic"),
    Way::new(Work::BreakerFailing, TOWER_RESILIENCE, "layer", |calls| {
        drive(calls, service(|| in_a_row(NEVER as usize).layer(service_fn(fail_async))));
    }),
    Way::new(Work::BreakerLastCallsMixed, TOWER_RESILIENCE, "layer", |calls| {
        drive(calls, service(|| last_calls(0.9).layer(service_fn(mixed_async))));
    }),
    Way::new(Work::BreakerRecentCallsMixed, TOWER_RESILIENCE, "layer", |calls| {
        drive(calls, service(|| recent_calls(0.9).layer(service_fn(mixed_async))));
    })
    .note("keeps every call of the minute: it grows with the traffic"),
    Way::new(Work::BreakerIgnored, TOWER_RESILIENCE, "layer", |calls| {
        let layer = || {
            let breaker = CircuitBreakerLayer::builder().consecutive_failures(5).wait_duration_in_open(HOUR);
            breaker.failure_classifier(|_: &Outcome| false).build().expect("settings that work")
        };
        drive(calls, service(move || layer().layer(service_fn(fail_async))));
    })
    .note("counts it as a success"),
    Way::new(Work::BreakerOpen, TOWER_RESILIENCE, "layer", |calls| {
        let open = service(|| in_a_row(1).layer(service_fn(fail_async)));
        drive(2, open.clone());
        drive(calls, open);
    })
    .alone()
    .note(MEETING),
    Way::new(Work::RetryAsync, TOWER, "layer", |calls| {
        drive(calls, service(|| ServiceBuilder::new().retry(Attempts(3)).service_fn(succeed_async)));
    })
    .note("with a policy of the user's, no backoff"),
    Way::new(Work::RetryAsync, TOWER_RESILIENCE, "layer", |calls| {
        drive(calls, service(|| retry(SECOND).layer(service_fn(succeed_async))));
    }),
    Way::new(Work::RetryThirdTimeAsync, TOWER, "layer", |calls| {
        let service =
            service(|| ServiceBuilder::new().retry(Attempts(3)).service_fn(succeed_the_third_time_async));
        block_on(calls, service);
    })
    .note("with a policy of the user's, no backoff"),
    Way::new(Work::RetryThirdTimeAsync, TOWER_RESILIENCE, "layer", |calls| {
        block_on(calls, service(|| retry(Duration::ZERO).layer(service_fn(succeed_the_third_time_async))));
    })
    .sleeps()
    .note("a delay of zero still sleeps on tokio's timer"),
    Way::new(Work::TimeoutReady, TOWER, "layer", |calls| {
        drive(calls, service(|| Timeout::new(service_fn(succeed_async), SECOND)));
    }),
    Way::new(Work::TimeoutReady, TOWER_RESILIENCE, "layer", |calls| {
        drive(calls, service(|| time_limit().layer(service_fn(succeed_async))));
    }),
    Way::new(Work::TimeoutYield, TOWER, "layer", |calls| {
        drive(calls, service(|| Timeout::new(service_fn(succeed_after_a_yield), SECOND)));
    }),
    Way::new(Work::TimeoutYield, TOWER_RESILIENCE, "layer", |calls| {
        drive(calls, service(|| time_limit().layer(service_fn(succeed_after_a_yield))));
    }),
    Way::new(Work::Hedge, TOWER_RESILIENCE, "layer", |calls| {
        let layer = || HedgeLayer::builder().delay(SECOND).max_hedged_attempts(2).build();
        block_on(calls, service(move || layer().layer(service_fn(succeed_async))));
    }),
    Way::new(Work::BulkheadTry, TOWER_RESILIENCE, "layer", |calls| {
        let layer = || BulkheadLayer::builder().max_concurrent_calls(32).reject_when_full().build();
        drive(calls, service(move || layer().expect("settings").layer(service_fn(succeed_async))));
    }),
    Way::new(Work::BulkheadAcquire, TOWER, "layer", |calls| {
        drive(calls, service(|| ConcurrencyLimit::new(service_fn(succeed_async), 32)));
    })
    .note("no limit on the wait"),
    Way::new(Work::BulkheadAcquire, TOWER_RESILIENCE, "layer", |calls| {
        drive(calls, service(|| bulkhead().layer(service_fn(succeed_async))));
    }),
    Way::new(Work::BulkheadFull, TOWER, "layers", |calls| {
        drive(
            calls,
            service(|| full(ServiceBuilder::new().load_shed().concurrency_limit(1).service_fn(never))),
        );
    })
    .note("counts no rejections"),
    Way::new(Work::BulkheadFull, TOWER_RESILIENCE, "layer", |calls| {
        let layer = || BulkheadLayer::builder().max_concurrent_calls(1).reject_when_full().build();
        block_on(calls, service(move || full(layer().expect("settings").layer(service_fn(never)))));
    })
    .sleeps()
    .alone()
    .note("no wait still sleeps on tokio's timer"),
    Way::new(Work::Fallback, TOWER, "layer", |calls| {
        drive(
            calls,
            service(|| service_fn(succeed_async).map_result(|result: Outcome| result.or(Ok::<_, Failed>(0)))),
        );
    }),
    Way::new(Work::Fallback, TOWER_RESILIENCE, "layer", |calls| {
        drive(
            calls,
            service(|| FallbackLayer::<u64, u64, Failed>::value(0).layer(service_fn(succeed_async))),
        );
    }),
    Way::new(Work::RateLimit, TOWER_RESILIENCE, "layer", |calls| {
        let layer =
            || RateLimiterLayer::builder().limit_for_period(usize::MAX / 2).refresh_period(SECOND).build();
        drive(calls, service(move || layer().expect("settings").layer(service_fn(succeed_async))));
    })
    .note("fixed windows"),
    Way::new(Work::RateLimitUsedUp, TOWER_RESILIENCE, "layer", |calls| {
        let layer = || {
            let layer = RateLimiterLayer::builder().limit_for_period(1).refresh_period(HOUR);
            layer.timeout_duration(Duration::ZERO).build()
        };
        let used_up = service(move || layer().expect("settings").layer(service_fn(succeed_async)));
        drive(1, used_up.clone());
        drive(calls, used_up);
    })
    .note("fixed windows"),
    Way::new(Work::Stack, TOWER, "layers", |calls| drive(calls, service(tower_stack)))
        .note("no circuit breaker"),
    Way::new(Work::Stack, TOWER_RESILIENCE, "layers", |calls| {
        drive(calls, service(|| resilience_stack(5, service_fn(succeed_async))));
    }),
    Way::new(Work::StackOpen, TOWER_RESILIENCE, "layers", |calls| {
        let open = service(|| resilience_stack(1, service_fn(fail_async)));
        block_on(2, open.clone());
        drive(calls, open);
    })
    .alone()
    .note(MEETING),
];

/// A service that several threads share, as far as its layers share anything: each takes a clone.
fn service<S: Clone + Send + 'static>(make: impl Fn() -> S + 'static) -> S {
    shared(move || Mutex::new(make())).lock().expect("nothing panics in here").clone()
}

/// With a call under way that never ends.
fn full<S: Service<u64>>(mut service: S) -> S {
    let mut context = Context::from_waker(Waker::noop());
    while service.poll_ready(&mut context).is_pending() {}
    let mut future = Box::pin(service.call(0));
    assert!(future.as_mut().poll(&mut context).is_pending());
    std::mem::forget(future);
    service
}

async fn never(_: u64) -> Outcome {
    std::future::pending().await
}

/// Polls until it is done: ready first, then the call.
fn drive<S: Service<u64>>(calls: u64, mut service: S) {
    let mut context = Context::from_waker(Waker::noop());
    for number in 0..calls {
        while service.poll_ready(&mut context).is_pending() {}
        let mut future = pin!(service.call(black_box(number)));
        loop {
            if let Poll::Ready(result) = future.as_mut().poll(&mut context) {
                black_box(result.is_ok());
                break;
            }
        }
    }
}

/// Lets tokio poll, for those that sleep.
fn block_on<S: Service<u64>>(calls: u64, mut service: S) {
    RUNTIME.block_on(async {
        for number in 0..calls {
            let result = match service.ready().await {
                Ok(service) => service.call(black_box(number)).await,
                Err(error) => Err(error),
            };
            black_box(result.is_ok());
        }
    });
}

/// What the documentation of tower's retry begins with.
#[derive(Clone)]
struct Attempts(u32);

impl<E> Policy<u64, u64, E> for Attempts {
    type Future = Ready<()>;

    fn retry(&mut self, _: &mut u64, result: &mut Result<u64, E>) -> Option<Ready<()>> {
        if result.is_ok() || self.0 <= 1 {
            return None;
        }
        self.0 -= 1;
        Some(ready(()))
    }

    fn clone_request(&mut self, request: &u64) -> Option<u64> {
        Some(*request)
    }
}

fn in_a_row(failures: usize) -> CircuitBreakerLayer {
    let breaker = CircuitBreakerLayer::builder().consecutive_failures(failures).wait_duration_in_open(HOUR);
    breaker.build().expect("settings that work")
}

fn last_calls(rate: f64) -> CircuitBreakerLayer {
    let breaker = CircuitBreakerLayer::builder().failure_rate_threshold(rate).sliding_window_size(100);
    breaker.minimum_number_of_calls(10).build().expect("settings that work")
}

fn recent_calls(rate: f64) -> CircuitBreakerLayer {
    let breaker = CircuitBreakerLayer::builder()
        .failure_rate_threshold(rate)
        .sliding_window_type(SlidingWindowType::TimeBased)
        .sliding_window_duration(MINUTE)
        .minimum_number_of_calls(10);
    breaker.build().expect("settings that work")
}

fn retry<E>(delay: Duration) -> RetryLayer<u64, u64, E> {
    RetryLayer::builder().max_attempts(3).fixed_backoff(delay).build()
}

fn time_limit() -> TimeLimiterLayer {
    TimeLimiterLayer::builder().timeout_duration(SECOND).build()
}

fn bulkhead() -> BulkheadLayer {
    BulkheadLayer::builder()
        .max_concurrent_calls(32)
        .max_wait_duration(SECOND)
        .build()
        .expect("settings that work")
}

fn tower_stack() -> impl Service<u64, Response = u64> + Clone + Send + 'static {
    let inner = ServiceBuilder::new()
        .retry(Attempts(3))
        .concurrency_limit(32)
        .timeout(SECOND)
        .service_fn(succeed_async);
    inner.map_result(|result: Result<u64, BoxError>| result.or(Ok::<_, BoxError>(0)))
}

fn resilience_stack<S>(
    failures: usize,
    inner: S,
) -> impl Service<u64, Response = u64> + Clone + Send + 'static
where
    S: Service<u64, Response = u64, Error = Failed, Future: Send> + Clone + Send + 'static,
{
    type Refused = CircuitBreakerError<BulkheadServiceError<TimeLimiterError<Failed>>>;
    let retry = RetryLayer::<u64, u64, Refused>::builder()
        .max_attempts(3)
        .exponential_backoff(Duration::from_millis(10))
        .retry_on(|error: &Refused| !error.is_circuit_open());
    ServiceBuilder::new()
        .layer(FallbackLayer::<u64, u64, Refused>::value(0))
        .layer(retry.build())
        .layer(in_a_row(failures))
        .layer(bulkhead())
        .layer(time_limit())
        .service(inner)
}
