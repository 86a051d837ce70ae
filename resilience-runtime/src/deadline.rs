//! The time that is left: every timeout tells what runs inside of it.

use std::cell::Cell;
use std::time::Duration;

use crate::clock::Instant;
use crate::error::Error;
use crate::name::Name;

/// The deadline of the tightest timeout around the code that asks.
///
/// It holds for the code that runs inside of a timeout on the same thread or in the same future; a task that is
/// spawned from there is on its own.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    at: Instant,
    limit: Duration,
    name: &'static str,
}

thread_local! {
    static CURRENT: Cell<Deadline> = const { Cell::new(Deadline::NONE) };
}

impl Deadline {
    const NONE: Self = Self { at: Instant::NEVER, limit: Duration::MAX, name: "" };

    pub(crate) const fn new(at: Instant, limit: Duration, name: &'static str) -> Self {
        Self { at, limit, name }
    }

    /// How much time is left; zero once it is over.
    pub fn remaining(&self) -> Duration {
        self.at.since(Instant::now())
    }

    /// Whether no time is left.
    pub fn is_expired(&self) -> bool {
        Instant::now() >= self.at
    }

    /// For the loops of a long computation: `resilience::deadline().map_or(Ok(()), |d| d.check())?`.
    ///
    /// # Errors
    /// [`Error::TimedOut`] once no time is left.
    pub fn check(&self) -> Result<(), Error> {
        if self.is_expired() { Err(self.error()) } else { Ok(()) }
    }

    pub(crate) fn error(&self) -> Error {
        Error::TimedOut { name: Name::from_static(self.name), limit: self.limit }
    }

    pub(crate) const fn at(&self) -> Instant {
        self.at
    }
}

/// The deadline of the tightest timeout around the caller; `None` outside of any.
///
/// ```
/// use resilience_runtime::deadline;
///
/// assert!(deadline().is_none());
/// ```
pub fn deadline() -> Option<Deadline> {
    let current = CURRENT.get();
    (current.at != Instant::NEVER).then_some(current)
}

/// The time that is left to the caller, if something limits it.
pub(crate) fn remaining() -> Option<Duration> {
    deadline().map(|deadline| deadline.remaining())
}

/// Keeps a deadline in force on this thread until it is dropped.
#[derive(Debug)]
pub(crate) struct Scope {
    outer: Deadline,
}

impl Scope {
    /// An outer deadline that is tighter stays in force.
    #[inline]
    pub(crate) fn enter(deadline: Deadline) -> Self {
        let outer = CURRENT.get();
        if deadline.at < outer.at {
            CURRENT.set(deadline);
        }
        Self { outer }
    }
}

impl Drop for Scope {
    #[inline]
    fn drop(&mut self) {
        CURRENT.set(self.outer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tightest_deadline_is_the_one_in_force() {
        let second = Duration::from_secs(1);
        let now = Instant::now();
        let far = Scope::enter(Deadline::new(now.after(20 * second), 20 * second, "far"));
        {
            let _near = Scope::enter(Deadline::new(now.after(10 * second), 10 * second, "near"));
            let _farther = Scope::enter(Deadline::new(now.after(30 * second), 30 * second, "farther"));
            assert_eq!(deadline().map(|d| d.limit), Some(10 * second));
            assert!(remaining().is_some_and(|left| left <= 10 * second));
        }
        assert_eq!(deadline().map(|d| d.name), Some("far"));
        drop(far);
        assert!(deadline().is_none());
    }

    #[test]
    fn an_expired_deadline_says_whose_it_was() {
        let _scope = Scope::enter(Deadline::new(Instant::now(), Duration::from_millis(5), "quote"));
        let error = deadline().map(|deadline| deadline.check());
        let expected = Error::TimedOut { name: "quote".into(), limit: Duration::from_millis(5) };
        assert_eq!(error, Some(Err(expected)));
    }
}
