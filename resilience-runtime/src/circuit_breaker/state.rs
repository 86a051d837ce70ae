//! The state machine: pure, single-threaded, with the time as an argument.
//!
//! Invariant: from every state, any mix of successes, failures, neutral, cancelled, panicked and lost trials
//! leads on to Closed, Open or a fresh trial. Half-open can't stick, because a trial holds its place by a lease
//! that ends, and every other way to end a trial gives the place back.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use super::policy::CircuitBreakerPolicy;
use crate::clock::Instant;

/// What a circuit breaker does with a call.
///
/// ```
/// use resilience_runtime::{CircuitBreaker, CircuitBreakerPolicy, CircuitState};
///
/// let breaker = CircuitBreaker::new("quotes", CircuitBreakerPolicy::new())?;
/// assert_eq!(breaker.state(), CircuitState::Closed);
/// assert_eq!(CircuitState::HalfOpen.to_string(), "half-open");
/// # Ok::<(), resilience_runtime::ConfigError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CircuitState {
    /// Calls pass, and their failures are counted.
    Closed,
    /// Calls are refused.
    Open,
    /// A few trial calls pass, and decide whether the circuit closes or opens again.
    HalfOpen,
    /// Calls pass, and nothing is recorded; see `CircuitBreaker::disable`.
    Disabled,
}

impl CircuitState {
    /// The state as people write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half-open",
            Self::Disabled => "disabled",
        }
    }
}

impl fmt::Display for CircuitState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Why a circuit breaker changed its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransitionCause {
    /// So many failures came in a row.
    Failures(u32),
    /// The open time was over when a call came.
    ResetTimeout,
    /// So many trial calls succeeded.
    TrialsSucceeded(u32),
    /// A trial call failed.
    TrialFailed,
    /// `force_open`, `reset`, `disable` or `enable` was called.
    Manual,
}

impl fmt::Display for TransitionCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failures(count) => write!(f, "{count} failures in a row"),
            Self::ResetTimeout => f.write_str("reset timeout over"),
            Self::TrialsSucceeded(count) => write!(f, "{count} trial calls succeeded"),
            Self::TrialFailed => f.write_str("a trial call failed"),
            Self::Manual => f.write_str("by hand"),
        }
    }
}

/// How a call ended, as far as the breaker is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It worked.
    Success,
    /// It failed in a way that counts.
    Failure,
    /// It says nothing about the service: left out by the filter, cancelled, or refused further in.
    Ignored,
}

/// A change of state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Transition {
    pub(crate) from: CircuitState,
    pub(crate) to: CircuitState,
    pub(crate) cause: TransitionCause,
}

/// What an admitted call gives back with its verdict: which period between two transitions admitted it, and which
/// trial of that period it is. One word, so that a permit travels in registers. The period's number wraps after
/// 2³² transitions, which no call outlives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ticket(u64);

impl Ticket {
    pub(crate) const fn new(generation: u32, trial: u32) -> Self {
        Self(((generation as u64) << 32) | trial as u64)
    }

    /// For a call that finds the circuit closed: the generation of a word that has it in its upper half.
    #[inline]
    pub(crate) const fn closed(word: u64) -> Self {
        Self(word & !(u32::MAX as u64))
    }

    pub(crate) const fn generation(self) -> u32 {
        (self.0 >> 32) as u32
    }

    #[allow(clippy::cast_possible_truncation)] // the lower half is what is meant
    pub(crate) const fn trial(self) -> u32 {
        self.0 as u32
    }

    #[inline]
    pub(crate) const fn to_bits(self) -> u64 {
        self.0
    }
}

#[derive(Debug)]
pub(crate) enum State {
    Closed {
        failures: u32,
    },
    /// `until` is never for a circuit that was forced open.
    Open {
        until: Instant,
    },
    HalfOpen {
        trials: VecDeque<Trial>,
        next_trial: u32,
        successes: u32,
    },
    Disabled,
}

