//! Putting a deadline in force around code that no timeout stands around.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;

use super::{Deadline, Scope};

impl Deadline {
    /// A deadline so long from now.
    ///
    /// ```
    /// use std::time::Duration;
    /// use resilience::Deadline;
    ///
    /// assert!(Deadline::after(Duration::ZERO).is_expired());
    /// assert!(!Deadline::after(Duration::MAX).is_expired());
    /// ```
    pub fn after(limit: Duration) -> Self {
        Self::begin(limit, "deadline")
    }

    /// Runs code that sees this deadline, unless a tighter one is in force. It doesn't end the code. Policies inside end
    /// their waits and timeouts by it, and the code may ask for it.
    ///
    /// ```
    /// use std::time::Duration;
    /// use resilience::{Deadline, deadline};
    ///
    /// let incoming = Deadline::from_grpc_timeout("250m")?;
    /// let left = incoming.scope(|| deadline().map(|deadline| deadline.remaining()));
    /// assert!(left.is_some_and(|left| left <= Duration::from_millis(250)));
    /// # Ok::<(), resilience::InvalidGrpcTimeout>(())
    /// ```
    pub fn scope<T>(&self, run: impl FnOnce() -> T) -> T {
        let _scope = Scope::enter(self.scoped());
        run()
    }

    /// A future that sees this deadline, unless a tighter one is in force. Policies inside end their waits and timeouts by
    /// it. The future itself isn't dropped when the time is over:
    /// [`with_timeout`](crate::with_timeout)`(deadline.remaining(), future)` does that, and shows the deadline too.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// use std::time::Duration;
    /// use resilience::{Deadline, deadline};
    ///
    /// let incoming = Deadline::after(Duration::from_secs(1));
    /// let header = incoming.scope_async(async { deadline().map(|left| left.to_grpc_timeout()) }).await;
    /// assert!(header.is_some());
    /// # });
    /// ```
    pub const fn scope_async<F: Future>(self, future: F) -> WithDeadline<F> {
        WithDeadline { future, deadline: self.scoped() }
    }
}

pin_project! {
    /// The future of [`Deadline::scope_async`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct WithDeadline<F> {
        #[pin]
        future: F,
        deadline: Deadline,
    }
}

impl<F: Future> Future for WithDeadline<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _scope = Scope::enter(*this.deadline);
        this.future.poll(cx)
    }
}
