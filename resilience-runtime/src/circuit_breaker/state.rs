//! The state machine: pure, single-threaded, with the time as an argument.
//!
//! Invariant: from every state, any mix of successes, failures, neutral, cancelled, panicked and lost trials
//! leads on to Closed, Open or a fresh trial. Half-open can't stick, because a trial holds its place by a lease
//! that ends, and every other way to end a trial gives the place back.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::policy::CircuitBreakerPolicy;
use super::window::{Calls, Passed, Tally, threshold};
use crate::clock::{Instant, scaled};

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
    /// So many of the calls in the window failed.
    FailureRate {
        /// The failures.
        failures: u64,
        /// All calls in the window.
        calls: u64,
    },
    /// So many of the calls in the window were slow.
    SlowRate {
        /// The slow calls.
        slow: u64,
        /// All calls in the window.
        calls: u64,
    },
    /// The open time was over when a call came.
    ResetTimeout,
    /// So many trial calls succeeded.
    TrialsSucceeded(u32),
    /// A trial call failed, or was slow.
    TrialFailed,
    /// `force_open`, `reset`, `disable` or `enable` was called.
    Manual,
}

impl fmt::Display for TransitionCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failures(1) => f.write_str("a failure"),
            Self::Failures(count) => write!(f, "{count} failures in a row"),
            Self::FailureRate { failures, calls } => write!(f, "{failures} of {calls} calls failed"),
            Self::SlowRate { slow, calls } => write!(f, "{slow} of {calls} calls were slow"),
            Self::ResetTimeout => f.write_str("reset timeout over"),
            Self::TrialsSucceeded(1) => f.write_str("a trial call succeeded"),
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
    /// It failed in a way that counts, and said for how long to leave the service alone.
    FailureWithHint(Duration),
    /// It says nothing about the service: left out by the filter, cancelled, or refused further in.
    Ignored,
}

impl Verdict {
    /// A failure, with what the error says about when to come back.
    #[inline]
    pub fn failure(retry_after: Option<Duration>) -> Self {
        retry_after.map_or(Self::Failure, Self::FailureWithHint)
    }

    const fn is_failure(self) -> bool {
        matches!(self, Self::Failure | Self::FailureWithHint(_))
    }

    const fn hint(self) -> Option<Duration> {
        match self {
            Self::FailureWithHint(hint) => Some(hint),
            _ => None,
        }
    }
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
    /// Sets a trial's ticket apart from the word that calls of a closed circuit compare theirs with.
    const TRIAL: u32 = 1 << 31;

    pub(crate) const fn new(generation: u32) -> Self {
        Self((generation as u64) << 32)
    }

    pub(crate) const fn of_trial(generation: u32, trial: u32) -> Self {
        Self(((generation as u64) << 32) | (trial | Self::TRIAL) as u64)
    }

    /// For a call that finds the circuit closed: a word that holds nothing but the generation, in its upper half.
    #[inline]
    pub(crate) const fn bare(word: u64) -> Self {
        Self(word)
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
        self.0 as u32 & !Self::TRIAL
    }

    #[inline]
    pub(crate) const fn to_bits(self) -> u64 {
        self.0
    }
}

/// What the machine asks of the world around it, when it has to know.
pub(crate) trait Surroundings: Passed {
    /// The time of the event. The same for as long as the event lasts.
    fn now(&self) -> Instant;

    /// A draw from this range.
    fn between(&self, low: Duration, high: Duration) -> Duration;
}

