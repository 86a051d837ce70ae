//! The changes of a breaker's state: the latest ones, how many there were of each, and the time between them.

use std::time::Duration;

use super::event::{StateChange, TimeInState, TransitionCount};
use super::state::CircuitState;
use crate::clock::Instant;

/// The number of changes of state that are remembered. Enough to see a flapping circuit, and a bound on memory.
pub(super) const REMEMBERED: usize = 32;

const STATES: [CircuitState; 4] =
    [CircuitState::Closed, CircuitState::Open, CircuitState::HalfOpen, CircuitState::Disabled];

#[derive(Debug)]
pub(super) struct History {
    latest: Vec<StateChange>,
    counts: [[u64; STATES.len()]; STATES.len()],
    times: [Duration; STATES.len()],
    entered: Instant,
}

impl History {
    /// Of a breaker that was made then, and has not changed since.
    pub(super) const fn new(made: Instant) -> Self {
        Self {
            latest: Vec::new(),
            counts: [[0; STATES.len()]; STATES.len()],
            times: [Duration::ZERO; STATES.len()],
            entered: made,
        }
    }

    /// Adds a change that happens now. `reopens_at` is when an open circuit began to let trials through.
    pub(super) fn push(&mut self, change: StateChange, now: Instant, reopens_at: Instant) {
        self.times = self.times_until(now, change.from, reopens_at);
        self.entered = now;
        self.counts[place(change.from)][place(change.to)] += 1;
        if self.latest.len() == REMEMBERED {
            self.latest.remove(0);
        }
        self.latest.push(change);
    }

    pub(super) fn latest(&self) -> Vec<StateChange> {
        self.latest.clone()
    }

    /// The transitions that there were.
    pub(super) fn transitions(&self) -> Vec<TransitionCount> {
        let pairs = STATES.into_iter().flat_map(|from| STATES.map(|to| (from, to)));
        let counted =
            pairs.map(|(from, to)| TransitionCount { from, to, count: self.counts[place(from)][place(to)] });
        counted.filter(|transition| transition.count > 0).collect()
    }

    /// The time in each state, that in the present one included.
    pub(super) fn time_in(&self, now: Instant, state: CircuitState, reopens_at: Instant) -> TimeInState {
        let [closed, open, half_open, disabled] = self.times_until(now, state, reopens_at);
        TimeInState { closed, open, half_open, disabled }
    }

    fn times_until(
        &self,
        now: Instant,
        state: CircuitState,
        reopens_at: Instant,
    ) -> [Duration; STATES.len()] {
        let mut times = self.times;
        let mut add = |state, time| {
            let sum: &mut Duration = &mut times[place(state)];
            *sum = sum.saturating_add(time);
        };
        if state == CircuitState::Open {
            // From then on the state reads half-open, whether a call has come or not.
            let over = reopens_at.max(self.entered).min(now.max(self.entered));
            add(CircuitState::Open, over.since(self.entered));
            add(CircuitState::HalfOpen, now.since(over));
        } else {
            add(state, now.since(self.entered));
        }
        times
    }
}

const fn place(state: CircuitState) -> usize {
    match state {
        CircuitState::Closed => 0,
        CircuitState::Open => 1,
        CircuitState::HalfOpen => 2,
        CircuitState::Disabled => 3,
    }
}
