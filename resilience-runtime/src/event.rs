//! Events: each listener gets them in the order in which they happened, outside of every lock, and its panics change
//! nothing.
//!
//! An event that a lock orders is queued for its listeners while that lock is held, and before other threads see what
//! it is about: so what follows from it is queued behind it. It is delivered once the lock is free.

mod program;
mod queue;
#[cfg(feature = "tracing")]
mod trace;

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError};

pub use self::program::Event;
use self::queue::Queue;
use crate::report;
#[cfg(feature = "tracing")]
use crate::sync::OnceLock;
use crate::sync::{Mutex, MutexGuard, StaticOnceLock};

/// How many events wait for a listener that takes long. Enough for a burst, and a bound on memory.
const MOST_WAITING: usize = 1024;

/// An event of whatever kind, for several listeners.
type Shared = Arc<dyn Any + Send + Sync>;

/// Code that gets events of whatever kind, so that all lists of listeners are of one type.
pub(crate) type Listen = Box<dyn Fn(&dyn Any) + Send + Sync>;

/// Code that gets events of this kind.
pub(crate) fn erased<E: 'static>(listen: impl Fn(&E) + Send + Sync + 'static) -> Listen {
    Box::new(move |event| {
        if let Some(event) = event.downcast_ref() {
            listen(event);
        }
    })
}

/// A listener with the events that wait for it.
pub(crate) struct Listening {
    listen: Listen,
    queue: Queue<Shared>,
}

impl Listening {
    fn new(listen: Listen) -> Self {
        Self { listen, queue: Queue::new() }
    }

    /// Hands out what waits, unless another thread does so already.
    fn deliver(&self) {
        self.queue.drain(|event| protect("a listener", || (self.listen)(&*event)));
    }
}

/// The listeners of one source of events.
#[derive(Default)]
pub(crate) struct Listeners {
    list: Mutex<Vec<Arc<Listening>>>,
    #[cfg(feature = "tracing")]
    tracing: OnceLock<Arc<Listening>>,
}

impl Listeners {
    pub(crate) fn add(&self, listen: Listen) -> Arc<Listening> {
        let listening = Arc::new(Listening::new(listen));
        self.lock().push(Arc::clone(&listening));
        listening
    }

    /// Ends a listener: it gets nothing more, what waits for it included.
    pub(crate) fn remove(&self, listening: &Arc<Listening>) {
        // Dropped after the lock is free: what a listener holds may do anything when it is dropped.
        let mut list = self.lock();
        let place = list.iter().position(|other| Arc::ptr_eq(other, listening));
        let removed = place.map(|place| list.remove(place));
        drop(list);
        drop(removed);
        listening.queue.close();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arc<Listening>>> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Listeners {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listeners").field("count", &self.lock().len()).finish()
    }
}

/// Events that wait in their listeners' queues, until the lock that orders them is free.
#[derive(Default)]
#[must_use = "events are delivered by `deliver`, once the lock that orders them is free"]
pub(crate) struct Emission {
    // With what a full queue has dropped: that may hold foreign code.
    to: Vec<(Arc<Listening>, Option<Shared>)>,
}

impl Emission {
    /// Queues an event for the listeners of one instance.
    pub(crate) fn queue(&mut self, listeners: &Listeners, event: impl Any + Send + Sync) {
        self.queue_shared(listeners, &(Arc::new(event) as _));
    }

    /// Queues a change of an instance for the listeners of the program, and for `tracing`, which gets the changes of an
    /// instance in order as well.
    #[cfg_attr(not(feature = "tracing"), allow(unused_variables))]
    pub(crate) fn queue_change<'l>(&mut self, listeners: impl FnOnce() -> &'l Listeners, event: Event) {
        #[cfg(feature = "tracing")]
        if let Some(change) = trace::change(&event) {
            self.push(listeners().tracing.get_or_init(|| Arc::new(trace::listening())), change);
        }
        self.queue_for_program(event);
    }

    fn queue_for_program(&mut self, event: Event) {
        #[cfg(feature = "testing")]
        crate::testing::recorded(&event);
        if is_listened_to() {
            let event = Arc::new(event) as _;
            with_program(|listeners| self.queue_shared(listeners, &event));
        }
    }

    fn queue_shared(&mut self, listeners: &Listeners, event: &Shared) {
        for listening in &*listeners.lock() {
            self.push(listening, Arc::clone(event));
        }
    }

    fn push(&mut self, listening: &Arc<Listening>, event: Shared) {
        let dropped = listening.queue.push(event, MOST_WAITING);
        self.to.push((Arc::clone(listening), dropped));
    }

    /// Hands out what was queued. No lock is held.
    #[inline]
    pub(crate) fn deliver(self) {
        if !self.to.is_empty() {
            self.deliver_all();
        }
    }

    #[cold]
    #[inline(never)]
    fn deliver_all(self) {
        for (listening, dropped) in self.to {
            drop(dropped);
            listening.deliver();
        }
    }
}

/// How many subscriptions to the program's events there are, those of isolated tests included. Not one of the race
/// checker's: it orders nothing.
static LISTENED_TO: AtomicUsize = AtomicUsize::new(0);

#[inline]
fn is_listened_to() -> bool {
    LISTENED_TO.load(Ordering::Relaxed) > 0
}

/// Whether an event that isn't about an instance would reach anything.
#[inline]
pub(crate) fn is_heard() -> bool {
    #[cfg(feature = "tracing")]
    if trace::is_on() {
        return true;
    }
    #[cfg(feature = "testing")]
    if crate::testing::is_recorded() {
        return true;
    }
    is_listened_to()
}