/// A trial call under way.
#[derive(Debug)]
pub(crate) struct Trial {
    number: u32,
    lease_ends: Instant,
}

#[derive(Debug)]
pub(crate) struct Machine {
    pub(crate) policy: CircuitBreakerPolicy,
    pub(crate) state: State,
    pub(crate) generation: u32,
}

impl Machine {
    pub(crate) const fn new(policy: CircuitBreakerPolicy) -> Self {
        Self { policy, state: State::Closed { failures: 0 }, generation: 0 }
    }

    /// The state that a call at this moment would find.
    pub(crate) fn state(&self, now: Instant) -> CircuitState {
        match self.state {
            State::Closed { .. } => CircuitState::Closed,
            State::Open { until } if now >= until && until != Instant::NEVER => CircuitState::HalfOpen,
            State::Open { .. } => CircuitState::Open,
            State::HalfOpen { .. } => CircuitState::HalfOpen,
            State::Disabled => CircuitState::Disabled,
        }
    }

    /// Failures in a row since the last success; zero unless closed.
    pub(crate) fn failure_count(&self) -> u32 {
        match self.state {
            State::Closed { failures } => failures,
            _ => 0,
        }
    }

    /// How long until trial calls are let through.
    pub(crate) fn time_until_reset(&self, now: Instant) -> Option<Duration> {
        match self.state {
            State::Open { until } if until != Instant::NEVER && until > now => Some(until.since(now)),
            _ => None,
        }
    }

    /// Lets a call in, or says how long until one may come. A trial holds its place for `lease`, and at least
    /// for the reset timeout.
    pub(crate) fn admit(
        &mut self,
        now: Instant,
        lease: Duration,
    ) -> (Result<Ticket, Option<Duration>>, Option<Transition>) {
        let mut transition = None;
        if let State::Open { until } = self.state {
            if until == Instant::NEVER || now < until {
                return (Err(self.time_until_reset(now)), None);
            }
            let trials = State::HalfOpen { trials: VecDeque::new(), next_trial: 0, successes: 0 };
            transition = Some(self.enter(now, trials, TransitionCause::ResetTimeout));
        }
        let mut ticket = Ticket::new(self.generation, 0);
        if let State::HalfOpen { trials, next_trial, .. } = &mut self.state {
            // An attribute's settings may be computed; without a place the circuit could never close.
            let places = self.policy.half_open_max_calls.max(1) as usize;
            if trials.len() >= places {
                trials.retain(|trial| trial.lease_ends > now);
            }
            if trials.len() >= places {
                return (Err(None), transition);
            }
            let number = *next_trial;
            *next_trial = number.saturating_add(1);
            ticket = Ticket::new(self.generation, number);
            let lease_ends = now.after(lease.max(self.policy.reset_timeout));
            trials.push_back(Trial { number, lease_ends });
        }
        (Ok(ticket), transition)
    }

    /// Takes a verdict. One that was admitted before the last transition changes nothing. The time is asked for
    /// only by a transition, so that counting a failure reads no clock.
    pub(crate) fn record(
        &mut self,
        now: impl FnOnce() -> Instant,
        ticket: Ticket,
        verdict: Verdict,
    ) -> Option<Transition> {
        if ticket.generation() != self.generation {
            return None;
        }
        match &mut self.state {
            State::Closed { failures } => match verdict {
                Verdict::Success => *failures = 0,
                Verdict::Failure => {
                    *failures = failures.saturating_add(1);
                    if *failures >= self.policy.failure_threshold {
                        let cause = TransitionCause::Failures(*failures);
                        return Some(self.open(now(), cause));
                    }
                }
                Verdict::Ignored => {}
            },
            State::HalfOpen { trials, successes, .. } => {
                // A trial whose lease was given to another has no place to free, but it still tells how the
                // service does: a healthy one that is slower than the lease must be able to close the circuit.
                if let Ok(place) = trials.binary_search_by_key(&ticket.trial(), |trial| trial.number) {
                    trials.remove(place);
                }
                match verdict {
                    Verdict::Success => {
                        *successes += 1;
                        if *successes >= self.policy.successes_to_close() {
                            let cause = TransitionCause::TrialsSucceeded(*successes);
                            return Some(self.enter(now(), State::Closed { failures: 0 }, cause));
                        }
                    }
                    Verdict::Failure => return Some(self.open(now(), TransitionCause::TrialFailed)),
                    Verdict::Ignored => {}
                }
            }
            State::Open { .. } | State::Disabled => {}
        }
        None
    }

