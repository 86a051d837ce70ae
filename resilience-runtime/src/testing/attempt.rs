//! One run of a body, with the faults that are injected there.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;

use super::injection::{Effect, Failure, begin};
use super::sites::Spot;
use crate::shape::Shape;
use crate::site::Site;

/// How a failure becomes the function's result.
type Instead<R> = fn(&Failure, Spot) -> R;

/// The future of a body that no error of a test's can stand for.
pub type Body<F> = Attempt<F, Instead<<F as Future>::Output>>;

/// What runs in the place of a sync body that no error of a test's can stand for.
pub fn instead<R>(site: &'static Site) -> Option<R> {
    let spot = Spot::Function(site);
    instead_or(spot, |failure| failure.fits_nowhere(spot))
}

/// An async body that no error of a test's can stand for.
pub fn future<F: Future>(site: &'static Site, body: impl FnOnce() -> F) -> Body<F> {
    Attempt::begun(Spot::Function(site), body, Failure::fits_nowhere)
}

macro_rules! can_fail {
    ($shape:ty, $error:ty $(, $parameter:ident: $bound:path)?) => {
        impl<T $(, $parameter: $bound + 'static)?> Shape<$shape> {
            /// What runs in the place of a sync body. `fail` is called where the result's type is known as the source
            /// spells it, borrows and all.
            pub fn instead<R>(self, site: &'static Site, fail: impl FnOnce($error) -> R) -> Option<R> {
                let spot = Spot::Function(site);
                instead_or(spot, |failure| fail(failure.error(spot)))
            }

            /// An async body.
            pub fn attempt_async<F: Future>(
                self,
                site: &'static Site,
                body: F,
                fail: impl FnOnce($error) -> F::Output,
            ) -> Attempt<F, impl FnOnce(&Failure, Spot) -> F::Output> {
                Attempt::new(Spot::Function(site), body, |failure, spot| fail(failure.error(spot)))
            }

            /// The same for a body that returns a future.
            pub fn attempt_future<F: Future>(
                self,
                site: &'static Site,
                body: impl FnOnce() -> F,
                fail: impl FnOnce($error) -> F::Output,
            ) -> Attempt<F, impl FnOnce(&Failure, Spot) -> F::Output> {
                Attempt::begun(Spot::Function(site), body, |failure, spot| fail(failure.error(spot)))
            }
        }
    };
}

// These win over the methods of the same names that every shape has. The bound is one that every error keeps and that is
// not known of a type parameter, whose errors can't be told apart from those that a test makes.
can_fail!(Result<T, E>, E, E: Unpin);
// An error of an `Option` is `()`, and becomes `None`.
can_fail!(Option<T>, ());

/// Waits before the body, where that is injected.
pub(crate) fn instead_or<R>(spot: Spot, fail: impl FnOnce(&Failure) -> R) -> Option<R> {
    match begin(spot) {
        Effect::Pass => None,
        Effect::Delay(delay) => {
            crate::clock::sleep(delay);
            None
        }
        Effect::Fail(failure) => Some(fail(&failure)),
    }
}

pin_project! {
    /// The future of a body, which begins at its first poll.
    pub struct Attempt<F, M> {
        // `None`: it fails before it is made.
        #[pin]
        body: Option<F>,
        spot: Spot,
        effect: Option<Effect>,
        delay: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
        instead: Option<M>,
    }
}

impl<F: Future, M: FnOnce(&Failure, Spot) -> F::Output> Attempt<F, M> {
    pub(crate) fn new(spot: Spot, body: F, instead: M) -> Self {
        Self { body: Some(body), spot, effect: None, delay: None, instead: Some(instead) }
    }

    fn begun(spot: Spot, body: impl FnOnce() -> F, instead: M) -> Self {
        let effect = begin(spot);
        let body = if let Effect::Fail(_) = effect { None } else { Some(body()) };
        Self { body, spot, effect: Some(effect), delay: None, instead: Some(instead) }
    }
}

impl<F: Future, M: FnOnce(&Failure, Spot) -> F::Output> Future for Attempt<F, M> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let spot = *this.spot;
        let effect = this.effect.get_or_insert_with(|| begin(spot));
        if let Effect::Delay(delay) = *effect {
            if this.delay.get_or_insert_with(|| wait(delay)).as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            *this.delay = None;
            *effect = Effect::Pass;
        }
        if let Effect::Fail(failure) = effect
            && let Some(instead) = this.instead.take()
        {
            return Poll::Ready(instead(failure, spot));
        }
        this.body.as_pin_mut().map_or(Poll::Pending, |body| body.poll(cx))
    }
}

fn wait(delay: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    #[cfg(feature = "tokio")]
    return Box::pin(crate::clock::sleep_async(delay));
    #[cfg(not(feature = "tokio"))]
    Box::pin(std::future::poll_fn(move |_| {
        assert!(
            super::skip(delay),
            "an async body can't be delayed without a timer: turn on the feature `tokio` of `resilience-rs`, or make \
             the delay take no time by `testing::instant()`"
        );
        Poll::Ready(())
    }))
}
