//! Calls that overlap, the first success of which is the answer.

use std::ops::ControlFlow;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::policy::HedgePolicy;
use crate::budget::{NamedBudget, RetryBudget};
use crate::clock::{Alarm, Instant};
use crate::deadline;
use crate::event::{self, Event};
use crate::figures::{self, Key};

pin_project! {
    /// A call, with further ones beside it if it takes long. Those are on the heap; a call that is over before the first
    /// of them is due makes none, and one that is ready at once makes no timer and reads no clock.
    #[must_use = "futures do nothing unless they are awaited"]
    #[project = Calls]
    pub struct Hedge<'p, M, F, J, C> {
        #[pin]
        first: F,
        #[pin]
        alarm: Alarm,
        // `None` before the first of them is due: every word counts that the happy path carries around.
        others: Option<Box<Others<F>>>,
        // When the next one is due, which is not known before the first call has had to wait; never, if there is none.
        due: Option<Instant>,
        policy: &'p HedgePolicy,
        caller: C,
        make: M,
        is_answer: J,
    }
}

/// What runs beside the first call.
struct Others<F> {
    // In the order in which they were begun; `None`: it has failed.
    calls: Vec<Option<Pin<Box<F>>>>,
    // It is not polled again, and has nothing any more that would have to be dropped.
    first_has_failed: bool,
    // Who is polled first the next time.
    turn: usize,
}

impl<F> Others<F> {
    const fn new() -> Self {
        Self { calls: Vec::new(), first_has_failed: false, turn: 0 }
    }

    fn is_any_under_way(&self) -> bool {
        !self.first_has_failed || self.calls.iter().any(Option::is_some)
    }
}

/// Who makes the calls.
pub trait Caller: Copy {
    /// The function, or what is called by hand.
    fn function(self) -> &'static str;

    /// Runs with the budget that the settings name.
    fn with_budget<T>(self, budget: NamedBudget, run: impl FnOnce(&RetryBudget) -> T) -> T {
        budget.with(run)
    }

    /// What its hedges are counted by.
    fn key(self) -> Key {
        Key::name(self.function())
    }
}

/// Of the name that this finds, where one is needed.
impl Caller for fn() -> &'static str {
    fn function(self) -> &'static str {
        self()
    }
}

/// Of this name.
impl Caller for &'static str {
    fn function(self) -> &'static str {
        self
    }
}

/// The calls of a site, by the settings in force. `is_answer` says which outcome ends them all: another one is the
/// answer only if nothing runs beside it any more.
#[inline(always)]
pub fn hedge<M, F, J, C>(caller: C, policy: &HedgePolicy, mut make: M, is_answer: J) -> Hedge<'_, M, F, J, C>
where
    // The compiler shows the next line to whoever has a call consume an argument.
    M: FnMut() -> F, // several calls may be made: `#[hedge(.., clone(argument))]` gives each its own
    F: Future,
    J: Fn(&F::Output) -> bool,
    C: Caller,
{
    Hedge { first: make(), alarm: Alarm::new(), others: None, due: None, policy, caller, make, is_answer }
}

impl<M, F, J, C> Future for Hedge<'_, M, F, J, C>
where
    M: FnMut() -> F,
    F: Future,
    J: Fn(&F::Output) -> bool,
    C: Caller,
{
    type Output = F::Output;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let calls = self.as_mut().project();
        // Nothing runs beside it: this is the answer, whatever it is. Calling again is a retry's business.
        if calls.others.is_none()
            && let Poll::Ready(answer) = calls.first.poll(cx)
        {
            return Poll::Ready(answer);
        }
        self.poll_beside(cx)
    }
}

