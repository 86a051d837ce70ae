//! Makes calls, one after the other, as cheaply as can be.

use std::hint::black_box;
use std::pin::pin;
use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};

use tokio::runtime::{Builder, Runtime};

/// For whoever asks tokio for a timer. It has no thread of its own.
pub static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().enable_time().build().expect("a runtime"));

/// Polls each call once: the bodies are ready.
pub fn drive<F: Future>(calls: u64, mut call: impl FnMut(u64) -> F) {
    let mut context = Context::from_waker(Waker::noop());
    for number in 0..calls {
        let future = pin!(call(black_box(number)));
        match future.poll(&mut context) {
            Poll::Ready(value) => black_box(value),
            Poll::Pending => panic!("a ready body waits"),
        };
    }
}

/// Polls each call until it is done.
pub fn drive_on<F: Future>(calls: u64, mut call: impl FnMut(u64) -> F) {
    let mut context = Context::from_waker(Waker::noop());
    for number in 0..calls {
        let mut future = pin!(call(black_box(number)));
        loop {
            if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
                black_box(value);
                break;
            }
        }
    }
}

/// Lets tokio poll the calls, for those that sleep.
pub fn block_on<F: Future>(calls: u64, mut call: impl FnMut(u64) -> F) {
    RUNTIME.block_on(async {
        for number in 0..calls {
            black_box(call(black_box(number)).await);
        }
    });
}

pub fn repeat<T>(calls: u64, mut call: impl FnMut(u64) -> T) {
    for number in 0..calls {
        black_box(call(black_box(number)));
    }
}
