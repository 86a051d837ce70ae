//! `RetryPolicy::call` and `call_async`: retrying without an attribute.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use resilience::{Backoff, Jitter, RetryExhausted, RetryPolicy, timeout};

use crate::support::{Fault, Runs, assert_send, ms, panic_of, poll_now, secs, timed};

const AT_ONCE: RetryPolicy = RetryPolicy::new().max_attempts(4).base_delay(Duration::ZERO);
const STEADY: RetryPolicy = RetryPolicy::new()
    .max_attempts(4)
    .backoff(Backoff::Constant)
    .base_delay(Duration::from_millis(100))
    .jitter(Jitter::None);

#[test]
fn every_error_is_retried_until_it_works() {
    let runs = Runs::new();
    assert_eq!(AT_ONCE.call(|| runs.works_at(3)), Ok(3));
    let runs = Runs::new();
    let exhausted = AT_ONCE.call(|| runs.fail()).unwrap_err();
    assert_eq!((exhausted.attempts, exhausted.last), (4, Fault::Transient(4)));
}

#[cfg(feature = "testing")]
#[test]
fn a_sync_call_waits_and_tells_how_long_it_took() {
    let clock = resilience::testing::ManualClock::install();
    let exhausted = STEADY.call(|| Runs::new().fail()).unwrap_err();
    let expected = RetryExhausted { attempts: 4, elapsed: ms(300), last: Fault::Transient(1) };
    assert_eq!((exhausted, clock.elapsed()), (expected, ms(300)));
}

#[tokio::test(start_paused = true)]
async fn an_async_call_waits_and_tells_how_long_it_took() {
    let runs = Runs::new();
    let (result, elapsed) = timed(STEADY.call_async(async || runs.fail())).await;
    let expected = RetryExhausted { attempts: 4, elapsed: ms(300), last: Fault::Transient(4) };
    assert_eq!((result, elapsed), (Err(expected), ms(300)));
}