#[derive(Debug)]
pub(crate) enum State {
    Closed {
        /// In a row.
        failures: u32,
        /// What the rates are about, if there is a rule about one.
        calls: Option<Calls>,
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
    /// Shared: the breakers of all keys have the same one.
    pub(crate) policy: Arc<CircuitBreakerPolicy>,
    pub(crate) state: State,
    pub(crate) generation: u32,
    /// How often a trial has failed since the circuit was closed.
    reopened: u32,
}

impl Machine {
    pub(crate) fn new(policy: Arc<CircuitBreakerPolicy>, passed: &impl Passed) -> Self {
        let state = closed(&policy, passed);
        Self { policy, state, generation: 0, reopened: 0 }
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

    /// Takes over the failures in a row that were counted past the machine; means nothing unless closed.
    pub(crate) fn set_failure_count(&mut self, count: u32) {
        if let State::Closed { failures, .. } = &mut self.state {
            *failures = count;
        }
    }

    /// What the window holds, where there is one.
    pub(crate) fn tally(&self, world: &impl Surroundings) -> Option<Tally> {
        match &self.state {
            State::Closed { calls: Some(calls), .. } => Some(calls.tally(world.now(), world)),
            _ => None,
        }
    }

    /// How long until trial calls are let through.
    pub(crate) fn time_until_reset(&self, now: Instant) -> Option<Duration> {
        match self.state {
            State::Open { until } if until != Instant::NEVER && until > now => Some(until.since(now)),
            _ => None,
        }
    }

    /// Whether a success could change anything but the failures in a row. While it can't, nobody needs to tell the
    /// machine.
    pub(crate) fn minds_successes(&self, world: &impl Surroundings) -> bool {
        match &self.state {
            State::Closed { calls: Some(calls), .. } => {
                // The success that fills the window up to where it is judged may be the one that trips. So may any
                // success where the rate has been reached without a result to judge it by: good calls have left
                // the window of time, or the settings have changed.
                let tally = calls.tally(world.now(), world);
                let judged = tally.calls >= u64::from(self.policy.calls_to_judge());
                (tally.failures > 0 || tally.slow > 0) && (!judged || self.rate_reached(tally).is_some())
            }
            State::Closed { calls: None, .. } => false,
            _ => true,
        }
    }

    /// Gets the window ready for successes that are counted past it from this moment on.
    pub(crate) fn turn_to(&mut self, world: &impl Surroundings) {
        if let State::Closed { calls: Some(calls), .. } = &mut self.state {
            calls.turn_to(world.now(), world);
        }
    }

    /// Lets a call in, or says how long until one may come. A trial holds its place for `lease`, and at least
    /// for the reset timeout.
    pub(crate) fn admit(
        &mut self,
        world: &impl Surroundings,
        lease: Duration,
    ) -> (Result<Ticket, Option<Duration>>, Option<Transition>) {
        let now = world.now();
        let mut transition = None;
        if let State::Open { until } = self.state {
            if until == Instant::NEVER || now < until {
                return (Err(self.time_until_reset(now)), None);
            }
            let trials = State::HalfOpen { trials: VecDeque::new(), next_trial: 0, successes: 0 };
            transition = Some(self.enter(now, trials, TransitionCause::ResetTimeout));
        }
        let mut ticket = Ticket::new(self.generation);
        if let State::HalfOpen { trials, next_trial, .. } = &mut self.state {
            // An attribute's settings may be computed; without a place the circuit could never close.
            let places = self.policy.trials_at_a_time().max(1) as usize;
            if trials.len() >= places {
                trials.retain(|trial| trial.lease_ends > now);
            }
            if trials.len() >= places {
                return (Err(None), transition);
            }
            let number = *next_trial;
            // After 2³¹ trials the numbers start again; the leases of the first ones are long over.
            *next_trial = (number + 1) & !Ticket::TRIAL;
            ticket = Ticket::of_trial(self.generation, number);
            let lease_ends = now.after(lease.max(self.policy.first_open_time()));
            trials.push_back(Trial { number, lease_ends });
        }
        (Ok(ticket), transition)
    }

    /// Takes a verdict. One that was admitted before the last transition changes nothing.
    pub(crate) fn record(
        &mut self,
        world: &impl Surroundings,
        ticket: Ticket,
        verdict: Verdict,
        slow: bool,
    ) -> Option<Transition> {
        if ticket.generation() != self.generation {
            return None;
        }
        match &mut self.state {
            State::Closed { failures, calls } => {
                if verdict == Verdict::Ignored {
                    return None;
                }
                *failures = if verdict.is_failure() { failures.saturating_add(1) } else { 0 };
                if let Some(calls) = calls {
                    // A window of calls has no use for the clock.
                    let now = if calls.is_timed() { world.now() } else { Instant::NEVER };
                    calls.record(now, world, verdict.is_failure(), slow);
                }
                let cause = self.reason_to_open(world)?;
                Some(self.open(world, verdict.hint(), cause))
            }
            State::HalfOpen { trials, successes, .. } => {
                // A trial whose lease was given to another has no place to free, but it still tells how the
                // service does: a healthy one that is slower than the lease must be able to close the circuit.
                if let Some(place) = trials.iter().position(|trial| trial.number == ticket.trial()) {
                    trials.remove(place);
                }
                if verdict == Verdict::Ignored {
                    return None;
                }
                if verdict.is_failure() || slow {
                    self.reopened = self.reopened.saturating_add(1);
                    return Some(self.open(world, verdict.hint(), TransitionCause::TrialFailed));
                }
                *successes += 1;
                if *successes < self.policy.successes_to_close() {
                    return None;
                }
                let cause = TransitionCause::TrialsSucceeded(*successes);
                Some(self.close(world, cause))
            }
            State::Open { .. } | State::Disabled => None,
        }
    }

    /// The first rule that is met.
    fn reason_to_open(&self, world: &impl Surroundings) -> Option<TransitionCause> {
        let State::Closed { failures, calls } = &self.state else { return None };
        if self.policy.failures_in_a_row().is_some_and(|most| *failures >= most) {
            return Some(TransitionCause::Failures(*failures));
        }
        let calls = calls.as_ref()?;
        let now = if calls.is_timed() { world.now() } else { Instant::NEVER };
        self.rate_reached(calls.tally(now, world))
    }

    fn rate_reached(&self, Tally { calls, failures, slow }: Tally) -> Option<TransitionCause> {
        if calls < u64::from(self.policy.calls_to_judge()) {
            return None;
        }
        let reached = |share: Option<f64>, count| share.is_some_and(|share| count >= threshold(share, calls));
        if reached(self.policy.failure_share(), failures) {
            return Some(TransitionCause::FailureRate { failures, calls });
        }
        if reached(self.policy.slow_share(), slow) {
            return Some(TransitionCause::SlowRate { slow, calls });
        }
        None
    }

    fn open(
        &mut self,
        world: &impl Surroundings,
        hint: Option<Duration>,
        cause: TransitionCause,
    ) -> Transition {
        let now = world.now();
        let hint = hint.filter(|hint| !hint.is_zero());
        let longest = self.policy.longest_open_time();
        let growth = self.policy.growth().powf(f64::from(self.reopened));
        let planned = match hint {
            // What the service asks for goes before what was planned, but not for ever.
            Some(hint) => hint.min(longest),
            None => scaled(self.policy.first_open_time(), growth).min(longest),
        };
        let (least, most) = (1.0 - self.policy.spread(), 1.0 + self.policy.spread());
        let open_time = match hint {
            None if self.policy.spread() > 0.0 => {
                world.between(scaled(planned, least), scaled(planned, most).min(longest))
            }
            _ => planned,
        };
        self.enter(now, State::Open { until: now.after(open_time) }, cause)
    }

    /// Closes the circuit, for whatever reason.
    pub(crate) fn close(&mut self, world: &impl Surroundings, cause: TransitionCause) -> Transition {
        self.reopened = 0;
        self.enter(world.now(), closed(&self.policy, world), cause)
    }

    /// Takes other settings. The state stays, and what a window held is forgotten if its rules change.
    pub(crate) fn reconfigure(&mut self, policy: CircuitBreakerPolicy, passed: &impl Passed) {
        let window_changes = policy.rate_window() != self.policy.rate_window()
            || policy.failure_share() != self.policy.failure_share()
            || policy.slow_share() != self.policy.slow_share();
        self.policy = Arc::new(policy);
        if let State::Closed { calls, .. } = &mut self.state
            && window_changes
        {
            *calls = policy.rate_window().map(|window| Calls::new(window, &policy, passed));
        }
    }

    /// Goes to a state, for whatever reason.
    pub(crate) fn enter(&mut self, now: Instant, state: State, cause: TransitionCause) -> Transition {
        self.exchange(now, state, cause).0
    }

    /// The same, with what the state was before.
    fn exchange(&mut self, now: Instant, state: State, cause: TransitionCause) -> (Transition, State) {
        // An open circuit whose time is over counts as half-open only once a call has come.
        let from = match self.state {
            State::Open { .. } => CircuitState::Open,
            _ => self.state(now),
        };
        let before = std::mem::replace(&mut self.state, state);
        self.generation = self.generation.wrapping_add(1);
        let to = match self.state {
            State::Open { .. } => CircuitState::Open,
            _ => self.state(now),
        };
        (Transition { from, to, cause }, before)
    }
}

/// A state to come back to.
#[cfg(feature = "testing")]
#[derive(Debug)]
pub(crate) struct Before {
    policy: Arc<CircuitBreakerPolicy>,
    state: State,
    reopened: u32,
}

#[cfg(feature = "testing")]
impl Machine {
    /// Goes to a state for a while.
    pub(crate) fn leave_for(
        &mut self,
        world: &impl Surroundings,
        state: CircuitState,
    ) -> (Transition, Before) {
        let to = match state {
            CircuitState::Open => State::Open { until: Instant::NEVER },
            // With its time over: the first call is the first trial.
            CircuitState::HalfOpen => State::Open { until: world.now() },
            CircuitState::Closed => closed(&self.policy, world),
            CircuitState::Disabled => State::Disabled,
        };
        let (transition, state) = self.exchange(world.now(), to, TransitionCause::Manual);
        (transition, Before { policy: Arc::clone(&self.policy), state, reopened: self.reopened })
    }

