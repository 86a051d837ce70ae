//! The bookkeeping of one call's attempts.

use std::fmt;
use std::time::Duration;

#[cfg(feature = "attributes")]
use super::RetrySite;
use super::delay::delay;
use super::outcome::{self, RetryEnd};
use super::policy::RetryPolicy;
use crate::budget::{NamedBudget, RetryBudget};
use crate::clock::Instant;
use crate::deadline;
use crate::error::{Error, ErrorKind};
use crate::event::{self, Event};
use crate::figures::Key;

/// What follows an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The outcome stands: a success, or a failure that the filter leaves out.
    Done,
    /// The outcome is a failure that counts, and there is no further attempt.
    Exhausted,
    /// Wait so long, then try again.
    Retry(Duration),
}

/// The attempts of one call. Counting an attempt that succeeds costs a few words on the stack and nothing else.
#[derive(Debug)]
pub struct Attempts<'a> {
    policy: &'a RetryPolicy,
    caller: Caller,
    // The attempt under way, from 1. Refusals by an open circuit don't count.
    number: u32,
    waits: u32,
    refusals: u32,
    last_wait: Duration,
    // Whether an attempt was made again.
    again: bool,
    // Read only where something needs it.
    started: Option<Instant>,
}

/// Who makes the attempts.
#[derive(Clone, Copy, Debug)]
enum Caller {
    #[cfg(feature = "attributes")]
    Attribute(&'static RetrySite),
    /// Of this name.
    Function(&'static str),
    /// Of the name that this finds, which takes a search: it is asked for only where something is told or counted.
    Closure(fn() -> &'static str),
}

/// A loop of attempts that never waits lets other tasks run after this number of them.
const ATTEMPTS_WITHOUT_A_YIELD: u32 = 8;

#[cfg(feature = "attributes")]
impl<'a> Attempts<'a> {
    /// Begins the first attempt, by the attribute's own settings.
    #[inline]
    pub fn new(site: &'static RetrySite) -> Attempts<'static> {
        Attempts::with(site, site.policy())
    }

    /// Begins the first attempt, by settings that were made for this call.
    #[inline]
    pub fn with(site: &'static RetrySite, policy: &'a RetryPolicy) -> Self {
        Self::begin(policy, Caller::Attribute(site))
    }

    /// The same by the settings of the site, which are known when the function is compiled: what they don't ask for isn't
    /// there.
    #[inline]
    pub fn after_failure_at(&mut self, site: &'static RetrySite, hint: Option<Duration>) -> Step {
        // A hint of zero says nothing about the load: the computed delay stays.
        let hint = hint.filter(|hint| !hint.is_zero());
        if hint.is_none() && site.policy().is_at_once() && self.goes_on_at_once() {
            return Step::Retry(Duration::ZERO);
        }
        self.after_failure(hint)
    }
}

impl<'a> Attempts<'a> {
    /// Begins the first attempt of something that is no annotated function.
    #[inline]
    pub(crate) fn by_hand(function: &'static str, policy: &'a RetryPolicy) -> Self {
        Self::begin(policy, Caller::Function(function))
    }

    /// The same for a closure without a name of its own.
    #[inline]
    pub(crate) fn of_closure(
        name: Option<&'static str>,
        function: fn() -> &'static str,
        policy: &'a RetryPolicy,
    ) -> Self {
        Self::begin(policy, name.map_or(Caller::Closure(function), Caller::Function))
    }

    /// Returns true if async code is to let other tasks run before the next attempt, for which there is no wait.
    #[inline]
    pub const fn yields(&self) -> bool {
        self.number.is_multiple_of(ATTEMPTS_WITHOUT_A_YIELD)
    }

    #[inline]
    fn begin(policy: &'a RetryPolicy, caller: Caller) -> Self {
        let attempts = Self {
            policy,
            caller,
            number: 1,
            waits: 0,
            refusals: 0,
            last_wait: Duration::ZERO,
            again: false,
            started: policy.settings.max_elapsed.map(|_| Instant::now()),
        };
        if policy.settings.budget.is_some() {
            attempts.with_budget(RetryBudget::deposit);
        }
        attempts
    }

    /// Times the call from here, for a hook that is told how long it took.
    #[must_use]
    pub fn timed(mut self) -> Self {
        self.started.get_or_insert_with(Instant::now);
        self
    }

    /// Whether each call pays into this budget already.
    pub fn pays_into(&self, budget: Option<NamedBudget>) -> bool {
        let names = |ours: NamedBudget, theirs: NamedBudget| ours.name == theirs.name;
        self.policy.settings.budget.zip(budget).is_some_and(|(ours, theirs)| names(ours, theirs))
    }

    /// The attempt succeeded.
    #[inline(always)]
    pub fn succeeded(&self) -> Step {
        if self.again {
            self.end(RetryEnd::Recovered);
        }
        Step::Done
    }

    /// The attempt failed in a way that the filter leaves out.
    #[inline(never)]
    pub fn not_retried(&self) -> Step {
        self.end(RetryEnd::NotRetryable);
        Step::Done
    }

    #[cold]
    #[inline(never)]
    fn end(&self, reason: RetryEnd) -> Step {
        let function = self.function();
        outcome::end(self.key(function), function, self.number, reason);
        Step::Exhausted
    }

    fn key(&self, function: &'static str) -> Key {
        match self.caller {
            #[cfg(feature = "attributes")]
            Caller::Attribute(site) => Key::site(site),
            Caller::Function(_) | Caller::Closure(_) => Key::name(function),
        }
    }

    /// Whether no attempt follows this one.
    #[inline]
    pub const fn is_last(&self) -> bool {
        self.number >= self.policy.settings.max_attempts
    }

    /// The body failed, and may have said when to come back.
    #[inline(never)]
    pub fn after_failure(&mut self, hint: Option<Duration>) -> Step {
        let hint = hint.filter(|hint| !hint.is_zero());
        if hint.is_none() && self.policy.is_at_once() && self.goes_on_at_once() {
            return Step::Retry(Duration::ZERO);
        }
        self.refusals = 0;
        if self.is_last() {
            return self.end(RetryEnd::Attempts);
        }
        self.after_failure_otherwise(hint)
    }

    /// Goes on to the next attempt, if there is one and no deadline has to be asked about it.
    ///
    /// On its own because asking the thread for its deadline counts as a call, for which its caller would save all its
    /// registers.
    #[inline(never)]
    fn goes_on_at_once(&mut self) -> bool {
        if self.is_last() || deadline::is_in_force() {
            return false;
        }
        self.refusals = 0;
        self.again(Duration::ZERO);
        self.number += 1;
        true
    }

    #[inline(never)]
    fn after_failure_otherwise(&mut self, hint: Option<Duration>) -> Step {
        let wait = match hint {
            Some(hint) if hint > self.policy.settings.max_retry_after => {
                return self.end(RetryEnd::RetryAfter);
            }
            Some(hint) => hint,
            None => self.next_delay(),
        };
        // The budget is asked last: a retry that isn't made must not be paid for.
        if let Some(limit) = self.limit_of(wait) {
            return self.end(limit);
        }
        if self.policy.settings.budget.is_some() && self.with_budget(RetryBudget::try_withdraw) == Some(false)
        {
            return self.end(RetryEnd::Budget);
        }
        let step = self.again(wait);
        self.number = self.number.saturating_add(1);
        step
    }

    /// An inner policy refused the attempt.
    #[inline(never)]
    pub fn after_rejection(&mut self, rejection: &Error) -> Step {
        match rejection.kind() {
            ErrorKind::CircuitOpen => self.after_refusal(rejection.retry_after()),
            // Without a moment to come back at, the call is one that is never let through.
            ErrorKind::RateLimited if rejection.retry_after().is_none() => self.end(RetryEnd::NotRetryable),
            ErrorKind::RateLimited => self.after_failure(rejection.retry_after()),
            ErrorKind::TimedOut | ErrorKind::BulkheadFull => self.after_failure(None),
        }
    }

    /// An open circuit refused the attempt: that burns none, but can't go on for ever.
    fn after_refusal(&mut self, retry_after: Option<Duration>) -> Step {
        let Some(retry_after) = retry_after else { return self.end(RetryEnd::NotRetryable) };
        self.refusals = self.refusals.saturating_add(1);
        if self.refusals >= self.policy.settings.max_attempts {
            return self.end(RetryEnd::Attempts);
        }
        if retry_after > self.policy.settings.max_retry_after {
            return self.end(RetryEnd::RetryAfter);
        }
        let wait = self.next_delay().max(retry_after);
        match self.limit_of(wait) {
            None => self.again(wait),
            Some(limit) => self.end(limit),
        }
    }

    /// Another attempt follows.
    #[inline(always)]
    fn again(&mut self, wait: Duration) -> Step {
        self.again = true;
        let function = self.function();
        if let Caller::Closure(_) = self.caller {
            // Searched for once a call.
            self.caller = Caller::Function(function);
        }
        outcome::count_again(self.key(function), self.number);
        event::emit(|| Event::Retrying { function, attempt: self.number, delay: wait });
        Step::Retry(wait)
    }

    /// The function, or what is called by hand.
    fn function(&self) -> &'static str {
        match self.caller {
            #[cfg(feature = "attributes")]
            Caller::Attribute(site) => site.function(),
            Caller::Function(name) => name,
            Caller::Closure(function) => function(),
        }
    }

    fn next_delay(&mut self) -> Duration {
        self.last_wait = delay(self.policy, self.waits, self.last_wait);
        self.waits = self.waits.saturating_add(1);
        self.last_wait
    }

    /// The retry budget, if the settings name one.
    fn with_budget<T>(&self, run: impl FnOnce(&RetryBudget) -> T) -> Option<T> {
        let budget = self.policy.settings.budget?;
        Some(match self.caller {
            #[cfg(feature = "attributes")]
            Caller::Attribute(site) => budget.with_own(site.budget(), run),
            Caller::Function(_) | Caller::Closure(_) => budget.with(run),
        })
    }

    /// What leaves no room for a wait: one that can't end in time is not begun.
    fn limit_of(&self, wait: Duration) -> Option<RetryEnd> {
        let own = match (self.policy.settings.max_elapsed, self.started) {
            (Some(limit), Some(started)) => Some(limit.saturating_sub(Instant::now().since(started))),
            _ => None,
        };
        let has_no_room = |left: &Duration| wait >= *left;
        if own.as_ref().is_some_and(has_no_room) {
            return Some(RetryEnd::Elapsed);
        }
        deadline::remaining().as_ref().is_some_and(has_no_room).then_some(RetryEnd::Deadline)
    }

    /// What the hook is told before a wait. Refusals have no number of their own: they burn no attempt.
    pub fn event<'e, E>(
        &'e self,
        delay: Duration,
        error: Option<&'e E>,
        rejection: Option<&'e Error>,
    ) -> RetryEvent<'e, E> {
        // The count has moved on to the attempt that follows, unless the circuit refused.
        let attempt = if self.refusals == 0 { self.number - 1 } else { self.number };
        RetryEvent { function: self.function(), attempt, delay, elapsed: self.elapsed(), error, rejection }
    }

    /// The last error with the story of its call.
    pub fn exhausted<E>(&self, last: E) -> RetryExhausted<E> {
        RetryExhausted { attempts: self.number, elapsed: self.elapsed(), last }
    }

    fn elapsed(&self) -> Duration {
        self.started.map_or(Duration::ZERO, |started| Instant::now().since(started))
    }
}

/// A failed attempt that is about to be followed by another; what `on_retry` is told.
///
/// It comes before the wait, never after the last failure.
pub struct RetryEvent<'a, E> {
    function: &'static str,
    attempt: u32,
    delay: Duration,
    elapsed: Duration,
    error: Option<&'a E>,
    rejection: Option<&'a Error>,
}

