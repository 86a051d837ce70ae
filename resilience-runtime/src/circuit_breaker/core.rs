//! The state machine behind one atomic word.
//!
//! While the circuit is closed and nothing stands against it, a call reads that word twice and writes nothing but
//! its success, into a counter that threads don't fight over. The failures in a row stand in the word too, so that
//! where they are the only rule a failure is one compare-and-swap. Everything else takes the lock, for a few
//! instructions and never while foreign code runs.

use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use super::event::{CircuitBreakerEvent, CircuitBreakerMetrics, StateChange};
use super::policy::{CircuitBreakerPolicy, MOST_FAILURES_IN_A_ROW, Window};
#[cfg(feature = "testing")]
use super::state::Before;
use super::state::{
    CircuitState, Machine, State, Surroundings, Ticket, Transition, TransitionCause, Verdict,
};
use super::window::{PARTS, Passed, part_at, part_nanos, place};
use crate::clock::{Instant, nanos};
use crate::counter::Counter;
use crate::error::Error;
use crate::event::Listeners;
use crate::name::Name;
use crate::random;
use crate::sync::{AtomicU32, AtomicU64, AtomicUsize, Mutex, MutexGuard, OnceLock};

/// How many changes of state are remembered. Enough to see a flapping circuit, and a bound on memory.
const HISTORY: usize = 32;

// The gate: what a call has to know, in one word. The generation stands in the upper half, as in a ticket, so that
// a ticket from a closed circuit equals the gate for as long as none of the other bits is set.
const CLOSED: u64 = 0;
const OPEN: u64 = 1;
const HALF_OPEN: u64 = 1 << 1;
const DISABLED: u64 = 1 << 2;
const PHASE: u64 = OPEN | HALF_OPEN | DISABLED;
/// A success has to be told to the machine, or to somebody who listens.
const TELL: u64 = 1 << 3;
/// It matters how long a call takes.
const TIMED: u64 = 1 << 4;
/// Successes are counted by the part of time that they end in.
const PARTED: u64 = 1 << 5;
/// All of them: while none is set, the word is nothing but the generation of a closed circuit.
const FLAGS: u64 = u32::MAX as u64;
/// The failures in a row that stand against a closed circuit.
const FAILURES: u64 = MOST_FAILURES_IN_A_ROW as u64 * ONE_FAILURE;
const ONE_FAILURE: u64 = 1 << 8;

#[allow(clippy::cast_possible_truncation)] // 24 bits are left
const fn failures(gate: u64) -> u32 {
    ((gate & FAILURES) >> 8) as u32
}

/// One circuit breaker.
#[derive(Debug)]
pub struct Core {
    pub(super) name: Name,
    // The parts of a window of time are counted from here.
    began: Instant,
    gate: AtomicU64,
    // When an open circuit lets a trial through, so that refusals need no lock.
    reopens_at: AtomicU64,
    // How long a slow call takes, in nanoseconds, so that a timed call needs no lock either; for ever, where no call
    // counts as slow.
    slow_after: AtomicU64,
    // Successes that no lock was taken for.
    success: Counter,
    parts: OnceLock<Box<Parts>>,
    failure: AtomicU64,
    // How many failures in a row change nothing. Zero if there is more to know: then the machine is told of all.
    harmless_failures: AtomicU32,
    rejected: Counter,
    listeners: OnceLock<Box<Listeners<CircuitBreakerEvent>>>,
    guarded: Mutex<Guarded>,
}

#[derive(Debug)]
struct Guarded {
    machine: Machine,
    success: u64,
    slow: u64,
    past: Option<Box<Past>>,
}

/// What most breakers never need: results that say nothing, and the latest changes of state.
#[derive(Debug, Default)]
struct Past {
    ignored: u64,
    changes: VecDeque<StateChange>,
}

impl Past {
    fn push(&mut self, change: StateChange) {
        if self.changes.len() == HISTORY {
            self.changes.pop_front();
        }
        self.changes.push_back(change);
    }
}