impl<M, F, J, C> Hedge<'_, M, F, J, C>
where
    M: FnMut() -> F,
    F: Future,
    J: Fn(&F::Output) -> bool,
    C: Caller,
{
    /// All calls once, and those that are due.
    #[cold]
    #[inline(never)]
    fn poll_beside(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut calls = self.project();
        if let Some(answer) = calls.poll_all(cx) {
            return Poll::Ready(answer);
        }
        while calls.is_another_due(cx) {
            // If it fails at once, those that take long still run.
            if let ControlFlow::Break(answer) = calls.begin_another(cx) {
                return Poll::Ready(answer);
            }
        }
        Poll::Pending
    }
}

impl<M, F, J, C> Calls<'_, '_, M, F, J, C>
where
    M: FnMut() -> F,
    F: Future,
    J: Fn(&F::Output) -> bool,
    C: Caller,
{
    /// Each call, from another one on each time: one that uses up what a task may do in a turn doesn't starve the others.
    fn poll_all(&mut self, cx: &mut Context<'_>) -> Option<F::Output> {
        // Alone it was polled already.
        let others = self.others.as_mut()?;
        let (calls, start) = (others.calls.len() + 1, others.turn);
        others.turn = (start + 1) % calls;
        let mut last = None;
        for call in (start..calls).chain(0..start) {
            match self.poll_one(call, cx) {
                ControlFlow::Break(answer) => return Some(answer),
                ControlFlow::Continue(failure) => last = failure.or(last),
            }
        }
        last.filter(|_| !self.others.as_ref().is_some_and(|others| others.is_any_under_way()))
    }

    /// The answer, or the failure that this call has ended in. The first call is 0.
    fn poll_one(&mut self, call: usize, cx: &mut Context<'_>) -> ControlFlow<F::Output, Option<F::Output>> {
        let Some(others) = self.others else { return ControlFlow::Continue(None) };
        let polled = match call.checked_sub(1) {
            None if others.first_has_failed => return ControlFlow::Continue(None),
            None => self.first.as_mut().poll(cx),
            Some(other) => match &mut others.calls[other] {
                None => return ControlFlow::Continue(None),
                Some(other) => other.as_mut().poll(cx),
            },
        };
        let Poll::Ready(outcome) = polled else { return ControlFlow::Continue(None) };
        if (self.is_answer)(&outcome) {
            has_won(*self.caller, call);
            return ControlFlow::Break(outcome);
        }
        match call.checked_sub(1) {
            None => others.first_has_failed = true,
            Some(other) => others.calls[other] = None,
        }
        ControlFlow::Continue(Some(outcome))
    }

    /// One call more, which is polled at once.
    fn begin_another(&mut self, cx: &mut Context<'_>) -> ControlFlow<F::Output, Option<F::Output>> {
        let others = self.others.get_or_insert_with(|| Box::new(Others::new()));
        others.calls.push(Some(Box::pin((self.make)())));
        let newest = others.calls.len();
        has_made(*self.caller, newest);
        self.poll_one(newest, cx)
    }

    /// Whether it is time for another call, and there may be one.
    fn is_another_due(&mut self, cx: &mut Context<'_>) -> bool {
        let due = match *self.due {
            Some(due) => due,
            None => *self.due.insert(self.next_due()),
        };
        let waits = !self.policy.settings.after.is_zero();
        if due == Instant::NEVER || waits && self.alarm.as_mut().poll(due, cx).is_pending() {
            return false;
        }
        self.alarm.as_mut().reset();
        let is_paid = is_paid(*self.caller, self.policy);
        *self.due = (!is_paid).then_some(Instant::NEVER);
        is_paid
    }

    fn next_due(&self) -> Instant {
        let made = self.others.as_ref().map_or(0, |others| others.calls.len());
        if made >= self.policy.settings.max as usize {
            return Instant::NEVER;
        }
        let due = Instant::now().after(self.policy.settings.after);
        // It would be cut short before it has begun.
        let is_too_late = deadline::deadline().is_some_and(|deadline| deadline.at() <= due);
        if is_too_late { Instant::NEVER } else { due }
    }
}

