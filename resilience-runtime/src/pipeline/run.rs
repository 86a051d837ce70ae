//! One call's way through the layers: in, to the body, and out again.
//!
//! The way itself waits for nothing and runs no body. It says what comes next, and the drivers in `drive` do it, one by
//! blocking and one by `.await`. So both modes, and `#[resilient]`, have the same semantics.

use std::time::Duration;

use super::Stack;
use super::layer::{Answer, Handler, Layer, Outcome};
#[cfg(feature = "tokio")]
use super::within::Within;
use crate::bulkhead::{Bulkhead, Slot};
use crate::circuit_breaker::{Guard, Settle, Verdict};
use crate::clock;
use crate::deadline::{Deadline, Scope};
use crate::error::Error;
use crate::fallback;
use crate::figures::Key;
use crate::rate_limit::Admission;
use crate::retry::{Attempts, Step};

/// How events and figures spell the handler of a pipeline's fallback.
const HANDLER: &str = "the fallback";

/// What follows on the way in.
#[derive(Debug)]
pub enum Enter {
    /// All layers let the call through.
    Body,
    /// The next layer wants the call to wait.
    Wait,
    /// A layer refused the call.
    Refused(Error),
}

/// What follows on the way out.
pub enum Leave<T, E> {
    /// A fallback's handler is to be awaited, and gives the outcome.
    Ask(Answer<T, E>),
    /// Once more, from the retry inwards, after so long.
    Again(Duration),
    /// This is the call's result.
    Done(Result<T, E>),
}

/// The call between two steps. What it holds is given back however the call ends.
pub struct Run<'p, T, E> {
    stack: &'p Stack<T, E>,
    /// How many layers the call is inside of.
    depth: usize,
    attempts: Option<Attempts<'p>>,
    permit: Option<Guard<'p>>,
    admission: Option<Admission>,
    slot: Option<Slot<&'p Bulkhead>>,
    /// Of the timeouts that the call is inside of.
    outer: Option<Deadline>,
    inner: Option<Deadline>,
}

/// A timeout ran out: the tightest one.
#[derive(Debug)]
pub struct Expired(pub(super) Deadline);

impl<'p, T, E> Run<'p, T, E> {
    #[inline]
    pub(super) const fn new(stack: &'p Stack<T, E>) -> Self {
        Self {
            stack,
            depth: stack.entrance,
            attempts: None,
            permit: None,
            admission: None,
            slot: None,
            outer: None,
            inner: None,
        }
    }

    /// Goes on inwards.
    #[inline]
    pub fn enter(&mut self) -> Enter {
        let layers = &*self.stack.layers;
        let mut further = layers[self.depth.min(layers.len())..].iter();
        let stop = loop {
            let Some(layer) = further.next() else {
                self.depth = layers.len();
                return Enter::Body;
            };
            match layer {
                Layer::Fallback(_) => {}
                // Most calls need one attempt, and nothing to count it with.
                Layer::Retry(retry) => {
                    if retry.begins_with_the_call() {
                        self.attempts = Some(retry.begin(self.stack.name));
                    }
                }
                Layer::CircuitBreaker(layer) => match layer.breaker.guard(&layer.lease) {
                    Ok(permit) => fill(&mut self.permit, permit),
                    Err(rejection) => break Enter::Refused(rejection),
                },
                Layer::RateLimit(layer) => match layer.limiter.admit() {
                    Some(admission) => fill(&mut self.admission, admission),
                    None => break Enter::Wait,
                },
                Layer::Bulkhead(bulkhead) => match bulkhead.try_slot() {
                    Some(slot) => fill(&mut self.slot, slot),
                    None => break Enter::Wait,
                },
                Layer::Timeout(limit) => {
                    let deadline = Some(limit.begin(self.stack.name));
                    if self.outer.is_none() {
                        self.outer = deadline;
                    } else {
                        self.inner = deadline;
                    }
                }
            }
        };
        // Not inside of the one that stopped it.
        self.depth = layers.len() - further.len() - 1;
        stop
    }

    /// Whether a success is the call's result as it is, because nothing on the way out has anything to say about it. What
    /// the call holds is given back then.
    #[inline]
    pub fn is_through(&mut self, late: Late) -> bool {
        if self.stack.judges_values || self.is_late(late) {
            return false;
        }
        self.slot = None;
        if let Some(permit) = self.permit.take() {
            permit.settle(Verdict::Success);
        }
        if let Some(attempts) = &self.attempts {
            attempts.succeeded();
        }
        true
    }

    #[inline]
    fn is_late(&self, late: Late) -> bool {
        matches!(late, Late::Replaced) && self.tightest().is_some_and(Deadline::is_expired)
    }

