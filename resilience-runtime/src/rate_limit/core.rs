//! One rate limiter: one atomic word for the calls that are let through or refused at once, and a lock for all others.
//!
//! The word holds what has been taken from the bucket, a few bits that change whenever the numbers beside it do, and a
//! flag that sends every call to the lock. A call that is let through reads those numbers and replaces the word; one
//! that would have to wait for longer than it may only reads them. If a number changed meanwhile, the word did as well,
//! and the call looks again.
//!
//! Whoever holds the lock has raised the flag, so that the word stands still.

mod guarded;

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, SystemTime};

use self::guarded::{After, Guarded, Visit};
use super::adapt::Adaption;
use super::event::{RateChangeCause, RateLimiterEvent, RateLimiterMetrics};
use super::gcra::{self, Bucket, Scale};
use super::headers::{self, Header};
use super::line::{Line, Waiter};
use super::policy::RateLimitPolicy;
use crate::clock::{Instant, block_until, nanos};
use crate::counter::Counter;
use crate::deadline::deadline;
use crate::error::Error;
use crate::event::{self, Emission, Event, Listen, Listeners, Listening};
use crate::name::Name;
use crate::report;
use crate::sync::{AtomicU64, Mutex, MutexGuard, OnceLock};

/// Every call has to take the lock.
const LOCKED: u64 = 1;

/// Changes with the numbers beside the word: so many changes between two steps of one call would go unseen.
const CHANGE: u64 = 0b1111_1110;
const ONE_CHANGE: u64 = 0b10;

/// What has been taken stands above these bits.
const SPENT: u32 = 8;

/// A clock that is so far behind what it showed before isn't the same clock: a test has put another one in its place.
const SAME_CLOCK: Duration = Duration::from_secs(1);

/// The right of one call that was let through.
///
/// Calls take nothing along that would have to be given back. It is of use where failures lower the rate: see
/// [`RateLimiter::failed`](super::RateLimiter::failed).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Admission {
    at: Instant,
}

/// A call that wasn't let through at once, and when that was.
#[derive(Clone, Copy, Debug)]
pub struct TooEarly {
    now: Instant,
}

/// One rate limiter.
#[derive(Debug)]
pub struct Core {
    word: AtomicU64,
    // No stripes: whoever counts here has just had the word to itself, which stands beside it.
    allowed: AtomicU64,
    // Written under the lock while the flag is up. From `change` to `rest` they stand where the word has them.
    base: AtomicU64,
    horizon: AtomicU64,
    change: AtomicU64,
    speed: AtomicU64,
    token: AtomicU64,
    // What a full bucket holds beside one call.
    rest: AtomicU64,
    // For how long a call may wait, in nanoseconds.
    longest_wait: AtomicU64,
    rejected: Counter,
    waited: Counter,
    name: Name,
    guarded: Mutex<Guarded>,
    listeners: OnceLock<Box<Listeners>>,
}

/// A caller in line. Whoever leaves gives its place up, or what it was let through with.
pub(super) struct InLine<'a> {
    core: &'a Core,
    ticket: u64,
    waiter: Arc<Waiter>,
    since: Instant,
    /// Until when the caller may wait.
    end: Instant,
    held: bool,
}

/// What came of asking for a turn.
enum Asked<'a> {
    Allowed(Admission),
    Waiting(InLine<'a>),
}

/// How it stands in line.
enum Turn {
    Allowed(Admission),
    /// By then at the latest there is something to do.
    Wait(Instant),
    /// It can't end in time any more. How long it would take, if it ends at all.
    Never(Option<Duration>),
}

/// What a caller is told of a wait of so many nanoseconds.
fn retry_after(wait: u64) -> Option<Duration> {
    (wait != u64::MAX).then(|| Duration::from_nanos(wait))
}

fn wait_until(due: Instant, now: Instant) -> Option<Duration> {
    (due != Instant::NEVER).then(|| due.since(now))
}