#[tokio::test(start_paused = true)]
async fn it_goes_to_another_task_with_what_it_borrows() {
    struct Client(Runs);
    impl Client {
        async fn fetch(&self, url: &str) -> Result<String, Fault> {
            tokio::task::yield_now().await;
            self.0.works_at(3).map(|run| format!("{url} {run}"))
        }
    }
    let client = Arc::new(Client(Runs::new()));
    let url = String::from("/a");
    let task = tokio::spawn(async move { STEADY.call_async(async || client.fetch(&url).await).await });
    assert_eq!(task.await.unwrap(), Ok("/a 3".to_owned()));

    let client = Client(Runs::new());
    assert_eq!(assert_send(STEADY.call_async(|| client.fetch("/b"))).await, Ok("/b 3".to_owned()));

    // A closure that gives each attempt what is its own.
    let client = Arc::new(Client(Runs::new()));
    let task = tokio::spawn(STEADY.call_async(move || {
        let client = Arc::clone(&client);
        async move { client.fetch("/c").await }
    }));
    assert_eq!(task.await.unwrap(), Ok("/c 3".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn an_error_that_can_not_be_sent_does_not_keep_the_future_from_it() {
    #[derive(Debug)]
    struct Local(#[allow(dead_code)] Rc<()>);
    let result = assert_send(STEADY.call_async(|| async { Err::<(), _>(Local(Rc::new(()))) })).await;
    assert_eq!(result.unwrap_err().attempts, 4);
}

#[tokio::test(start_paused = true)]
async fn it_fits_into_an_async_trait() {
    #[async_trait::async_trait]
    trait Fetch {
        async fn fetch(&self, url: &str) -> Result<String, Fault>;
    }
    struct Client(Runs);
    #[async_trait::async_trait]
    impl Fetch for Client {
        async fn fetch(&self, url: &str) -> Result<String, Fault> {
            let fetched =
                STEADY.call_async(async || self.0.works_at(2).map(|run| format!("{url} {run}"))).await;
            fetched.map_err(|exhausted| exhausted.last)
        }
    }
    let client: Box<dyn Fetch> = Box::new(Client(Runs::new()));
    assert_eq!(client.fetch("/a").await, Ok("/a 2".to_owned()));
}

#[test]
fn a_filter_says_what_is_retried() {
    let runs = Runs::new();
    let transient = AT_ONCE.when(|fault| matches!(fault, Fault::Transient(_)));
    assert_eq!(transient.call(|| runs.works_at(4)), Ok(4));
    let runs = Runs::new();
    let exhausted = AT_ONCE
        .when(|fault| matches!(fault, Fault::Transient(_)))
        .call(|| if runs.hit() == 2 { Err::<(), _>(Fault::Fatal) } else { Err(Fault::Transient(0)) })
        .unwrap_err();
    assert_eq!((exhausted.attempts, exhausted.last), (2, Fault::Fatal));
}

#[tokio::test(start_paused = true)]
async fn a_hook_is_told_of_every_wait() {
    let (runs, mut told) = (Runs::new(), Vec::new());
    let call = STEADY
        .on_retry(|event| {
            told.push((event.attempt(), event.delay(), event.elapsed(), event.error().cloned()));
        })
        .call_async(async || {
            tokio::time::sleep(ms(10)).await;
            runs.works_at(3)
        });
    assert_eq!(call.await, Ok(3));
    let error = |run| Some(Fault::Transient(run));
    assert_eq!(told, [(1, ms(100), ms(10), error(1)), (2, ms(100), ms(120), error(2))]);
}

#[test]
fn a_hook_is_told_the_function_and_may_panic() {
    let mut functions = Vec::new();
    let result = AT_ONCE
        .on_retry(|event| {
            functions.push(event.function());
            panic!("in a hook");
        })
        .call(|| Runs::new().fail());
    assert_eq!(result.unwrap_err().attempts, 4);
    assert_eq!(functions[0], concat!(module_path!(), "::a_hook_is_told_the_function_and_may_panic"));
}

#[tokio::test(start_paused = true)]
async fn a_hint_replaces_the_delay() {
    let policy = STEADY.max_retry_after(secs(10));
    let hinted =
        |hint| policy.retry_after(move |_: &Fault| Some(hint)).call_async(async || Runs::new().fail());
    let (result, elapsed) = timed(hinted(secs(5))).await;
    assert_eq!((result.unwrap_err().attempts, elapsed), (4, secs(15)));
    let (result, elapsed) = timed(hinted(secs(11))).await;
    assert_eq!((result.unwrap_err().attempts, elapsed), (1, secs(0)));
}

#[tokio::test(start_paused = true)]
async fn the_limits_of_the_policy_and_of_a_deadline_around_it_hold() {
    #[timeout("150ms")]
    async fn within() -> Result<u32, Fault> {
        STEADY
            .call_async(async || Runs::new().fail())
            .await
            .map_err(|exhausted| Fault::Transient(exhausted.attempts))
    }
    let (result, elapsed) = timed(STEADY.max_elapsed(ms(250)).call_async(async || Runs::new().fail())).await;
    assert_eq!((result.unwrap_err().attempts, elapsed), (3, ms(200)));

    assert_eq!(timed(within()).await, (Err(Fault::Transient(2)), ms(100)));
}

#[test]
fn delays_of_zero_need_no_timer() {
    let runs = Runs::new();
    let call = std::pin::pin!(AT_ONCE.call_async(async || runs.works_at(4)));
    // Outside of any runtime.
    assert_eq!(poll_now(call), std::task::Poll::Ready(Ok(4)));
}

#[test]
fn what_the_closure_does_is_its_own_affair() {
    let calls = Cell::new(0);
    let sum = AT_ONCE.call(|| {
        calls.set(calls.get() + 1);
        // `?` ends the attempt.
        let number: u32 = if calls.get() < 3 { "x" } else { "42" }.parse()?;
        Ok::<_, std::num::ParseIntError>(number)
    });
    assert_eq!((sum, calls.get()), (Ok(42), 3));
    assert_eq!(panic_of(|| AT_ONCE.call(|| -> Result<(), Fault> { panic!("not retried") })), "not retried");
}

#[test]
fn settings_that_can_not_work_are_replaced_and_never_panic() {
    let attempts = |policy: RetryPolicy| {
        let policy = policy.base_delay(Duration::ZERO);
        policy.call(|| Runs::new().fail()).unwrap_err().attempts
    };
    assert_eq!(attempts(RetryPolicy::new().max_attempts(0)), 1);
    assert_eq!(attempts(RetryPolicy::new().unlimited_attempts()), 3);
    assert_eq!(attempts(RetryPolicy::new().unlimited_attempts().max_elapsed(Duration::ZERO)), 3);
    assert_eq!(attempts(RetryPolicy::new().jitter(Jitter::Factor(f64::NAN)).max_attempts(2)), 2);
    assert_eq!(attempts(RetryPolicy::new().backoff(Backoff::Constant).multiplier(2.0)), 3);
    assert_eq!(attempts(RetryPolicy::new().budget(" ")), 3);
}
