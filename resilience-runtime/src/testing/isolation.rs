//! Tests that share nothing, and what they take along to other threads and tasks.

use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::kit::Kit;

/// Runs a test with a registry of its own: every breaker, bulkhead, rate limiter and retry budget of an attribute is
/// new in it, the unnamed ones included, and so are the figures of [`get_hedge`](crate::get_hedge) and
/// [`get_timeout`](crate::get_timeout). Tests that run in parallel never meet.
///
/// What a `static` holds is the program's as ever: a [`Pipeline`](crate::Pipeline) in a `LazyLock`, with its breaker.
///
/// It holds for this thread, and for the detached bodies that start from here. Guards that are made inside end
/// with it. For threads of your own there is [`carry_fn`].
///
/// ```
/// let answer = resilience::testing::isolated(|| 42);
/// assert_eq!(answer, 42);
/// ```
pub fn isolated<T>(test: impl FnOnce() -> T) -> T {
    let mut kit = Kit::current().isolated();
    let _scope = kit.enter();
    test()
}

/// As [`isolated`], for a future. It holds for the future itself, on whatever thread it is polled, and not for tasks
/// that are spawned from it: those take it along by [`carry`].
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let answer = resilience::testing::isolated_async(async { 42 }).await;
/// assert_eq!(answer, 42);
/// # });
/// ```
pub const fn isolated_async<F: Future>(test: F) -> Carried<F> {
    Carried { future: test, kit: None }
}

/// Takes everything that is in place here along with a future, to whatever task and thread polls it: the isolated
/// registry, the clock, the faults, the recorders.
///
/// Without it a spawned task is on its own, but for what its thread has in place: on a runtime of one thread that is
/// what the test itself put there. A guard ends where it is dropped, and with it its effect on what it was carried
/// to; the isolated registry stays.
///
/// ```
/// # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
/// # runtime.block_on(async {
/// use resilience::testing;
///
/// testing::isolated_async(async {
///     // Sees the breakers of this test.
///     tokio::spawn(testing::carry(async { /* … */ })).await
/// })
/// .await
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn carry<F: Future>(task: F) -> Carried<F> {
    Carried { future: task, kit: Some(Kit::current()) }
}

/// As [`carry`], for a closure that runs on another thread.
///
/// ```
/// use std::time::Duration;
/// use resilience::retry;
/// use resilience::testing::{self, ManualClock};
///
/// #[retry(max_attempts = 2, base_delay = "20s", jitter = "none")]
/// fn quote() -> Result<u32, String> {
///     Err("the exchange is down".to_owned())
/// }
///
/// let clock = ManualClock::install();
/// let caller = std::thread::spawn(testing::carry_fn(quote));
/// assert!(caller.join().unwrap().is_err());
/// assert_eq!(clock.elapsed(), Duration::from_secs(20));
/// ```
pub fn carry_fn<T>(run: impl FnOnce() -> T) -> impl FnOnce() -> T {
    let mut kit = Kit::current();
    move || {
        let _scope = kit.enter();
        run()
    }
}

pin_project! {
    /// The future of [`isolated_async`] and of [`carry`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct Carried<F> {
        #[pin]
        future: F,
        // An isolated test begins, at its first poll, with what is in place there.
        kit: Option<Kit>,
    }
}

impl<F: Future> Future for Carried<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _scope = this.kit.get_or_insert_with(|| Kit::current().isolated()).enter();
        this.future.poll(cx)
    }
}
