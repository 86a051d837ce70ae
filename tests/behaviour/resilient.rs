//! Functions whose policies are a pipeline's.

use std::sync::LazyLock;
use std::time::Duration;

use resilience::{
    BulkheadPolicy, CircuitBreakerPolicy, Jitter, Pipeline, PolicyKind, RetryPolicy, catalog, get_bulkhead,
    get_circuit_breaker, resilient,
};

use crate::support::{Fault, Runs, assert_send, ms, secs, timed};

static CALLS: LazyLock<Pipeline<u32, Fault>> = LazyLock::new(|| {
    Pipeline::builder()
        .name("resilient")
        .retry(RetryPolicy::new().base_delay(secs(1)).jitter(Jitter::None))
        .circuit_breaker(CircuitBreakerPolicy::new().failure_threshold(1000))
        .bulkhead(BulkheadPolicy::new(1000))
        .timeout(ms(500))
        .build()
        .expect("policies that fit")
});

static QUICK: LazyLock<Pipeline<u32, Fault>> = LazyLock::new(quick);

fn quick() -> Pipeline<u32, Fault> {
    let policy = RetryPolicy::new().base_delay(Duration::ZERO);
    Pipeline::builder().retry(policy).build().expect("policies that fit")
}

#[tokio::test(start_paused = true)]
async fn an_async_function_goes_through_its_pipeline() {
    #[resilient(CALLS)]
    async fn call(runs: &Runs) -> Result<u32, Fault> {
        let run = runs.hit();
        if run == 1 {
            std::future::pending::<()>().await;
        }
        if run == 2 {
            return Err(Fault::Transient(run));
        }
        Ok(run)
    }
    let runs = Runs::new();
    // Timed out after 0.5, waited 1, failed, waited 2.
    assert_eq!(timed(assert_send(call(&runs))).await, (Ok(3), ms(3500)));
    assert!(get_circuit_breaker("resilient").is_some_and(|breaker| breaker.metrics().failure >= 2));
    assert_eq!(get_bulkhead("resilient").map(|bulkhead| bulkhead.active_calls()), Some(0));
}

#[test]
fn a_sync_function_with_a_question_mark() {
    #[resilient(QUICK)]
    fn call(runs: &Runs) -> Result<u32, Fault> {
        let run = runs.works_at(2)?;
        Ok(run * 10)
    }
    assert_eq!(call(&Runs::new()), Ok(20));
}

#[test]
fn a_pipeline_that_a_function_makes() {
    #[resilient(quick())]
    fn call(runs: &Runs) -> Result<u32, Fault> {
        runs.works_at(3)
    }
    assert_eq!(call(&Runs::new()), Ok(3));
}

#[test]
fn consumed_arguments_are_cloned_for_each_attempt() {
    #[resilient(QUICK, clone(order))]
    fn call(order: Vec<u32>, runs: &Runs) -> Result<u32, Fault> {
        let sum = order.into_iter().sum();
        runs.works_at(3).map(|_| sum)
    }
    assert_eq!(call(vec![1, 2, 3], &Runs::new()), Ok(6));
}

struct Counter {
    calls: u32,
}

impl Counter {
    #[resilient(QUICK)]
    async fn next(&mut self) -> Result<u32, Fault> {
        self.calls += 1;
        tokio::task::yield_now().await;
        if self.calls < 3 { Err(Fault::Transient(self.calls)) } else { Ok(self.calls) }
    }
}

#[tokio::test]
async fn a_method_that_changes_itself_on_another_thread() {
    let task = tokio::spawn(async {
        let mut counter = Counter { calls: 0 };
        counter.next().await
    });
    assert_eq!(task.await.unwrap(), Ok(3));
}

#[async_trait::async_trait]
trait Source {
    async fn fetch(&self, runs: &Runs) -> Result<u32, Fault>;
}

struct Remote;

#[async_trait::async_trait]
impl Source for Remote {
    #[resilient(QUICK)]
    async fn fetch(&self, runs: &Runs) -> Result<u32, Fault> {
        runs.works_at(2)
    }
}

#[tokio::test]
async fn an_async_trait() {
    assert_eq!(Remote.fetch(&Runs::new()).await, Ok(2));
}

#[test]
fn the_catalogue_says_which_pipeline() {
    #[resilient(QUICK)]
    fn through_quick() -> Result<u32, Fault> {
        Ok(1)
    }
    assert_eq!(through_quick(), Ok(1));
    let catalog = catalog();
    let site =
        catalog.iter().find(|site| site.function().ends_with("::through_quick")).expect("it is annotated");
    let [policy] = site.policies() else { panic!("one pipeline") };
    assert_eq!((policy.kind(), policy.settings()), (PolicyKind::Pipeline, "QUICK".to_owned()));
    assert!(site.explain().to_string().contains("resilient: goes through QUICK"));
}

mod with_an_async_fallback {
    use resilience::AsyncHandlers;

    use super::{Fault, LazyLock, Pipeline, RetryPolicy, Runs, resilient, secs};

    static CACHED: LazyLock<Pipeline<u32, Fault, AsyncHandlers>> = LazyLock::new(|| {
        let retry = RetryPolicy::new().base_delay(secs(0));
        Pipeline::builder().fallback_async(async |_| Ok(7)).retry(retry).build().expect("policies that fit")
    });

    #[tokio::test]
    async fn an_async_function_awaits_its_answer() {
        #[resilient(CACHED)]
        async fn call(runs: &Runs) -> Result<u32, Fault> {
            runs.fail()
        }
        let runs = Runs::new();
        assert_eq!((call(&runs).await, runs.count()), (Ok(7), 3));
    }
}
