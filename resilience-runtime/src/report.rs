//! What has to be said and can't be returned: to `tracing` where that feature is on, else to standard error.

use std::fmt::Display;

pub(crate) fn warn(message: impl Display) {
    #[cfg(feature = "tracing")]
    tracing::warn!("{message}");
    #[cfg(not(feature = "tracing"))]
    eprintln!("resilience: {message}");
}
