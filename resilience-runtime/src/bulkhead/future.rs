//! What an async function does in a slot: the bulkhead around a future.

use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::Core;
use super::core::Full;
use super::slot::Slot;
use crate::error::Error;

/// The wait for a slot. Boxed: it is rare, and would make every future larger that never waits.
pub(super) type Wait<B> = Pin<Box<dyn Future<Output = Result<Slot<B>, Error>> + Send + Sync>>;

/// Where a call stands.
pub enum Place<B: AsRef<Core>> {
    /// In a slot.
    Slot(Slot<B>),
    /// In line for one.
    Line(Wait<B>),
    /// Before the door.
    Refused(B, Full),
}

pin_project! {
    /// A future that runs in a slot. The slot comes free when all of this is dropped, after the future inside: what a
    /// call still has under way when it ends is under way in its slot.
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct InSlot<B: AsRef<Core>, F, O, R = NoRecheck> {
        #[pin]
        future: F,
        place: Place<B>,
        recheck: R,
        outcome: PhantomData<fn() -> O>,
    }
}

/// What a call looks at once more after it has waited.
pub trait Recheck {
    /// Rejects the call, or not.
    ///
    /// # Errors
    /// The rejection.
    fn recheck(&self) -> Result<(), Error>;
}

/// Nothing outside could have changed its mind.
pub struct NoRecheck;

impl Recheck for NoRecheck {
    #[inline(always)]
    fn recheck(&self) -> Result<(), Error> {
        Ok(())
    }
}

impl<R: Fn() -> Result<(), Error>> Recheck for R {
    #[inline]
    fn recheck(&self) -> Result<(), Error> {
        self()
    }
}

/// How the value of a future is told from a refusal.
pub trait Outcome<T> {
    /// A value, or a refusal.
    type OrRefused;

    /// The value.
    fn ended(value: T) -> Self::OrRefused;

    /// The refusal.
    fn refused(error: Error) -> Self::OrRefused;
}

/// Nothing inside refuses calls.
pub struct Settled;

impl<T> Outcome<T> for Settled {
    type OrRefused = Result<T, Error>;

    #[inline(always)]
    fn ended(value: T) -> Self::OrRefused {
        Ok(value)
    }

    #[inline]
    fn refused(error: Error) -> Self::OrRefused {
        Err(error)
    }
}

/// What is inside may refuse calls as well.
pub struct Refusable;

impl<T> Outcome<Result<T, Error>> for Refusable {
    type OrRefused = Result<T, Error>;

    #[inline(always)]
    fn ended(value: Result<T, Error>) -> Self::OrRefused {
        value
    }

    #[inline]
    fn refused(error: Error) -> Self::OrRefused {
        Err(error)
    }
}

impl<B: AsRef<Core>> Place<B> {
    /// Runs a future there.
    #[inline(always)]
    pub fn run<F>(self, future: F) -> InSlot<B, F, Settled> {
        self.run_asking(future, NoRecheck)
    }

    /// Runs a future that may refuse the call itself.
    #[inline(always)]
    pub fn run_refusable<F>(self, future: F) -> InSlot<B, F, Refusable> {
        self.run_refusable_asking(future, NoRecheck)
    }

    /// Runs a future there, unless a call that had to wait is rejected by then.
    #[inline(always)]
    pub fn run_asking<F, R: Recheck>(self, future: F, recheck: R) -> InSlot<B, F, Settled, R> {
        InSlot { future, place: self, recheck, outcome: PhantomData }
    }

    /// The same for a future that may refuse the call itself.
    #[inline(always)]
    pub fn run_refusable_asking<F, R: Recheck>(self, future: F, recheck: R) -> InSlot<B, F, Refusable, R> {
        InSlot { future, place: self, recheck, outcome: PhantomData }
    }
}

impl<B: AsRef<Core>, F: Future, O: Outcome<F::Output>, R: Recheck> Future for InSlot<B, F, O, R> {
    type Output = O::OrRefused;

    #[inline(always)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        match this.place {
            Place::Slot(_) => {}
            Place::Line(wait) => match ready!(wait.as_mut().poll(cx)) {
                Ok(slot) => {
                    *this.place = Place::Slot(slot);
                    if let Err(error) = this.recheck.recheck() {
                        return Poll::Ready(O::refused(error));
                    }
                }
                Err(error) => return Poll::Ready(O::refused(error)),
            },
            Place::Refused(bulkhead, full) => {
                return Poll::Ready(O::refused(bulkhead.as_ref().refused(*full)));
            }
        }
        this.future.poll(cx).map(O::ended)
    }
}
