//! The right to make one call, which gives its place back however the call ends.

use std::sync::Arc;
use std::time::Duration;

use super::core::{Admission, Core, Wait};
use super::verdict::Verdict;
use crate::error::Error;

/// What is given a verdict.
pub trait Settle {
    /// Gives it.
    fn settle(self, verdict: Verdict);
}

/// A permit that borrows its breaker: what the expansion holds.
#[derive(Debug)]
pub struct Guard<'a> {
    // Not the core itself: the handle of a site stands at an address that needs no register.
    core: &'a Arc<Core>,
    admission: Admission,
}

impl<'a> Guard<'a> {
    #[inline]
    pub(super) fn acquire(core: &'a Arc<Core>, lease: &Duration) -> Result<Self, Error> {
        match core.acquire(lease) {
            Ok(admission) => Ok(Self { core, admission }),
            Err(wait) => Err(core.error(wait)),
        }
    }

    /// The same for a caller whose own error a refusal becomes at once.
    #[inline]
    pub(super) fn acquire_or_refuse<E: From<Error>>(
        core: &'a Arc<Core>,
        lease: &Duration,
    ) -> Result<Self, E> {
        match core.acquire(lease) {
            Ok(admission) => Ok(Self { core, admission }),
            Err(wait) => Err(refusal(core, wait)),
        }
    }
}

impl Guard<'_> {
    /// Looks at the circuit again, after a wait further in.
    ///
    /// # Errors
    /// [`Error::CircuitOpen`] if the circuit isn't closed any more.
    pub fn recheck(&self) -> Result<(), Error> {
        self.core.recheck(self.admission)
    }
}

impl Settle for Guard<'_> {
    #[inline(always)]
    fn settle(self, verdict: Verdict) {
        self.core.settle(self.admission, verdict);
        // Nothing is owned, so that forgetting it leaks nothing, and spares the happy path a flag.
        std::mem::forget(self);
    }
}

impl Drop for Guard<'_> {
    #[inline]
    fn drop(&mut self) {
        self.core.end_without_verdict(self.admission);
    }
}

/// Apart from the way of a call that is let in, and generic, so that no more of the refusal is made than the caller's
/// error takes over.
#[cold]
#[inline(never)]
fn refusal<E: From<Error>>(core: &Core, wait: Wait) -> E {
    core.error(wait).into()
}

/// The right to make one call.
///
/// Dropped without a word it votes neither way and gives its place back at once; dropped by a panic it counts as
/// a failure.
#[derive(Debug)]
#[must_use = "a permit that is dropped at once counts as a cancelled call"]
pub struct Permit {
    core: Arc<Core>,
    // Taken by the verdict.
    admission: Option<Admission>,
}

impl Permit {
    pub(super) fn acquire(core: &Arc<Core>, lease: &Duration) -> Result<Self, Error> {
        let admission = core.acquire(lease).map_err(|wait| core.error(wait))?;
        Ok(Self { core: Arc::clone(core), admission: Some(admission) })
    }

    /// The call worked.
    pub fn success(self) {
        self.settle(Verdict::Success);
    }

    /// The call failed in a way that says something about the service.
    pub fn failure(self) {
        self.settle(Verdict::Failure);
    }

    /// The call failed, and the service said when to come back: the circuit, if this opens it, stays open for so
    /// long, up to `max_reset_timeout`.
    pub fn failure_with_hint(self, retry_after: Duration) {
        self.settle(Verdict::FailureWithHint(retry_after));
    }

    /// The call says nothing about the service.
    pub fn ignore(self) {
        self.settle(Verdict::Ignored);
    }

    /// Looks at the circuit again, for a call that has waited since it got the permit: in a queue, for instance.
    ///
    /// A call that has got its permit from a closed circuit is rejected if the circuit has opened since then, or tries
    /// its trials by now. Drop the permit then.
    ///
    /// # Errors
    /// [`Error::CircuitOpen`].
    ///
    /// ```
    /// use resilience::{CircuitBreaker, CircuitBreakerPolicy};
    ///
    /// let breaker = CircuitBreaker::new("quotes", CircuitBreakerPolicy::new())?;
    /// let permit = breaker.try_acquire()?;
    /// assert!(permit.recheck().is_ok());
    /// breaker.force_open();
    /// assert!(permit.recheck().unwrap_err().is_circuit_open());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn recheck(&self) -> Result<(), Error> {
        self.admission.map_or(Ok(()), |admission| self.core.recheck(admission))
    }
}

impl Settle for Permit {
    fn settle(mut self, verdict: Verdict) {
        if let Some(admission) = self.admission.take() {
            self.core.settle(admission, verdict);
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(admission) = self.admission {
            self.core.end_without_verdict(admission);
        }
    }
}
