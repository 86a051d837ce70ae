//! The state machine: pure, single-threaded, with the time as an argument.
//!
//! Invariant: from every state, any mix of successes, failures, neutral, cancelled, panicked and lost trials
//! leads on to Closed, Open or a fresh trial. Half-open can't stick, because a trial holds its place by a lease. When
//! the lease ends the trial has failed, and every other way to end a trial gives the place back.

use std::sync::Arc;
use std::time::Duration;

use super::policy::{CircuitBreakerPolicy, Packed};
use super::state::{CircuitState, Transition, TransitionCause};
use super::ticket::Ticket;
use super::verdict::Verdict;
use super::window::{Calls, Passed, Tally, threshold};
use crate::clock::{Instant, scaled};

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
        calls: Option<Box<Calls>>,
    },
    /// `until` is never for a circuit that was forced open.
    Open {
        until: Instant,
    },
    HalfOpen(Box<HalfOpen>),
    Disabled,
}

#[derive(Debug, Default)]
pub(crate) struct HalfOpen {
    trials: Vec<Trial>,
    next_trial: u32,
    successes: u32,
    /// Successes among them that were slow.
    slow: u32,
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
    pub(crate) settings: Arc<Packed>,
    pub(crate) state: State,
    pub(crate) generation: u32,
    /// Trials that failed since the circuit was closed.
    reopened: u32,
}

impl Machine {
    pub(crate) fn new(settings: Arc<Packed>, passed: &impl Passed) -> Self {
        let state = closed(&settings, passed);
        Self { settings, state, generation: 0, reopened: 0 }
    }

    /// The state that a call at this moment would find.
    pub(crate) fn state(&self, now: Instant) -> CircuitState {
        match self.state {
            State::Closed { .. } => CircuitState::Closed,
            State::Open { until } if now >= until && until != Instant::NEVER => CircuitState::HalfOpen,
            State::Open { .. } => CircuitState::Open,
            State::HalfOpen(_) => CircuitState::HalfOpen,
            State::Disabled => CircuitState::Disabled,
        }
    }

