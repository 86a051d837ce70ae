//! One run of the body: where the test kit counts, delays and fails it. Without the kit it is the body and nothing
//! else.

#[cfg(not(feature = "testing"))]
pub use self::as_shipped::{Body, future, instead};
#[cfg(feature = "testing")]
pub use crate::testing::attempt::{Body, future, instead};

#[cfg(not(feature = "testing"))]
mod as_shipped {
    use crate::site::Site;

    /// The future of a body.
    pub type Body<F> = F;

    /// What runs in the place of a sync body.
    #[inline(always)]
    pub fn instead<R>(_: &'static Site) -> Option<R> {
        None
    }

    /// Runs an async body, which may have to be made first.
    #[inline(always)]
    pub fn future<F: Future>(_: &'static Site, body: impl FnOnce() -> F) -> Body<F> {
        body()
    }
}
