//! Calls that are made once more beside themselves when they take long.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use resilience::{
    Deadline, HedgeMetrics, HedgePolicy, PolicyKind, RetryBudgetPolicy, RetryPolicy, bulkhead, catalog,
    circuit_breaker, defaults, fallback, get_bulkhead, get_circuit_breaker, get_hedge, get_retry_budget,
    hedge, retry, timeout,
};
use tokio::time::{Instant, sleep};

use crate::support::{Fault, Log, Runs, assert_send, ms, named_here, poll_now, poll_times, timed};

/// The calls of a test: how long each takes, and how it ends.
struct Calls {
    runs: Runs,
    script: &'static [(u64, Result<u32, Fault>)],
    begun: Log<Duration>,
    start: Instant,
    under_way: AtomicU32,
}

impl Calls {
    fn new(script: &'static [(u64, Result<u32, Fault>)]) -> Self {
        let under_way = AtomicU32::new(0);
        Self { runs: Runs::new(), script, begun: Log::new(), start: Instant::now(), under_way }
    }

    async fn call(&self) -> Result<u32, Fault> {
        struct Leaves<'a>(&'a AtomicU32);
        impl Drop for Leaves<'_> {
            fn drop(&mut self) {
                self.0.fetch_sub(1, Ordering::SeqCst);
            }
        }
        let run = self.runs.hit() as usize;
        self.begun.push(self.start.elapsed());
        self.under_way.fetch_add(1, Ordering::SeqCst);
        let _leaves = Leaves(&self.under_way);
        let (takes, result) = &self.script[run - 1];
        if *takes > 0 {
            sleep(ms(*takes)).await;
        }
        result.clone()
    }

    fn under_way(&self) -> u32 {
        self.under_way.load(Ordering::SeqCst)
    }
}

fn runtime_paused() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}

const SLOW_THEN_QUICK: &[(u64, Result<u32, Fault>)] = &[(500, Ok(1)), (10, Ok(2))];

#[hedge(after = "50ms")]
async fn hedged(calls: &Calls) -> Result<u32, Fault> {
    calls.call().await
}

