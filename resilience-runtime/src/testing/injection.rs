//! Failures and delays in the place of a body, or before it.

use std::any::{Any, type_name};
use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use super::kit::{InPlace, parts};
use super::recorder;
use super::sites::{SiteOrName, Spot};

/// Makes the next calls of a function fail, or take time, and counts them.
///
/// The function is named as `module::function`, by as much of the end of that as no other function shares, by the name
/// of one of its policies (and then all functions that share it are meant), or given as a [`Site`](crate::Site) of the
/// catalogue. A [`Pipeline`](crate::Pipeline) that exists is named by its name.
///
/// What is asked for happens in the order in which it is asked for: `.fail(2, ..).delay(1, ..)` makes two calls fail,
/// and the third take time; the ones after that go through. It happens where the body runs, inside of all policies: a
/// call that a policy refuses gets there as little as it gets to the body, and each attempt of a retry is a call.
/// Where two faults are injected into one function, the later one comes first.
///
/// It holds until the guard is dropped, for this thread, for the detached bodies that start from here, and for what is
/// [carried](super::carry) from here.
///
/// # Panics
/// If there is no such function or pipeline, or if part of a path means several.
///
/// ```
/// use resilience::{retry, testing};
///
/// #[retry(max_attempts = 3, base_delay = "0s")]
/// fn list_price() -> Result<u32, String> {
///     Ok(101)
/// }
///
/// let fault = testing::inject("list_price").fail(2, || "the exchange is down".to_owned());
/// assert_eq!(list_price(), Ok(101));
/// fault.assert_calls(3);
/// ```
#[track_caller]
pub fn inject(at: impl SiteOrName) -> Fault {
    let fault = Fault(InPlace::new(Plan {
        spots: at.spots(),
        steps: Mutex::default(),
        calls: AtomicU32::new(0),
        calls_elsewhere: AtomicU32::new(0),
    }));
    let mut plans = all_plans();
    plans.retain(|plan| plan.strong_count() > 0);
    plans.push(Arc::downgrade(&fault.0.part));
    fault
}

/// What is injected into a function; see [`inject`].
#[derive(Debug)]
#[must_use = "nothing is injected any more as soon as this is dropped"]
pub struct Fault(InPlace<Plan>);

impl Fault {
    /// Makes the next `calls` fail: the body doesn't run, and its result is this error. `u32::MAX` is all of them.
    ///
    /// The error must be of the function's own type; for an `Option` it is `()`, which stands for `None`. A type that
    /// it isn't is told by a panic of the call, because nothing earlier knows both. A function whose error is a type
    /// parameter can't be made to fail, only to take time.
    pub fn fail<E: 'static>(self, calls: u32, error: impl Fn() -> E + Send + Sync + 'static) -> Self {
        let make: Make<E> = Box::new(error);
        self.then(calls, Effect::Fail(Failure { make: Arc::new(make), error: type_name::<E>() }))
    }

    /// Makes the next `calls` take time before the body runs. A timeout around it counts the time.
    pub fn delay(self, calls: u32, delay: Duration) -> Self {
        self.then(calls, Effect::Delay(delay))
    }

    /// Lets the next `calls` go through as they are.
    pub fn pass(self, calls: u32) -> Self {
        self.then(calls, Effect::Pass)
    }

    /// How often the function's body was called since: attempts that failed by injection are among them, and calls
    /// that a policy refused are not.
    pub fn calls(&self) -> u32 {
        self.0.part.calls.load(Ordering::SeqCst)
    }

    /// Asserts that the function's body was called this number of times.
    ///
    /// # Panics
    /// If it wasn't. The message counts calls outside of the fault's scope too: those of spawned tasks and of other
    /// threads, which only [`carry`](super::carry) brings into it.
    #[track_caller]
    pub fn assert_calls(&self, expected: u32) {
        let calls = self.calls();
        let functions: Vec<_> = self.0.part.spots.iter().map(Spot::name).collect();
        let elsewhere = match self.0.part.calls_elsewhere.load(Ordering::SeqCst) {
            0 => String::new(),
            number => format!(
                "; {number} more ran outside of this fault's scope, on another thread or in a task that was spawned: \
                 spawn `testing::carry(task)`, or `testing::carry_fn(closure)` on a thread"
            ),
        };
        assert!(calls == expected, "{}: {calls} calls, expected {expected}{elsewhere}", functions.join(", "));
    }

    fn then(self, left: u32, effect: Effect) -> Self {
        self.0.part.steps.lock().unwrap_or_else(PoisonError::into_inner).push_back(Step { left, effect });
        self
    }
}

/// What is to happen to the calls of some functions.
#[derive(Debug)]
pub(crate) struct Plan {
    spots: Vec<Spot>,
    steps: Mutex<VecDeque<Step>>,
    calls: AtomicU32,
    /// Where this plan wasn't in place.
    calls_elsewhere: AtomicU32,
}

/// The plans of all threads and tasks, to tell calls that none of them reaches.
fn all_plans() -> MutexGuard<'static, Vec<Weak<Plan>>> {
    static PLANS: Mutex<Vec<Weak<Plan>>> = Mutex::new(Vec::new());
    PLANS.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Debug)]
struct Step {
    left: u32,
    effect: Effect,
}

/// What happens to one call.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Nothing.
    Pass,
    /// It takes time.
    Delay(Duration),
    /// It fails.
    Fail(Failure),
}

impl Plan {
    fn next(&self) -> Option<Effect> {
        let mut steps = self.steps.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let step = steps.front_mut()?;
            if step.left > 0 {
                step.left -= u32::from(step.left < u32::MAX);
                return Some(step.effect.clone());
            }
            steps.pop_front();
        }
    }
}

/// A call of a body begins.
pub(super) fn begin(spot: Spot) -> Effect {
    recorder::attempted(spot.name());
    let mut effect = None;
    let here = parts::<Plan>();
    for plan in &here {
        if plan.spots.contains(&spot) {
            plan.calls.fetch_add(1, Ordering::SeqCst);
            effect = effect.or_else(|| plan.next());
        }
    }
    for plan in all_plans().iter().filter_map(Weak::upgrade) {
        if plan.spots.contains(&spot) && !here.iter().any(|other| Arc::ptr_eq(other, &plan)) {
            plan.calls_elsewhere.fetch_add(1, Ordering::SeqCst);
        }
    }
    effect.unwrap_or(Effect::Pass)
}

type Make<E> = Box<dyn Fn() -> E + Send + Sync>;

/// An error that a test makes.
#[derive(Clone)]
pub struct Failure {
    make: Arc<dyn Any + Send + Sync>,
    error: &'static str,
}

impl Failure {
    pub(crate) fn error<E: 'static>(&self, spot: Spot) -> E {
        let Some(make) = self.make.downcast_ref::<Make<E>>() else {
            let (function, made, own) = (spot.name(), self.error, type_name::<E>());
            let option = if own == "()" { "; `None` is injected as `()`" } else { "" };
            panic!("`{made}` was injected into `{function}`, whose errors are of the type `{own}`{option}");
        };
        make()
    }

    pub(super) fn fits_nowhere<R>(&self, spot: Spot) -> R {
        panic!(
            "`{}` was injected into `{}`, which can't be made to fail: it returns `{}`, and that is neither an \
             `Option` nor a `Result` whose type of error is known where the function is written",
            self.error,
            spot.name(),
            type_name::<R>(),
        )
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Failure").field(&self.error).finish()
    }
}