    /// The state that the last transition led to: an open circuit whose time is over counts as half-open only once a call
    /// has come.
    pub(crate) fn entered(&self, now: Instant) -> CircuitState {
        match self.state {
            State::Open { .. } => CircuitState::Open,
            _ => self.state(now),
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
            State::Closed { calls: Some(calls), .. } => Some(tally(calls, world)),
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
                let tally = tally(calls, world);
                (tally.failures > 0 || tally.slow > 0)
                    && (!self.is_judged(tally) || self.rate_reached(tally).is_some())
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

    /// Opens the circuit again if the lease of a trial is over: a trial that doesn't come back has failed. The open time
    /// counts from the end of the lease, whenever that is seen.
    pub(crate) fn end_leases(&mut self, world: &impl Surroundings) -> Option<Transition> {
        let State::HalfOpen(half_open) = &self.state else { return None };
        let first = half_open.trials.iter().map(|trial| trial.lease_ends).min()?;
        if first > world.now() {
            return None;
        }
        self.reopened = self.reopened.saturating_add(1);
        Some(self.open_from(first, world, None, TransitionCause::TrialFailed))
    }

    /// Lets a call in, or says how long until one may come. A trial holds its place for `lease`, and at least
    /// for the reset timeout. [Leases](Self::end_leases) that are over were ended before.
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
            let trials = State::HalfOpen(Box::default());
            transition = Some(self.enter(now, trials, TransitionCause::ResetTimeout));
        }
        let mut ticket = Ticket::new(self.generation);
        if let State::HalfOpen(half_open) = &mut self.state {
            let HalfOpen { trials, next_trial, .. } = &mut **half_open;
            // An attribute's settings may be computed; without a place the circuit could never close.
            let places = self.settings.policy().trials_at_a_time().max(1) as usize;
            if trials.len() >= places {
                return (Err(None), transition);
            }
            let number = *next_trial;
            // After 2³¹ trials the numbers start again; the leases of the first ones are long over.
            *next_trial = (number + 1) & !Ticket::TRIAL;
            ticket = Ticket::of_trial(self.generation, number);
            let lease_ends = now.after(lease.max(self.settings.policy().first_open_time()));
            trials.push(Trial { number, lease_ends });
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
                    calls.record(time_of(calls, world), world, verdict.is_failure(), slow);
                }
                let cause = self.reason_to_open(world)?;
                Some(self.open(world, verdict.hint(), cause))
            }
            State::HalfOpen(half_open) => {
                let HalfOpen { trials, successes, slow: slow_successes, .. } = &mut **half_open;
                // One that comes after its lease, and before anything else has looked at it, says how the service does:
                // a healthy one that is slower than the lease can close the circuit.
                if let Some(place) = trials.iter().position(|trial| trial.number == ticket.trial()) {
                    trials.remove(place);
                }
                if verdict == Verdict::Ignored {
                    return None;
                }
                if verdict.is_failure() {
                    self.reopened = self.reopened.saturating_add(1);
                    return Some(self.open(world, verdict.hint(), TransitionCause::TrialFailed));
                }
                *successes += 1;
                *slow_successes += u32::from(slow);
                let (successes, slow) = (*successes, *slow_successes);
                // The rate of slow calls is that of the trials that would close the circuit.
                let policy = self.settings.policy();
                let needed = policy.successes_to_close();
                let most_slow = policy.slow_share().map(|share| threshold(share, needed.into()));
                if slow > 0 && most_slow.is_some_and(|most| u64::from(slow) >= most) {
                    self.reopened = self.reopened.saturating_add(1);
                    let cause = TransitionCause::SlowRate { slow: slow.into(), calls: successes.into() };
                    return Some(self.open(world, None, cause));
                }
                if successes < needed {
                    return None;
                }
                Some(self.close(world, TransitionCause::TrialsSucceeded(successes)))
            }
            State::Open { .. } | State::Disabled => None,
        }
    }

    /// The first rule that is met.
    fn reason_to_open(&self, world: &impl Surroundings) -> Option<TransitionCause> {
        let State::Closed { failures, calls } = &self.state else { return None };
        if self.settings.policy().failures_in_a_row().is_some_and(|most| *failures >= most) {
            return Some(TransitionCause::Failures(*failures));
        }
        let calls = calls.as_ref()?;
        let tally = tally(calls, world);
        if self.is_judged(tally) { self.rate_reached(tally) } else { None }
    }

    /// Whether there are enough calls to tell a rate by.
    fn is_judged(&self, tally: Tally) -> bool {
        tally.calls >= u64::from(self.settings.policy().calls_to_judge())
    }

    fn rate_reached(&self, Tally { calls, failures, slow }: Tally) -> Option<TransitionCause> {
        let policy = self.settings.policy();
        let reached = |share: Option<f64>, count| share.is_some_and(|share| count >= threshold(share, calls));
        if reached(policy.failure_share(), failures) {
            return Some(TransitionCause::FailureRate { failures, calls });
        }
        if reached(policy.slow_share(), slow) {
            return Some(TransitionCause::SlowRate { slow, calls });
        }
        None
    }

    #[cold]
    #[inline(never)]
    fn open(
        &mut self,
        world: &impl Surroundings,
        hint: Option<Duration>,
        cause: TransitionCause,
    ) -> Transition {
        self.open_from(world.now(), world, hint, cause)
    }

    /// The same, with the open time counted from `start`.
    fn open_from(
        &mut self,
        start: Instant,
        world: &impl Surroundings,
        hint: Option<Duration>,
        cause: TransitionCause,
    ) -> Transition {
        let hint = hint.filter(|hint| !hint.is_zero());
        let policy = self.settings.policy();
        let longest = policy.longest_open_time();
        let growth = policy.growth().powf(f64::from(self.reopened));
        let planned = match hint {
            // What the service asks for goes before what was planned, but not for ever.
            Some(hint) => hint.min(longest),
            None => scaled(policy.first_open_time(), growth).min(longest),
        };
        let (least, most) = (1.0 - policy.spread(), 1.0 + policy.spread());
        let open_time = match hint {
            None if policy.spread() > 0.0 => {
                world.between(scaled(planned, least), scaled(planned, most).min(longest))
            }
            _ => planned,
        };
        self.enter(world.now(), State::Open { until: start.after(open_time) }, cause)
    }

    /// Closes the circuit, for whatever reason.
    pub(crate) fn close(&mut self, world: &impl Surroundings, cause: TransitionCause) -> Transition {
        self.reopened = 0;
        self.enter(world.now(), closed(&self.settings, world), cause)
    }

    /// Takes other settings. The state stays, and what a window held is forgotten if its rules change.
    pub(crate) fn reconfigure(&mut self, policy: CircuitBreakerPolicy, passed: &impl Passed) {
        let before = self.settings.policy();
        let window_changes = policy.rate_window() != before.rate_window()
            || policy.failure_share() != before.failure_share()
            || policy.slow_share() != before.slow_share();
        self.settings = Arc::new(Packed::new(&policy));
        if let State::Closed { calls, .. } = &mut self.state
            && window_changes
        {
            *calls = empty_window(&policy, passed);
        }
    }

    /// Goes to a state, for whatever reason.
    pub(crate) fn enter(&mut self, now: Instant, state: State, cause: TransitionCause) -> Transition {
        self.exchange(now, state, cause).0
    }

    /// The same, with what the state was before.
    fn exchange(&mut self, now: Instant, state: State, cause: TransitionCause) -> (Transition, State) {
        let from = self.entered(now);
        let before = std::mem::replace(&mut self.state, state);
        self.generation = self.generation.wrapping_add(1);
        let to = self.entered(now);
        (Transition { from, to, cause }, before)
    }
}

