//! The worst case, as it is worked out and as it comes about; and what answers for each kind of refusal.

use std::sync::Arc;
use std::time::Duration;

use resilience::{
    BulkheadPolicy, Jitter, RetryPolicy, TimeoutPolicy, bulkhead, catalog, circuit_breaker, fallback,
    get_bulkhead, get_circuit_breaker, retry, timeout,
};

use crate::support::{Fault, Runs, ms, secs, timed};

const EACH: TimeoutPolicy = TimeoutPolicy::new(Duration::from_millis(800)).checked();
const SLOTS: BulkheadPolicy = BulkheadPolicy::new(1).max_wait(Duration::from_millis(100)).checked();
const RETRY: RetryPolicy =
    RetryPolicy::new().max_attempts(4).base_delay(Duration::from_millis(50)).jitter(Jitter::None).checked();
const ALL: Option<Duration> = RETRY.worst_case(SLOTS.worst_case(Some(EACH.worst_case(None))));

fn explained(function: &str) -> Option<Duration> {
    let catalog = catalog();
    let function = format!("worst_case{function}");
    let site = catalog.iter().find(|site| site.function().ends_with(&function)).expect("it is annotated");
    site.explain().longest()
}

#[tokio::test(start_paused = true)]
async fn a_call_that_goes_as_badly_as_it_can_takes_just_so_long() {
    #[timeout("3950ms", covers_retries)]
    #[retry(policy = RETRY)]
    #[bulkhead(policy = SLOTS)]
    #[timeout(policy = EACH)]
    async fn hanging(runs: &Runs) -> Result<u32, Fault> {
        runs.hit();
        std::future::pending().await
    }
    assert_eq!((ALL, explained("::hanging")), (Some(ms(3_950)), Some(ms(3_950))));
    let bulkhead = get_bulkhead(concat!(module_path!(), "::hanging")).expect("it has one");
    let runs = Runs::new();
    // Somebody else has the slot whenever an attempt comes for it, and gives it up at the last moment.
    let in_the_way = async {
        for _ in 0..4 {
            let slot = bulkhead.acquire_async(Duration::ZERO).await.unwrap();
            tokio::time::sleep(ms(99)).await;
            drop(slot);
            while bulkhead.active_calls() == 1 {
                tokio::time::sleep(ms(1)).await;
            }
        }
    };
    let ((), (result, elapsed)) = tokio::join!(in_the_way, timed(hanging(&runs)));
    assert!(result.unwrap_err().refusal().is_timed_out());
    assert_eq!(runs.count(), 4);
    assert!(elapsed > ms(3_350) && elapsed <= ms(3_950), "{elapsed:?}");
}

#[tokio::test(start_paused = true)]
async fn without_a_line_it_is_the_attempts_and_the_waits() {
    #[retry(policy = RETRY)]
    #[timeout(policy = EACH)]
    async fn alone(runs: &Runs) -> Result<u32, Fault> {
        runs.hit();
        std::future::pending().await
    }
    let runs = Runs::new();
    let (result, elapsed) = timed(alone(&runs)).await;
    assert!(result.unwrap_err().refusal().is_timed_out());
    assert_eq!((runs.count(), Some(elapsed)), (4, RETRY.worst_case(Some(EACH.duration()))));
    assert_eq!(explained("::alone"), Some(elapsed));
}

#[tokio::test(start_paused = true)]
async fn where_open_circuits_are_waited_for_nothing_limits_it_but_a_limit() {
    #[retry(policy = RETRY, rejected(circuit_open))]
    #[circuit_breaker(failure_threshold = 1, reset_timeout = "1m", rejected(timed_out))]
    #[timeout(policy = EACH)]
    async fn waiting_for_a_circuit(runs: &Runs) -> Result<u32, Fault> {
        runs.works_at(2)
    }
    #[timeout("10s")]
    #[retry(policy = RETRY, rejected(circuit_open))]
    #[circuit_breaker]
    #[timeout(policy = EACH)]
    async fn waiting_within_a_limit() -> Result<u32, Fault> {
        Ok(1)
    }
    let (result, elapsed) = timed(waiting_for_a_circuit(&Runs::new())).await;
    assert_eq!((result, elapsed), (Ok(2), secs(60)));
    assert_eq!(explained("::waiting_for_a_circuit"), None);
    assert_eq!(
        (waiting_within_a_limit().await, explained("::waiting_within_a_limit")),
        (Ok(1), Some(secs(10)))
    );
}