/// Emits an event that no lock orders.
#[inline]
pub(crate) fn emit(event: impl FnOnce() -> Event) {
    if is_heard() {
        emit_heard(event);
    }
}

#[cold]
#[inline(never)]
fn emit_heard(event: impl FnOnce() -> Event) {
    let (event, mut emission) = (event(), Emission::default());
    #[cfg(feature = "tracing")]
    protect("a subscriber of `tracing`", || trace::record(&event));
    emission.queue_for_program(event);
    emission.deliver();
}

/// Runs with the listeners of the program, or of the isolated test.
fn with_program<T>(run: impl FnOnce(&Listeners) -> T) -> T {
    static PROGRAM: StaticOnceLock<Listeners> = StaticOnceLock::new();
    #[cfg(feature = "testing")]
    if let Some(registry) = crate::testing::registry() {
        return run(&registry.listeners);
    }
    run(PROGRAM.get_or_init(Listeners::default))
}

/// Listens to the events of all policies in the program, until the subscription is dropped.
///
/// Transitions of circuit breakers, rejections, retries, hedges, fallbacks and changes of rates and sizes are events;
/// see [`Event`]. Successful calls are not: listening costs nothing on the happy path.
///
/// A listener gets events in the order in which they happened, one at a time. It runs on the thread of a call, outside
/// of every lock, and may use every policy, subscribe and unsubscribe. A thread that emits an event while another one
/// runs the listener leaves the event to that thread and goes on. So does a listener whose own calls emit events: it
/// gets them after it has returned. Up to 1,024 events wait for a listener that takes long; the oldest ones are dropped
/// beyond that, which [`Subscription::lost`] counts. A panic of the listener is reported and changes nothing.
///
/// In a test that is `isolated` by the test kit it gets the events of that test, and no other listener gets those.
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use resilience::{CircuitBreaker, CircuitBreakerPolicy, CircuitState, Event};
///
/// let opened = Arc::new(AtomicU64::new(0));
/// let count = Arc::clone(&opened);
/// let subscription = resilience::subscribe(move |event| {
///     if let Event::StateChanged { change, .. } = event
///         && change.to == CircuitState::Open
///     {
///         count.fetch_add(1, Ordering::Relaxed);
///     }
/// });
/// CircuitBreaker::new("subscribe example", CircuitBreakerPolicy::new())?.force_open();
/// assert!(opened.load(Ordering::Relaxed) >= 1);
/// drop(subscription); // or `subscription.detach()`, to listen for as long as the program runs
/// # Ok::<(), resilience::ConfigError>(())
/// ```
pub fn subscribe(listener: impl Fn(&Event) + Send + Sync + 'static) -> Subscription {
    let listening = with_program(|listeners| listeners.add(erased(listener)));
    LISTENED_TO.fetch_add(1, Ordering::Relaxed);
    #[cfg(feature = "testing")]
    let isolated = crate::testing::registry();
    Subscription::new(listening, move |listening| {
        LISTENED_TO.fetch_sub(1, Ordering::Relaxed);
        #[cfg(feature = "testing")]
        if let Some(registry) = isolated {
            return registry.listeners.remove(listening);
        }
        with_program(|listeners| listeners.remove(listening));
    })
}

/// Runs a user's code that must not change what happens around it. A panic is reported and goes no further.
pub(crate) fn protect(what: &str, code: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(code)).is_err() {
        // The panic's own message has been printed by the panic hook. What reports it is foreign code as well.
        let report = || report::warn(format_args!("{what} panicked; the call goes on"));
        drop(catch_unwind(AssertUnwindSafe(report)));
    }
}

/// A listener's subscription, which ends when this is dropped.
///
/// The listener gets nothing more from then on, events included that were waiting for it. Only a call of it that is
/// under way on another thread goes on.
///
/// ```
/// use std::sync::atomic::{AtomicU32, Ordering};
/// use std::sync::Arc;
/// use resilience::{CircuitBreaker, CircuitBreakerEvent, CircuitBreakerPolicy};
///
/// let breaker = CircuitBreaker::new("quotes", CircuitBreakerPolicy::new())?;
/// let changes = Arc::new(AtomicU32::new(0));
/// let counted = Arc::clone(&changes);
/// let subscription = breaker.subscribe(move |event| {
///     if let CircuitBreakerEvent::StateChanged { .. } = event {
///         counted.fetch_add(1, Ordering::Relaxed);
///     }
/// });
/// breaker.force_open();
/// drop(subscription);
/// breaker.reset();
/// assert_eq!(changes.load(Ordering::Relaxed), 1);
/// # Ok::<(), resilience::ConfigError>(())
/// ```
#[must_use = "the subscription ends as soon as this is dropped; `detach` keeps it"]
pub struct Subscription {
    listening: Arc<Listening>,
    end: Option<End>,
}

type End = Box<dyn FnOnce(&Arc<Listening>) + Send + Sync>;

impl Subscription {
    pub(crate) fn new(
        listening: Arc<Listening>,
        end: impl FnOnce(&Arc<Listening>) + Send + Sync + 'static,
    ) -> Self {
        Self { listening, end: Some(Box::new(end)) }
    }

    /// Keeps listening for as long as the policy lives.
    pub fn detach(mut self) {
        self.end = None;
    }

    /// Returns how many events the listener didn't get because it takes too long: at most 1,024 wait for it, and the
    /// oldest ones are dropped beyond that.
    pub fn lost(&self) -> u64 {
        self.listening.queue.lost()
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(end) = self.end.take() {
            end(&self.listening);
        }
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subscription")
    }
}
