//! What async functions that wait call, without the feature `tokio`. `require_timer` keeps them from compiling, and says
//! why; that these are there keeps the compiler from saying as well what it doesn't find.

#![allow(missing_docs, clippy::missing_errors_doc)]

use std::time::Duration;

use crate::error::Error;
use crate::hedge::{HedgePolicy, HedgeSite};
use crate::timeout::TimeoutSite;

pub async fn wait_async(_: Duration) {}

pub fn hedge<M, F, J>(_: &'static HedgeSite, _: &HedgePolicy, mut make: M, _: J) -> F
where
    M: FnMut() -> F,
    F: Future,
    J: Fn(&F::Output) -> bool,
{
    make()
}

pub async fn timeout<F: Future>(_: &'static TimeoutSite, future: F) -> Result<F::Output, Error> {
    Ok(future.await)
}

pub async fn timeout_with<F: Future>(
    _: &'static TimeoutSite,
    _: Duration,
    future: F,
) -> Result<F::Output, Error> {
    Ok(future.await)
}

#[macro_export]
#[doc(hidden)]
macro_rules! __drive_without_timer {
    ($run:ident, $late:ident, $pause:ident $wait:ident $within:ident $ask:ident, [$($body:tt)*], [.await]) => {
        ($($body)*).await
    };
    ($($sync:tt)*) => {
        $crate::__drive!($($sync)*)
    };
}
