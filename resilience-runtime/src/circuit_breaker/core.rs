//! The state machine behind one atomic word.
//!
//! While the circuit is closed and no failure stands against it, a call reads that word twice and writes
//! nothing but its success. Everything else takes the lock, for a few instructions and never while user code
//! runs.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant as StdInstant};

use super::policy::CircuitBreakerPolicy;
use super::state::{CircuitState, Machine, State, Ticket, Transition, TransitionCause, Verdict};
use crate::clock::Instant;
use crate::counter::Counter;
use crate::error::Error;
use crate::name::Name;

/// How many changes of state are remembered. Enough to see a flapping circuit, and a bound on memory.
const HISTORY: usize = 32;

// The gate: what a call has to know, in one word. The generation stands in the upper half, as in a ticket, so that
// a ticket from a closed circuit equals the gate for as long as nothing has happened.
const CLOSED: u64 = 0;
const OPEN: u64 = 1;
const HALF_OPEN: u64 = 2;
const DISABLED: u64 = 3;
const PHASE: u64 = 3;
/// Closed, with failures that a success has to wipe out.
const DIRTY: u64 = 4;

/// One circuit breaker.
#[derive(Debug)]
pub struct Core {
    pub(super) name: Name,
    gate: AtomicU64,
    // When an open circuit lets a trial through, so that refusals need no lock.
    reopens_at: AtomicU64,
    success: Counter,
    rejected: Counter,
    ignored: Counter,
    guarded: Mutex<Guarded>,
}

#[derive(Debug)]
struct Guarded {
    machine: Machine,
    failure: u64,
    history: VecDeque<StateChange>,
}

impl Core {
    pub(super) const fn new(name: Name, policy: CircuitBreakerPolicy) -> Self {
        Self {
            name,
            gate: AtomicU64::new(CLOSED),
            reopens_at: AtomicU64::new(0),
            success: Counter::new(),
            rejected: Counter::new(),
            ignored: Counter::new(),
            guarded: Mutex::new(Guarded {
                machine: Machine::new(policy),
                failure: 0,
                history: VecDeque::new(),
            }),
        }
    }

    #[inline]
    pub(super) fn acquire(&self, lease: &Duration) -> Result<Ticket, Error> {
        let gate = self.gate.load(Ordering::Acquire);
        if gate & PHASE == CLOSED {
            return Ok(Ticket::closed(gate));
        }
        self.acquire_unless_open(gate, *lease)
    }

    #[cold]
    #[inline(never)]
    fn acquire_unless_open(&self, gate: u64, lease: Duration) -> Result<Ticket, Error> {
        let now = Instant::now();
        if gate & PHASE == OPEN {
            // The two words are read apart. If the circuit has changed in between, it was open at the first one,
            // and opened anew at the second.
            let until = Instant::from_bits(self.reopens_at.load(Ordering::Acquire));
            if until == Instant::NEVER {
                return Err(self.refuse(None));
            }
            if now < until {
                return Err(self.refuse(Some(until.since(now))));
            }
        }
        let mut guarded = self.lock();
        let (admission, transition) = guarded.machine.admit(now, lease);
        self.publish(&mut guarded, now, transition);
        drop(guarded);
        admission.map_err(|retry_after| self.refuse(retry_after))
    }

    fn refuse(&self, retry_after: Option<Duration>) -> Error {
        self.rejected.increment();
        Error::CircuitOpen { name: self.name.clone(), retry_after }
    }

    #[inline]
    pub(super) fn settle(&self, ticket: Ticket, verdict: Verdict) {
        let gate = self.gate.load(Ordering::Acquire);
        if matches!(verdict, Verdict::Success) && gate == ticket.to_bits() {
            self.success.increment();
        } else {
            self.settle_with_lock(gate, ticket, verdict);
        }
    }

    #[inline(never)]
    fn settle_with_lock(&self, gate: u64, ticket: Ticket, verdict: Verdict) {
        if gate & PHASE == DISABLED {
            return;
        }
        match verdict {
            Verdict::Success => self.success.increment(),
            Verdict::Ignored => self.ignored.increment(),
            Verdict::Failure => {}
        }
        self.record(ticket, verdict);
    }

    /// A panic is a failure of the call. Anything else that drops a permit is a cancellation: its place is free
    /// again, and nothing is counted.
    #[cold]
    #[inline(never)]
    pub(super) fn end_without_verdict(&self, ticket: Ticket) {
        let gate = self.gate.load(Ordering::Acquire);
        if std::thread::panicking() {
            self.settle_with_lock(gate, ticket, Verdict::Failure);
        } else if gate & PHASE == HALF_OPEN {
            self.record(ticket, Verdict::Ignored);
        }
    }

