//! Failures and delays that a test injects.

use std::time::Duration;

use resilience::testing::{self, ManualClock};
use resilience::{CircuitState, catalog, circuit_breaker, fallback, get_circuit_breaker, retry, timeout};
use tokio::time::sleep;

use crate::support::{Fault, Runs, assert_send, ms, named_here, panic_of, secs, timed};

fn down() -> Fault {
    Fault::Fatal
}

#[retry(max_attempts = 3, base_delay = "0s")]
fn sync_answer(runs: &Runs) -> Result<u32, Fault> {
    Ok(runs.hit())
}

#[retry(max_attempts = 3, base_delay = "0s")]
async fn async_answer(runs: &Runs) -> Result<u32, Fault> {
    Ok(runs.hit())
}

#[test]
fn fails_the_first_two_attempts_of_three() {
    let (fault, runs) = (testing::inject("injection::sync_answer").fail(2, down), Runs::new());
    assert_eq!(sync_answer(&runs), Ok(1));
    fault.assert_calls(3);
    assert_eq!(runs.count(), 1, "the body itself ran once");
    assert_eq!(sync_answer(&runs), Ok(2));
    assert_eq!(fault.calls(), 4);
}

#[tokio::test]
async fn fails_async_attempts_likewise() {
    let (fault, runs) = (testing::inject(named_here!(async_answer)).fail(2, down), Runs::new());
    assert_eq!(async_answer(&runs).await, Ok(1));
    fault.assert_calls(3);
    assert_eq!(runs.count(), 1);
}

#[test]
fn a_call_that_fails_to_the_end_fails_with_that_error() {
    let (fault, runs) = (testing::inject("injection::sync_answer").fail(u32::MAX, down), Runs::new());
    assert_eq!(sync_answer(&runs), Err(Fault::Fatal));
    assert_eq!((fault.calls(), runs.count()), (3, 0));
}

#[test]
fn happens_in_the_order_that_was_asked_for() {
    let clock = ManualClock::install();
    let fault = testing::inject("injection::sync_answer").pass(1).fail(1, down).delay(1, secs(7));
    let runs = Runs::new();
    assert_eq!(sync_answer(&runs), Ok(1));
    assert_eq!((fault.calls(), clock.elapsed()), (1, secs(0)));
    assert_eq!(sync_answer(&runs), Ok(2));
    assert_eq!((fault.calls(), clock.elapsed()), (3, secs(7)));
    assert_eq!(sync_answer(&runs), Ok(3));
    assert_eq!((fault.calls(), clock.elapsed()), (4, secs(7)));
}

#[test]
fn ends_with_its_guard_even_by_a_panic() {
    let runs = Runs::new();
    let panic = panic_of(|| {
        let fault = testing::inject("injection::sync_answer").fail(u32::MAX, down);
        sync_answer(&runs).unwrap_err();
        fault.assert_calls(2);
    });
    assert_eq!(panic, concat!(module_path!(), "::sync_answer: 3 calls, expected 2"));
    assert_eq!(sync_answer(&runs), Ok(1));
}

#[test]
fn the_later_of_two_faults_comes_first_and_both_count() {
    let runs = Runs::new();
    let older = testing::inject("injection::sync_answer").fail(u32::MAX, down);
    let newer = testing::inject("injection::sync_answer").pass(2);
    assert_eq!((sync_answer(&runs), sync_answer(&runs)), (Ok(1), Ok(2)));
    assert_eq!(sync_answer(&runs), Err(Fault::Fatal));
    assert_eq!((older.calls(), newer.calls()), (5, 5));
}

#[circuit_breaker(name = "injection: shared", failure_threshold = 2)]
fn reads() -> Result<u32, Fault> {
    Ok(1)
}

#[circuit_breaker(name = "injection: shared")]
fn writes() -> Result<u32, Fault> {
    Ok(2)
}

#[test]
fn a_policys_name_means_all_functions_that_share_it() {
    testing::isolated(|| {
        let fault = testing::inject("injection: shared").fail(2, down);
        reads().unwrap_err();
        writes().unwrap_err();
        let breaker = get_circuit_breaker("injection: shared").expect("declared above");
        assert_eq!(breaker.state(), CircuitState::Open, "the breaker counts what was injected");
        assert!(reads().unwrap_err().refusal().is_circuit_open());
        fault.assert_calls(2);
    });
}

#[test]
fn a_site_of_the_catalogue_means_its_function() {
    let site = catalog().into_iter().find(|site| site.function() == named_here!(writes)).expect("above");
    testing::isolated(|| {
        let fault = testing::inject(site).fail(1, down);
        assert_eq!(reads(), Ok(1));
        writes().unwrap_err();
        fault.assert_calls(1);
    });
}

