//! Hedge: a call that takes long gets another one beside it, and the first success is the answer.
//!
//! The idea is that of the hedged requests of Jeffrey Dean and Luiz André Barroso, "The Tail at Scale", Communications
//! of the ACM 56(2), 2013.

pub(crate) mod defaults;
#[cfg(feature = "tokio")]
mod future;
#[cfg(feature = "attributes")]
mod handle;
mod policy;
mod settings;
#[cfg(feature = "attributes")]
mod site;

#[cfg(feature = "tokio")]
pub use self::future::hedge;
#[cfg(feature = "attributes")]
pub use self::handle::{HedgeHandle, HedgeMetrics, get_hedge};
pub use self::policy::HedgePolicy;
pub use self::settings::HedgeSettings;
#[cfg(feature = "attributes")]
pub use self::site::HedgeSite;

use crate::report;

impl HedgePolicy {
    /// Calls, and calls once more beside that if it takes long. The first success is the answer, and the other calls are
    /// dropped. Where all calls that were begun have failed, the last failure comes out.
    ///
    /// Only for what may be done twice. A call that fails before a further one is due is not made again: that is what
    /// [`RetryPolicy::call_async`](crate::RetryPolicy::call_async) is for, around this.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
    /// use std::cell::Cell;
    /// use std::time::Duration;
    /// use resilience::HedgePolicy;
    ///
    /// let calls = Cell::new(0);
    /// let answer = HedgePolicy::new(Duration::from_millis(1)).call_async(async || {
    ///     calls.set(calls.get() + 1);
    ///     if calls.get() == 1 { std::future::pending().await } else { Ok::<_, ()>(42) }
    /// });
    /// assert_eq!(answer.await, Ok(42));
    /// assert_eq!(calls.get(), 2);
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    /// The last call's own.
    #[cfg(feature = "tokio")]
    #[cfg_attr(docsrs, doc(cfg(feature = "tokio")))]
    pub async fn call_async<T, E, F, O>(self, operation: F) -> Result<T, E>
    where
        F: FnMut() -> O,
        O: Future<Output = Result<T, E>>,
    {
        let policy = in_force(self);
        if let Some(budget) = policy.settings.budget {
            budget.with(crate::RetryBudget::deposit);
        }
        hedge(crate::name::function_of::<F> as fn() -> _, &policy, operation, Result::is_ok).await
    }
}

/// Settings that were put together at run time may not work, and there is nobody to tell but the log.
#[inline]
pub fn in_force(policy: HedgePolicy) -> HedgePolicy {
    match policy.validate() {
        Ok(()) => policy,
        Err(error) => {
            let repaired = policy.repaired();
            report::warn(format_args!("{error}; the hedge makes do with: {repaired}"));
            repaired
        }
    }
}
