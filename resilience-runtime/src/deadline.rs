//! The time that is left: every timeout tells what runs inside of it.

mod grpc;
mod within;

use std::cell::Cell;
use std::time::{Duration, Instant as StdInstant};

use crate::clock::{self, Instant, nanos};
use crate::error::Error;
use crate::event::{self, Event};
use crate::figures::{self, Key};
use crate::name::Name;
#[cfg(feature = "attributes")]
use crate::timeout::TimeoutSite;

pub use self::grpc::{GrpcTimeout, InvalidGrpcTimeout};
pub use self::within::WithDeadline;

/// The deadline of the tightest timeout around the code that asks.
///
/// It holds for the code that runs inside of a timeout on the same thread or in the same future; a task that is
/// spawned from there is on its own. [`scope`](Self::scope) and [`scope_async`](Self::scope_async) put one in force that
/// came from elsewhere, with a request for instance.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    // The moment itself is worked out when somebody asks: most calls are over before that.
    start: StdInstant,
    bound: Bound,
}

/// How long after its start a deadline is, and whose it is. Every word counts that the happy path of a timeout carries
/// around.
#[derive(Clone, Copy, Debug)]
pub enum Bound {
    /// What the settings of an attribute say, which nobody reads before somebody asks.
    #[cfg_attr(not(feature = "tokio"), allow(dead_code))] // of async calls
    #[cfg(feature = "attributes")]
    Site(&'static TimeoutSite),
    /// So many nanoseconds, by this name.
    Given(u64, &'static str),
    /// The same, and nothing drops what runs inside when the time is over: waits have to end by themselves.
    Scoped(u64, &'static str),
}

impl Bound {
    #[inline]
    pub(crate) const fn new(limit: Duration, name: &'static str) -> Self {
        Self::Given(nanos(limit), name)
    }

    #[cfg(feature = "tokio")] // of `with_timeout`
    pub(crate) const fn named(self, name: &'static str) -> Self {
        Self::Given(self.nanos(), name)
    }

    const fn nanos(self) -> u64 {
        match self {
            #[cfg(feature = "attributes")]
            Self::Site(site) => nanos(site.limit()),
            Self::Given(nanos, _) | Self::Scoped(nanos, _) => nanos,
        }
    }

    fn key(self) -> Key {
        match self {
            #[cfg(feature = "attributes")]
            Self::Site(site) => Key::site(site),
            Self::Given(_, name) | Self::Scoped(_, name) => Key::name(name),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            #[cfg(feature = "attributes")]
            Self::Site(site) => site.name(),
            Self::Given(_, name) | Self::Scoped(_, name) => name,
        }
    }
}

thread_local! {
    /// The deadline in force on a thread.
    static CURRENT: Cell<Option<Deadline>> = const { Cell::new(None) };
}

impl Deadline {
    #[inline]
    pub(crate) const fn new(start: StdInstant, bound: Bound) -> Self {
        Self { start, bound }
    }

    /// The deadline of something that begins now.
    #[inline]
    pub(crate) fn begin(limit: Duration, name: &'static str) -> Self {
        Self::new(clock::read(), Bound::new(limit, name))
    }

    /// The same deadline where nothing drops what runs inside of it.
    #[inline]
    pub(crate) const fn scoped(self) -> Self {
        Self { bound: Bound::Scoped(self.bound.nanos(), self.bound.name()), ..self }
    }

    /// This deadline of a timeout that begins here, or the one around it if that comes first and nothing else ends the
    /// call by it.
    #[inline]
    pub(crate) fn or_scoped(self) -> Self {
        match scoped() {
            Some(outer) if outer.at() < self.at() => outer,
            _ => self,
        }
    }

    /// How much time is left; zero once it is over.
    pub fn remaining(&self) -> Duration {
        self.limit().saturating_sub(self.elapsed())
    }

    /// Whether no time is left.
    pub fn is_expired(&self) -> bool {
        // An end that lies beyond all of time is never reached.
        let end = self.at();
        end != Instant::NEVER && Instant::now() >= end
    }

    /// For the loops of a long computation: `resilience::deadline().map_or(Ok(()), |d| d.check())?`.
    ///
    /// # Errors
    /// [`Error::TimedOut`] once no time is left.
    pub fn check(&self) -> Result<(), Error> {
        if self.is_expired() { Err(self.error()) } else { Ok(()) }
    }

    fn elapsed(&self) -> Duration {
        Instant::now().since(Instant::from_std(self.start))
    }

    const fn limit(&self) -> Duration {
        Duration::from_nanos(self.bound.nanos())
    }

    /// Ends a call: counts and emits its timeout.
    #[cold]
    #[inline(never)]
    pub(crate) fn expire(&self) -> Error {
        figures::count(self.bound.key(), |counts| counts.timeouts.fired.increment());
        event::emit(|| Event::Rejected { rejection: self.error() });
        self.error()
    }

    pub(crate) fn error(&self) -> Error {
        Error::TimedOut { name: Name::from_static(self.bound.name()), limit: self.limit() }
    }

    pub(crate) fn at(&self) -> Instant {
        Instant::from_std(self.start).after_nanos(self.bound.nanos())
    }
}

/// The deadline of the tightest timeout around the caller; `None` outside of any.
///
/// ```
/// use resilience::deadline;
///
/// assert!(deadline().is_none());
/// ```
pub fn deadline() -> Option<Deadline> {
    CURRENT.get()
}

/// The tightest deadline around the caller, if nothing drops the caller by it.
#[inline]
pub(crate) fn scoped() -> Option<Deadline> {
    deadline().filter(|deadline| matches!(deadline.bound, Bound::Scoped(..)))
}

/// Whether something limits the caller's time.
#[inline]
pub(crate) fn is_in_force() -> bool {
    CURRENT.with(|current| current.get().is_some())
}

/// The time that is left to the caller, if something limits it.
pub(crate) fn remaining() -> Option<Duration> {
    deadline().map(|deadline| deadline.remaining())
}

/// Keeps a deadline in force on this thread until it is dropped.
#[derive(Debug)]
pub(crate) enum Scope {
    /// There was none before. Told apart, because putting that back is a single store.
    Outermost,
    Nested(Deadline),
}

impl Scope {
    /// An outer deadline that is tighter stays in force.
    #[inline]
    pub(crate) fn enter(deadline: Deadline) -> Self {
        let outermost = CURRENT.with(|current| {
            let outermost = current.get().is_none();
            if outermost {
                current.set(Some(deadline));
            }
            outermost
        });
        if outermost { Self::Outermost } else { Self::enter_nested(deadline) }
    }

    #[cold]
    #[inline(never)]
    fn enter_nested(deadline: Deadline) -> Self {
        let outer = CURRENT.get().unwrap_or(deadline);
        if deadline.at() < outer.at() {
            CURRENT.set(Some(deadline));
        }
        Self::Nested(outer)
    }
}

impl Drop for Scope {
    #[inline]
    fn drop(&mut self) {
        match self {
            Self::Outermost => CURRENT.set(None),
            Self::Nested(outer) => put_back(outer),
        }
    }
}

#[cold]
#[inline(never)]
fn put_back(outer: &Deadline) {
    CURRENT.set(Some(*outer));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tightest_deadline_is_the_one_in_force() {
        let second = Duration::from_secs(1);
        let far = Scope::enter(Deadline::begin(20 * second, "far"));
        {
            let _near = Scope::enter(Deadline::begin(10 * second, "near"));
            let _farther = Scope::enter(Deadline::begin(30 * second, "farther"));
            assert_eq!(deadline().map(|d| d.limit()), Some(10 * second));
            assert!(remaining().is_some_and(|left| left <= 10 * second));
        }
        assert_eq!(deadline().map(|d| d.bound.name()), Some("far"));
        drop(far);
        assert!(deadline().is_none());
    }

    #[test]
    fn an_expired_deadline_says_whose_it_was() {
        let _scope = Scope::enter(Deadline::begin(Duration::ZERO, "quote"));
        let error = deadline().map(|deadline| deadline.check());
        let expected = Error::TimedOut { name: "quote".into(), limit: Duration::ZERO };
        assert_eq!(error, Some(Err(expected)));
    }
}