#[tokio::test(start_paused = true)]
async fn a_quick_call_is_made_once() {
    for takes in [&[(0, Ok(1))], &[(49, Ok(1))]] {
        let calls = Calls::new(takes);
        assert_eq!(timed(hedged(&calls)).await, (Ok(1), ms(takes[0].0)));
        assert_eq!(calls.runs.count(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_takes_long_gets_another_beside_it_and_the_first_success_wins() {
    let calls = Calls::new(SLOW_THEN_QUICK);
    assert_eq!(timed(hedged(&calls)).await, (Ok(2), ms(60)));
    assert_eq!(calls.begun.take(), [ms(0), ms(50)]);
    assert_eq!(calls.under_way(), 0, "the slower call is dropped");

    let calls = Calls::new(&[(70, Ok(1)), (100, Ok(2))]);
    assert_eq!(timed(hedged(&calls)).await, (Ok(1), ms(70)));
    assert_eq!((calls.runs.count(), calls.under_way()), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn a_failure_waits_for_the_other_call() {
    let calls = Calls::new(&[(60, Err(Fault::Transient(1))), (100, Ok(2))]);
    assert_eq!(timed(hedged(&calls)).await, (Ok(2), ms(150)));

    let calls = Calls::new(&[(200, Ok(1)), (10, Err(Fault::Transient(2)))]);
    assert_eq!(timed(hedged(&calls)).await, (Ok(1), ms(200)));
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_comes_before_the_time_is_the_answer() {
    let calls = Calls::new(&[(10, Err(Fault::Transient(1)))]);
    assert_eq!(timed(hedged(&calls)).await, (Err(Fault::Transient(1)), ms(10)));
    assert_eq!(calls.runs.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn where_all_have_failed_the_last_failure_comes_out() {
    #[hedge(after = "50ms", max = 3)]
    async fn call(calls: &Calls) -> Result<u32, Fault> {
        calls.call().await
    }
    let calls = Calls::new(&[(80, Err(Fault::Transient(1))), (40, Err(Fault::Transient(2)))]);
    assert_eq!(timed(call(&calls)).await, (Err(Fault::Transient(2)), ms(90)));
    assert_eq!(calls.runs.count(), 2, "nothing was under way any more when the third was due");
}

#[tokio::test(start_paused = true)]
async fn further_calls_come_one_by_one() {
    #[hedge(after = "50ms", max = 3)]
    async fn call(calls: &Calls) -> Result<u32, Fault> {
        calls.call().await
    }
    let calls = Calls::new(&[(900, Ok(1)), (900, Ok(2)), (30, Ok(3)), (900, Ok(4))]);
    assert_eq!(timed(call(&calls)).await, (Ok(3), ms(130)));
    assert_eq!(calls.begun.take(), [ms(0), ms(50), ms(100)]);
    assert_eq!(calls.under_way(), 0);

    let calls = Calls::new(&[(900, Ok(1)), (900, Ok(2)), (900, Ok(3)), (700, Ok(4))]);
    assert_eq!(timed(call(&calls)).await, (Ok(4), ms(850)));
    assert_eq!(calls.begun.take(), [ms(0), ms(50), ms(100), ms(150)]);
}

#[tokio::test(start_paused = true)]
async fn at_once_is_beside_a_call_that_has_to_wait() {
    #[hedge(after = "0s", max = 2)]
    async fn call(calls: &Calls) -> Result<u32, Fault> {
        calls.call().await
    }
    let calls = Calls::new(&[(30, Ok(1)), (20, Ok(2)), (10, Ok(3))]);
    assert_eq!(timed(call(&calls)).await, (Ok(3), ms(10)));
    assert_eq!(calls.begun.take(), [Duration::ZERO; 3]);
    let calls = Calls::new(&[(30, Ok(1)), (0, Ok(2))]);
    assert_eq!(timed(call(&calls)).await, (Ok(2), Duration::ZERO));
    assert_eq!(calls.runs.count(), 2);
    let calls = Calls::new(&[(0, Ok(1))]);
    assert_eq!(timed(call(&calls)).await, (Ok(1), Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn failures_that_the_filter_leaves_out_end_all_calls() {
    #[hedge(after = "50ms", except(Fault::Fatal))]
    async fn except(calls: &Calls) -> Result<u32, Fault> {
        calls.call().await
    }
    #[hedge(after = "50ms", on(Fault::Transient(n) if *n < limit), when = |fault| fault.to_string().len() > 3)]
    async fn on(calls: &Calls, limit: u32) -> Result<u32, Fault> {
        calls.call().await
    }
    let calls = Calls::new(&[(500, Ok(1)), (10, Err(Fault::Fatal))]);
    assert_eq!(timed(except(&calls)).await, (Err(Fault::Fatal), ms(60)));
    assert_eq!(calls.under_way(), 0);
    for (limit, expected) in [(1, (Err(Fault::Transient(1)), ms(60))), (2, (Ok(1), ms(500)))] {
        let calls = Calls::new(&[(500, Ok(1)), (10, Err(Fault::Transient(1)))]);
        assert_eq!(timed(on(&calls, limit)).await, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn an_ok_may_be_a_failure() {
    #[hedge(after = "50ms", when_ok = |value| *value == 0)]
    async fn call(calls: &Calls) -> Result<u32, Fault> {
        calls.call().await
    }
    let calls = Calls::new(&[(500, Ok(7)), (10, Ok(0))]);
    assert_eq!(timed(call(&calls)).await, (Ok(7), ms(500)));
    let calls = Calls::new(&[(60, Ok(0)), (10, Ok(0))]);
    assert_eq!(timed(call(&calls)).await, (Ok(0), ms(60)));
}

#[tokio::test(start_paused = true)]
async fn a_dropped_call_drops_them_all() {
    let calls = Calls::new(&[(500, Ok(1)), (500, Ok(2))]);
    assert_eq!(poll_times(2, hedged(&calls)).await, None);
    assert_eq!((calls.runs.count(), calls.under_way()), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn a_panic_goes_through_and_drops_the_others() {
    #[hedge(after = "50ms")]
    async fn call(calls: &Calls) -> Result<u32, Fault> {
        let result = calls.call().await;
        assert_ne!(result, Ok(2), "this one panics");
        result
    }
    let calls = Arc::new(Calls::new(SLOW_THEN_QUICK));
    let seen = Arc::clone(&calls);
    let task = tokio::spawn(async move { call(&seen).await });
    assert!(task.await.unwrap_err().is_panic());
    assert_eq!((calls.runs.count(), calls.under_way()), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn a_call_that_never_yields_within_its_turn_does_not_starve_the_others() {
    /// Wakes itself each time it is polled, and uses up all that tokio lets a task do in one turn.
    async fn greedy() {
        loop {
            tokio::task::consume_budget().await;
        }
    }
    #[hedge(after = "0s")]
    async fn call(runs: &Runs) -> Result<u32, Fault> {
        if runs.hit() == 1 {
            greedy().await;
        }
        // Needs a turn in which there is something left.
        for _ in 0..3 {
            tokio::task::consume_budget().await;
            tokio::task::yield_now().await;
        }
        Ok(2)
    }
    assert_eq!(poll_times(20, call(&Runs::new())).await, Some(Ok(2)));
}

#[tokio::test(start_paused = true)]
async fn the_retry_budget_pays_for_further_calls() {
    #[hedge(after = "50ms", budget(name = "hedges", ratio = 0.5, min_per_second = 0))]
    async fn paid(calls: &Calls) -> Result<u32, Fault> {
        calls.call().await
    }
    for expected in [1, 2, 1, 2, 1] {
        let calls = Calls::new(SLOW_THEN_QUICK);
        assert!(paid(&calls).await.is_ok());
        assert_eq!(calls.runs.count(), expected);
    }
    let metrics = get_retry_budget("hedges").expect("declared above").metrics();
    assert_eq!((metrics.deposits, metrics.withdrawals, metrics.refused), (5, 2, 3));
    let seen = get_hedge(named_here!(paid)).expect("declared above").metrics();
    assert_eq!((seen.made, seen.won, seen.refused), (2, 2, 3));
}

#[tokio::test(start_paused = true)]
async fn a_call_pays_in_once_with_a_retry_of_the_same_budget_outside() {
    #[retry(max_attempts = 2, base_delay = "0s", budget(name = "of both", ratio = 1.0, min_per_second = 0))]
    #[hedge(after = "50ms", budget = "of both")]
    async fn call(calls: &Calls) -> Result<u32, Fault> {
        calls.call().await
    }
    let calls = Calls::new(&[(10, Err(Fault::Fatal)), (500, Ok(2))]);
    assert_eq!(timed(call(&calls)).await, (Ok(2), ms(510)));
    let metrics = get_retry_budget("of both").expect("declared above").metrics();
    // The retry took the token that the call had paid, and left none for a further call.
    assert_eq!((metrics.deposits, metrics.withdrawals, metrics.refused), (1, 1, 1));
}

#[tokio::test(start_paused = true)]
async fn each_attempt_pays_into_a_budget_that_its_retry_does_not_name() {
    const RETRY: RetryPolicy =
        RetryPolicy::new().max_attempts(2).base_delay(Duration::ZERO).budget("of the retry").checked();
    const SETTINGS: RetryBudgetPolicy = RetryBudgetPolicy::new().ratio(0.5).min_per_second(0);
    const HEDGE: HedgePolicy =
        HedgePolicy::new(Duration::from_millis(50)).budget_with("of the hedge", SETTINGS).checked();
    #[retry(policy = RETRY)]
    #[hedge(policy = HEDGE, max = most)]
    async fn call(calls: &Calls, most: u32) -> Result<u32, Fault> {
        calls.call().await
    }
    let calls = Calls::new(&[(10, Err(Fault::Fatal)), (500, Ok(2)), (10, Ok(3))]);
    assert_eq!(timed(call(&calls, 1)).await, (Ok(3), ms(70)));
    let metrics = |name| get_retry_budget(name).expect("declared above").metrics();
    assert_eq!((metrics("of the retry").deposits, metrics("of the retry").withdrawals), (1, 1));
    assert_eq!((metrics("of the hedge").deposits, metrics("of the hedge").withdrawals), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn each_call_goes_through_the_policies_inside() {
    #[hedge(after = "50ms")]
    #[circuit_breaker(name = "hedged breaker")]
    #[bulkhead(name = "hedged bulkhead", max_concurrent = 2)]
    async fn call(calls: &Calls) -> Result<u32, Fault> {
        calls.call().await
    }
    let calls = Calls::new(SLOW_THEN_QUICK);
    assert_eq!(call(&calls).await, Ok(2));
    let metrics = get_circuit_breaker("hedged breaker").expect("declared above").metrics();
    assert_eq!((metrics.success, metrics.failure), (1, 0), "a call that is dropped votes neither way");
    let bulkhead = get_bulkhead("hedged bulkhead").expect("declared above");
    assert_eq!((bulkhead.metrics().admitted, bulkhead.available_slots()), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn a_refused_further_call_leaves_the_first_one_alone() {
    #[hedge(after = "50ms")]
    #[bulkhead(max_concurrent = 1)]
    async fn call(calls: &Calls) -> Result<u32, Fault> {
        calls.call().await
    }
    #[hedge(after = "50ms", rejected(timed_out))]
    #[bulkhead(max_concurrent = 1)]
    #[timeout("1s")]
    async fn ended_by_it(calls: &Calls) -> Result<u32, Fault> {
        calls.call().await
    }
    let calls = Calls::new(&[(100, Ok(1))]);
    assert_eq!(timed(call(&calls)).await, (Ok(1), ms(100)));
    let calls = Calls::new(&[(100, Ok(1))]);
    let (result, elapsed) = timed(ended_by_it(&calls)).await;
    assert!(result.unwrap_err().refusal().is_bulkhead_full());
    assert_eq!((elapsed, calls.under_way()), (ms(50), 0));
}

#[tokio::test(start_paused = true)]
async fn timeouts_outside_and_inside() {
    #[timeout("120ms")]
    #[hedge(after = "50ms")]
    #[timeout("90ms")]
    async fn call(calls: &Calls) -> Result<u32, Fault> {
        calls.call().await
    }
    let calls = Calls::new(&[(900, Ok(1)), (20, Ok(2))]);
    assert_eq!(timed(call(&calls)).await, (Ok(2), ms(70)));
    let calls = Calls::new(&[(900, Ok(1)), (45, Ok(2))]);
    assert_eq!(timed(call(&calls)).await, (Ok(2), ms(95)), "the timeout of the first waits for the other");
    let calls = Calls::new(&[(900, Ok(1)), (900, Ok(2))]);
    let (result, elapsed) = timed(call(&calls)).await;
    assert!(result.unwrap_err().refusal().is_timed_out());
    assert_eq!((elapsed, calls.under_way()), (ms(120), 0));
}

#[tokio::test(start_paused = true)]
async fn no_call_is_begun_that_the_deadline_leaves_no_time_for() {
    for (limit, runs) in [(50, 1), (51, 2)] {
        let calls = Calls::new(&[(500, Ok(1)), (500, Ok(2))]);
        let deadline = Deadline::from_grpc_timeout(&format!("{limit}m")).unwrap();
        let (result, elapsed) =
            timed(deadline.scope_async(resilience::with_timeout(ms(limit), hedged(&calls)))).await;
        assert!(result.unwrap_err().is_timed_out());
        assert_eq!((elapsed, calls.runs.count()), (ms(limit), runs));
    }
}

#[tokio::test(start_paused = true)]
async fn every_attempt_of_a_retry_is_hedged_and_a_fallback_answers_in_the_end() {
    #[fallback(value = 0)]
    #[retry(max_attempts = 2, backoff = "constant", base_delay = "1s", jitter = "none")]
    #[hedge(after = "50ms")]
    #[circuit_breaker]
    async fn call(calls: &Calls) -> Result<u32, Fault> {
        calls.call().await
    }
    let calls = Calls::new(&[
        (60, Err(Fault::Transient(1))),
        (60, Err(Fault::Transient(2))),
        (60, Err(Fault::Transient(3))),
        (60, Err(Fault::Transient(4))),
    ]);
    assert_eq!(timed(call(&calls)).await, (Ok(0), ms(110 + 1000 + 110)));
    assert_eq!(calls.begun.take(), [ms(0), ms(50), ms(1110), ms(1160)]);
}

#[tokio::test(start_paused = true)]
async fn consumed_arguments_are_cloned_for_each_call() {
    #[hedge(after = "50ms", clone(order))]
    async fn place(mut order: Vec<u32>, calls: &Calls) -> Result<Vec<u32>, Fault> {
        order.push(calls.call().await?);
        Ok(order)
    }
    #[retry(max_attempts = 2, base_delay = "0s", clone(order))]
    #[hedge(after = "50ms")]
    #[circuit_breaker(key = order.len(), fallback = |_| Ok(String::new()))]
    async fn spell(order: Vec<u8>, calls: &Calls) -> Result<String, Fault> {
        calls.call().await?;
        Ok(String::from_utf8(order).unwrap())
    }
    let calls = Calls::new(SLOW_THEN_QUICK);
    assert_eq!(place(vec![0], &calls).await, Ok(vec![0, 2]));
    let calls = Calls::new(&[(500, Ok(1)), (60, Err(Fault::Fatal))]);
    assert_eq!(spell(b"one".to_vec(), &calls).await, Ok("one".to_owned()));
    let calls = Calls::new(&[(1, Err(Fault::Fatal)), (500, Ok(1)), (10, Ok(2))]);
    assert_eq!(spell(b"two".to_vec(), &calls).await, Ok("two".to_owned()));
}

struct Client {
    calls: Calls,
}

impl Client {
    #[hedge(after = self.patience())]
    async fn fetch<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.calls.call().await.ok().map(|_| name)
    }

    #[hedge(after = "50ms")]
    async fn any(self: Arc<Self>, number: u64) -> u64 {
        self.calls.call().await.map_or(0, u64::from) + number
    }

    fn patience(&self) -> Duration {
        ms(self.calls.script[0].0 / 10)
    }
}

#[tokio::test(start_paused = true)]
async fn methods_options_and_what_can_not_fail() {
    let client = Client { calls: Calls::new(SLOW_THEN_QUICK) };
    assert_eq!(timed(client.fetch("ACME")).await, (Some("ACME"), ms(60)));
    let client = Client { calls: Calls::new(&[(500, Ok(1)), (10, Err(Fault::Fatal))]) };
    assert_eq!(timed(client.fetch("ACME")).await, (Some("ACME"), ms(500)));
    let client = Arc::new(Client { calls: Calls::new(&[(500, Ok(1)), (10, Err(Fault::Fatal))]) });
    assert_eq!(timed(client.any(7)).await, (7, ms(60)), "the first to be there is the answer");
}

#[hedge(after = "50ms")]
fn boxed<'a>(calls: &'a Calls) -> std::pin::Pin<Box<dyn Future<Output = Result<u32, Fault>> + Send + 'a>> {
    Box::pin(async move { calls.call().await })
}

#[hedge(after = "50ms", max = 2)]
#[timeout("90ms")]
fn of_a_future<T: Sync>(calls: &Calls, _more: [T; 2]) -> impl Future<Output = Result<u32, Fault>> {
    calls.call()
}

#[async_trait::async_trait]
trait Reads: Sync {
    async fn read(&self, key: String) -> Result<String, Fault>;
}

#[async_trait::async_trait]
impl Reads for Calls {
    #[hedge(after = "50ms", clone(key))]
    #[circuit_breaker]
    async fn read(&self, key: String) -> Result<String, Fault> {
        self.call().await?;
        Ok(key)
    }
}

#[tokio::test(start_paused = true)]
async fn functions_that_return_a_future_and_async_traits() {
    let calls = Calls::new(SLOW_THEN_QUICK);
    assert_eq!(timed(boxed(&calls)).await, (Ok(2), ms(60)));
    let calls = Calls::new(SLOW_THEN_QUICK);
    assert_eq!(timed(of_a_future(&calls, [0_u8; 2])).await, (Ok(2), ms(60)));
    let calls: Box<dyn Reads + Send> = Box::new(Calls::new(SLOW_THEN_QUICK));
    assert_eq!(timed(calls.read("k".to_owned())).await, (Ok("k".to_owned()), ms(60)));
}

#[tokio::test(start_paused = true)]
async fn it_goes_to_another_thread() {
    #[retry(max_attempts = 2, base_delay = "1ms", clone(name))]
    #[hedge(after = "50ms", max = 2, except(Fault::Fatal))]
    #[circuit_breaker]
    #[bulkhead(max_concurrent = 4, max_wait = "1s")]
    #[timeout("2s")]
    async fn call<T: Clone + Send + Sync>(
        calls: &Calls,
        name: String,
        more: T,
    ) -> Result<(u32, String), Fault> {
        let _ = more.clone();
        Ok((calls.call().await?, name))
    }
    let calls = Arc::new(Calls::new(SLOW_THEN_QUICK));
    let task = tokio::spawn(assert_send(async move { call(&calls, "n".to_owned(), 1).await }));
    assert_eq!(task.await.unwrap(), Ok((2, "n".to_owned())));
}

#[tokio::test(start_paused = true)]
async fn by_hand() {
    let calls = Calls::new(SLOW_THEN_QUICK);
    let policy = HedgePolicy::new(ms(50)).budget_with("hedged by hand", RetryBudgetPolicy::new());
    let (result, elapsed) = timed(policy.call_async(|| calls.call())).await;
    assert_eq!((result, elapsed, calls.under_way()), (Ok(2), ms(60), 0));
    let metrics = get_retry_budget("hedged by hand").expect("the call has made it").metrics();
    assert_eq!((metrics.deposits, metrics.withdrawals), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn by_hand_the_budget_is_the_one_of_the_attributes() {
    const POLICY: HedgePolicy = HedgePolicy::new(Duration::from_millis(50)).max(2).budget("hedged by both");
    #[hedge(policy = POLICY, budget(name = "hedged by both", ratio = 0.0, min_per_second = 1))]
    async fn call(calls: &Calls) -> Result<u32, Fault> {
        calls.call().await
    }
    let calls = Calls::new(&[(500, Ok(1)), (300, Ok(2))]);
    assert_eq!(timed(POLICY.call_async(async || calls.call().await)).await, (Ok(2), ms(350)));
    let calls = Calls::new(&[(500, Ok(1))]);
    assert_eq!(timed(call(&calls)).await, (Ok(1), ms(500)));
    let budget = get_retry_budget("hedged by both").expect("declared above");
    assert_eq!(budget.policy(), RetryBudgetPolicy::new().ratio(0.0).min_per_second(1));
    let metrics = budget.metrics();
    assert_eq!((metrics.deposits, metrics.withdrawals, metrics.refused), (2, 1, 2));
}

#[tokio::test(start_paused = true)]
async fn settings_that_can_not_work_are_made_do_without() {
    #[hedge(after = "50ms", max = *most)]
    async fn call(calls: &Calls, most: &u32) -> Result<u32, Fault> {
        calls.call().await
    }
    let calls = Calls::new(&[(500, Ok(1)), (500, Ok(2))]);
    assert_eq!(timed(HedgePolicy::new(ms(50)).max(0).call_async(|| calls.call())).await, (Ok(1), ms(500)));
    assert_eq!(calls.runs.count(), 2);
    let calls = Calls::new(&[(500, Ok(1)), (500, Ok(2))]);
    assert_eq!(timed(call(&calls, &0)).await, (Ok(1), ms(500)));
    assert_eq!(calls.runs.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_it_has_done_is_counted_for_its_function() {
    #[hedge(after = "50ms", max = 2)]
    async fn counted(calls: &Calls) -> Result<u32, Fault> {
        calls.call().await
    }
    let handle = get_hedge(named_here!(counted)).expect("before the first call");
    assert_eq!((handle.name(), handle.metrics()), (named_here!(counted), HedgeMetrics::default()));
    for script in [SLOW_THEN_QUICK, &[(20, Ok(1))], &[(120, Ok(1)), (900, Ok(2)), (900, Ok(3))]] {
        assert!(counted(&Calls::new(script)).await.is_ok());
    }
    let metrics = handle.metrics();
    assert_eq!((metrics.made, metrics.won, metrics.refused), (3, 1, 0));
    assert!(get_hedge("nobody::has_one").is_none());
}

#[test]
fn the_catalogue_and_the_worst_case_know_it() {
    #[retry(max_attempts = 2, base_delay = "1s", jitter = "none")]
    #[hedge(after = "50ms", max = 2, budget(name = "explained", ratio = 0.1))]
    #[timeout("100ms")]
    async fn explained(calls: &Calls) -> Result<u32, Fault> {
        calls.call().await
    }
    #[hedge(after = ms(after), budget = "explained")]
    async fn dynamic(calls: &Calls, after: u64) -> Result<u32, Fault> {
        calls.call().await
    }
    let calls = runtime_paused().block_on(async { Calls::new(&[]) });
    drop((explained(&calls), dynamic(&calls, 50)));
    let catalog = catalog();
    let site =
        |name: &str| catalog.iter().find(|site| site.function().ends_with(name)).expect("it is annotated");
    let policy = site("hedge::explained").policies()[1];
    assert_eq!((policy.kind(), policy.name()), (PolicyKind::Hedge, named_here!(explained)));
    assert_eq!(PolicyKind::Hedge.to_string(), "hedge");
    assert_eq!(
        policy.settings(),
        "2 further calls, one each 50ms, budget `explained` of 0.1 retries a call and 10 a second"
    );
    let explanation = site("hedge::explained").explain();
    // Twice 50 + 50 + 100, and a wait.
    assert_eq!(explanation.longest(), Some(ms(1_400)));
    let text = explanation.to_string();
    let expected = "hedge: makes up to 2 further calls, one by one, beside a call that takes longer than 50ms, as long \
                    as the budget `explained` lasts";
    assert!(text.contains(expected), "{text}");
    let expected = "1 further call, budget `explained` of 0.1 retries a call and 10 a second; for each call after = ms(after)";
    assert_eq!(site("hedge::dynamic").policies()[0].settings(), expected);
    let explanation = site("hedge::dynamic").explain();
    assert_eq!(explanation.longest(), None);
    let expected =
        "hedge: makes further calls beside a call that takes long, as long as the budget `explained` lasts";
    assert!(explanation.to_string().contains(expected), "{explanation}");
}

#[tokio::test(start_paused = true)]
async fn a_timeout_covers_the_calls_of_a_hedge() {
    // 50 + 100 for each of two attempts, and a wait of one second.
    #[timeout("1300ms", covers_retries)]
    #[retry(max_attempts = 2, base_delay = "1s", jitter = "none")]
    #[hedge(after = "50ms")]
    #[timeout("100ms")]
    async fn covered(calls: &Calls) -> Result<u32, Fault> {
        calls.call().await
    }
    let calls = Calls::new(&[(900, Ok(1)), (900, Ok(2)), (900, Ok(3)), (99, Ok(4))]);
    assert_eq!(timed(covered(&calls)).await, (Ok(4), ms(150 + 1000 + 149)));
}

#[test]
fn the_defaults_stay_what_they_are() {
    assert_eq!((defaults::HEDGE_MAX, defaults::HEDGE_MAX_LIMIT), (1, 10));
}

#[test]
fn nothing_begins_before_the_first_poll() {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let _entered = runtime.enter();
    let calls = Calls::new(&[(500, Ok(1))]);
    let mut call = std::pin::pin!(hedged(&calls));
    assert_eq!(calls.runs.count(), 0);
    assert!(poll_now(call.as_mut()).is_pending());
    assert_eq!(calls.runs.count(), 1);
}
