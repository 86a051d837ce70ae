//! The caller's surroundings, for code that runs on another thread: the deadline, the span and its subscriber, and what a
//! test put in place.

use crate::deadline::{self, Deadline};

/// The surroundings of the caller.
#[derive(Clone, Debug)]
pub(crate) struct Ambient {
    deadline: Option<Deadline>,
    #[cfg(feature = "tracing")]
    subscriber: tracing::Dispatch,
    #[cfg(feature = "tracing")]
    span: tracing::Span,
    #[cfg(feature = "testing")]
    kit: crate::testing::Kit,
}

impl Ambient {
    pub(crate) fn capture() -> Self {
        Self {
            deadline: deadline::deadline(),
            #[cfg(feature = "tracing")]
            subscriber: tracing::dispatcher::get_default(Clone::clone),
            #[cfg(feature = "tracing")]
            span: tracing::Span::current(),
            #[cfg(feature = "testing")]
            kit: crate::testing::Kit::current(),
        }
    }

    /// The surroundings without the deadline.
    pub(crate) fn without_deadline(mut self) -> Self {
        self.deadline = None;
        self
    }

    /// Runs the closure in these surroundings.
    pub(crate) fn run<T>(self, run: impl FnOnce() -> T) -> T {
        let _scope = self.deadline.map(|deadline| deadline::Scope::enter(deadline.scoped()));
        #[cfg(feature = "tracing")]
        let _subscriber = tracing::dispatcher::set_default(&self.subscriber);
        #[cfg(feature = "tracing")]
        let _span = self.span.enter();
        #[cfg(feature = "testing")]
        let mut kit = self.kit;
        #[cfg(feature = "testing")]
        let _kit = kit.enter();
        run()
    }
}