impl<E> RetryEvent<'_, E> {
    /// The function, as `module::function`; the pipeline, or what a closure stands in, where there is none.
    pub fn function(&self) -> &'static str {
        self.function
    }

    /// The attempt that failed, from 1.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// How long the wait before the next attempt is.
    pub fn delay(&self) -> Duration {
        self.delay
    }

    /// The time since the call began.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// The body's error; `None` where an inner policy refused the attempt, or an `Ok` counted as a failure.
    pub fn error(&self) -> Option<&E> {
        self.error
    }

    /// The refusal, where an inner policy refused the attempt.
    pub fn rejection(&self) -> Option<&Error> {
        self.rejection
    }
}

impl<E: fmt::Debug> fmt::Debug for RetryEvent<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RetryEvent")
            .field("function", &self.function)
            .field("attempt", &self.attempt)
            .field("delay", &self.delay)
            .field("elapsed", &self.elapsed)
            .field("error", &self.error)
            .field("rejection", &self.rejection)
            .finish()
    }
}

/// The last error of a call whose retries ran out; what `exhausted = …` turns into the function's own error.
///
/// Its text says how often and for how long. Why is the last error's to say, which is the
/// [`source`](std::error::Error::source): error reporters print both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryExhausted<E> {
    /// How often the body was tried.
    pub attempts: u32,
    /// The time from the start of the call, waits included.
    pub elapsed: Duration,
    /// The last error, unchanged.
    pub last: E,
}