impl Core {
    pub(super) fn new(name: Name, policy: RateLimitPolicy) -> Self {
        let scale = Scale::new(policy.ceiling(), policy.period(), policy.burst_in_force());
        let bucket = Bucket::new(scale);
        let (adaption, latest) = (Adaption::none(&policy), Instant::from_bits(0));
        Self {
            word: AtomicU64::new(0),
            allowed: AtomicU64::new(0),
            base: AtomicU64::new(0),
            horizon: AtomicU64::new(bucket.horizon()),
            change: AtomicU64::new(0),
            speed: AtomicU64::new(scale.speed << SPENT),
            token: AtomicU64::new(scale.token << SPENT),
            rest: AtomicU64::new(scale.rest() << SPENT),
            longest_wait: AtomicU64::new(nanos(policy.longest_wait())),
            rejected: Counter::new(),
            waited: Counter::new(),
            name,
            guarded: Mutex::new(Guarded { policy, bucket, adaption, line: Line::default(), latest }),
            listeners: OnceLock::new(),
        }
    }

    pub(super) const fn name(&self) -> &Name {
        &self.name
    }

    /// Lets a call through if it can be done at once and without the lock.
    #[inline]
    pub(super) fn try_take(&self, now: Instant, cost: f64) -> Result<Admission, TooEarly> {
        // While the flag is up the exchange fails, so that it needn't be asked for.
        let word = self.word.load(Ordering::Acquire) & !LOCKED;
        let next = self.next(word, now, cost).ok_or(TooEarly { now })?;
        if self.word.compare_exchange(word, next, Ordering::AcqRel, Ordering::Relaxed).is_err() {
            return self.try_take_again(now, cost);
        }
        self.allowed.fetch_add(1, Ordering::Relaxed);
        Ok(Admission { at: now })
    }

    /// Another call came in between, or the flag is up.
    #[cold]
    #[inline(never)]
    fn try_take_again(&self, now: Instant, cost: f64) -> Result<Admission, TooEarly> {
        let mut word = self.word.load(Ordering::Acquire);
        while word & LOCKED == 0 {
            let next = self.next(word, now, cost).ok_or(TooEarly { now })?;
            match self.word.compare_exchange_weak(word, next, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => {
                    self.allowed.fetch_add(1, Ordering::Relaxed);
                    return Ok(Admission { at: now });
                }
                Err(newer) => word = newer,
            }
        }
        Err(TooEarly { now })
    }

    /// The word after a call that is let through; `None` if the lock has to decide.
    #[inline]
    fn next(&self, word: u64, now: Instant, cost: f64) -> Option<u64> {
        // Also too far from the base: before it.
        let elapsed = now.to_bits().wrapping_sub(self.base.load(Ordering::Acquire));
        if elapsed > self.horizon.load(Ordering::Acquire) {
            return None;
        }
        // All of it stands where the word has it, so that nothing is shifted. The bits that change come from beside the
        // word: where they aren't its own, the exchange fails.
        let refilled = elapsed.wrapping_mul(self.speed.load(Ordering::Acquire));
        let refilled = refilled.wrapping_add(self.change.load(Ordering::Acquire));
        let (token, rest) = (self.token.load(Ordering::Acquire), self.rest.load(Ordering::Acquire));
        if gcra::is_ordinary(cost) {
            return gcra::taken(word, refilled, rest, token);
        }
        let tolerance = token.wrapping_add(rest) >> SPENT;
        let units = gcra::units(cost, token >> SPENT, tolerance)?;
        gcra::taken(word, refilled, tolerance.saturating_sub(units) << SPENT, units << SPENT)
    }

