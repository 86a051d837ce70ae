//! The test kit: a clock that stands still, a registry of the test's own, repeatable jitter.
//!
//! Inside of a tokio runtime `tokio::time::pause()` governs every policy and no other clock is needed; the
//! manual clock is for sync code.

use std::cell::RefCell;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use crate::registry::Registry;

/// What stands in for the real things on this thread.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kit {
    clock: Option<Arc<AtomicU64>>,
    pub(crate) registry: Option<Arc<Registry>>,
}

thread_local! {
    static CURRENT: RefCell<Kit> = const { RefCell::new(Kit { clock: None, registry: None }) };
}

/// Puts the former kit back when it is dropped.
#[derive(Debug)]
pub(crate) struct Entered {
    outer: Kit,
    // The kit belongs to the thread that it was entered on.
    not_send: PhantomData<*const ()>,
}

impl Kit {
    pub(crate) fn current() -> Self {
        CURRENT.with_borrow(Clone::clone)
    }

    pub(crate) fn enter(self) -> Entered {
        Entered { outer: CURRENT.replace(self), not_send: PhantomData }
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.set(std::mem::take(&mut self.outer));
    }
}

/// A clock for sync code, which stands still until it is told to move. Sleeps move it themselves, so that a
/// retry with long waits returns at once.
///
/// It holds for the thread that installed it, and for the detached bodies that start from there.
///
/// ```
/// use std::time::Duration;
/// use resilience_runtime::testing::ManualClock;
/// use resilience_runtime::{CircuitBreaker, CircuitBreakerPolicy, CircuitState};
///
/// let clock = ManualClock::install();
/// let policy = CircuitBreakerPolicy::new().failure_threshold(1).reset_timeout(Duration::from_secs(30));
/// let breaker = CircuitBreaker::new("quotes", policy)?;
/// breaker.try_acquire()?.failure();
/// assert_eq!(breaker.state(), CircuitState::Open);
///
/// clock.advance(Duration::from_secs(30));
/// assert_eq!(breaker.state(), CircuitState::HalfOpen);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "the clock is real again as soon as this is dropped"]
pub struct ManualClock {
    nanos: Arc<AtomicU64>,
    _entered: Entered,
}

impl ManualClock {
    /// Stops the time on this thread, until the guard is dropped.
    pub fn install() -> Self {
        let nanos = Arc::new(AtomicU64::new(0));
        let kit = Kit { clock: Some(Arc::clone(&nanos)), ..Kit::current() };
        Self { nanos, _entered: kit.enter() }
    }

    /// Moves the time on.
    pub fn advance(&self, by: Duration) {
        advance(&self.nanos, by);
    }

    /// How far the time has moved since the clock was installed, sleeps included.
    pub fn elapsed(&self) -> Duration {
        Duration::from_nanos(self.nanos.load(Ordering::SeqCst))
    }
}

fn advance(clock: &AtomicU64, by: Duration) {
    let by = u64::try_from(by.as_nanos()).unwrap_or(u64::MAX);
    clock.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |nanos| Some(nanos.saturating_add(by))).ok();
}

/// The manual clock's time, where one is installed.
pub(crate) fn manual_elapsed() -> Option<Duration> {
    CURRENT
        .with_borrow(|kit| kit.clock.as_ref().map(|clock| Duration::from_nanos(clock.load(Ordering::SeqCst))))
}

/// Moves the manual clock, where one is installed; says whether one is.
pub(crate) fn advance_manual(by: Duration) -> bool {
    CURRENT.with_borrow(|kit| kit.clock.as_ref().map(|clock| advance(clock, by)).is_some())
}

/// Makes the jitter that this thread draws from here on repeatable.
///
/// ```
/// resilience_runtime::testing::seed_jitter(7);
/// ```
pub fn seed_jitter(seed: u64) {
    crate::random::seed(seed);
}

/// Runs a test with a registry of its own: every breaker and bulkhead is new in it, the unnamed ones included,
/// so that tests that run in parallel never meet.
///
/// It holds for this thread, and for the detached bodies that start from here.
///
/// ```
/// let answer = resilience_runtime::testing::isolated(|| 42);
/// assert_eq!(answer, 42);
/// ```
pub fn isolated<T>(test: impl FnOnce() -> T) -> T {
    let _entered = Kit { registry: Some(Arc::default()), ..Kit::current() }.enter();
    test()
}

/// As [`isolated`], for a future. It holds for the future itself, not for tasks that are spawned from it.
///
/// ```
/// # futures_executor(async {
/// let answer = resilience_runtime::testing::isolated_async(async { 42 }).await;
/// assert_eq!(answer, 42);
/// # });
/// # fn futures_executor(f: impl Future<Output = ()>) {
/// #     let mut f = std::pin::pin!(f);
/// #     let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
/// #     assert!(f.as_mut().poll(&mut cx).is_ready());
/// # }
/// ```
pub fn isolated_async<F: Future>(test: F) -> IsolatedAsync<F> {
    IsolatedAsync { test, registry: Arc::default() }
}

pin_project_lite::pin_project! {
    /// The future of [`isolated_async`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct IsolatedAsync<F> {
        #[pin]
        test: F,
        registry: Arc<Registry>,
    }
}

impl<F: Future> Future for IsolatedAsync<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _entered = Kit { registry: Some(Arc::clone(this.registry)), ..Kit::current() }.enter();
        this.test.poll(cx)
    }
}