impl<E> fmt::Display for RetryExhausted<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { attempts, elapsed, .. } = self;
        let s = if *attempts == 1 { "" } else { "s" };
        write!(f, "failed after {attempts} attempt{s} in {elapsed:?}")
    }
}

impl<E: std::error::Error + 'static> std::error::Error for RetryExhausted<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::retry::policy::{Backoff, Jitter};

    const SECOND: Duration = Duration::from_secs(1);
    const POLICY: RetryPolicy = RetryPolicy::new().backoff(Backoff::Constant).jitter(Jitter::None);

    fn attempts(policy: &RetryPolicy) -> Attempts<'_> {
        static SITE: RetrySite = RetrySite::new("f", POLICY);
        Attempts::with(&SITE, policy)
    }

    #[test]
    fn attempts_end_at_their_number() {
        let mut attempts = attempts(&POLICY);
        assert_eq!(attempts.after_failure(None), Step::Retry(SECOND));
        assert!(!attempts.is_last());
        assert_eq!(attempts.after_failure(None), Step::Retry(SECOND));
        assert!(attempts.is_last());
        assert_eq!(attempts.after_failure(None), Step::Exhausted);
        assert_eq!(attempts.exhausted("e").attempts, 3);
    }

    #[test]
    fn a_hint_replaces_the_delay_and_a_long_one_ends_the_retries() {
        let policy = POLICY.max_delay(2 * SECOND);
        assert_eq!(attempts(&policy).after_failure(Some(9 * SECOND)), Step::Retry(9 * SECOND));
        assert_eq!(attempts(&policy).after_failure(Some(301 * SECOND)), Step::Exhausted);
        assert_eq!(attempts(&policy).after_failure(Some(Duration::ZERO)), Step::Retry(SECOND));
    }

    #[test]
    fn a_refusal_burns_no_attempt_but_does_not_go_on_for_ever() {
        let refused = |after| Error::CircuitOpen { name: "b".into(), retry_after: after };
        let mut attempts = attempts(&POLICY);
        assert_eq!(attempts.after_rejection(&refused(Some(5 * SECOND))), Step::Retry(5 * SECOND));
        assert_eq!(attempts.after_rejection(&refused(Some(SECOND / 2))), Step::Retry(SECOND));
        assert_eq!(attempts.number, 1);
        assert_eq!(attempts.after_rejection(&refused(Some(SECOND))), Step::Exhausted);
        assert_eq!(self::attempts(&POLICY).after_rejection(&refused(None)), Step::Exhausted);
    }

    #[test]
    fn no_wait_is_begun_that_the_limit_leaves_no_room_for() {
        let policy = POLICY.max_elapsed(SECOND);
        assert_eq!(attempts(&policy).after_failure(None), Step::Exhausted);
        assert_eq!(attempts(&policy.base_delay(SECOND / 2)).after_failure(None), Step::Retry(SECOND / 2));
    }

    #[test]
    fn the_hook_is_told_the_attempt_that_failed() {
        let mut attempts = attempts(&POLICY);
        attempts.after_failure(None);
        assert_eq!(attempts.event::<()>(SECOND, None, None).attempt(), 1);
        attempts.after_failure(None);
        assert_eq!(attempts.event::<()>(SECOND, None, None).attempt(), 2);
    }
}