    /// Goes on outwards. `late` says whether a result that comes after the deadline is replaced.
    #[cold]
    #[inline(never)]
    pub fn leave(&mut self, mut outcome: Outcome<T, E>, late: Late) -> Leave<T, E> {
        while let Some(depth) = self.depth.checked_sub(1) {
            self.depth = depth;
            match &self.stack.layers[depth] {
                Layer::Fallback(fallback) => match fallback.takes(outcome, self.stack.convert) {
                    Ok(error) => {
                        fallback::asked(Key::name(self.stack.name), self.stack.name, HANDLER);
                        match &fallback.handler {
                            Handler::Sync(handler) => outcome = Ok(self.answered(handler(error))),
                            Handler::Async(handler) => return Leave::Ask(handler(error)),
                        }
                    }
                    Err(untouched) => outcome = untouched,
                },
                Layer::Retry(retry) => {
                    let _scope = self.scope();
                    let attempts = self.attempts.get_or_insert_with(|| retry.begin(self.stack.name));
                    match retry.after(attempts, &outcome) {
                        Step::Retry(delay) => {
                            self.depth = depth + 1;
                            return Leave::Again(delay);
                        }
                        Step::Done | Step::Exhausted => self.attempts = None,
                    }
                }
                Layer::CircuitBreaker(layer) => {
                    if let Some(permit) = self.permit.take() {
                        permit.settle(layer.layer.verdict(&outcome));
                    }
                }
                Layer::RateLimit(layer) => {
                    if let Some(admission) = self.admission.take()
                        && layer.layer.counts(&outcome)
                    {
                        layer.limiter.failed(admission);
                    }
                }
                Layer::Bulkhead(_) => self.slot = None,
                Layer::Timeout(_) => {
                    if let (Some(deadline), Late::Replaced) = (self.innermost().take(), late)
                        && deadline.is_expired()
                    {
                        outcome = Err(deadline.expire());
                    }
                }
            }
        }
        Leave::Done(outcome.unwrap_or_else(|rejection| Err((self.stack.convert)(rejection))))
    }

    /// What the handler of a fallback has answered.
    fn answered(&self, answer: Result<T, E>) -> Result<T, E> {
        fallback::answered(Key::name(self.stack.name), self.stack.name, answer.is_ok(), true);
        answer
    }

    fn innermost(&mut self) -> &mut Option<Deadline> {
        if self.inner.is_some() { &mut self.inner } else { &mut self.outer }
    }

    /// The deadline that comes first; the inner one's, if both do at once.
    #[inline]
    pub(super) fn tightest(&self) -> Option<&Deadline> {
        match (&self.outer, &self.inner) {
            (Some(outer), Some(inner)) if outer.at() >= inner.at() => Some(inner),
            (outer, _) => outer.as_ref(),
        }
    }

    #[inline]
    fn scope(&self) -> Option<Scope> {
        self.tightest().copied().map(Scope::enter)
    }

    /// A timeout ran out: what is inside of it ends without a verdict, as a dropped future would.
    #[cold]
    pub fn expire(&mut self, Expired(expired): Expired) -> Error {
        while let Some(depth) = self.depth.checked_sub(1) {
            self.depth = depth;
            match &self.stack.layers[depth] {
                Layer::Fallback(_) => {}
                Layer::Retry(_) => self.attempts = None,
                Layer::CircuitBreaker(_) => self.permit = None,
                Layer::RateLimit(_) => self.admission = None,
                Layer::Bulkhead(_) => self.slot = None,
                Layer::Timeout(_) => {
                    if self.innermost().take().is_none_or(|deadline| deadline.at() == expired.at()) {
                        break;
                    }
                }
            }
        }
        expired.expire()
    }

    /// Rejects a call that has waited while the circuit around it opened.
    fn recheck(&self) -> Result<(), Error> {
        self.permit.as_ref().map_or(Ok(()), Guard::recheck)
    }

    /// Whether there is a wait before the next attempt, or other tasks are to run.
    #[inline]
    pub fn pauses(&self, delay: Duration) -> bool {
        !delay.is_zero() || self.attempts.as_ref().is_some_and(Attempts::yields)
    }

    /// The layer that the call waits for.
    fn waits_for(&self) -> Option<&'p Layer<T, E>> {
        self.stack.layers.get(self.depth)
    }
}

/// Fills what is empty: there is nothing to drop in its place, and the optimiser needn't wonder.
#[inline]
fn fill<T>(place: &mut Option<T>, value: T) {
    debug_assert!(place.is_none());
    std::mem::forget(place.replace(value));
}

/// What a timeout does with a result that comes too late.
#[derive(Clone, Copy, Debug)]
pub enum Late {
    /// An async body is dropped at its deadline, so what it answers stands.
    Stands,
    /// A sync body can't be, so its late result is replaced by the error.
    Replaced,
}

