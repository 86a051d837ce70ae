//! Calls that overlap, the first success of which is the answer.

use std::ops::ControlFlow;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use tokio::time::Sleep;

use super::handle::count;
use super::policy::HedgePolicy;
use super::site::{HedgeSite, with_budget};
use crate::budget::RetryBudget;
use crate::clock::{Instant, poll_timer};
use crate::deadline;

pin_project! {
    /// A call, with further ones beside it if it takes long. Those are on the heap; a call that is over before the first
    /// of them is due makes none, and one that is ready at once makes no timer and reads no clock.
    #[must_use = "futures do nothing unless they are awaited"]
    #[project = Calls]
    pub struct Hedge<'p, M, F, J> {
        // `None`: it has failed.
        #[pin]
        first: Option<F>,
        #[pin]
        timer: Option<Sleep>,
        // In the order in which they were begun; `None`: it has failed.
        others: Vec<Option<Pin<Box<F>>>>,
        // How many others there may be, as far as that is known by now.
        most: usize,
        // When the next one is due; not known before the first call has had to wait.
        due: Option<Instant>,
        // Who is polled first the next time.
        turn: usize,
        policy: &'p HedgePolicy,
        caller: Caller,
        make: M,
        is_answer: J,
    }
}

/// Who makes the calls.
#[derive(Clone, Copy, Debug)]
pub(super) enum Caller {
    Attribute(&'static HedgeSite),
    /// Of this name.
    #[cfg_attr(not(any(feature = "testing", feature = "tracing")), allow(dead_code))] // nobody to tell
    Function(&'static str),
}

/// The calls of a site, by the settings in force. `is_answer` says which outcome ends them all: another one is the
/// answer only if nothing runs beside it any more.
#[inline]
pub fn hedge<'p, M, F, J>(
    site: &'static HedgeSite,
    policy: &'p HedgePolicy,
    make: M,
    is_answer: J,
) -> Hedge<'p, M, F, J>
where
    M: FnMut() -> F,
    F: Future,
    J: Fn(&F::Output) -> bool,
{
    Hedge::new(policy, Caller::Attribute(site), make, is_answer)
}

impl<'p, M, F, J> Hedge<'p, M, F, J>
where
    M: FnMut() -> F,
    F: Future,
    J: Fn(&F::Output) -> bool,
{
    #[inline]
    pub(super) fn new(policy: &'p HedgePolicy, caller: Caller, mut make: M, is_answer: J) -> Self {
        Self {
            first: Some(make()),
            timer: None,
            others: Vec::new(),
            most: policy.max as usize,
            due: None,
            turn: 0,
            policy,
            caller,
            make,
            is_answer,
        }
    }

    /// All calls once, and those that are due.
    #[cold]
    #[inline(never)]
    fn poll_beside(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut calls = self.project();
        if !calls.others.is_empty()
            && let Some(answer) = calls.poll_all(cx)
        {
            return Poll::Ready(answer);
        }
        while calls.is_another_due(cx) {
            calls.others.push(Some(Box::pin((calls.make)())));
            let newest = calls.others.len();
            calls.caller.has_made(newest);
            // If it has failed already, those that take long still run.
            if let ControlFlow::Break(answer) = calls.poll_one(newest, cx) {
                return Poll::Ready(answer);
            }
        }
        Poll::Pending
    }
}

impl<M, F, J> Future for Hedge<'_, M, F, J>
where
    M: FnMut() -> F,
    F: Future,
    J: Fn(&F::Output) -> bool,
{
    type Output = F::Output;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let calls = self.as_mut().project();
        // Nothing runs beside it: this is the answer, whatever it is. Calling again is a retry's business.
        if calls.others.is_empty()
            && let Some(first) = calls.first.as_pin_mut()
            && let Poll::Ready(answer) = first.poll(cx)
        {
            return Poll::Ready(answer);
        }
        self.poll_beside(cx)
    }
}