#[tokio::test(start_paused = true)]
async fn hints_make_it_longer_by_as_much_as_they_are_waited_for() {
    #[retry(policy = RETRY, max_retry_after = "10s", retry_after = |_| Some(secs(10)))]
    #[timeout(policy = EACH)]
    async fn hinted(runs: &Runs) -> Result<u32, Fault> {
        tokio::time::sleep(ms(799)).await;
        runs.fail()
    }
    let policy = RETRY.max_retry_after(secs(10));
    assert_eq!(policy.worst_case_with_hints(Some(EACH.duration())), Some(ms(33_200)));
    assert_eq!(explained("::hinted"), Some(ms(33_200)));
    assert_eq!(timed(hinted(&Runs::new())).await.1, ms(33_196));
}

#[test]
fn what_nothing_limits_has_none() {
    const UNLIMITED: RetryPolicy = RetryPolicy::new().unlimited_attempts();
    assert_eq!(RETRY.worst_case(None), None);
    assert_eq!(UNLIMITED.worst_case(Some(secs(1))), None);
    assert_eq!(UNLIMITED.max_elapsed(secs(5)).worst_case(Some(secs(1))), Some(secs(6)));
    assert_eq!(RETRY.max_elapsed(secs(1)).worst_case(Some(ms(800))), Some(ms(1_800)));
    assert_eq!(RETRY.worst_case(Some(Duration::MAX)), Some(Duration::MAX));
}

/// Whether a handler answers for a call that is late, one that finds no slot, and one that an open circuit refuses.
macro_rules! answered_for {
    ($name:literal, $($rejected:tt)*) => {{
        #[fallback(value = 9, $($rejected)*)]
        #[circuit_breaker(name = $name)]
        #[bulkhead(name = $name, max_concurrent = 1)]
        #[timeout("10ms")]
        async fn call(runs: Arc<Runs>) -> Result<u32, Fault> {
            runs.hit();
            std::future::pending().await
        }
        let (bulkhead, breaker) = (get_bulkhead($name).unwrap(), get_circuit_breaker($name).unwrap());
        let runs = Arc::new(Runs::new());
        let late = call(Arc::clone(&runs)).await;
        let slot = bulkhead.acquire(Duration::ZERO).unwrap();
        let full = call(Arc::clone(&runs)).await;
        drop(slot);
        breaker.force_open();
        let open = call(Arc::clone(&runs)).await;
        let metrics = breaker.metrics();
        assert_eq!((runs.count(), bulkhead.metrics().rejected), (1, 1));
        assert_eq!((metrics.failure, metrics.ignored, metrics.rejected), (1, 1, 1));
        [late, full, open].map(|result| result.map_err(|fault| fault.refusal().kind()).is_ok_and(|answer| answer == 9))
    }};
}

#[tokio::test(start_paused = true)]
async fn a_fallback_answers_for_the_kinds_that_it_names() {
    assert_eq!(answered_for!("answers all",), [true, true, true]);
    assert_eq!(answered_for!("answers late", rejected(timed_out)), [true, false, false]);
    assert_eq!(answered_for!("answers full", rejected(bulkhead_full)), [false, true, false]);
    assert_eq!(answered_for!("answers open", rejected(circuit_open)), [false, false, true]);
    assert_eq!(answered_for!("answers two", rejected(bulkhead_full, circuit_open)), [false, true, true]);
}
