//! What the tests share.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

pub const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

/// An error with cases for the filters to tell apart.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It may work the next time. Holds the number of the run.
    #[error("transient fault of run {0}")]
    Transient(u32),
    #[error("fatal fault")]
    Fatal,
    #[error(transparent)]
    Refused(#[from] resilience::Error),
}

impl Fault {
    /// The policy's refusal in it.
    pub fn refusal(self) -> resilience::Error {
        match self {
            Self::Refused(refusal) => refusal,
            other => panic!("no refusal: {other:?}"),
        }
    }
}

/// Counts how often a body ran.
#[derive(Debug, Default)]
pub struct Runs(AtomicU32);

impl Runs {
    pub const fn new() -> Self {
        Self(AtomicU32::new(0))
    }

    /// One run more; says which one it is, from 1.
    pub fn hit(&self) -> u32 {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }

    pub fn count(&self) -> u32 {
        self.0.load(Ordering::SeqCst)
    }

    /// A run that fails.
    pub fn fail(&self) -> Result<u32, Fault> {
        Err(Fault::Transient(self.hit()))
    }

    /// A run that fails unless it is this one, or one after it.
    pub fn works_at(&self, first: u32) -> Result<u32, Fault> {
        let run = self.hit();
        if run >= first { Ok(run) } else { Err(Fault::Transient(run)) }
    }
}

/// Says that a future, or anything else, may go to another thread.
pub fn assert_send<T: Send>(value: T) -> T {
    value
}

/// Drives a future for so many polls, each of which comes when the future asks for it, and drops it then.
/// `None`: it was not ready by the last one.
pub async fn poll_times<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut polled = 0;
    std::future::poll_fn(|cx| {
        if polled == polls {
            return Poll::Ready(None);
        }
        polled += 1;
        match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if polled == polls => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// Polls once, and forgets who wanted to be woken.
pub fn poll_now<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Runs what is expected to panic, and gives what it panicked with.
pub fn panic_of<T>(run: impl FnOnce() -> T) -> String {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(_) => panic!("it was expected to panic"),
        Err(payload) => match payload.downcast::<&str>() {
            Ok(text) => (*text).to_owned(),
            Err(payload) => *payload.downcast::<String>().expect("a panic with a text"),
        },
    }
}

/// What a hook saw.
#[derive(Debug)]
pub struct Log<T>(Mutex<Vec<T>>);

impl<T> Log<T> {
    pub const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    pub fn push(&self, entry: T) {
        self.0.lock().unwrap().push(entry);
    }

    pub fn take(&self) -> Vec<T> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// The output of a future and the time it took, on the paused clock.
pub async fn timed<F: Future>(future: F) -> (F::Output, Duration) {
    let start = tokio::time::Instant::now();
    let output = future.await;
    (output, start.elapsed())
}

/// The name of an item beside the caller, as policies without a name have it.
macro_rules! named_here {
    ($function:ident) => {
        concat!(module_path!(), "::", stringify!($function))
    };
}
pub(crate) use named_here;