    /// For how many nanoseconds a call would have to wait, if that is longer than it may; `u64::MAX` for ever. `None` if
    /// the lock has to decide: somebody has it or stands in line, a listener is to be told, or the call may be let
    /// through after all.
    #[inline]
    fn too_long(&self, TooEarly { now }: TooEarly, cost: f64, waits: bool) -> Option<u64> {
        let word = self.word.load(Ordering::Acquire);
        let elapsed = now.to_bits().wrapping_sub(self.base.load(Ordering::Acquire));
        if word & LOCKED != 0 || elapsed > self.horizon.load(Ordering::Acquire) {
            return None;
        }
        let speed = self.speed.load(Ordering::Acquire) >> SPENT;
        let token = self.token.load(Ordering::Acquire) >> SPENT;
        let tolerance = token.wrapping_add(self.rest.load(Ordering::Acquire) >> SPENT);
        let longest = if waits { self.longest_wait.load(Ordering::Acquire) } else { 0 };
        // Whoever writes a number has raised the flag before, and changes the word before it is lowered.
        if self.word.load(Ordering::Relaxed) != word {
            return None;
        }
        let scale = Scale { speed, token, tolerance };
        // More than a full bucket: maybe by another clock.
        let owed = (word >> SPENT).saturating_sub(elapsed.wrapping_mul(speed));
        let wait = if owed > tolerance { 0 } else { scale.wait(owed, scale.units(cost)?) };
        (wait > longest).then_some(wait)
    }

    /// Lets a call through, or refuses it.
    #[inline]
    pub(super) fn take(&self, asked: TooEarly, cost: f64) -> Result<Admission, Error> {
        self.wait_up_to(asked, cost, false)
    }

    /// Blocks the thread until it is the call's turn, for as long as the settings say.
    #[inline]
    #[track_caller]
    pub(super) fn wait(&self, asked: TooEarly, cost: f64) -> Result<Admission, Error> {
        self.wait_up_to(asked, cost, true)
    }

    #[cold]
    #[inline(never)]
    #[track_caller]
    fn wait_up_to(&self, asked: TooEarly, cost: f64, waits: bool) -> Result<Admission, Error> {
        match self.too_long(asked, cost, waits) {
            Some(wait) => Err(self.refused_unheard(retry_after(wait))),
            None => self.wait_in_line(cost, waits),
        }
    }

    #[cold]
    #[inline(never)]
    #[track_caller]
    fn wait_in_line(&self, cost: f64, waits: bool) -> Result<Admission, Error> {
        let mut line = match self.ask(cost, waits)? {
            Asked::Allowed(admission) => return Ok(admission),
            Asked::Waiting(line) => line,
        };
        report::blocks_this_thread();
        let mut passed = None;
        loop {
            match line.turn(passed.take()) {
                Turn::Allowed(admission) => return Ok(admission),
                Turn::Never(retry_after) => return Err(self.refused(retry_after)),
                Turn::Wait(until) => {
                    // A paused clock stands still for as long as its thread is blocked, and the wait ends all the same.
                    passed = (!block_until(until, |cx| line.waiter.poll(cx))).then_some(until);
                }
            }
        }
    }

    /// Waits until it is the call's turn, for as long as the settings say.
    #[cfg(feature = "tokio")]
    pub(super) async fn wait_async(&self, asked: TooEarly, cost: f64) -> Result<Admission, Error> {
        if let Some(wait) = self.too_long(asked, cost, true) {
            return Err(self.refused_unheard(retry_after(wait)));
        }
        let mut line = match self.ask(cost, true)? {
            Asked::Allowed(admission) => return Ok(admission),
            Asked::Waiting(line) => line,
        };
        let mut passed = None;
        loop {
            match line.turn(passed.take()) {
                Turn::Allowed(admission) => return Ok(admission),
                Turn::Never(retry_after) => return Err(self.refused(retry_after)),
                Turn::Wait(until) => {
                    let called = std::future::poll_fn(|cx| line.waiter.poll(cx));
                    passed = crate::clock::until(until, called).await.is_none().then_some(until);
                }
            }
        }
    }

    /// Without timers nobody waits.
    #[cfg(not(feature = "tokio"))]
    #[allow(clippy::unused_async)] // as with timers
    pub(super) async fn wait_async(&self, asked: TooEarly, cost: f64) -> Result<Admission, Error> {
        self.take(asked, cost)
    }