/// The successes of a window of time that no lock was taken for.
#[derive(Debug, Default)]
struct Parts {
    // The part that the machine has seen last: when it ends, and where its counter stands.
    ends: AtomicU64,
    place: AtomicUsize,
    // The first so many are used. A power of two, so that finding one takes no comparison.
    counters: [Counter; PARTS.next_power_of_two()],
}

/// A call that was let in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Admission {
    ticket: Ticket,
    // Never, where it doesn't matter how long the call takes.
    start: Instant,
}

/// How long a refused call has to wait, in nanoseconds: all that a refusal has to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wait(u64);

impl Wait {
    /// The call isn't refused.
    const OVER: Self = Self(0);

    #[inline]
    const fn between(now: Instant, until: Instant) -> Self {
        Self(until.to_bits().saturating_sub(now.to_bits()))
    }

    /// Never is so far away that no clock comes near it; and who is told to come back in 292 years knows enough.
    #[inline]
    fn retry_after(self) -> Option<Duration> {
        if self.0 > i64::MAX.cast_unsigned() { None } else { Some(Duration::from_nanos(self.0)) }
    }
}

/// The machine's view of the world, during one event.
struct World<'a> {
    core: &'a Core,
    now: Cell<Option<Instant>>,
}

impl Passed for World<'_> {
    fn passed(&self) -> u64 {
        self.core.success.get()
    }

    fn passed_in(&self, part: usize) -> u64 {
        self.core.parts.get().map_or(0, |parts| parts.counters[part].get())
    }

    fn began(&self) -> Instant {
        self.core.began
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
    pub(super) fn new(name: Name, policy: Arc<CircuitBreakerPolicy>) -> Self {
        let core = Self {
            name,
            began: Instant::now(),
            gate: AtomicU64::new(CLOSED),
            reopens_at: AtomicU64::new(0),
            slow_after: AtomicU64::new(u64::MAX),
            success: Counter::new(),
            parts: OnceLock::new(),
            failure: AtomicU64::new(0),
            harmless_failures: AtomicU32::new(0),
            rejected: Counter::new(),
            listeners: OnceLock::new(),
            guarded: Mutex::new(Guarded {
                machine: Machine::new(policy, &Nothing),
                success: 0,
                slow: 0,
                past: None,
            }),
        };
        core.update(&mut core.lock(), &core.world(), |_| None);
        core
    }

    const fn world(&self) -> World<'_> {
        World { core: self, now: Cell::new(None) }
    }

    /// Lets a call in, or says how long to wait.
    #[inline]
    pub(super) fn acquire(self: &Arc<Self>, lease: &Duration) -> Result<Admission, Wait> {
        let gate = self.gate.load(Ordering::Acquire);
        if gate & FLAGS == CLOSED {
            // Nothing to mask off, one instruction less.
            return Ok(Admission { ticket: Ticket::bare(gate), start: Instant::NEVER });
        }
        if gate & (PHASE | TIMED) == CLOSED {
            return Ok(Admission { ticket: Ticket::closed(gate), start: Instant::NEVER });
        }
        if gate & OPEN != 0 {
            let left = self.time_open();
            if left != Wait::OVER {
                return Err(left);
            }
        }
        self.acquire_otherwise(lease)
    }

    /// How long an open circuit still refuses calls. Counts the refusal, if it is one.
    #[cold]
    #[inline(never)]
    fn time_open(self: &Arc<Self>) -> Wait {
        let now = Instant::now();
        // This word and the gate are read apart. If the circuit has changed in between, it was open at the gate, and
        // opened anew at this word.
        let until = Instant::from_bits(self.reopens_at.load(Ordering::Acquire));
        if until <= now {
            Wait::OVER
        } else if self.rejected.try_increment() {
            Wait::between(now, until)
        } else {
            self.refuse(now, until)
        }
    }

    #[cold]
    #[inline(never)]
    fn refuse(&self, now: Instant, until: Instant) -> Wait {
        // Whoever listens has taken the short way away from the counter, and is told here.
        let wait = Wait::between(now, until);
        self.rejected.increment();
        self.tell(|name| CircuitBreakerEvent::Rejected { name, retry_after: wait.retry_after() });
        wait
    }

    /// Made where it goes to, and not carried there: it is a large value.
    #[inline]
    pub(super) fn error(&self, wait: Wait) -> Error {
        Error::CircuitOpen { name: self.name.clone(), retry_after: wait.retry_after() }.told()
    }

    #[cold]
    #[inline(never)]
    fn acquire_otherwise(self: &Arc<Self>, lease: &Duration) -> Result<Admission, Wait> {
        let gate = self.gate.load(Ordering::Acquire);
        let world = self.world();
        let start = if gate & TIMED == 0 { Instant::NEVER } else { world.now() };
        if gate & PHASE == CLOSED {
            return Ok(Admission { ticket: Ticket::closed(gate), start });
        }
        let mut guarded = self.lock();
        let mut admitted = Err(None);
        let change = self.update(&mut guarded, &world, |machine| {
            let transition;
            (admitted, transition) = machine.admit(&world, *lease);
            transition
        });
        drop(guarded);
        self.announce(change);
        let ticket = admitted.map_err(|retry_after| {
            let now = world.now();
            self.refuse(now, retry_after.map_or(Instant::NEVER, |wait| now.after(wait)))
        })?;
        Ok(Admission { ticket, start })
    }

    #[inline]
    pub(super) fn settle(self: &Arc<Self>, admission: Admission, verdict: Verdict) {
        let gate = self.gate.load(Ordering::Acquire);
        match verdict {
            Verdict::Success if gate == admission.ticket.to_bits() => {
                if !self.success.try_increment() {
                    self.count_between_threads();
                }
            }
            Verdict::Success => {
                if !self.count_in_part(gate ^ admission.ticket.to_bits()) {
                    self.settle_by_the_rules(admission, Verdict::Success);
                }
            }
            Verdict::Failure => self.settle_failure(gate, admission),
            _ => self.settle_by_the_rules(admission, verdict),
        }
    }

    #[cold]
    #[inline(never)]
    fn count_between_threads(self: &Arc<Self>) {
        self.success.increment();
    }

    /// Most failures come while the circuit can stand some more.
    #[inline(never)]
    fn settle_failure(self: &Arc<Self>, gate: u64, admission: Admission) {
        if !self.count_in_a_row(gate, admission.ticket.to_bits()) {
            self.settle_by_the_rules(admission, Verdict::Failure);
        }
    }

    #[cold]
    #[inline(never)]
    fn settle_by_the_rules(self: &Arc<Self>, Admission { ticket, start }: Admission, verdict: Verdict) {
        let gate = self.gate.load(Ordering::Acquire);
        if gate & DISABLED != 0 {
            return;
        }
        let good = matches!(verdict, Verdict::Success);
        if good && self.end_the_row(gate, ticket.to_bits()) {
            return;
        }
        let world = self.world();
        let time_matters = start != Instant::NEVER && verdict != Verdict::Ignored;
        let slow = time_matters && world.now().since(start) >= self.slow_after();
        // Nothing but the time stood between this success and the counters.
        if good && !slow {
            if gate == ticket.to_bits() | TIMED {
                self.success.increment();
                return;
            }
            if self.count_in_part(gate ^ ticket.to_bits() ^ TIMED) {
                return;
            }
        }
        self.record(&world, ticket, verdict, slow);
    }

    /// Counts a failure of a closed circuit that knows no rule but failures in a row, unless it is the last one.
    #[inline]
    fn count_in_a_row(&self, mut gate: u64, ticket: u64) -> bool {
        while gate & !FAILURES == ticket && failures(gate) < self.harmless_failures.load(Ordering::Relaxed) {
            let next = gate + ONE_FAILURE;
            match self.gate.compare_exchange_weak(gate, next, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => {
                    self.failure.fetch_add(1, Ordering::Relaxed);
                    return true;
                }
                Err(now) => gate = now,
            }
        }
        false
    }

    /// Counts the success that ends the failures in a row, where there is no other rule.
    fn end_the_row(&self, mut gate: u64, ticket: u64) -> bool {
        while gate & !FAILURES == ticket && self.harmless_failures.load(Ordering::Relaxed) > 0 {
            match self.gate.compare_exchange_weak(gate, ticket, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => {
                    self.success.increment();
                    return true;
                }
                Err(now) => gate = now,
            }
        }
        false
    }

    fn slow_after(&self) -> Duration {
        Duration::from_nanos(self.slow_after.load(Ordering::Relaxed))
    }

    /// Counts a success in a window of time, if only that keeps the gate from being the ticket. The first one of a part
    /// isn't counted: the machine must see it.
    #[inline(never)]
    fn count_in_part(&self, difference: u64) -> bool {
        if difference != PARTED {
            return false;
        }
        let Some(parts) = self.parts.get().map(Box::as_ref) else { return false };
        if Instant::now().to_bits() >= parts.ends.load(Ordering::Acquire) {
            return false;
        }
        parts.counters[parts.place.load(Ordering::Relaxed) & (parts.counters.len() - 1)].increment();
        true
    }

    /// A panic is a failure of the call. Anything else that drops a permit is a cancellation: its place is free
    /// again, and nothing is counted.
    #[cold]
    #[inline(never)]
    pub(super) fn end_without_verdict(self: &Arc<Self>, admission: Admission) {
        let gate = self.gate.load(Ordering::Acquire);
        if std::thread::panicking() {
            self.settle_by_the_rules(admission, Verdict::Failure);
        } else if gate & HALF_OPEN != 0 {
            // No transition can come of it.
            self.lock().machine.record(&self.world(), admission.ticket, Verdict::Ignored, false);
        }
    }

    fn record(&self, world: &World<'_>, ticket: Ticket, verdict: Verdict, slow: bool) {
        let mut guarded = self.lock();
        match verdict {
            Verdict::Success => guarded.success += 1,
            Verdict::Failure | Verdict::FailureWithHint(_) => {
                self.failure.fetch_add(1, Ordering::Relaxed);
            }
            Verdict::Ignored => guarded.past.get_or_insert_default().ignored += 1,
        }
        guarded.slow += u64::from(slow);
        let change = self.update(&mut guarded, world, |machine| machine.record(world, ticket, verdict, slow));
        drop(guarded);
        self.tell(|name| match verdict {
            Verdict::Success => CircuitBreakerEvent::Succeeded { name },
            Verdict::Failure | Verdict::FailureWithHint(_) => CircuitBreakerEvent::Failed { name },
            Verdict::Ignored => CircuitBreakerEvent::Ignored { name },
        });
        self.announce(change);
    }

    /// Opens the circuit because somebody said so.
    pub(super) fn force_open(&self) {
        self.by_hand(|machine, world| {
            let open = State::Open { until: Instant::NEVER };
            Some(machine.enter(world.now(), open, TransitionCause::Manual))
        });
    }

    /// Lets everything pass because somebody said so.
    pub(super) fn disable(&self) {
        self.by_hand(|machine, world| {
            Some(machine.enter(world.now(), State::Disabled, TransitionCause::Manual))
        });
    }

    /// Closes the circuit because somebody said so.
    pub(super) fn reset(&self) {
        self.by_hand(|machine, world| Some(machine.close(world, TransitionCause::Manual)));
    }

    /// Ends [`CircuitState::Disabled`].
    pub(super) fn enable(&self) {
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

    pub(super) fn reconfigure(&self, policy: CircuitBreakerPolicy) {
        self.by_hand(|machine, world| {
            machine.reconfigure(policy, world);
            None
        });
    }

    fn by_hand(&self, mut change: impl FnMut(&mut Machine, &World<'_>) -> Option<Transition>) {
        let world = self.world();
        let mut guarded = self.lock();
        let change = self.update(&mut guarded, &world, |machine| change(machine, &world));
        drop(guarded);
        self.announce(change);
    }

    /// Lets an event happen to the machine, and shows what came of it to the calls that take no lock.
    ///
    /// Those may count failures in a row in between, where that is the only rule. Then the event happens again,
    /// to the newer count; nothing else of the machine has changed by it.
    fn update(
        &self,
        guarded: &mut Guarded,
        world: &World<'_>,
        mut event: impl FnMut(&mut Machine) -> Option<Transition>,
    ) -> Option<StateChange> {
        loop {
            let seen = self.gate.load(Ordering::Acquire);
            guarded.machine.set_failure_count(failures(seen));
            let transition = event(&mut guarded.machine);
            let gate = self.gate_of(&mut guarded.machine, world);
            if let Some(Transition { from, to, cause }) = transition {
                // Whatever was counted in between belongs to the generation that has just ended. A swap, and not
                // a store, because loom doesn't know that a store comes after the additions it overwrites.
                self.gate.swap(gate, Ordering::AcqRel);
                if from == to {
                    // Somebody set by hand what was so already.
                    return None;
                }
                let change = StateChange { time: world.now().to_std(), from, to, cause };
                guarded.past.get_or_insert_default().push(change.clone());
                return Some(change);
            }
            let shown = seen == gate
                || self.gate.compare_exchange(seen, gate, Ordering::AcqRel, Ordering::Relaxed).is_ok();
            if shown {
                return None;
            }
        }
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
            State::HalfOpen { .. } => HALF_OPEN,
            State::Disabled => DISABLED,
        };
        let slow_after = machine.policy.slow_after();
        self.slow_after.store(slow_after.map_or(u64::MAX, nanos), Ordering::Relaxed);
        if slow_after.is_some() {
            gate |= TIMED;
        }
        if let Some(Window::Time(length)) = machine.policy.rate_window() {
            let parts = self.parts.get_or_init(Box::default);
            let part = part_nanos(length);
            machine.turn_to(world);
            let (number, ends) = part_at(self.began, world.now(), part);
            // Whoever sees where the part ends finds its counter, or that of a later one.
            parts.place.store(place(number), Ordering::Relaxed);
            parts.ends.store(ends, Ordering::Release);
            gate |= PARTED;
        }
        let heard = self.listeners().is_some();
        if heard || machine.minds_successes(world) {
            gate |= TELL;
        }
        let harmless_failures = match machine.policy.failures_in_a_row() {
            Some(last) if !heard && machine.policy.rate_window().is_none() => last.saturating_sub(1),
            _ => 0,
        };
        self.harmless_failures.store(harmless_failures, Ordering::Relaxed);
        gate
    }

    fn listeners(&self) -> Option<&Listeners<CircuitBreakerEvent>> {
        self.listeners.get().map(Box::as_ref).filter(|listeners| !listeners.is_empty())
    }

    pub(super) fn subscribe(&self, listener: Arc<dyn Fn(&CircuitBreakerEvent) + Send + Sync>) -> u64 {
        let number = self.listeners.get_or_init(Box::default).add(listener);
        self.rejected.stripe();
        self.update(&mut self.lock(), &self.world(), |_| None);
        number
    }

    pub(super) fn unsubscribe(&self, number: u64) {
        if let Some(listeners) = self.listeners.get() {
            listeners.remove(number);
        }
        self.update(&mut self.lock(), &self.world(), |_| None);
    }

    fn tell(&self, event: impl FnOnce(Name) -> CircuitBreakerEvent) {
        if let Some(listeners) = self.listeners() {
            listeners.tell(&event(self.name.clone()));
        }
    }

    #[inline]
    fn announce(&self, change: Option<StateChange>) {
        if let Some(change) = change {
            self.announce_change(change);
        }
    }

    #[cold]
    #[inline(never)]
    fn announce_change(&self, change: StateChange) {
        #[cfg(feature = "tracing")]
        trace(&self.name, &change);
        #[cfg(feature = "testing")]
        crate::testing::changed(&self.name, &change);
        self.tell(|name| CircuitBreakerEvent::StateChanged { name, change });
    }

    pub(super) fn state(&self) -> CircuitState {
        match self.gate.load(Ordering::Acquire) & PHASE {
            CLOSED => CircuitState::Closed,
            _ => self.lock().machine.state(Instant::now()),
        }
    }

    pub(super) fn policy(&self) -> CircuitBreakerPolicy {
        *self.lock().machine.policy
    }

    pub(super) fn failure_count(&self) -> u32 {
        let gate = self.gate.load(Ordering::Acquire);
        if gate & PHASE == CLOSED { failures(gate) } else { 0 }
    }

    pub(super) fn time_until_reset(&self) -> Option<Duration> {
        self.lock().machine.time_until_reset(Instant::now())
    }

    #[allow(clippy::cast_precision_loss)] // a rate of more than 2⁵³ calls may be off in the last digit
    pub(super) fn metrics(&self) -> CircuitBreakerMetrics {
        let guarded = self.lock();
        let policy = &guarded.machine.policy;
        let tally = guarded.machine.tally(&self.world()).unwrap_or_default();
        let rate = |share: Option<f64>, count: u64| {
            (share.is_some() && tally.calls > 0).then(|| count as f64 / tally.calls as f64)
        };
        let parts = self.parts.get().into_iter().flat_map(|parts| &parts.counters);
        CircuitBreakerMetrics {
            success: guarded.success + self.success.get() + parts.map(Counter::get).sum::<u64>(),
            failure: self.failure.load(Ordering::Relaxed),
            rejected: self.rejected.get(),
            ignored: guarded.past.as_ref().map_or(0, |past| past.ignored),
            slow: guarded.slow,
            window_calls: tally.calls,
            failure_rate: rate(policy.failure_share(), tally.failures),
            slow_rate: rate(policy.slow_share(), tally.slow),
            state_changes: guarded.past.iter().flat_map(|past| &past.changes).cloned().collect(),
        }
    }

    /// Whether a new breaker would do the same.
    #[cfg(feature = "keyed")]
    pub(super) fn is_pristine(&self) -> bool {
        let gate = self.gate.load(Ordering::Acquire);
        gate & (PHASE | FAILURES | TELL) == CLOSED
            && self.lock().machine.tally(&self.world()).is_none_or(|tally| tally.failures + tally.slow == 0)
    }

    fn lock(&self) -> MutexGuard<'_, Guarded> {
        // No foreign code runs under the lock, so a panic there would be ours; the machine is whole all the same.
        self.guarded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(feature = "tracing")]