/// A state to come back to.
#[cfg(feature = "testing")]
#[derive(Debug)]
pub(crate) struct Before {
    settings: Arc<Packed>,
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
            CircuitState::Closed => closed(&self.settings, world),
            CircuitState::Disabled => State::Disabled,
        };
        let (transition, state) = self.exchange(world.now(), to, TransitionCause::Manual);
        (transition, Before { settings: Arc::clone(&self.settings), state, reopened: self.reopened })
    }

    /// Comes back. Trials that were under way are lost; the next call is a trial.
    pub(crate) fn return_to(&mut self, world: &impl Surroundings, before: Before) -> Transition {
        let Before { settings, state, reopened } = before;
        let state = match state {
            State::HalfOpen(_) => State::Open { until: world.now() },
            // What counted under other settings doesn't count under these.
            State::Closed { .. } if settings != self.settings => closed(&self.settings, world),
            state => state,
        };
        self.reopened = reopened;
        self.enter(world.now(), state, TransitionCause::Manual)
    }
}

fn tally(calls: &Calls, world: &impl Surroundings) -> Tally {
    calls.tally(time_of(calls, world), world)
}

/// A window of calls has no use for the clock.
fn time_of(calls: &Calls, world: &impl Surroundings) -> Instant {
    if calls.is_timed() { world.now() } else { Instant::NEVER }
}

/// A closed circuit with nothing against it.
fn closed(settings: &Packed, passed: &impl Passed) -> State {
    State::Closed { failures: 0, calls: empty_window(&settings.policy(), passed) }
}

fn empty_window(policy: &CircuitBreakerPolicy, passed: &impl Passed) -> Option<Box<Calls>> {
    policy.rate_window().map(|window| Box::new(Calls::new(window, passed)))
}

#[cfg(test)]
mod tests;