    fn open(&mut self, now: Instant, cause: TransitionCause) -> Transition {
        let until = now.after(self.policy.reset_timeout);
        self.enter(now, State::Open { until }, cause)
    }

    /// Goes to a state, for whatever reason.
    pub(crate) fn enter(&mut self, now: Instant, state: State, cause: TransitionCause) -> Transition {
        // An open circuit whose time is over counts as half-open only once a call has come.
        let from = match self.state {
            State::Open { .. } => CircuitState::Open,
            _ => self.state(now),
        };
        self.state = state;
        self.generation = self.generation.wrapping_add(1);
        Transition { from, to: self.state(now), cause }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const POLICY: CircuitBreakerPolicy = CircuitBreakerPolicy::new()
        .failure_threshold(2)
        .reset_timeout(SECOND)
        .half_open_max_calls(2)
        .success_threshold(2);

    fn start() -> Instant {
        Instant::from_bits(1_000_000_000_000)
    }

    fn admit(machine: &mut Machine, now: Instant) -> Result<Ticket, Option<Duration>> {
        machine.admit(now, Duration::ZERO).0
    }

    fn opened(policy: CircuitBreakerPolicy) -> Machine {
        let mut machine = Machine::new(policy);
        for _ in 0..policy.failure_threshold {
            let ticket = admit(&mut machine, start()).expect("closed");
            machine.record(start, ticket, Verdict::Failure);
        }
        assert_eq!(machine.state(start()), CircuitState::Open);
        machine
    }

    #[test]
    fn failures_in_a_row_open_it_and_a_success_in_between_does_not() {
        let mut machine = Machine::new(POLICY);
        let ticket = admit(&mut machine, start()).expect("closed");
        for verdict in [Verdict::Failure, Verdict::Success, Verdict::Failure, Verdict::Ignored] {
            assert_eq!(machine.record(start, ticket, verdict), None);
        }
        let transition = machine.record(start, ticket, Verdict::Failure).expect("the second in a row");
        assert_eq!(transition.cause, TransitionCause::Failures(2));
        assert_eq!(admit(&mut machine, start()), Err(Some(SECOND)));
    }

    #[test]
    fn it_reads_half_open_exactly_at_the_reset_timeout_without_traffic() {
        let machine = opened(POLICY);
        assert_eq!(machine.state(start().after(Duration::new(0, 999_999_999))), CircuitState::Open);
        assert_eq!(machine.state(start().after(SECOND)), CircuitState::HalfOpen);
        assert_eq!(machine.time_until_reset(start()), Some(SECOND));
        assert_eq!(machine.time_until_reset(start().after(SECOND)), None);
    }

    #[test]
    fn trials_are_bounded_and_close_it_together() {
        let mut machine = opened(POLICY);
        let now = start().after(SECOND);
        let first = admit(&mut machine, now).expect("a trial");
        let second = admit(&mut machine, now).expect("another");
        assert_eq!(admit(&mut machine, now), Err(None));
        assert_eq!(machine.record(|| now, first, Verdict::Success), None);
        let transition = machine.record(|| now, second, Verdict::Success).expect("closes");
        assert_eq!(transition.to, CircuitState::Closed);
    }

    #[test]
    fn one_failed_trial_opens_it_again_for_the_whole_time() {
        let mut machine = opened(POLICY);
        let now = start().after(3 * SECOND);
        let trial = admit(&mut machine, now).expect("a trial");
        machine.record(|| now, trial, Verdict::Failure).expect("opens");
        assert_eq!(machine.time_until_reset(now), Some(SECOND));
    }

    #[test]
    fn neutral_trials_give_their_place_back_and_vote_neither_way() {
        let mut machine = opened(POLICY);
        let now = start().after(SECOND);
        for _ in 0..100 {
            let trial = admit(&mut machine, now).expect("a place");
            assert_eq!(machine.record(|| now, trial, Verdict::Ignored), None);
        }
        assert_eq!(machine.state(now), CircuitState::HalfOpen);
    }

    #[test]
    fn a_lost_trial_is_replaced_when_its_lease_ends_and_not_before() {
        let mut machine = opened(POLICY);
        let now = start().after(SECOND);
        let lease = 5 * SECOND;
        for _ in 0..2 {
            machine.admit(now, lease).0.expect("a trial");
        }
        let almost = now.after(Duration::new(4, 999_999_999));
        assert_eq!(machine.admit(almost, lease).0, Err(None));
        assert!(machine.admit(now.after(lease), lease).0.is_ok());
    }

    #[test]
    fn verdicts_from_before_a_transition_move_nothing() {
        let mut machine = Machine::new(POLICY);
        let early = admit(&mut machine, start()).expect("closed");
        for _ in 0..2 {
            let ticket = admit(&mut machine, start()).expect("closed");
            machine.record(start, ticket, Verdict::Failure);
        }
        for verdict in [Verdict::Success, Verdict::Failure] {
            assert_eq!(machine.record(start, early, verdict), None);
        }
        let now = start().after(SECOND);
        admit(&mut machine, now).expect("a trial");
        assert_eq!(machine.record(|| now, early, Verdict::Failure), None);
        assert_eq!(machine.state(now), CircuitState::HalfOpen);
    }

    #[test]
    fn an_endless_open_time_never_overflows() {
        let mut machine = opened(POLICY.reset_timeout(Duration::MAX));
        assert_eq!(machine.state(start().after(Duration::MAX)), CircuitState::Open);
        assert_eq!(admit(&mut machine, start()), Err(None));
    }

    /// Every way that trials can end, at every small bound: no sequence leaves a circuit that admits nothing for
    /// ever.
    #[test]
    fn no_sequence_of_endings_wedges_it() {
        #[derive(Clone, Copy)]
        enum Ending {
            Verdict(Verdict),
            Lost,
        }
        const ENDINGS: [Ending; 4] = [
            Ending::Verdict(Verdict::Success),
            Ending::Verdict(Verdict::Failure),
            Ending::Verdict(Verdict::Ignored),
            Ending::Lost,
        ];
        const STEPS: u32 = 6;
        for places in 1..=3 {
            for needed in 1..=places {
                let policy = POLICY.half_open_max_calls(places).success_threshold(needed);
                for sequence in 0..4_usize.pow(STEPS) {
                    let mut machine = opened(policy);
                    let mut now = start();
                    for step in 0..STEPS {
                        now = now.after(SECOND);
                        let ticket =
                            admit(&mut machine, now).expect("a second later there is always a place");
                        match ENDINGS[(sequence >> (2 * step)) % 4] {
                            Ending::Verdict(verdict) => {
                                machine.record(|| now, ticket, verdict);
                            }
                            Ending::Lost => {}
                        }
                    }
                    // A healthy service closes it, whatever came before.
                    for _ in 0..places {
                        now = now.after(SECOND);
                        let ticket = admit(&mut machine, now).expect("a place");
                        machine.record(|| now, ticket, Verdict::Success);
                    }
                    assert_eq!(machine.state(now), CircuitState::Closed);
                }
            }
        }
    }
}
