//! One run of the body: where the test kit counts, delays and fails it. Without the kit it is the body and nothing
//! else.

#[cfg(not(feature = "testing"))]
pub use self::as_shipped::{Body, future, instead};
#[cfg(feature = "testing")]
pub use crate::testing::attempt::{Body, future, instead};

/// One run of an async body. A macro, because without the kit nothing is left of it for the compiler to check.
#[cfg(not(feature = "testing"))]
#[macro_export]
#[doc(hidden)]
macro_rules! __attempt {
    ($shape:ident, $site:ident, $($body:tt)*) => { $($body)* };
}

/// One run of an async body, or what the test kit has in the place of it.
#[cfg(feature = "testing")]
#[macro_export]
#[doc(hidden)]
macro_rules! __attempt {
    ($shape:ident, $site:ident, $($body:tt)*) => {
        $shape.attempt_async(&$site, $($body)*, move |error| $shape.fail(error))
    };
}

/// A handler is about to answer in the function's place.
#[macro_export]
#[doc(hidden)]
macro_rules! __fell_back {
    ($site:ident, $handler:literal) => {
        $site.falls_back($handler)
    };
}

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
