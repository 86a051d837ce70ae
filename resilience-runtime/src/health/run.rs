//! Running checks: each within its time, none able to take another down, all at once.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Waker};

use super::check::{Health, HealthCheck, Probe};
use super::report::CheckReport;
use crate::ambient::Ambient;
use crate::clock::Instant;
use crate::sync::{Mutex, MutexGuard, thread};
use crate::timeout::with_timeout;

impl HealthCheck {
    pub(super) async fn run(&self) -> CheckReport {
        let start = Instant::now();
        let answer = match &self.probe {
            Probe::Async(ask) => {
                // Asked inside of the timeout, for its deadline; and where a panic is caught.
                let asking = Caught(Box::pin(async move { ask().await }));
                with_timeout(self.timeout, asking).await
            }
            Probe::Blocking(ask) => with_timeout(self.timeout, ask.run()).await,
        };
        let latency = Instant::now().since(start);
        let in_time = answer.ok().filter(|_| latency <= self.timeout);
        let health =
            in_time.unwrap_or_else(|| Health::unhealthy(format_args!("timed out after {:?}", self.timeout)));
        CheckReport::new(self.name.clone(), self.critical, latency, health)
    }
}

/// A panic is an answer too.
struct Caught<'a>(Pin<Box<dyn Future<Output = Health> + Send + 'a>>);

impl Future for Caught<'_> {
    type Output = Health;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Health> {
        let polled = catch_unwind(AssertUnwindSafe(|| self.0.as_mut().poll(cx)));
        polled.unwrap_or_else(|panic| Poll::Ready(panicked(&*panic)))
    }
}

fn panicked(panic: &(dyn Any + Send)) -> Health {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    Health::unhealthy(format_args!("panicked: {}", text.unwrap_or("without a message")))
}

/// A check that blocks its thread. One that hangs keeps one thread, however often it is asked: whoever asks meanwhile
/// waits for the same answer.
pub struct Blocking {
    ask: Arc<dyn Fn() -> Health + Send + Sync>,
    under_way: Mutex<Option<Arc<Answer>>>,
}

/// What a thread is about to say.
#[derive(Default)]
struct Answer(Mutex<(Option<Health>, Option<Waker>)>);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Blocking {
    pub(super) fn new(ask: impl Fn() -> Health + Send + Sync + 'static) -> Self {
        Self { ask: Arc::new(ask), under_way: Mutex::default() }
    }

    async fn run(&self) -> Health {
        // A test's time doesn't wait for other threads, so there the check runs in place.
        #[cfg(feature = "testing")]
        if crate::testing::governs() {
            return ask(&*self.ask);
        }
        let answer = match self.begin() {
            Ok(answer) => answer,
            Err(error) => return Health::unhealthy(format_args!("no thread for the check: {error}")),
        };
        let health = std::future::poll_fn(|cx| {
            let mut said = lock(&answer.0);
            if let Some(health) = said.0.take() {
                return Poll::Ready(health);
            }
            said.1 = Some(cx.waker().clone());
            Poll::Pending
        })
        .await;
        // It is taken, and nobody else is to wait for it.
        *lock(&self.under_way) = None;
        health
    }

    /// The answer to wait for. One registry runs its checks for one caller at a time, so that one waits for it at most.
    fn begin(&self) -> std::io::Result<Arc<Answer>> {
        let mut under_way = lock(&self.under_way);
        // The thread drops its half when it is done.
        if let Some(answer) = under_way.as_ref().filter(|answer| Arc::strong_count(answer) > 1) {
            return Ok(Arc::clone(answer));
        }
        let answer = Arc::<Answer>::default();
        let (said, check, ambient) = (Arc::clone(&answer), Arc::clone(&self.ask), Ambient::capture());
        let thread = thread::Builder::new().name("resilience-health".to_owned());
        thread.spawn(move || {
            let health = ambient.run(|| ask(&*check));
            let mut told = lock(&said.0);
            told.0 = Some(health);
            let waker = told.1.take();
            drop(told);
            drop(said);
            if let Some(waker) = waker {
                waker.wake();
            }
        })?;
        *under_way = Some(Arc::clone(&answer));
        Ok(answer)
    }
}

fn ask(check: &(dyn Fn() -> Health + Send + Sync)) -> Health {
    catch_unwind(AssertUnwindSafe(check)).unwrap_or_else(|panic| panicked(&*panic))
}

/// Runs all of them at once, on the task that asks: nothing is left behind if it goes away.
pub(super) async fn all(checks: &[Arc<HealthCheck>]) -> Vec<CheckReport> {
    let mut running: Vec<_> = checks.iter().map(|check| (Some(Box::pin(check.run())), None)).collect();
    std::future::poll_fn(|cx| {
        for (future, report) in &mut running {
            if let Some(asking) = future
                && let Poll::Ready(ready) = asking.as_mut().poll(cx)
            {
                (*future, *report) = (None, Some(ready));
            }
        }
        if running.iter().all(|(future, _)| future.is_none()) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    running.into_iter().filter_map(|(_, report)| report).collect()
}

#[cfg(all(test, loom))]
mod loom_tests;
