//! The machine and all else that takes the lock, and what is told once the lock is free.

use std::cell::Cell;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use super::{CLOSED, Core, DISABLED, HALF_OPEN, ONE_FAILURE, OPEN, PARTED, Parts, TELL, TIMED, failures};
use crate::circuit_breaker::event::{CircuitBreakerEvent, CircuitBreakerMetrics, StateChange};
use crate::circuit_breaker::history::History;
#[cfg(feature = "testing")]
use crate::circuit_breaker::machine::Before;
use crate::circuit_breaker::machine::{Machine, State, Surroundings};
use crate::circuit_breaker::policy::{CircuitBreakerPolicy, MOST_FAILURES_IN_A_ROW, Packed, Window};
#[cfg(feature = "testing")]
use crate::circuit_breaker::state::CircuitState;
use crate::circuit_breaker::state::{Transition, TransitionCause};
use crate::circuit_breaker::ticket::Ticket;
use crate::circuit_breaker::verdict::Verdict;
use crate::circuit_breaker::window::{Passed, part_at, part_nanos, place};
use crate::clock::{Instant, nanos};
use crate::counter::Counter;
use crate::event::{Emission, Event, Listen, Listeners, Listening};
use crate::name::Name;
use crate::random;
use crate::sync::{AtomicU64, Mutex, MutexGuard};

#[derive(Debug)]
pub(super) struct Guarded {
    pub(super) machine: Machine,
}

impl Guarded {
    pub(super) fn new(settings: Arc<Packed>) -> Self {
        Self { machine: Machine::new(settings, &Nothing) }
    }
}

/// What the machine was told beside failures, and the latest changes of state. Written by whoever holds the lock.
#[derive(Debug, Default)]
pub(super) struct Past {
    success: AtomicU64,
    ignored: AtomicU64,
    slow: AtomicU64,
    // From the first change on.
    history: Mutex<Option<Box<History>>>,
}

impl Past {
    pub(super) fn history(&self) -> MutexGuard<'_, Option<Box<History>>> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The machine's view of the world, during one event.
pub(super) struct World<'a> {
    core: &'a Core,
    now: Cell<Option<Instant>>,
}

impl Passed for World<'_> {
    fn passed(&self) -> u64 {
        self.core.successes()
    }

    fn passed_in(&self, part: usize) -> u64 {
        self.core.parts().map_or(0, |parts| parts.counters[part].get())
    }

    fn began(&self) -> Instant {
        self.core.parts().map_or(Instant::from_bits(0), |parts| parts.began)
    }
}

impl Surroundings for World<'_> {
    fn now(&self) -> Instant {
        self.now.get().unwrap_or_else(|| {
            let now = Instant::now();
            self.now.set(Some(now));
            now
        })
    }

    fn between(&self, low: Duration, high: Duration) -> Duration {
        random::between(low, high)
    }
}

/// What the machine begins with: nothing has passed it.
struct Nothing;

impl Passed for Nothing {
    fn passed(&self) -> u64 {
        0
    }

    fn passed_in(&self, _: usize) -> u64 {
        0
    }

    fn began(&self) -> Instant {
        Instant::from_bits(0)
    }
}