#[tokio::test(start_paused = true)]
async fn a_delay_counts_for_the_timeout_around_it() {
    #[timeout("5s")]
    async fn delayed(runs: &Runs) -> Result<u32, Fault> {
        Ok(runs.hit())
    }
    let (fault, runs) =
        (testing::inject("injection::delayed").delay(1, secs(4)).delay(1, secs(6)), Runs::new());
    assert_eq!(timed(delayed(&runs)).await, (Ok(1), secs(4)));
    let (late, time) = timed(delayed(&runs)).await;
    assert!(late.unwrap_err().refusal().is_timed_out());
    assert_eq!((time, runs.count(), fault.calls()), (secs(5), 1, 2));
}

#[tokio::test(start_paused = true)]
async fn a_delay_that_takes_no_time_is_cut_by_the_timeout_all_the_same() {
    #[timeout("5s")]
    async fn hung(runs: &Runs) -> Result<u32, Fault> {
        Ok(runs.hit())
    }
    let (instant, runs) = (testing::instant(), Runs::new());
    let _fault = testing::inject("injection::hung").delay(1, secs(4)).delay(1, Duration::MAX);
    assert_eq!(timed(hung(&runs)).await, (Ok(1), secs(0)));
    let (late, time) = timed(hung(&runs)).await;
    assert!(late.unwrap_err().refusal().is_timed_out());
    assert_eq!((time, runs.count()), (secs(0), 1));
    assert_eq!(instant.waits(), [secs(4), secs(5)]);
}

#[test]
fn a_delay_is_too_long_for_a_cooperative_and_for_a_detached_timeout() {
    #[timeout("5s", mode = "cooperative")]
    fn in_place() -> Result<u32, Fault> {
        Ok(1)
    }
    #[timeout("5s")]
    fn on_a_thread() -> Result<u32, Fault> {
        Ok(1)
    }
    let _instant = testing::instant();
    let _faults = (
        testing::inject("injection::in_place").delay(1, secs(4)).delay(1, secs(6)),
        testing::inject("injection::on_a_thread").delay(1, secs(4)).delay(1, secs(6)),
    );
    for call in [in_place, on_a_thread] {
        assert_eq!(call(), Ok(1));
        assert!(call().unwrap_err().refusal().is_timed_out());
    }
}

#[test]
fn a_detached_body_fails_too() {
    #[retry(max_attempts = 2, base_delay = "0s", clone(text))]
    #[timeout("1m")]
    fn on_another_thread(text: String) -> Result<usize, Fault> {
        Ok(text.len())
    }
    let fault = testing::inject("injection::on_another_thread").fail(1, down);
    assert_eq!(on_another_thread("four".to_owned()), Ok(4));
    fault.assert_calls(2);
}

#[test]
fn an_option_fails_as_none() {
    #[retry(max_attempts = 2, base_delay = "0s")]
    fn optional() -> Option<u32> {
        Some(1)
    }
    let fault = testing::inject("injection::optional").fail(3, || ());
    assert_eq!((optional(), optional()), (None, Some(1)));
    fault.assert_calls(4);
}

#[derive(Debug)]
struct Api {
    host: String,
}

#[async_trait::async_trait]
trait Fetches {
    async fn boxed(&self) -> Result<&str, Fault>;
}

#[async_trait::async_trait]
impl Fetches for Api {
    #[retry(max_attempts = 2, base_delay = "0s")]
    async fn boxed(&self) -> Result<&str, Fault> {
        Ok(self.host.as_str())
    }
}

impl Api {
    #[retry(max_attempts = 2, base_delay = "0s")]
    fn future(&self) -> impl Future<Output = Result<&str, Fault>> + Send {
        async { Ok(self.host.as_str()) }
    }

    #[retry(max_attempts = 2, base_delay = "0s")]
    fn pinned(&self) -> std::pin::Pin<Box<dyn Future<Output = Result<&str, Fault>> + Send + '_>> {
        Box::pin(async { Ok(self.host.as_str()) })
    }
}

#[tokio::test]
async fn every_form_of_an_async_function_can_fail() {
    let api = Api { host: "here".to_owned() };
    for name in ["boxed", "future", "pinned"] {
        let fault = testing::inject(&*format!("injection::{name}")).fail(1, down);
        let answer = match name {
            "boxed" => assert_send(api.boxed()).await,
            "future" => assert_send(api.future()).await,
            _ => assert_send(api.pinned()).await,
        };
        assert_eq!(answer, Ok("here"));
        fault.assert_calls(2);
    }
}

#[derive(Debug, PartialEq)]
struct Borrowed<'a>(&'a str);

#[fallback(|Borrowed(text)| Ok(text.len()))]
#[retry(max_attempts = 2, base_delay = "0s")]
fn borrows<'a>(text: &'a str) -> Result<usize, Borrowed<'a>> {
    Err(Borrowed(text))
}

