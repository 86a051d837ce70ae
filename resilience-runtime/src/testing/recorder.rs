//! What happened, for a test to look at.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::kit::{InPlace, parts};
use super::sites::SiteOrName;
use crate::circuit_breaker::CircuitState;
use crate::error::{Error, ErrorKind};
pub use crate::event::Event;
use crate::retry::RetryEnd;

/// Records what the policies do, until the guard is dropped.
///
/// It hears what happens on this thread, in the detached bodies that start from here, and in what is
/// [carried](super::carry) from here, so that tests that run in parallel don't hear each other.
///
/// ```
/// use resilience::{CircuitBreaker, CircuitBreakerPolicy, CircuitState, ErrorKind, testing};
///
/// let events = testing::record();
/// let breaker = CircuitBreaker::new("quotes", CircuitBreakerPolicy::new().failure_threshold(1))?;
/// breaker.try_acquire()?.failure();
/// assert!(breaker.try_acquire().is_err());
///
/// events.assert_transitions("quotes", [CircuitState::Closed, CircuitState::Open]);
/// events.assert_rejections("quotes", ErrorKind::CircuitOpen, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn record() -> Recorder {
    Recorder(InPlace::new(Log::default()))
}

/// What was recorded; see [`record`].
///
/// Functions are named as for [`inject`](super::inject), policies as in their errors. A failed assertion prints
/// everything that was recorded, in order; so does [`Display`](fmt::Display).
#[derive(Debug)]
#[must_use = "nothing is recorded any more as soon as this is dropped"]
pub struct Recorder(InPlace<Log>);

#[derive(Debug, Default)]
pub(crate) struct Log(Mutex<Vec<Event>>);

impl Log {
    fn events(&self) -> MutexGuard<'_, Vec<Event>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recorder {
    /// Everything, in order.
    pub fn events(&self) -> Vec<Event> {
        self.0.part.events().clone()
    }

    /// Forgets what was recorded so far.
    pub fn clear(&self) {
        self.0.part.events().clear();
    }

    /// How often the body of a function was run. An attempt that a policy refused before is none.
    ///
    /// # Panics
    /// If there is no such function; see [`inject`](super::inject).
    #[track_caller]
    pub fn attempts(&self, function: impl SiteOrName) -> usize {
        let attempts = self.of_function(function, |event| match event {
            Event::Attempted { function } => Some((function, ())),
            _ => None,
        });
        attempts.len()
    }

    /// The delays between the attempts of a function.
    ///
    /// # Panics
    /// If there is no such function; see [`inject`](super::inject).
    #[track_caller]
    pub fn delays(&self, function: impl SiteOrName) -> Vec<Duration> {
        self.of_function(function, |event| match event {
            Event::Retrying { function, delay, .. } => Some((function, delay)),
            _ => None,
        })
    }

    /// How the retries of a function ended, one for each call that didn't succeed at once.
    ///
    /// # Panics
    /// If there is no such function; see [`inject`](super::inject).
    #[track_caller]
    pub fn retry_ends(&self, function: impl SiteOrName) -> Vec<RetryEnd> {
        self.of_function(function, |event| match event {
            Event::RetryEnded { function, reason, .. } => Some((function, reason)),
            _ => None,
        })
    }

    /// How many further calls a hedge made for a function.
    ///
    /// # Panics
    /// If there is no such function; see [`inject`](super::inject).
    #[track_caller]
    pub fn hedges(&self, function: impl SiteOrName) -> usize {
        let hedges = self.of_function(function, |event| match event {
            Event::Hedged { function, .. } => Some((function, ())),
            _ => None,
        });
        hedges.len()
    }

    /// Which of its calls gave the answer, from 1, of each time that a hedge of a function had made several.
    ///
    /// # Panics
    /// If there is no such function; see [`inject`](super::inject).
    #[track_caller]
    pub fn hedge_winners(&self, function: impl SiteOrName) -> Vec<usize> {
        self.of_function(function, |event| match event {
            Event::HedgeWon { function, call } => Some((function, call)),
            _ => None,
        })
    }