/// The budget pays for a further call, if there is one.
fn is_paid(caller: impl Caller, policy: &HedgePolicy) -> bool {
    let is_paid =
        policy.settings.budget.is_none_or(|budget| caller.with_budget(budget, RetryBudget::try_withdraw));
    if !is_paid {
        figures::count(caller.key(), |counts| counts.hedges.refused.increment());
        event::emit(|| Event::HedgeRejected { function: caller.function() });
    }
    is_paid
}

/// A further call is about to begin.
fn has_made(caller: impl Caller, call: usize) {
    figures::count(caller.key(), |counts| counts.hedges.made.increment());
    event::emit(|| Event::Hedged { function: caller.function(), call: call + 1 });
}

/// Of several calls this one gave the answer.
fn has_won(caller: impl Caller, call: usize) {
    if call > 0 {
        figures::count(caller.key(), |counts| counts.hedges.won.increment());
    }
    event::emit(|| Event::HedgeWon { function: caller.function(), call: call + 1 });
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::task::Waker;
    use std::time::Duration;

    use super::*;

    const AT_ONCE: HedgePolicy = HedgePolicy::new(Duration::ZERO).max(2);

    /// Polls so often, outside of any runtime: a timer can't be made there.
    fn polled<T>(polls: usize, future: impl Future<Output = T>) -> Poll<T> {
        let mut future = std::pin::pin!(future);
        let mut polled = Poll::Pending;
        for _ in 0..polls {
            assert!(polled.is_pending());
            polled = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        }
        polled
    }

    #[test]
    fn what_is_ready_at_once_makes_no_timer() {
        let policy = HedgePolicy::new(Duration::from_secs(1));
        assert_eq!(polled(1, policy.call_async(async || Ok::<_, ()>(1))), Poll::Ready(Ok(1)));
        assert_eq!(polled(1, policy.call_async(async || Err::<(), _>(2))), Poll::Ready(Err(2)));
    }

    #[test]
    fn at_once_is_without_a_timer_and_beside_what_has_to_wait() {
        let calls = RefCell::new(0);
        let call = async || {
            *calls.borrow_mut() += 1;
            if *calls.borrow() < 3 { std::future::pending().await } else { Ok::<_, ()>(3) }
        };
        assert_eq!(polled(1, AT_ONCE.call_async(call)), Poll::Ready(Ok(3)));
        assert_eq!(polled(1, AT_ONCE.max(10).call_async(async || Ok::<_, ()>(1))), Poll::Ready(Ok(1)));
    }

    #[test]
    fn the_calls_take_turns_at_being_polled_first() {
        let (begun, log) = (RefCell::new(0), RefCell::new(Vec::new()));
        let call = async || {
            let number = begun.replace_with(|begun| *begun + 1);
            std::future::poll_fn(|_| {
                log.borrow_mut().push(number);
                Poll::<Result<(), ()>>::Pending
            })
            .await
        };
        assert!(polled(5, AT_ONCE.call_async(call)).is_pending());
        assert_eq!(*log.borrow(), [[0, 1, 2], [0, 1, 2], [1, 2, 0], [2, 0, 1], [0, 1, 2]].concat());
    }

    #[test]
    fn who_has_failed_is_polled_no_more_and_the_last_failure_comes_out() {
        let (begun, log) = (RefCell::new(0), RefCell::new(Vec::new()));
        let call = async || {
            let number = begun.replace_with(|begun| *begun + 1);
            let mut polls = 0;
            std::future::poll_fn(|_| {
                log.borrow_mut().push(number);
                polls += 1;
                // The first takes two polls, the third one, the second three.
                let needed = [2, 3, 1][number];
                if polls < needed { Poll::Pending } else { Poll::Ready(Err::<(), _>(number)) }
            })
            .await
        };
        assert_eq!(polled(3, AT_ONCE.call_async(call)), Poll::Ready(Err(1)));
        assert_eq!(*log.borrow(), [[0, 1, 2].as_slice(), &[0, 1], &[1]].concat());
    }
}
