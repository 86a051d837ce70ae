//! How retries end, and how often they did.

use std::fmt;

use crate::event::{self, Event};
use crate::figures::{self, Counts, Key};

/// Why the attempts of a call ended.
///
/// A call that succeeds at once has none: its retry had nothing to do.
///
/// ```
/// assert_eq!(resilience::RetryEnd::Deadline.to_string(), "deadline");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RetryEnd {
    /// A later attempt succeeded.
    Recovered,
    /// There were no attempts left.
    Attempts,
    /// The next wait would have ended after `max_elapsed`.
    Elapsed,
    /// The next wait would have ended after the deadline around the call.
    Deadline,
    /// The retry budget had no token.
    Budget,
    /// The error, or the policy that rejected the call, asked for a wait above `max_retry_after`.
    RetryAfter,
    /// The failure is one that isn't retried.
    NotRetryable,
}

impl RetryEnd {
    /// Returns the reason as figures label it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Recovered => "recovered",
            Self::Attempts => "attempts",
            Self::Elapsed => "elapsed",
            Self::Deadline => "deadline",
            Self::Budget => "budget",
            Self::RetryAfter => "retry_after",
            Self::NotRetryable => "not_retryable",
        }
    }
}

impl fmt::Display for RetryEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Counts of a retry since the program began.
///
/// Attempts are counted by their number, calls by how they ended. Calls that succeeded at once, and those that were
/// dropped or panicked, are counted nowhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryMetrics {
    /// Second attempts: calls that were retried.
    pub second_attempts: u64,
    /// Third attempts.
    pub third_attempts: u64,
    /// Fourth and later attempts.
    pub later_attempts: u64,
    /// Calls that succeeded at a later attempt.
    pub recovered: u64,
    /// Calls that failed because there were no attempts left.
    pub attempts: u64,
    /// Calls that failed because `max_elapsed` left no room for the next wait.
    pub elapsed: u64,
    /// Calls that failed because the deadline around them left no room for the next wait.
    pub deadline: u64,
    /// Calls that failed because the retry budget had no token.
    pub budget: u64,
    /// Calls that failed because they were asked to wait longer than `max_retry_after`.
    pub retry_after: u64,
    /// Calls that failed in a way that isn't retried, at the first attempt or later.
    pub not_retryable: u64,
}

impl RetryMetrics {
    pub(crate) fn add(mut self, counts: &Counts) -> Self {
        let counts = &counts.retries;
        let attempts = [&mut self.second_attempts, &mut self.third_attempts, &mut self.later_attempts];
        for (sum, count) in attempts.into_iter().zip(&counts.again) {
            *sum += count.get();
        }
        // In the order of `RetryEnd`.
        let ends = [
            &mut self.recovered,
            &mut self.attempts,
            &mut self.elapsed,
            &mut self.deadline,
            &mut self.budget,
            &mut self.retry_after,
            &mut self.not_retryable,
        ];
        for (sum, count) in ends.into_iter().zip(&counts.ended) {
            *sum += count.get();
        }
        self
    }
}

/// An attempt after this one is made.
pub(super) fn count_again(key: Key, attempt: u32) {
    let place = attempt.saturating_sub(1).min(2) as usize;
    figures::count(key, |counts| counts.retries.again[place].increment());
}

/// The attempts of a call ended.
pub(super) fn end(key: Key, function: &'static str, attempts: u32, reason: RetryEnd) {
    figures::count(key, |counts| counts.retries.ended[reason as usize].increment());
    event::emit(|| Event::RetryEnded { function, attempts, reason });
}
