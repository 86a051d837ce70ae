//! A future inside of the timeouts of a pipeline.

use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::run::{Expired, Run};
use crate::clock::Alarm;
use crate::deadline::Scope;

pin_project! {
    /// Ends when the future is ready, or when the tightest deadline around it has come. The timer is made only if the
    /// future isn't ready at once.
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct Within<'r, T, E, F> {
        #[pin]
        future: F,
        #[pin]
        alarm: Alarm,
        run: &'r Run<'r, T, E>,
    }
}

impl<'r, T, E, F> Within<'r, T, E, F> {
    #[inline]
    pub(super) const fn new(run: &'r Run<'r, T, E>, future: F) -> Self {
        Self { future, alarm: Alarm::new(), run }
    }
}

impl<T, E, F: Future> Future for Within<'_, T, E, F> {
    type Output = Result<F::Output, Expired>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let Some(deadline) = this.run.tightest() else { return this.future.poll(cx).map(Ok) };
        let polled = {
            let _scope = Scope::enter(*deadline);
            this.future.poll(cx)
        };
        if let Poll::Ready(output) = polled {
            return Poll::Ready(Ok(output));
        }
        this.alarm.poll(deadline.at(), cx).map(|()| Err(Expired(*deadline)))
    }
}