    /// Comes back. Trials that were under way are lost; the next call is a trial.
    pub(crate) fn return_to(&mut self, world: &impl Surroundings, before: Before) -> Transition {
        let Before { policy, state, reopened } = before;
        let state = match state {
            State::HalfOpen { .. } => State::Open { until: world.now() },
            // What counted under other settings doesn't count under these.
            State::Closed { .. } if policy != self.policy => closed(&self.policy, world),
            state => state,
        };
        self.reopened = reopened;
        self.enter(world.now(), state, TransitionCause::Manual)
    }
}

/// A closed circuit with nothing against it.
fn closed(policy: &CircuitBreakerPolicy, passed: &impl Passed) -> State {
    let calls = policy.rate_window().map(|window| Calls::new(window, policy, passed));
    State::Closed { failures: 0, calls }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

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

    /// A moment, and successes that were counted past the machine. Draws give the greatest.
    struct World(Instant, u64);

    impl Passed for World {
        fn passed(&self) -> u64 {
            self.1
        }

        fn passed_in(&self, _: usize) -> u64 {
            0
        }

        fn began(&self) -> Instant {
            Instant::from_bits(0)
        }
    }

    impl Surroundings for World {
        fn now(&self) -> Instant {
            self.0
        }

        fn between(&self, _: Duration, high: Duration) -> Duration {
            high
        }
    }

    fn at(now: Instant) -> World {
        World(now, 0)
    }

    fn admit(machine: &mut Machine, now: Instant) -> Result<Ticket, Option<Duration>> {
        machine.admit(&at(now), Duration::ZERO).0
    }

    fn record(machine: &mut Machine, now: Instant, ticket: Ticket, verdict: Verdict) -> Option<Transition> {
        machine.record(&at(now), ticket, verdict, false)
    }

    fn opened(policy: CircuitBreakerPolicy) -> Machine {
        let mut machine = Machine::new(Arc::new(policy), &at(start()));
        for _ in 0..policy.failures_in_a_row().unwrap_or(0) {
            let ticket = admit(&mut machine, start()).expect("closed");
            record(&mut machine, start(), ticket, Verdict::Failure);
        }
        assert_eq!(machine.state(start()), CircuitState::Open);
        machine
    }

    #[test]
    fn failures_in_a_row_open_it_and_a_success_in_between_does_not() {
        let mut machine = Machine::new(Arc::new(POLICY), &at(start()));
        let ticket = admit(&mut machine, start()).expect("closed");
        for verdict in [Verdict::Failure, Verdict::Success, Verdict::Failure, Verdict::Ignored] {
            assert_eq!(record(&mut machine, start(), ticket, verdict), None);
        }
        let transition =
            record(&mut machine, start(), ticket, Verdict::Failure).expect("the second in a row");
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
        assert_eq!(record(&mut machine, now, first, Verdict::Success), None);
        let transition = record(&mut machine, now, second, Verdict::Success).expect("closes");
        assert_eq!(transition.to, CircuitState::Closed);
    }

    #[test]
    fn one_failed_trial_opens_it_again_for_the_whole_time() {
        let mut machine = opened(POLICY);
        let now = start().after(3 * SECOND);
        let trial = admit(&mut machine, now).expect("a trial");
        record(&mut machine, now, trial, Verdict::Failure).expect("opens");
        assert_eq!(machine.time_until_reset(now), Some(SECOND));
    }

    #[test]
    fn neutral_trials_give_their_place_back_and_vote_neither_way() {
        let mut machine = opened(POLICY);
        let now = start().after(SECOND);
        for _ in 0..100 {
            let trial = admit(&mut machine, now).expect("a place");
            assert_eq!(record(&mut machine, now, trial, Verdict::Ignored), None);
        }
        assert_eq!(machine.state(now), CircuitState::HalfOpen);
    }

    #[test]
    fn a_lost_trial_is_replaced_when_its_lease_ends_and_not_before() {
        let mut machine = opened(POLICY);
        let now = start().after(SECOND);
        let lease = 5 * SECOND;
        for _ in 0..2 {
            machine.admit(&at(now), lease).0.expect("a trial");
        }
        let almost = now.after(Duration::new(4, 999_999_999));
        assert_eq!(machine.admit(&at(almost), lease).0, Err(None));
        assert!(machine.admit(&at(now.after(lease)), lease).0.is_ok());
    }

    #[test]
    fn verdicts_from_before_a_transition_move_nothing() {
        let mut machine = Machine::new(Arc::new(POLICY), &at(start()));
        let early = admit(&mut machine, start()).expect("closed");
        for _ in 0..2 {
            let ticket = admit(&mut machine, start()).expect("closed");
            record(&mut machine, start(), ticket, Verdict::Failure);
        }
        for verdict in [Verdict::Success, Verdict::Failure] {
            assert_eq!(record(&mut machine, start(), early, verdict), None);
        }
        let now = start().after(SECOND);
        admit(&mut machine, now).expect("a trial");
        assert_eq!(record(&mut machine, now, early, Verdict::Failure), None);
        assert_eq!(machine.state(now), CircuitState::HalfOpen);
    }

    #[test]
    fn an_endless_open_time_never_overflows() {
        let mut machine = opened(POLICY.reset_timeout(Duration::MAX));
        assert_eq!(machine.state(start().after(Duration::MAX)), CircuitState::Open);
        assert_eq!(admit(&mut machine, start()), Err(None));
    }

    /// A machine in the middle of something, with every call that was let in and has not ended.
    struct Scene {
        machine: Machine,
        now: Instant,
        under_way: Vec<Ticket>,
    }

    #[derive(Clone, Copy, Debug)]
    enum Step {
        Begin,
        /// To the machine a panic is a failure, and a cancelled call is a neutral one. A lost call never ends.
        End(usize, Verdict),
        HalfSecond,
    }

    const HALF_SECOND: Duration = Duration::from_millis(500);

    impl Scene {
        fn replay(policy: CircuitBreakerPolicy, steps: &[Step]) -> Self {
            let (machine, now) = (opened(policy), start().after(SECOND));
            let mut scene = Self { machine, now, under_way: Vec::new() };
            for step in steps {
                scene.go(*step);
            }
            scene
        }

        fn go(&mut self, step: Step) {
            match step {
                Step::Begin => self.under_way.extend(admit(&mut self.machine, self.now).ok()),
                Step::End(call, verdict) => {
                    let ticket = self.under_way.remove(call);
                    let generation = self.machine.generation;
                    let transition = record(&mut self.machine, self.now, ticket, verdict);
                    assert_eq!(transition.is_some(), self.machine.generation != generation);
                    assert!(
                        transition.is_none() || ticket.generation() == generation,
                        "a stale call moved it"
                    );
                }
                Step::HalfSecond => self.now = self.now.after(HALF_SECOND),
            }
        }

        /// Trials that hold a place.
        fn trials(&self) -> usize {
            match &self.machine.state {
                State::HalfOpen { trials, .. } => {
                    trials.iter().filter(|trial| trial.lease_ends > self.now).count()
                }
                _ => 0,
            }
        }

        /// What tells two scenes apart: everything but the absolute time, the numbers of generations and trials,
        /// and the order of the calls.
        fn key(&self) -> (CircuitState, u32, Duration, Vec<(u8, Duration)>) {
            let (count, until) = match &self.machine.state {
                State::Closed { failures, .. } => (*failures, Duration::ZERO),
                State::Open { until } => (0, until.since(self.now)),
                State::HalfOpen { successes, .. } => (*successes, Duration::ZERO),
                State::Disabled => (0, Duration::ZERO),
            };
            let of_call = |ticket: &Ticket| {
                if ticket.generation() != self.machine.generation {
                    return (0, Duration::ZERO);
                }
                let State::HalfOpen { trials, .. } = &self.machine.state else { return (1, Duration::ZERO) };
                trials
                    .iter()
                    .find(|trial| trial.number == ticket.trial())
                    .map_or((2, Duration::ZERO), |trial| (3, trial.lease_ends.since(self.now)))
            };
            let mut calls: Vec<_> = self.under_way.iter().map(of_call).collect();
            calls.sort_unstable();
            // Open with its time up reads half-open, and is not: no trial has been let in yet.
            let entered = matches!(self.machine.state, State::HalfOpen { .. });
            calls.push((u8::from(entered), Duration::ZERO));
            (self.machine.state(self.now), count, until, calls)
        }

        fn next_steps(&self, most_under_way: usize) -> Vec<Step> {
            let mut steps = vec![Step::HalfSecond];
            if self.under_way.len() < most_under_way {
                steps.push(Step::Begin);
            }
            for call in 0..self.under_way.len() {
                let verdicts = [Verdict::Success, Verdict::Failure, Verdict::Ignored];
                steps.extend(verdicts.map(|verdict| Step::End(call, verdict)));
            }
            steps
        }
    }

    /// All scenes that any interleaving of overlapping calls leads to, whatever its length, with two calls more
    /// under way than there are places: successes, failures and panics, neutral and cancelled calls, lost ones
    /// that come back after their lease, or after a transition, or never. In every one of them a call is let in
    /// exactly if there is a place, and a circuit that is left alone for a second takes a fresh trial, which
    /// leads on to Closed if it and those after it succeed, and to Open if it fails.
    #[test]
    fn no_interleaving_of_overlapping_trials_wedges_it() {
        for places in 1..=3 {
            for needed in 1..=places {
                let policy = POLICY.half_open_max_calls(places).success_threshold(needed);
                let mut seen = HashSet::from([Scene::replay(policy, &[]).key()]);
                let mut paths = VecDeque::from([Vec::new()]);
                while let Some(path) = paths.pop_front() {
                    check(policy, places, needed, &path);
                    for step in Scene::replay(policy, &path).next_steps(places as usize + 2) {
                        let longer: Vec<_> = path.iter().copied().chain([step]).collect();
                        if seen.insert(Scene::replay(policy, &longer).key()) {
                            paths.push_back(longer);
                        }
                    }
                }
                assert!(seen.len() > 40, "{} scenes are too few to be all", seen.len());
            }
        }
    }

    fn check(policy: CircuitBreakerPolicy, places: u32, needed: u32, path: &[Step]) {
        let mut scene = Scene::replay(policy, path);
        assert!(scene.trials() <= places as usize, "{path:?}");
        let has_place = match scene.machine.state(scene.now) {
            CircuitState::HalfOpen => scene.trials() < places as usize,
            state => state == CircuitState::Closed,
        };
        assert_eq!(admit(&mut scene.machine, scene.now).is_ok(), has_place, "{path:?}");

        // Every call under way is lost from here on.
        let left_alone = || {
            let mut scene = Scene::replay(policy, path);
            scene.now = scene.now.after(SECOND);
            scene
        };
        let mut scene = left_alone();
        for _ in 0..needed {
            let trial = admit(&mut scene.machine, scene.now).expect("a fresh trial");
            record(&mut scene.machine, scene.now, trial, Verdict::Success);
        }
        assert_eq!(scene.machine.state(scene.now), CircuitState::Closed, "{path:?}");

        let mut scene = left_alone();
        if scene.machine.state(scene.now) == CircuitState::HalfOpen {
            let trial = admit(&mut scene.machine, scene.now).expect("a fresh trial");
            record(&mut scene.machine, scene.now, trial, Verdict::Failure);
            assert_eq!(scene.machine.state(scene.now), CircuitState::Open, "{path:?}");
        }
    }

    fn fail(machine: &mut Machine, world: &World) -> Option<Transition> {
        let ticket = machine.admit(world, Duration::ZERO).0.expect("admitted");
        machine.record(world, ticket, Verdict::Failure, false)
    }

    #[test]
    fn a_rate_trips_at_its_share_of_a_window_that_slides() {
        let policy = CircuitBreakerPolicy::new().failure_rate(0.5).min_calls(100);
        let mut machine = Machine::new(Arc::new(policy), &at(start()));
        let mut world = World(start(), 10_000);
        for _ in 0..49 {
            assert_eq!(fail(&mut machine, &world), None);
        }
        let cause = fail(&mut machine, &world).map(|transition| transition.cause);
        assert_eq!(cause, Some(TransitionCause::FailureRate { failures: 50, calls: 100 }));

        let mut machine = Machine::new(Arc::new(policy), &world);
        for _ in 0..49 {
            assert_eq!(fail(&mut machine, &world), None);
        }
        world.1 += 52;
        assert_eq!(fail(&mut machine, &world), None, "one failure has left the window");
    }

    #[test]
    fn the_success_that_fills_the_window_may_trip_it() {
        let policy = CircuitBreakerPolicy::new().failure_rate(0.5).min_calls(3);
        let mut machine = Machine::new(Arc::new(policy), &at(start()));
        let world = at(start());
        assert_eq!(fail(&mut machine, &world), None);
        assert_eq!(fail(&mut machine, &world), None);
        assert!(machine.minds_successes(&world));
        let ticket = admit(&mut machine, start()).expect("closed");
        assert!(record(&mut machine, start(), ticket, Verdict::Success).is_some());
    }

    #[test]
    fn slow_calls_trip_it_whatever_comes_of_them() {
        let policy = CircuitBreakerPolicy::new().slow_call(SECOND).slow_rate(0.5).min_calls(4);
        let mut machine = Machine::new(Arc::new(policy), &at(start()));
        let verdicts = [(Verdict::Success, true), (Verdict::Failure, true), (Verdict::Success, false)];
        for (verdict, slow) in verdicts {
            let ticket = admit(&mut machine, start()).expect("closed");
            assert_eq!(machine.record(&at(start()), ticket, verdict, slow), None);
        }
        let ticket = admit(&mut machine, start()).expect("closed");
        let cause = machine.record(&at(start()), ticket, Verdict::Success, false).map(|t| t.cause);
        assert_eq!(cause, Some(TransitionCause::SlowRate { slow: 2, calls: 4 }));
    }

    #[test]
    fn a_slow_trial_opens_it_again() {
        let mut machine = opened(POLICY.slow_call(SECOND));
        let now = start().after(SECOND);
        let trial = admit(&mut machine, now).expect("a trial");
        let cause = machine.record(&at(now), trial, Verdict::Success, true).map(|t| t.cause);
        assert_eq!(cause, Some(TransitionCause::TrialFailed));
    }

    #[test]
    fn the_open_time_grows_with_every_failed_trial_and_starts_anew_when_closed() {
        let policy = POLICY
            .reset_multiplier(2.0)
            .max_reset_timeout(5 * SECOND)
            .half_open_max_calls(1)
            .success_threshold(1);
        let mut machine = opened(policy);
        let mut now = start();
        for seconds in [1, 2, 4, 5, 5] {
            assert_eq!(machine.time_until_reset(now), Some(seconds * SECOND));
            now = now.after(seconds * SECOND);
            assert!(fail(&mut machine, &at(now)).is_some());
        }
        now = now.after(5 * SECOND);
        let trial = admit(&mut machine, now).expect("a trial");
        record(&mut machine, now, trial, Verdict::Success).expect("closes");
        fail(&mut machine, &at(now));
        fail(&mut machine, &at(now));
        assert_eq!(machine.time_until_reset(now), Some(SECOND));
    }

    #[test]
    fn the_open_time_is_spread_and_a_hint_goes_before_it() {
        let machine = opened(POLICY.reset_jitter(0.5));
        assert_eq!(machine.time_until_reset(start()), Some(SECOND + SECOND / 2));

        for (hint, expected) in [(7, 7), (9_999, 300), (0, 1)] {
            let mut machine = Machine::new(Arc::new(POLICY.failure_threshold(1)), &at(start()));
            let ticket = admit(&mut machine, start()).expect("closed");
            record(&mut machine, start(), ticket, Verdict::failure(Some(hint * SECOND)));
            assert_eq!(machine.time_until_reset(start()), Some(expected * SECOND));
        }
    }

    #[test]
    fn other_settings_keep_the_state() {
        let mut machine = opened(POLICY);
        machine.reconfigure(POLICY.failure_threshold(9).reset_timeout(9 * SECOND), &at(start()));
        assert_eq!(machine.time_until_reset(start()), Some(SECOND));
        let mut machine = Machine::new(Arc::new(POLICY), &at(start()));
        fail(&mut machine, &at(start()));
        machine.reconfigure(POLICY.failure_threshold(3), &at(start()));
        assert!(matches!(machine.state, State::Closed { failures: 1, .. }));
    }
}