impl Core {
    pub(super) const fn world(&self) -> World<'_> {
        World { core: self, now: Cell::new(None) }
    }

    pub(super) fn record(&self, world: &World<'_>, ticket: Ticket, verdict: Verdict, slow: bool) {
        let (mut guarded, mut emission) = (self.lock(), Emission::default());
        match verdict {
            Verdict::Success => {
                self.past().success.fetch_add(1, Ordering::Relaxed);
            }
            Verdict::Failure | Verdict::FailureWithHint(_) => {
                self.failure.fetch_add(1, Ordering::Relaxed);
            }
            Verdict::Ignored => {
                self.past().ignored.fetch_add(1, Ordering::Relaxed);
            }
        }
        if slow {
            self.past().slow.fetch_add(1, Ordering::Relaxed);
        }
        self.queue(&mut emission, |name| match verdict {
            Verdict::Success => CircuitBreakerEvent::Succeeded { name },
            Verdict::Failure | Verdict::FailureWithHint(_) => CircuitBreakerEvent::Failed { name },
            Verdict::Ignored => CircuitBreakerEvent::Ignored { name },
        });
        self.update(&mut guarded, world, &mut emission, |machine| {
            machine.record(world, ticket, verdict, slow)
        });
        drop(guarded);
        emission.deliver();
    }

    /// Opens the circuit because somebody said so.
    pub(crate) fn force_open(&self) {
        self.by_hand(|machine, world| {
            let open = State::Open { until: Instant::NEVER };
            Some(machine.enter(world.now(), open, TransitionCause::Manual))
        });
    }

    /// Lets everything pass because somebody said so.
    pub(crate) fn disable(&self) {
        self.by_hand(|machine, world| {
            Some(machine.enter(world.now(), State::Disabled, TransitionCause::Manual))
        });
    }

    /// Closes the circuit because somebody said so.
    pub(crate) fn reset(&self) {
        self.by_hand(|machine, world| Some(machine.close(world, TransitionCause::Manual)));
    }

    /// Ends [`CircuitState::Disabled`].
    pub(crate) fn enable(&self) {
        self.by_hand(|machine, world| {
            let disabled = matches!(machine.state, State::Disabled);
            disabled.then(|| machine.close(world, TransitionCause::Manual))
        });
    }

    /// Goes to a state for a while, for a test.
    #[cfg(feature = "testing")]
    pub(crate) fn leave_for(&self, state: CircuitState) -> Option<Before> {
        let mut left = None;
        self.by_hand(|machine, world| {
            let (transition, before) = machine.leave_for(world, state);
            left = Some(before);
            Some(transition)
        });
        left
    }

    /// Comes back from there.
    #[cfg(feature = "testing")]
    pub(crate) fn return_to(&self, before: Before) {
        let mut before = Some(before);
        self.by_hand(|machine, world| Some(machine.return_to(world, before.take()?)));
    }

    pub(crate) fn reconfigure(&self, policy: CircuitBreakerPolicy) {
        self.by_hand(|machine, world| {
            machine.reconfigure(policy, world);
            None
        });
    }

    pub(super) fn by_hand(&self, mut change: impl FnMut(&mut Machine, &World<'_>) -> Option<Transition>) {
        let (world, mut emission) = (self.world(), Emission::default());
        let mut guarded = self.lock();
        self.update(&mut guarded, &world, &mut emission, |machine| change(machine, &world));
        drop(guarded);
        emission.deliver();
    }

    /// Looks at the machine as it is at this moment.
    pub(super) fn look<T>(&self, look: impl FnOnce(&Machine, Instant) -> T) -> T {
        let world = self.world();
        let (mut guarded, mut emission) = (self.lock(), Emission::default());
        self.update(&mut guarded, &world, &mut emission, |machine| machine.end_leases(&world));
        let seen = look(&guarded.machine, world.now());
        drop(guarded);
        emission.deliver();
        seen
    }

    /// Lets an event happen to the machine, and shows what came of it to the calls that take no lock. A change of state
    /// is queued for its listeners before that, so that no event that follows from it comes first.
    ///
    /// Those may count failures in a row in between, where that is the only rule. Then the event happens again,
    /// to the newer count; nothing else of the machine has changed by it.
    pub(super) fn update(
        &self,
        guarded: &mut Guarded,
        world: &World<'_>,
        emission: &mut Emission,
        mut event: impl FnMut(&mut Machine) -> Option<Transition>,
    ) {
        loop {
            let seen = self.gate.load(Ordering::Acquire);
            guarded.machine.set_failure_count(failures(seen));
            let transition = event(&mut guarded.machine);
            let gate = self.gate_of(&mut guarded.machine, world);
            if let Some(Transition { from, to, cause }) = transition {
                // Setting by hand what was so already is no change.
                if from != to {
                    let change = StateChange { time: world.now().to_std(), from, to, cause };
                    self.remember(change.clone(), world.now());
                    self.queue_change(emission, change);
                }
                // Whatever was counted in between belongs to the generation that has just ended. A swap, and not
                // a store, because loom doesn't know that a store comes after the additions it overwrites.
                self.gate.swap(gate, Ordering::AcqRel);
                return;
            }
            let shown = seen == gate
                || self.gate.compare_exchange(seen, gate, Ordering::AcqRel, Ordering::Relaxed).is_ok();
            if shown {
                return;
            }
        }
    }

    fn remember(&self, change: StateChange, now: Instant) {
        let mut history = self.past().history();
        let history = history.get_or_insert_with(|| Box::new(History::new(self.made)));
        history.push(change, now, self.reopens_at());
    }

    fn reopens_at(&self) -> Instant {
        Instant::from_bits(self.reopens_at.load(Ordering::Acquire))
    }

    fn gate_of(&self, machine: &mut Machine, world: &World<'_>) -> u64 {
        let mut gate = Ticket::new(machine.generation).to_bits();
        gate |= match machine.state {
            State::Closed { failures, .. } => {
                CLOSED | (u64::from(failures.min(MOST_FAILURES_IN_A_ROW)) * ONE_FAILURE)
            }
            State::Open { until } => {
                self.reopens_at.store(until.to_bits(), Ordering::Release);
                OPEN
            }
            State::HalfOpen(_) => HALF_OPEN,
            State::Disabled => DISABLED,
        };
        let policy = machine.settings.policy();
        if let Some(slow_after) = policy.slow_after() {
            self.rare().slow_after.store(nanos(slow_after), Ordering::Relaxed);
            gate |= TIMED;
        } else if let Some(rare) = self.rare.get() {
            rare.slow_after.store(u64::MAX, Ordering::Relaxed);
        }
        if let Some(Window::Time(length)) = policy.rate_window() {
            let parts = self.rare().parts.get_or_init(|| Box::new(Parts::new(world.now())));
            let part = part_nanos(length);
            machine.turn_to(world);
            let (number, ends) = part_at(parts.began, world.now(), part);
            // Whoever sees where the part ends finds its counter, or that of a later one.
            parts.place.store(place(number), Ordering::Relaxed);
            parts.ends.store(ends, Ordering::Release);
            gate |= PARTED;
        }
        let heard = self.listeners().is_some();
        if heard || machine.minds_successes(world) {
            gate |= TELL;
        }
        let harmless_failures = match policy.failures_in_a_row() {
            Some(last) if !heard && policy.rate_window().is_none() => last.saturating_sub(1),
            _ => 0,
        };
        self.harmless_failures.store(harmless_failures, Ordering::Relaxed);
        gate
    }

    /// Those that no lock was taken for.
    fn successes(&self) -> u64 {
        self.success.with(self.rare.get().and_then(|rare| rare.success.get()).map(Box::as_ref))
    }

    pub(super) fn listeners(&self) -> Option<&Listeners> {
        self.rare.get().map(|rare| &rare.listeners).filter(|listeners| !listeners.is_empty())
    }

    pub(crate) fn subscribe(&self, listener: Listen) -> Arc<Listening> {
        let listening = self.rare().listeners.add(listener);
        self.rejected.stripe();
        self.show();
        listening
    }

    pub(crate) fn unsubscribe(&self, listening: &Arc<Listening>) {
        if let Some(rare) = self.rare.get() {
            rare.listeners.remove(listening);
        }
        self.show();
    }

    /// Shows the calls that take no lock how things stand.
    pub(super) fn show(&self) {
        self.by_hand(|_, _| None);
    }

    fn queue(&self, emission: &mut Emission, event: impl FnOnce(Name) -> CircuitBreakerEvent) {
        if let Some(listeners) = self.listeners() {
            emission.queue(listeners, event(self.name.clone()));
        }
    }

    #[cold]
    #[inline(never)]
    fn queue_change(&self, emission: &mut Emission, change: StateChange) {
        let event = Event::StateChanged { name: self.name.clone(), change: change.clone() };
        emission.queue_change(|| &self.rare().listeners, event);
        self.queue(emission, |name| CircuitBreakerEvent::StateChanged { name, change });
    }

    /// Emits an event that needs no lock.
    pub(super) fn emit(&self, event: impl FnOnce(Name) -> CircuitBreakerEvent) {
        let mut emission = Emission::default();
        self.queue(&mut emission, event);
        emission.deliver();
    }

    pub(crate) fn settings(&self) -> Arc<Packed> {
        Arc::clone(&self.lock().machine.settings)
    }

    pub(crate) fn policy(&self) -> CircuitBreakerPolicy {
        self.settings().policy()
    }

    pub(crate) fn time_until_reset(&self) -> Option<Duration> {
        self.look(Machine::time_until_reset)
    }

    #[allow(clippy::cast_precision_loss)] // a rate of more than 2⁵³ calls may be off in the last digit
    pub(crate) fn metrics(&self) -> CircuitBreakerMetrics {
        let guarded = self.lock();
        let policy = guarded.machine.settings.policy();
        let tally = guarded.machine.tally(&self.world()).unwrap_or_default();
        let rate = |share: Option<f64>, count: u64| {
            (share.is_some() && tally.calls > 0).then(|| count as f64 / tally.calls as f64)
        };
        let parts = self.parts().into_iter().flat_map(|parts| &parts.counters);
        let past = self.rare.get().map(|rare| &rare.past);
        let told =
            |count: fn(&Past) -> &AtomicU64| past.map_or(0, |past| count(past).load(Ordering::Relaxed));
        let world = self.world();
        let state = guarded.machine.entered(world.now());
        let history = past.map(Past::history);
        let unchanged = History::new(self.made);
        let history = history.as_ref().and_then(|history| history.as_deref()).unwrap_or(&unchanged);
        CircuitBreakerMetrics {
            success: told(|past| &past.success) + self.successes() + parts.map(Counter::get).sum::<u64>(),
            failure: self.failure.load(Ordering::Relaxed),
            rejected: self
                .rejected
                .with(self.rare.get().and_then(|rare| rare.rejected.get()).map(Box::as_ref)),
            ignored: told(|past| &past.ignored),
            slow: told(|past| &past.slow),
            window_calls: tally.calls,
            failure_rate: rate(policy.failure_share(), tally.failures),
            slow_rate: rate(policy.slow_share(), tally.slow),
            state_changes: history.latest(),
            transitions: history.transitions(),
            time_in_state: history.time_in(world.now(), state, self.reopens_at()),
        }
    }

    pub(super) fn past(&self) -> &Past {
        &self.rare().past
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Guarded> {
        // No foreign code runs under the lock, so a panic there would be ours; the machine is whole all the same.
        self.guarded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
