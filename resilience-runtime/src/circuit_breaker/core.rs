//! The state machine behind one atomic word.
//!
//! While the circuit is closed and nothing stands against it, a call reads that word twice and writes nothing but
//! its success, into a counter that threads don't fight over. The failures in a row stand in the word too, so that
//! where they are the only rule a failure is one compare-and-swap. Everything else takes the lock, for a few
//! instructions and never while foreign code runs.

mod guarded;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant as StdInstant};

use self::guarded::{Guarded, Past};
use super::event::CircuitBreakerEvent;
use super::machine::{Machine, Surroundings};
use super::policy::{MOST_FAILURES_IN_A_ROW, Packed};
use super::state::CircuitState;
use super::ticket::Ticket;
use super::verdict::Verdict;
use super::window::PARTS;
use crate::clock::{self, Instant};
use crate::counter::{Counter, Single, Stripes};
use crate::error::Error;
use crate::event::{self, Emission, Event, Listeners};
use crate::name::Name;
use crate::sync::{AtomicU32, AtomicU64, AtomicUsize, Mutex, OnceLock};

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
    gate: AtomicU64,
    // When an open circuit lets a trial through, so that refusals need no lock.
    reopens_at: AtomicU64,
    made: Instant,
    // Successes that no lock was taken for.
    success: Single,
    failure: AtomicU64,
    // How many failures in a row change nothing. Zero if there is more to know: then the machine is told of all.
    harmless_failures: AtomicU32,
    rejected: Single,
    rare: OnceLock<Box<Rare>>,
    guarded: Mutex<Guarded>,
}

/// What most breakers never need.
#[derive(Debug)]
struct Rare {
    // What successes and refusals are counted in once threads have met at them.
    success: OnceLock<Box<Stripes>>,
    rejected: OnceLock<Box<Stripes>>,
    listeners: Listeners,
    // How long a slow call takes, in nanoseconds, so that a timed call needs no lock either; for ever, where no call
    // counts as slow.
    slow_after: AtomicU64,
    parts: OnceLock<Box<Parts>>,
    past: Past,
}

impl Default for Rare {
    fn default() -> Self {
        Self {
            success: OnceLock::new(),
            rejected: OnceLock::new(),
            listeners: Listeners::default(),
            slow_after: AtomicU64::new(u64::MAX),
            parts: OnceLock::new(),
            past: Past::default(),
        }
    }
}

/// The successes of a window of time that no lock was taken for.
#[derive(Debug)]
struct Parts {
    // They are counted from here.
    began: Instant,
    // The part that the machine has seen last: when it ends, and where its counter stands.
    ends: AtomicU64,
    place: AtomicUsize,
    // The first so many are used. A power of two, so that finding one takes no comparison.
    counters: [Counter; PARTS.next_power_of_two()],
}

impl Parts {
    fn new(began: Instant) -> Self {
        Self {
            began,
            ends: AtomicU64::default(),
            place: AtomicUsize::default(),
            counters: <[Counter; PARTS.next_power_of_two()]>::default(),
        }
    }
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

impl Core {
    pub(super) fn new(name: Name, settings: Arc<Packed>) -> Self {
        let core = Self {
            name,
            gate: AtomicU64::new(CLOSED),
            reopens_at: AtomicU64::new(0),
            made: Instant::now(),
            success: Single::new(),
            failure: AtomicU64::new(0),
            harmless_failures: AtomicU32::new(0),
            rejected: Single::new(),
            rare: OnceLock::new(),
            guarded: Mutex::new(Guarded::new(settings)),
        };
        core.show();
        core
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
            // Read here, so that nobody has to keep anything while the clock is asked.
            let left = self.time_open(clock::read());
            if left != Wait::OVER {
                return Err(left);
            }
        }
        self.acquire_otherwise(lease)
    }

    /// How long an open circuit still refuses calls. Counts the refusal, if it is one. Over as well where the moment
    /// can't be told in short: then the machine is asked.
    #[cold]
    #[inline(never)]
    fn time_open(self: &Arc<Self>, now: StdInstant) -> Wait {
        let Some(now) = Instant::in_short(now) else { return Wait::OVER };
        // This word and the gate are read apart. If the circuit has changed in between, it was open at the gate, and
        // opened anew at this word.
        let until = Instant::from_bits(self.reopens_at.load(Ordering::Acquire));
        if until <= now {
            Wait::OVER
        } else if self.rejected.try_increment() {
            Wait(until.to_bits() - now.to_bits())
        } else {
            self.refuse(now, until)
        }
    }

    #[cold]
    #[inline(never)]
    fn refuse(&self, now: Instant, until: Instant) -> Wait {
        // Whoever listens has taken the short way away from the counter, and is told here.
        let wait = Wait::between(now, until);
        if !self.rejected.try_increment() {
            self.rejected.stripe();
            self.rare().rejected.get_or_init(Box::default).next();
        }
        self.emit(|name| CircuitBreakerEvent::Rejected { name, retry_after: wait.retry_after() });
        wait
    }