impl<M, F, J> Calls<'_, '_, M, F, J>
where
    M: FnMut() -> F,
    F: Future,
    J: Fn(&F::Output) -> bool,
{
    /// Each call, from another one on each time: one that uses up what a task may do in a turn doesn't starve the others.
    fn poll_all(&mut self, cx: &mut Context<'_>) -> Option<F::Output> {
        let (calls, start) = (self.others.len() + 1, *self.turn);
        *self.turn = (start + 1) % calls;
        let mut last = None;
        for call in (start..calls).chain(0..start) {
            match self.poll_one(call, cx) {
                ControlFlow::Break(answer) => return Some(answer),
                ControlFlow::Continue(failure) => last = failure.or(last),
            }
        }
        let is_over = self.first.is_none() && self.others.iter().all(Option::is_none);
        last.filter(|_| is_over)
    }

    /// The answer, or the failure that this call has ended in. The first call is 0.
    fn poll_one(&mut self, call: usize, cx: &mut Context<'_>) -> ControlFlow<F::Output, Option<F::Output>> {
        let polled = match call.checked_sub(1) {
            None => self.first.as_mut().as_pin_mut().map(|first| first.poll(cx)),
            Some(other) => self.others[other].as_mut().map(|other| other.as_mut().poll(cx)),
        };
        let Some(Poll::Ready(outcome)) = polled else { return ControlFlow::Continue(None) };
        if (self.is_answer)(&outcome) {
            self.caller.has_won(call);
            return ControlFlow::Break(outcome);
        }
        match call.checked_sub(1) {
            None => self.first.set(None),
            Some(other) => self.others[other] = None,
        }
        ControlFlow::Continue(Some(outcome))
    }

    /// Whether it is time for another call, and there may be one.
    fn is_another_due(&mut self, cx: &mut Context<'_>) -> bool {
        if self.others.len() >= *self.most {
            return false;
        }
        let due = if let Some(due) = *self.due {
            due
        } else {
            let due = Instant::now().after(self.policy.after);
            // It would be cut short before it has begun.
            if deadline::deadline().is_some_and(|deadline| deadline.at() <= due) {
                *self.most = self.others.len();
                return false;
            }
            *self.due.insert(due)
        };
        if !self.policy.after.is_zero() && poll_timer(self.timer.as_mut(), due, cx).is_pending() {
            return false;
        }
        self.timer.set(None);
        *self.due = None;
        let is_paid = self.caller.withdraw(self.policy);
        if !is_paid {
            *self.most = self.others.len();
        }
        is_paid
    }
}

impl Caller {
    fn withdraw(self, policy: &HedgePolicy) -> bool {
        let budget = match self {
            Self::Attribute(site) => site.budget(),
            Self::Function(_) => None,
        };
        let is_paid = with_budget(policy, budget, RetryBudget::try_withdraw) != Some(false);
        if !is_paid && let Self::Attribute(site) = self {
            count(site, |metrics| metrics.refused += 1);
        }
        is_paid
    }

    /// A further call is about to begin.
    #[cfg_attr(not(any(feature = "testing", feature = "tracing")), allow(unused_variables))] // nobody to tell
    fn has_made(self, call: usize) {
        #[cfg(feature = "testing")]
        crate::testing::hedged(self.function(), call + 1);
        #[cfg(feature = "tracing")]
        tracing::debug!(target: "resilience", function = self.function(), call = call + 1, "hedged");
        if let Self::Attribute(site) = self {
            count(site, |metrics| metrics.made += 1);
        }
    }

    /// Of several calls this one gave the answer.
    fn has_won(self, call: usize) {
        #[cfg(feature = "testing")]
        crate::testing::won(self.function(), call + 1);
        #[cfg(feature = "tracing")]
        tracing::debug!(target: "resilience", function = self.function(), call = call + 1, "hedged call answered");
        if let Self::Attribute(site) = self
            && call > 0
        {
            count(site, |metrics| metrics.won += 1);
        }
    }

    /// The function, or what is called by hand.
    #[cfg(any(feature = "testing", feature = "tracing"))]
    const fn function(self) -> &'static str {
        match self {
            Self::Attribute(site) => site.function(),
            Self::Function(name) => name,
        }
    }
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
