//! The one source of time.
//!
//! Inside of a tokio runtime it is tokio's clock, so that `tokio::time::pause()` governs every policy. Elsewhere
//! it is the operating system's monotonic clock, or the manual clock that a test installed on its thread.

#[cfg(feature = "tokio")]
mod alarm;
mod instant;
#[cfg(feature = "tokio")]
mod timer;

use std::fmt;
#[cfg(feature = "tokio")]
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::{Duration, Instant as StdInstant};

#[cfg(feature = "tokio")]
pub(crate) use self::alarm::Alarm;
#[cfg(feature = "testing")]
pub(crate) use self::instant::origin;
pub(crate) use self::instant::{Instant, nanos};
use crate::report;
#[cfg(feature = "tokio")]
use crate::thread_end::exists_for_thread;

/// The clock as it stands, before it is made an [`Instant`] to calculate with.
#[inline]
pub(crate) fn read() -> StdInstant {
    #[cfg(test)]
    tests::READINGS.set(tests::READINGS.get() + 1);
    #[cfg(feature = "testing")]
    if let Some(now) = crate::testing::now(read_system) {
        return now;
    }
    read_system()
}

#[inline]
fn read_system() -> StdInstant {
    #[cfg(feature = "tokio")]
    if has_tokio() {
        return tokio::time::Instant::now().into_std();
    }
    StdInstant::now()
}

#[cfg(feature = "tokio")]
exists_for_thread!(
    /// Returns false where the thread's own data of tokio may be gone, which its clock reads.
    has_tokio(),
    !tokio::runtime::Handle::try_current().is_err_and(|error| error.is_thread_local_destroyed())
);

/// `duration · factor`; the longest duration where the product is longer, zero where it isn't a number.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)] // casts saturate
pub(crate) const fn scaled(duration: Duration, factor: f64) -> Duration {
    // The exact value where it is asked for: seconds as a float lose nanoseconds.
    let whole = factor as u32;
    #[allow(clippy::cast_lossless, clippy::float_cmp)] // `From` can't be asked in a constant
    if whole as f64 == factor {
        return duration.saturating_mul(whole);
    }
    let seconds = duration.as_secs_f64() * factor;
    if seconds.is_nan() || seconds <= 0.0 {
        return Duration::ZERO;
    }
    if seconds >= u64::MAX as f64 {
        return Duration::MAX;
    }
    let whole = seconds as u64;
    let nanos = ((seconds - whole as f64) * 1e9 + 0.5) as u32;
    Duration::from_secs(whole).saturating_add(Duration::from_nanos(nanos as u64))
}

/// A duration for people to read. What is longer than any clock runs has no end, and its digits say nothing.
pub(crate) struct Length(pub(crate) Duration);

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if nanos(self.0) == u64::MAX { f.write_str("forever") } else { write!(f, "{:?}", self.0) }
    }
}

/// Whether there is anything to wait for. By value: a delay that was borrowed would stay in the future of the wait.
#[inline(always)]
pub const fn waits(delay: Duration) -> bool {
    !delay.is_zero()
}

/// Blocks the thread. A zero wait touches nothing.
#[track_caller]
pub fn sleep(delay: Duration) {
    if delay.is_zero() {
        return;
    }
    #[cfg(feature = "testing")]
    if crate::testing::skip(delay) {
        return;
    }
    report::blocks_this_thread();
    std::thread::sleep(delay);
}

/// A wait. Boxed: it is rare, and would make every future larger that never waits.
#[cfg(feature = "tokio")]
#[must_use = "futures do nothing unless they are awaited"]
pub struct Wait(Pin<Box<dyn Future<Output = ()> + Send + Sync>>);

#[cfg(feature = "tokio")]
impl Future for Wait {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.0.as_mut().poll(cx)
    }
}

/// Waits without blocking the thread, as an attribute does. Without a delay it only lets other tasks run.
#[cfg(feature = "tokio")]
#[cold]
#[inline(never)]
pub fn wait_async(delay: Duration) -> Wait {
    if delay.is_zero() { Wait(Box::pin(yield_now())) } else { Wait(Box::pin(sleep_async(delay))) }
}