    /// Asks for a turn, for as long as the settings say if the caller waits at all.
    #[cold]
    #[inline(never)]
    fn ask(&self, cost: f64, waits: bool) -> Result<Asked<'_>, Error> {
        let mut visit = self.visit();
        let now = visit.now;
        let Some(units) = visit.guarded.bucket.scale.units(cost) else {
            drop(visit);
            return Err(self.refused(None));
        };
        if visit.guarded.line.is_empty() && visit.guarded.bucket.take(now, units) {
            return Ok(Asked::Allowed(visit.allow(now, now)));
        }
        let longest = if waits { visit.guarded.policy.longest_wait() } else { Duration::ZERO };
        // At a deadline itself it is too late.
        let deadline = deadline().map(|deadline| deadline.at().to_bits().saturating_sub(1));
        let end = now.after(longest).min(deadline.map_or(Instant::NEVER, Instant::from_bits));
        let due = visit.guarded.bucket.earliest(now, visit.guarded.line.units(), units);
        if due > end || due == Instant::NEVER {
            drop(visit);
            return Err(self.refused(wait_until(due, now)));
        }
        let (ticket, waiter) = visit.guarded.line.join(cost, units);
        drop(visit);
        Ok(Asked::Waiting(InLine { core: self, ticket, waiter, since: now, end, held: true }))
    }

    /// Where nobody listens.
    #[inline]
    fn refused_unheard(&self, retry_after: Option<Duration>) -> Error {
        self.rejected.increment();
        if event::is_heard() {
            self.emit_rejection(retry_after);
        }
        self.rejection(retry_after)
    }

    #[inline]
    fn rejection(&self, retry_after: Option<Duration>) -> Error {
        Error::RateLimited { name: self.name.clone(), retry_after }
    }

    /// With an error of its own: the caller's stays in registers.
    #[cold]
    #[inline(never)]
    fn emit_rejection(&self, retry_after: Option<Duration>) {
        event::emit(|| Event::Rejected { rejection: self.rejection(retry_after) });
    }

    fn refused(&self, retry_after: Option<Duration>) -> Error {
        let error = self.refused_unheard(retry_after);
        let mut emission = Emission::default();
        self.queue(&mut emission, |name| RateLimiterEvent::Rejected { name, retry_after });
        emission.deliver();
        error
    }

    /// A call that was let through failed.
    #[cold]
    pub(super) fn failed(&self, admission: Admission) {
        self.change(RateChangeCause::Failure, |guarded, now| {
            guarded.adaption.failed(&guarded.policy, admission.at, now);
        });
    }

    pub(super) fn set_policy(&self, policy: RateLimitPolicy) {
        self.change(RateChangeCause::Manual, |guarded, now| guarded.configure(policy, now));
    }

    pub(super) fn set_rate(&self, rate: f64) -> Result<(), crate::config::ConfigError> {
        // Before anything is computed from it.
        RateLimitPolicy::validate_rate(rate)?;
        let mut result = Ok(());
        self.change(RateChangeCause::Manual, |guarded, now| {
            let policy = guarded.policy.with_rate(rate);
            result = policy.validate();
            if result.is_ok() {
                guarded.configure(policy, now);
            }
        });
        result
    }

    pub(super) fn reset(&self) {
        self.change(RateChangeCause::Manual, Guarded::begin_anew);
    }

    /// Does what a server asks for; says whether that was anything.
    pub(super) fn heed(&self, headers: impl IntoIterator<Item = impl Header>) -> bool {
        let wall = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let advice = headers::read(headers, wall);
        if advice.is_empty() {
            return false;
        }
        self.change(RateChangeCause::Server, |guarded, now| guarded.heed(advice, now));
        true
    }

    /// Changes the rate, or what it follows from.
    fn change(&self, cause: RateChangeCause, change: impl FnOnce(&mut Guarded, Instant)) {
        let mut visit = self.visit();
        let before = visit.guarded.adaption.rate();
        let now = visit.now;
        change(&mut visit.guarded, now);
        visit.rescale(now);
        visit.rate_changed(before, cause);
        visit.advance(now);
    }

    fn visit(&self) -> Visit<'_> {
        let mut guarded = self.lock();
        let word = self.word.fetch_or(LOCKED, Ordering::AcqRel);
        guarded.bucket.spent = word >> SPENT;
        let mut now = Instant::now();
        let late = now.after(SAME_CLOCK);
        if late < guarded.latest || guarded.bucket.owed(late) > guarded.bucket.most_owed {
            guarded.begin_anew(now);
        } else {
            now = now.max(guarded.latest);
        }
        guarded.latest = now;
        let after = After { wake: Vec::new(), emission: Emission::default() };
        let mut visit = Visit { core: self, guarded, now, after };
        visit.catch_up();
        visit
    }

    pub(super) fn policy(&self) -> RateLimitPolicy {
        self.lock().policy
    }

    pub(super) fn metrics(&self) -> RateLimiterMetrics {
        let visit = self.visit();
        let Guarded { bucket, line, adaption, .. } = &*visit.guarded;
        let available = bucket.available(visit.now).saturating_sub(line.units());
        RateLimiterMetrics {
            allowed: self.allowed.load(Ordering::Relaxed),
            rejected: self.rejected.get(),
            waited: self.waited.get(),
            queued: u32::try_from(line.len()).unwrap_or(u32::MAX),
            available: bucket.scale.calls(available),
            rate: adaption.rate(),
        }
    }

    /// Whether a new rate limiter of these settings would do the same.
    #[cfg(feature = "keyed")]
    pub(super) fn is_like_new(&self, policy: &RateLimitPolicy) -> bool {
        let visit = self.visit();
        let Guarded { bucket, line, adaption, .. } = &*visit.guarded;
        visit.guarded.policy == *policy
            && bucket.is_full(visit.now)
            && line.is_idle()
            && adaption.is_none(policy)
            && self.listeners().is_none()
    }

    fn listeners(&self) -> Option<&Listeners> {
        self.listeners.get().map(Box::as_ref).filter(|listeners| !listeners.is_empty())
    }

    pub(super) fn subscribe(&self, listener: Listen) -> Arc<Listening> {
        let listening = self.listeners.get_or_init(Box::default).add(listener);
        drop(self.visit()); // from here on the calls that are let through take the lock
        listening
    }

    pub(super) fn unsubscribe(&self, listening: &Arc<Listening>) {
        if let Some(listeners) = self.listeners.get() {
            listeners.remove(listening);
        }
        drop(self.visit());
    }

    fn queue(&self, emission: &mut Emission, event: impl FnOnce(Name) -> RateLimiterEvent) {
        if let Some(listeners) = self.listeners() {
            emission.queue(listeners, event(self.name.clone()));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Guarded> {
        // No foreign code runs under the lock, so a panic there would be ours; what it guards is whole all the same.
        self.guarded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl InLine<'_> {
    /// How it stands. `passed`: a moment that has come, although the clock doesn't show it.
    fn turn(&mut self, passed: Option<Instant>) -> Turn {
        let mut visit = self.core.visit();
        let now = passed.map_or(visit.now, |passed| passed.max(visit.now));
        if now > visit.now {
            visit.guarded.bucket.owes_by_two_clocks();
        }
        visit.advance(now);
        if let Some(at) = visit.guarded.line.claim(self.ticket) {
            self.held = false;
            self.core.waited.increment();
            return Turn::Allowed(visit.allow(at, self.since));
        }
        let (ahead, units) = visit.guarded.line.ahead(self.ticket);
        let due = visit.guarded.bucket.earliest(now, ahead, units);
        if due > self.end || due == Instant::NEVER {
            self.held = false;
            visit.leave(self.ticket);
            return Turn::Never(wait_until(due, now));
        }
        Turn::Wait(due)
    }
}

impl Drop for InLine<'_> {
    fn drop(&mut self) {
        if self.held {
            self.core.visit().leave(self.ticket);
        }
    }
}

#[cfg(all(test, loom))]
mod loom_tests;

#[cfg(test)]
mod tests;
