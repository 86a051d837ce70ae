//! What a call takes along when it goes on in another thread: the deadline, and what a test put in place.

use crate::deadline::{self, Deadline};

/// The surroundings of the caller.
#[derive(Clone, Debug)]
pub(crate) struct Ambient {
    deadline: Option<Deadline>,
    #[cfg(feature = "testing")]
    kit: crate::testing::Kit,
}

impl Ambient {
    pub(crate) fn capture() -> Self {
        Self {
            deadline: deadline::deadline(),
            #[cfg(feature = "testing")]
            kit: crate::testing::Kit::current(),
        }
    }

    /// Runs the closure in these surroundings.
    pub(crate) fn run<T>(self, run: impl FnOnce() -> T) -> T {
        let _scope = self.deadline.map(deadline::Scope::enter);
        #[cfg(feature = "testing")]
        let mut kit = self.kit;
        #[cfg(feature = "testing")]
        let _kit = kit.enter();
        run()
    }
}