    fn record(&self, ticket: Ticket, verdict: Verdict) {
        let mut guarded = self.lock();
        if verdict == Verdict::Failure {
            guarded.failure += 1;
        }
        let mut at = None;
        let transition = guarded.machine.record(|| *at.insert(Instant::now()), ticket, verdict);
        match (transition, at) {
            (Some(transition), Some(at)) => self.publish(&mut guarded, at, Some(transition)),
            _ => self.publish_gate(&guarded.machine),
        }
    }

    /// Goes to a state because somebody said so.
    pub(super) fn force(&self, state: State) {
        let now = Instant::now();
        let mut guarded = self.lock();
        let transition = guarded.machine.enter(now, state, TransitionCause::Manual);
        self.publish(&mut guarded, now, Some(transition));
    }

    /// Ends [`CircuitState::Disabled`].
    pub(super) fn enable(&self) {
        let now = Instant::now();
        let mut guarded = self.lock();
        if matches!(guarded.machine.state, State::Disabled) {
            let transition =
                guarded.machine.enter(now, State::Closed { failures: 0 }, TransitionCause::Manual);
            self.publish(&mut guarded, now, Some(transition));
        }
    }

    fn publish(&self, guarded: &mut Guarded, now: Instant, transition: Option<Transition>) {
        let Some(Transition { from, to, cause }) = transition else { return };
        if guarded.history.len() == HISTORY {
            guarded.history.pop_front();
        }
        guarded.history.push_back(StateChange { time: now.to_std(), from, to, cause });
        self.publish_gate(&guarded.machine);
    }

    fn publish_gate(&self, machine: &Machine) {
        let phase = match machine.state {
            State::Closed { failures: 0 } => CLOSED,
            State::Closed { .. } => CLOSED | DIRTY,
            State::Open { until } => {
                self.reopens_at.store(until.to_bits(), Ordering::Release);
                OPEN
            }
            State::HalfOpen { .. } => HALF_OPEN,
            State::Disabled => DISABLED,
        };
        let gate = Ticket::new(machine.generation, 0).to_bits() | phase;
        if self.gate.load(Ordering::Relaxed) != gate {
            self.gate.store(gate, Ordering::Release);
        }
    }

    pub(super) fn state(&self) -> CircuitState {
        match self.gate.load(Ordering::Acquire) & PHASE {
            CLOSED => CircuitState::Closed,
            _ => self.lock().machine.state(Instant::now()),
        }
    }

    pub(super) fn policy(&self) -> CircuitBreakerPolicy {
        self.lock().machine.policy
    }

    pub(super) fn failure_count(&self) -> u32 {
        self.lock().machine.failure_count()
    }

    pub(super) fn time_until_reset(&self) -> Option<Duration> {
        self.lock().machine.time_until_reset(Instant::now())
    }

    pub(super) fn metrics(&self) -> CircuitBreakerMetrics {
        let guarded = self.lock();
        CircuitBreakerMetrics {
            success: self.success.get(),
            failure: guarded.failure,
            rejected: self.rejected.get(),
            ignored: self.ignored.get(),
            slow: 0,
            state_changes: guarded.history.iter().cloned().collect(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Guarded> {
        // No user code runs under the lock, so a panic there would be ours; the machine is whole all the same.
        self.guarded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a circuit breaker has seen since it was made.
///
/// ```
/// use resilience_runtime::{CircuitBreaker, CircuitBreakerPolicy};
///
/// let breaker = CircuitBreaker::new("quotes", CircuitBreakerPolicy::new())?;
/// breaker.try_acquire()?.success();
/// breaker.try_acquire()?.failure();
/// let metrics = breaker.metrics();
/// assert_eq!((metrics.success, metrics.failure, metrics.rejected), (1, 1, 0));
/// assert!(metrics.state_changes.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CircuitBreakerMetrics {
    /// Calls that succeeded.
    pub success: u64,
    /// Calls that failed in a way that counts; panics among them.
    pub failure: u64,
    /// Calls that were refused.
    pub rejected: u64,
    /// Calls that ended in an error which the filter leaves out, or in another policy's refusal. A cancelled
    /// call is not counted anywhere.
    pub ignored: u64,
    /// Calls that took too long; zero where the breaker doesn't watch the time.
    pub slow: u64,
    /// The latest changes of state, oldest first, 32 at most.
    pub state_changes: Vec<StateChange>,
}

/// One change of a circuit breaker's state.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StateChange {
    /// When it happened, on the monotonic clock.
    pub time: StdInstant,
    /// The state before.
    pub from: CircuitState,
    /// The state after.
    pub to: CircuitState,
    /// Why.
    pub cause: TransitionCause,
}