fn trace(name: &Name, change: &StateChange) {
    let (name, from, to, cause) = (name.as_str(), change.from.as_str(), change.to.as_str(), change.cause);
    if change.to == CircuitState::Open {
        tracing::warn!(name, from, to, %cause, "circuit breaker opened");
    } else {
        tracing::info!(name, from, to, %cause, "circuit breaker changed");
    }
}

#[cfg(all(test, loom))]
mod loom_tests;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit_breaker::CircuitBreaker;

    const SECOND: Duration = Duration::from_secs(1);

    fn core(policy: CircuitBreakerPolicy) -> Arc<Core> {
        policy.validate().expect("settings that work");
        Arc::new(Core::new("test".into(), Arc::new(policy)))
    }

    fn end(core: &Arc<Core>, verdict: Verdict) {
        core.settle(core.acquire(&Duration::ZERO).expect("admitted"), verdict);
    }

    /// A trial's ticket must never pass for one of a closed circuit, whatever its number.
    #[test]
    fn every_trial_reaches_the_machine() {
        for trials in 1..=70 {
            let policy = CircuitBreakerPolicy::new()
                .failure_threshold(1)
                .reset_timeout(Duration::from_nanos(1))
                .half_open_max_calls(trials);
            let core = core(policy);
            end(&core, Verdict::Failure);
            while core.state() == CircuitState::Open {}
            for _ in 0..trials {
                assert_eq!(core.state(), CircuitState::HalfOpen);
                end(&core, Verdict::Success);
            }
            assert_eq!(core.state(), CircuitState::Closed);
            assert_eq!(core.metrics().success, u64::from(trials));
        }
    }

    #[test]
    fn successes_are_counted_once_however_they_are_counted() {
        let rate = CircuitBreakerPolicy::new().failure_rate(0.9).min_calls(4);
        let over_time = rate.window(Window::Time(3600 * SECOND));
        let slow = CircuitBreakerPolicy::new().slow_call(3600 * SECOND);
        for policy in [CircuitBreakerPolicy::new(), rate, over_time, slow] {
            let core = core(policy);
            for call in 0..100 {
                end(&core, if call % 4 == 3 { Verdict::Failure } else { Verdict::Success });
            }
            let metrics = core.metrics();
            assert_eq!((metrics.success, metrics.failure), (75, 25), "{policy}");
            if policy.failure_share().is_some() {
                assert_eq!((metrics.window_calls, metrics.failure_rate), (100, Some(0.25)), "{policy}");
            }
        }
    }

    /// Since the settings changed, the next success is the first result to judge the rate by.
    #[test]
    fn a_success_trips_where_the_rate_was_reached_without_a_result() {
        let rate = CircuitBreakerPolicy::new().failure_rate(0.3);
        let core = core(rate.min_calls(10));
        end(&core, Verdict::Failure);
        end(&core, Verdict::Success);
        core.reconfigure(rate.min_calls(2));
        end(&core, Verdict::Ignored);
        assert_eq!(core.state(), CircuitState::Closed, "there was no result");
        end(&core, Verdict::Success);
        assert_eq!(core.state(), CircuitState::Open);
    }

    #[test]
    fn other_settings_take_effect_and_lose_no_count() {
        let core = core(CircuitBreakerPolicy::new());
        (0..7).for_each(|_| end(&core, Verdict::Success));
        let over_time = CircuitBreakerPolicy::new().failure_rate(0.5).window(Window::Time(3600 * SECOND));
        core.reconfigure(over_time.min_calls(2));
        (0..5).for_each(|_| end(&core, Verdict::Success));
        assert_eq!((core.metrics().success, core.metrics().window_calls), (12, 5));
        core.reconfigure(CircuitBreakerPolicy::new().failure_rate(0.5).min_calls(2));
        (0..2).for_each(|_| end(&core, Verdict::Success));
        assert_eq!((core.metrics().success, core.metrics().window_calls), (14, 2));
        end(&core, Verdict::Failure);
        end(&core, Verdict::Failure);
        assert_eq!(core.state(), CircuitState::Open);
    }

    #[test]
    fn memory_does_not_grow_with_transitions() {
        let core = core(CircuitBreakerPolicy::new());
        for _ in 0..100_000 {
            core.force_open();
            core.reset();
        }
        assert_eq!(core.metrics().state_changes.len(), HISTORY);
        assert!(core.lock().past.as_ref().is_some_and(|past| past.changes.capacity() <= 2 * HISTORY));
    }

    /// With the two counts in front of it, and the settings that the breakers of all keys share.
    #[test]
    fn a_breaker_is_small() {
        let counts = 2 * size_of::<usize>();
        assert!(counts + size_of::<Core>() <= 256, "{}", counts + size_of::<Core>());
    }

    #[test]
    fn breakers_that_are_dropped_leave_nothing_behind() {
        let settings = Arc::new(CircuitBreakerPolicy::new().failure_threshold(1).half_open_max_calls(1));
        for number in 0..100_000 {
            let breaker = CircuitBreaker::sharing(number.to_string().into(), Arc::clone(&settings));
            let heard = breaker.subscribe(|_| {});
            breaker.try_acquire().expect("closed").success();
            let permit = breaker.try_acquire().expect("closed");
            permit.failure();
            assert!(breaker.try_acquire().is_err());
            let left = Arc::downgrade(&breaker.0);
            drop(breaker);
            drop(heard);
            assert_eq!((left.strong_count(), left.weak_count()), (0, 0));
            assert_eq!(Arc::strong_count(&settings), 1);
        }
    }
}