/// Lets other tasks run: a loop that never waits would keep the thread for itself.
#[cfg(feature = "tokio")]
pub(crate) async fn yield_now() {
    let mut has_yielded = false;
    std::future::poll_fn(|cx| {
        if std::mem::replace(&mut has_yielded, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Waits without blocking the thread. A zero wait touches no timer: tokio's would take a millisecond or two.
#[cfg(feature = "tokio")]
pub async fn sleep_async(delay: Duration) {
    if delay.is_zero() {
        return;
    }
    #[cfg(feature = "testing")]
    if crate::testing::takes_no_time() {
        return crate::testing::skip_async(delay).await;
    }
    timer::Timer::after(delay).await;
}

/// The time of a thread that blocks until a moment. It can't be asked from tokio's clock, which stands still for as
/// long as the thread of a paused runtime is blocked.
pub(crate) struct RealTime {
    end: Option<StdInstant>,
    #[cfg(feature = "testing")]
    until: Instant,
    #[cfg(feature = "testing")]
    moved: Duration,
}

impl RealTime {
    pub(crate) fn until(until: Instant) -> Self {
        Self {
            end: StdInstant::now().checked_add(until.since(Instant::now())),
            #[cfg(feature = "testing")]
            until,
            #[cfg(feature = "testing")]
            moved: crate::testing::moved_so_far(),
        }
    }

    /// How long to block before asking again; `None` once the moment has come.
    pub(crate) fn left(&self) -> Option<Duration> {
        let left = self.end.map_or(Duration::MAX, |end| end.saturating_duration_since(StdInstant::now()));
        #[cfg(feature = "testing")]
        let left = crate::testing::left(left, self.until, self.moved);
        (!left.is_zero()).then_some(left)
    }
}

/// Polls on this thread until it is ready, or until the moment has come. Says whether it is ready.
pub(crate) fn block_until(until: Instant, mut poll: impl FnMut(&mut Context<'_>) -> Poll<()>) -> bool {
    #[cfg(feature = "testing")]
    let wait = crate::testing::wait_until(until);
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut cx = Context::from_waker(&waker);
    let time = RealTime::until(until);
    loop {
        if poll(&mut cx).is_ready() {
            return true;
        }
        let Some(left) = time.left() else { return false };
        #[cfg(feature = "testing")]
        if wait.is_some_and(crate::testing::skip) {
            continue;
        }
        std::thread::park_timeout(left);
    }
}

/// Wakes a thread that waits in [`block_until`].
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// The future's output, or `None` once the moment has come. The timer is made only if the future isn't ready.
#[cfg(feature = "tokio")]
pub(crate) async fn until<F: Future>(until: Instant, future: F) -> Option<F::Output> {
    #[cfg(feature = "testing")]
    let mut wait = crate::testing::wait_until(until);
    let mut future = std::pin::pin!(future);
    let mut alarm = std::pin::pin!(Alarm::new());
    std::future::poll_fn(|cx| {
        if let Poll::Ready(output) = future.as_mut().poll(cx) {
            return Poll::Ready(Some(output));
        }
        #[cfg(feature = "testing")]
        if let Some(polled) = wait.as_mut().and_then(|left| crate::testing::poll_wait(left, cx)) {
            return polled.map(|()| None);
        }
        alarm.as_mut().poll(until, cx).map(|()| None)
    })
    .await
}

/// Without a timer nothing ends the wait but the future itself.
#[cfg(not(feature = "tokio"))]
pub(crate) async fn until<F: Future>(_until: Instant, future: F) -> Option<F::Output> {
    Some(future.await)
}

#[cfg(test)]
pub(crate) mod tests {
    use std::cell::Cell;

    thread_local! {
        /// The number of times that this thread has read the clock.
        pub(crate) static READINGS: Cell<usize> = const { Cell::new(0) };
    }

    /// Returns the number of times that a call reads the clock.
    pub(crate) fn readings<T>(call: impl FnOnce() -> T) -> usize {
        let before = READINGS.get();
        call();
        READINGS.get() - before
    }
}
