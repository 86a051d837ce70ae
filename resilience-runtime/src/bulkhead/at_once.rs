//! What mostly needn't wait, for async callers.

use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

pin_project! {
    /// Tries at once when it is first polled, and waits only if that comes to nothing. An async function would do the
    /// same, with a frame and a state that every call pays for.
    #[must_use = "futures do nothing unless they are awaited"]
    pub(super) struct AtOnceOr<T, W> {
        // Until it has been tried.
        at_once: Option<T>,
        #[pin]
        wait: W,
    }
}

impl<T, W> AtOnceOr<T, W> {
    #[inline]
    pub(super) const fn new(at_once: T, wait: W) -> Self {
        Self { at_once: Some(at_once), wait }
    }
}

impl<T: FnOnce() -> Option<W::Output>, W: Future> Future for AtOnceOr<T, W> {
    type Output = W::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<W::Output> {
        let this = self.project();
        if let Some(at_once) = this.at_once.take()
            && let Some(output) = at_once()
        {
            return Poll::Ready(output);
        }
        poll_wait(this.wait, cx)
    }
}

/// Apart from the way of a call that needn't wait, which is inlined without it.
#[cold]
#[inline(never)]
fn poll_wait<W: Future>(wait: Pin<&mut W>, cx: &mut Context<'_>) -> Poll<W::Output> {
    wait.poll(cx)
}