    /// Rejects a call that has waited since it was let in, if the circuit isn't closed any more and the call is no trial
    /// of this time.
    ///
    /// # Errors
    /// [`Error::CircuitOpen`].
    #[cold]
    #[inline(never)]
    pub(super) fn recheck(&self, admission: Admission) -> Result<(), Error> {
        let gate = self.gate.load(Ordering::Acquire);
        let is_the_same = gate >> 32 == u64::from(admission.ticket.generation());
        if is_the_same || gate & (OPEN | HALF_OPEN) == 0 {
            return Ok(());
        }
        let (now, reopens_at) = (Instant::now(), Instant::from_bits(self.reopens_at.load(Ordering::Acquire)));
        // Where the circuit tries its trials, their number is all that may come.
        let is_open = gate & OPEN != 0 && now < reopens_at;
        Err(self.error(self.refuse(now, if is_open { reopens_at } else { Instant::NEVER })))
    }

    /// Made where it goes to, and not carried there: it is a large value.
    #[inline]
    pub(super) fn error(&self, wait: Wait) -> Error {
        if event::is_heard() {
            self.emit_rejection(wait);
        }
        self.rejection(wait)
    }

    #[inline]
    fn rejection(&self, wait: Wait) -> Error {
        Error::CircuitOpen { name: self.name.clone(), retry_after: wait.retry_after() }
    }

    /// With an error of its own: the caller's stays in registers.
    #[cold]
    #[inline(never)]
    fn emit_rejection(&self, wait: Wait) {
        event::emit(|| Event::Rejected { rejection: self.rejection(wait) });
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
        let (mut guarded, mut emission) = (self.lock(), Emission::default());
        let mut admitted = Err(None);
        self.update(&mut guarded, &world, &mut emission, |machine| machine.end_leases(&world));
        self.update(&mut guarded, &world, &mut emission, |machine| {
            let transition;
            (admitted, transition) = machine.admit(&world, *lease);
            transition
        });
        drop(guarded);
        emission.deliver();
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
        self.success.stripe();
        self.rare().success.get_or_init(Box::default).next();
    }

    fn count_success(self: &Arc<Self>) {
        if !self.success.try_increment() {
            self.count_between_threads();
        }
    }

    #[inline]
    fn rare(&self) -> &Rare {
        self.rare.get_or_init(Box::default)
    }

    #[inline]
    fn parts(&self) -> Option<&Parts> {
        self.rare.get()?.parts.get().map(Box::as_ref)
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
                self.count_success();
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
    fn end_the_row(self: &Arc<Self>, mut gate: u64, ticket: u64) -> bool {
        while gate & !FAILURES == ticket && self.harmless_failures.load(Ordering::Relaxed) > 0 {
            match self.gate.compare_exchange_weak(gate, ticket, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => {
                    self.count_success();
                    return true;
                }
                Err(now) => gate = now,
            }
        }
        false
    }

    fn slow_after(&self) -> Duration {
        let nanos = self.rare.get().map_or(u64::MAX, |rare| rare.slow_after.load(Ordering::Relaxed));
        Duration::from_nanos(nanos)
    }

    /// Counts a success in a window of time, if only that keeps the gate from being the ticket. The first one of a part
    /// isn't counted: the machine must see it.
    #[inline(never)]
    fn count_in_part(&self, difference: u64) -> bool {
        if difference != PARTED {
            return false;
        }
        let Some(parts) = self.parts() else { return false };
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

    pub(super) fn state(&self) -> CircuitState {
        match self.gate.load(Ordering::Acquire) & PHASE {
            CLOSED => CircuitState::Closed,
            _ => self.look(Machine::state),
        }
    }

    pub(super) fn failure_count(&self) -> u32 {
        let gate = self.gate.load(Ordering::Acquire);
        if gate & PHASE == CLOSED { failures(gate) } else { 0 }
    }

    /// Returns true unless the circuit is closed and no failure counts.
    #[cfg(feature = "keyed")]
    #[inline]
    pub(super) fn has_failures(&self) -> bool {
        self.gate.load(Ordering::Relaxed) & (PHASE | FAILURES | TELL) != CLOSED
    }

    /// Returns true if a breaker of these settings that remembers no failure would do the same: the circuit is closed, or
    /// its open time is over.
    #[cfg(feature = "keyed")]
    pub(super) fn is_over_its_failures(&self, settings: &Packed) -> bool {
        let now = Instant::now();
        let guarded = self.lock();
        let is_over = matches!(guarded.machine.state(now), CircuitState::Closed | CircuitState::HalfOpen);
        *guarded.machine.settings == *settings && is_over && self.listeners().is_none()
    }

    /// Whether a new breaker of these settings would do the same.
    #[cfg(feature = "keyed")]
    pub(super) fn is_like_new(&self, settings: &Packed) -> bool {
        let gate = self.gate.load(Ordering::Acquire);
        if gate & (PHASE | FAILURES | TELL) != CLOSED {
            return false;
        }
        let guarded = self.lock();
        let tally = guarded.machine.tally(&self.world()).unwrap_or_default();
        *guarded.machine.settings == *settings && tally.failures + tally.slow == 0
    }
}

#[cfg(all(test, loom))]
mod loom_tests;

#[cfg(test)]
mod tests;
