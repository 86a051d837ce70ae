//! What has to be said and can't be returned: to `tracing` where that feature is on, else to standard error.

use std::fmt::Display;

pub(crate) fn warn(message: impl Display) {
    #[cfg(feature = "tracing")]
    tracing::warn!(target: "resilience", "{message}");
    #[cfg(not(feature = "tracing"))]
    eprintln!("resilience: {message}");
}

/// Says, once for each place, that it blocks a thread of a tokio runtime. The place is where the caller's caller
/// stands: the attribute, because that is what the expansion gives its calls, or a call by hand. So everything on the
/// way from there to here is `#[track_caller]`, and no closure.
#[track_caller]
pub(crate) fn blocks_this_thread() {
    #[cfg(all(feature = "tokio", feature = "tracing"))]
    if tokio::runtime::Handle::try_current().is_ok() {
        use std::collections::HashSet;
        use std::panic::Location;
        use std::sync::{Mutex, PoisonError};

        static TOLD: Mutex<Option<HashSet<&'static Location<'static>>>> = Mutex::new(None);
        let place = Location::caller();
        let mut told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
        let first = told.get_or_insert_with(HashSet::new).insert(place);
        drop(told);
        if first {
            warn(format_args!(
                "a sync call at {}:{} waits and blocks a thread of a tokio runtime: that is fine inside of \
                 `spawn_blocking`; anywhere else make it async",
                place.file(),
                place.line(),
            ));
        }
    }
}