/// The steps of a sync call. They have the types of the async ones, so that one description drives both.
#[allow(clippy::missing_errors_doc, clippy::unnecessary_wraps)]
impl<T, E> Run<'_, T, E> {
    /// Waits between two attempts.
    #[track_caller]
    pub fn pause(&mut self, delay: Duration) -> Result<(), Error> {
        let _scope = self.scope();
        clock::sleep(delay);
        Ok(())
    }

    /// Waits for what a layer wants to be waited for.
    #[track_caller]
    pub fn wait(&mut self) -> Result<(), Error> {
        let _scope = self.scope();
        match self.waits_for() {
            Some(Layer::RateLimit(layer)) => {
                let admission = layer.limiter.acquire(1)?;
                self.recheck()?;
                self.admission = Some(admission);
            }
            Some(Layer::Bulkhead(bulkhead)) => {
                let slot = bulkhead.wait_slot()?;
                self.recheck()?;
                self.slot = Some(slot);
            }
            _ => return Ok(()),
        }
        self.depth += 1;
        Ok(())
    }

    /// Runs the body. Its deadline is looked at on the way out.
    #[inline]
    pub fn within(&mut self, body: impl FnOnce() -> Result<T, E>) -> Result<Result<T, E>, Expired> {
        #[cfg(feature = "testing")]
        let body = || self.stack.injected().unwrap_or_else(body);
        let Some(deadline) = self.tightest() else { return Ok(body()) };
        let _scope = Scope::enter(*deadline);
        Ok(body())
    }

    /// Is never asked for: a pipeline with an async fallback makes async calls only.
    #[cold]
    pub fn ask(&mut self, _: Answer<T, E>) -> Outcome<T, E> {
        unreachable!("`{}` has an async fallback, and no sync calls", self.stack.name)
    }
}

/// The steps of an async call.
#[cfg(feature = "tokio")]
#[allow(clippy::missing_errors_doc)]
impl<T, E> Run<'_, T, E> {
    /// Waits between two attempts.
    pub async fn pause_async(&mut self, delay: Duration) -> Result<(), Error> {
        let paused = self.bounded(clock::wait_async(delay)).await;
        paused.map_err(|expired| self.expire(expired))
    }

    /// Waits for what a layer wants to be waited for.
    pub async fn wait_async(&mut self) -> Result<(), Error> {
        match self.waits_for() {
            Some(Layer::RateLimit(layer)) => {
                let admitted = self.bounded(layer.limiter.acquire_async(1)).await;
                let admission = admitted.map_err(|expired| self.expire(expired))??;
                self.recheck()?;
                self.admission = Some(admission);
            }
            Some(Layer::Bulkhead(bulkhead)) => {
                let slot = self.bounded(bulkhead.wait_slot_async()).await;
                let slot = slot.map_err(|expired| self.expire(expired))??;
                self.recheck()?;
                self.slot = Some(slot);
            }
            _ => return Ok(()),
        }
        self.depth += 1;
        Ok(())
    }

    /// Awaits a fallback's handler.
    pub async fn ask_async(&mut self, answer: Answer<T, E>) -> Outcome<T, E> {
        let answered = self.bounded(answer).await;
        match answered {
            Ok(answer) => Ok(self.answered(answer)),
            Err(expired) => Err(self.expire(expired)),
        }
    }

    /// Runs the body until it is ready, or until a timeout runs out.
    #[inline]
    pub fn within_async<F: Future<Output = Result<T, E>>>(
        &self,
        body: F,
    ) -> impl Future<Output = Result<F::Output, Expired>> {
        #[cfg(feature = "testing")]
        let body = self.stack.attempt(body);
        self.bounded(body)
    }

    #[inline]
    fn bounded<F: Future>(&self, future: F) -> Within<'_, T, E, F> {
        Within::new(self, future)
    }
}

/// The way of one call, step by step; `$await` is empty for a sync call, and `$body` comes as tokens: while it is typed it
/// is no expression yet.
#[macro_export]
#[doc(hidden)]
macro_rules! __drive {
    ($run:ident, $late:ident, $pause:ident $wait:ident $within:ident $ask:ident, [$($body:tt)*], [$($await:tt)*]) => {{
        'call: loop {
            let mut outcome = 'attempt: {
                loop {
                    match $run.enter() {
                        $crate::__pipeline::Enter::Body => break,
                        $crate::__pipeline::Enter::Refused(rejection) => {
                            break 'attempt ::core::result::Result::Err(rejection);
                        }
                        $crate::__pipeline::Enter::Wait => {
                            if let ::core::result::Result::Err(rejection) = $run.$wait() $($await)* {
                                break 'attempt ::core::result::Result::Err(rejection);
                            }
                        }
                    }
                }
                match $run.$within($($body)*) $($await)* {
                    ::core::result::Result::Ok(::core::result::Result::Ok(value))
                        if $run.is_through($crate::__pipeline::Late::$late) =>
                    {
                        break 'call ::core::result::Result::Ok(value);
                    }
                    answered => answered.map_err(|expired| $run.expire(expired)),
                }
            };
            loop {
                match $run.leave(outcome, $crate::__pipeline::Late::$late) {
                    $crate::__pipeline::Leave::Done(result) => break 'call result,
                    $crate::__pipeline::Leave::Ask(answer) => outcome = $run.$ask(answer) $($await)*,
                    $crate::__pipeline::Leave::Again(delay) if !$run.pauses(delay) => break,
                    $crate::__pipeline::Leave::Again(delay) => match $run.$pause(delay) $($await)* {
                        ::core::result::Result::Ok(()) => break,
                        ::core::result::Result::Err(expired) => {
                            outcome = ::core::result::Result::Err(expired);
                        }
                    },
                }
            }
        }
    }};
}