#[test]
fn an_error_that_borrows_can_be_made_of_what_lives_for_ever() {
    let _fault = testing::inject("injection::borrows").fail(2, || Borrowed("for ever"));
    let text = "short".to_owned();
    assert_eq!((borrows(&text), borrows(&text)), (Ok(8), Ok(5)));
}

#[retry(max_attempts = 2, base_delay = "0s")]
fn generic_in_its_value<T: Clone>(value: &T) -> Result<T, Fault> {
    Ok(value.clone())
}

#[retry(max_attempts = 1)]
fn generic_in_its_error<E: Clone>(error: &E) -> Result<u32, E> {
    Err(error.clone())
}

#[fallback(value = 0, when_ok = |number| *number > 8)]
fn plain() -> u32 {
    1
}

#[test]
fn what_can_not_fail_says_why() {
    let fault = testing::inject("injection::generic_in_its_value").fail(1, down);
    assert_eq!(generic_in_its_value(&7), Ok(7));
    fault.assert_calls(2);

    let _fault = testing::inject("injection::plain").fail(1, down);
    assert!(panic_of(plain).contains("which can't be made to fail: it returns `u32`, "));

    let _fault = testing::inject("injection::generic_in_its_error").fail(1, down);
    let panic = panic_of(|| generic_in_its_error(&Fault::Fatal));
    assert!(panic.contains("which can't be made to fail: it returns `core::result::Result<u32, "), "{panic}");
    assert_eq!(generic_in_its_error(&Fault::Fatal), Err(Fault::Fatal));
}

#[test]
fn another_type_of_error_is_told_by_the_call() {
    #[retry(max_attempts = 2)]
    fn optional_too() -> Option<u32> {
        Some(1)
    }
    let runs = Runs::new();
    let _fault = testing::inject("injection::sync_answer").fail(1, || "down".to_owned());
    assert_eq!(
        panic_of(|| sync_answer(&runs)),
        concat!(
            "`alloc::string::String` was injected into `",
            module_path!(),
            "::sync_answer`, whose errors are of the type `behaviour::support::Fault`",
        )
    );
    let _fault = testing::inject("injection::optional_too").fail(1, down);
    assert!(panic_of(optional_too).ends_with("of the type `()`; `None` is injected as `()`"));
}

#[test]
fn a_name_that_nobody_has_is_told_at_once() {
    assert!(panic_of(|| testing::inject("nobody")).starts_with("no annotated function is called `nobody`"));
    let panic = panic_of(|| testing::inject("call"));
    assert!(panic.starts_with("`call` may be any of ") && panic.ends_with(": write more of the path"));
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_delay_leaves_nothing_behind() {
    let (fault, runs) = (testing::inject("injection::async_answer").delay(1, secs(9)), Runs::new());
    tokio::time::timeout(secs(1), async_answer(&runs)).await.unwrap_err();
    assert_eq!(timed(async_answer(&runs)).await, (Ok(1), ms(0)));
    fault.assert_calls(2);
}

#[test]
fn a_carried_task_has_the_faults_of_the_test_and_another_task_has_not() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_time()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let fault = testing::inject("injection::async_answer").fail(u32::MAX, down);
        let call = || async { async_answer(&Runs::new()).await };
        assert_eq!(tokio::spawn(testing::carry(call())).await.unwrap(), Err(Fault::Fatal));
        assert_eq!(tokio::spawn(call()).await.unwrap(), Ok(1));
        fault.assert_calls(3);
    });
}

#[tokio::test(start_paused = true)]
async fn bodies_run_as_ever_where_nothing_is_injected() {
    #[timeout("5s")]
    async fn slow() -> Result<u32, Fault> {
        sleep(secs(1)).await;
        Ok(1)
    }
    let _elsewhere = testing::inject("injection::async_answer").fail(u32::MAX, down);
    assert_eq!(timed(slow()).await, (Ok(1), secs(1)));
    assert_eq!(plain(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_count_that_misses_says_that_calls_ran_outside_of_the_scope() {
    #[retry(max_attempts = 1)]
    async fn call() -> Result<u32, Fault> {
        Ok(1)
    }
    let fault = testing::inject(named_here!(call)).fail(1, down);
    tokio::spawn(call()).await.unwrap().unwrap();
    std::thread::spawn(|| sync_answer(&Runs::new())).join().unwrap().unwrap();
    let text = panic_of(|| fault.assert_calls(1));
    for part in ["0 calls, expected 1", "1 more ran outside of this fault's scope", "testing::carry(task)"] {
        assert!(text.contains(part), "{text}");
    }
    assert_eq!(tokio::spawn(testing::carry(call())).await.unwrap(), Err(Fault::Fatal));
    fault.assert_calls(1);
    let inside = panic_of(|| testing::inject("injection::sync_answer").assert_calls(1));
    assert!(!inside.contains("outside"), "{inside}");
}