    /// The handlers that were asked to answer for a function, as the source spells them.
    ///
    /// # Panics
    /// If there is no such function; see [`inject`](super::inject).
    #[track_caller]
    pub fn fallbacks(&self, function: impl SiteOrName) -> Vec<&'static str> {
        self.of_function(function, |event| match event {
            Event::FellBack { function, handler } => Some((function, handler)),
            _ => None,
        })
    }

    /// The refusals by a policy of this name, timeouts included.
    pub fn rejections(&self, policy: &str) -> Vec<Error> {
        let rejection = |event: Event| match event {
            Event::Rejected { rejection } if rejection.policy_name() == policy => Some(rejection),
            _ => None,
        };
        self.events().into_iter().filter_map(rejection).collect()
    }

    /// The states that a circuit breaker went through, the one before the first change included; none, if nothing
    /// changed.
    pub fn transitions(&self, breaker: &str) -> Vec<CircuitState> {
        let mut states = Vec::new();
        for event in self.events() {
            if let Event::StateChanged { name, change } = event
                && name == breaker
            {
                if states.is_empty() {
                    states.push(change.from);
                }
                states.push(change.to);
            }
        }
        states
    }

    /// That the body of a function was run so often.
    ///
    /// # Panics
    /// If it wasn't, or if there is no such function.
    #[track_caller]
    pub fn assert_attempts(&self, function: impl SiteOrName, expected: usize) {
        let what = format!("attempts of {}", function.label());
        self.assert(&what, &self.attempts(function), &expected);
    }

    /// That the delays between the attempts of a function were these.
    ///
    /// # Panics
    /// If they weren't, or if there is no such function.
    #[track_caller]
    pub fn assert_delays(&self, function: impl SiteOrName, expected: impl AsRef<[Duration]>) {
        let what = format!("delays of {}", function.label());
        self.assert(&what, self.delays(function).as_slice(), expected.as_ref());
    }

    /// That a hedge made so many further calls for a function.
    ///
    /// # Panics
    /// If it didn't, or if there is no such function.
    #[track_caller]
    pub fn assert_hedges(&self, function: impl SiteOrName, expected: usize) {
        let what = format!("further calls of {}", function.label());
        self.assert(&what, &self.hedges(function), &expected);
    }

    /// That handlers were asked so often to answer for a function.
    ///
    /// # Panics
    /// If they weren't, or if there is no such function.
    #[track_caller]
    pub fn assert_fallbacks(&self, function: impl SiteOrName, expected: usize) {
        let what = format!("fallbacks of {}", function.label());
        self.assert(&what, &self.fallbacks(function).len(), &expected);
    }

    /// That a policy refused, or cut short, so many calls in this way.
    ///
    /// # Panics
    /// If it didn't.
    #[track_caller]
    pub fn assert_rejections(&self, policy: &str, kind: ErrorKind, expected: usize) {
        let found = self.rejections(policy).iter().filter(|rejection| rejection.kind() == kind).count();
        self.assert(&format!("rejections of the kind {kind:?} by `{policy}`"), &found, &expected);
    }

    /// That a circuit breaker went through these states, the one before the first change included; `[]` if nothing
    /// is to have changed.
    ///
    /// # Panics
    /// If it didn't.
    #[track_caller]
    pub fn assert_transitions(&self, breaker: &str, expected: impl AsRef<[CircuitState]>) {
        let what = format!("states of `{breaker}`");
        self.assert(&what, self.transitions(breaker).as_slice(), expected.as_ref());
    }

    #[track_caller]
    fn assert<T: ?Sized + PartialEq + fmt::Debug>(&self, what: &str, found: &T, expected: &T) {
        assert!(found == expected, "{what}: {found:?}, expected {expected:?}\n{self}");
    }

    #[track_caller]
    fn of_function<T>(
        &self,
        function: impl SiteOrName,
        pick: impl Fn(Event) -> Option<(&'static str, T)>,
    ) -> Vec<T> {
        let spots = function.spots();
        let is_meant = |function: &str| spots.iter().any(|spot| spot.name() == function);
        let picked = self.events().into_iter().filter_map(pick);
        picked.filter(|(function, _)| is_meant(function)).map(|(_, value)| value).collect()
    }
}

impl fmt::Display for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let events = self.events();
        if events.is_empty() {
            return f.write_str("nothing was recorded");
        }
        f.write_str("recorded, in order:")?;
        for (number, event) in events.iter().enumerate() {
            write!(f, "\n{:4}. {event}", number + 1)?;
        }
        Ok(())
    }
}

/// Whether anything records here.
pub(crate) fn is_recorded() -> bool {
    !parts::<Log>().is_empty()
}

/// Records an event, on the thread that it happens on and at once.
pub(crate) fn recorded(event: &Event) {
    for log in parts::<Log>() {
        log.events().push(event.clone());
    }
}

pub(crate) fn attempted(function: &'static str) {
    recorded(&Event::Attempted { function });
}
