//! The timeout of sync code that looks at the deadline by itself.

use std::time::Duration;

use super::site::TimeoutSite;
use crate::deadline::{Deadline, Scope};
use crate::error::Error;
use crate::event::{self, Event};
use crate::figures::{self, Key};
use crate::name::Name;

/// The time of a body that runs in place.
#[derive(Debug)]
pub struct Cooperative {
    deadline: Deadline,
    _scope: Scope,
}

impl TimeoutSite {
    /// Starts the time of a body that runs in place, with the site's limit.
    #[inline]
    pub fn enter(&self) -> Cooperative {
        self.enter_with(self.limit())
    }

    /// Starts the time of a body that runs in place, with a limit for this call.
    #[inline]
    pub fn enter_with(&self, limit: Duration) -> Cooperative {
        let deadline = self.deadline(limit).or_scoped().scoped();
        Cooperative { deadline, _scope: Scope::enter(deadline) }
    }
}

impl Cooperative {
    /// Ends it.
    ///
    /// # Errors
    /// [`Error::TimedOut`] if the body came too late.
    #[inline]
    pub fn exit(self, site: &'static TimeoutSite) -> Result<(), Error> {
        if self.deadline.is_expired() { Err(self.too_late(site)) } else { Ok(()) }
    }

    #[cold]
    #[inline(never)]
    fn too_late(&self, site: &'static TimeoutSite) -> Error {
        figures::count(Key::site(site), |counts| counts.timeouts.late.increment());
        event::emit(|| Event::Late { name: Name::from_static(site.name()) });
        self.deadline.expire()
    }
}
