//! Telling listeners what happened: outside of every lock, and without harm from what they do.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError};

use crate::report;
use crate::sync::{Mutex, MutexGuard};

/// One who listens, to whatever kind of event: so that the lists of them are all of one type.
pub(crate) type Listener = Arc<dyn Fn(&dyn Any) + Send + Sync>;

/// One who listens to events of this kind.
pub(crate) fn erased<E: 'static>(listen: impl Fn(&E) + Send + Sync + 'static) -> Listener {
    Arc::new(move |event| {
        if let Some(event) = event.downcast_ref() {
            listen(event);
        }
    })
}

/// Those who listen.
#[derive(Default)]
pub(crate) struct Listeners {
    list: Mutex<Vec<(u64, Listener)>>,
}

impl Listeners {
    /// Adds a listener; the number takes it away again.
    pub(crate) fn add(&self, listener: Listener) -> u64 {
        let mut list = self.lock();
        let number = list.last().map_or(0, |(number, _)| number + 1);
        list.push((number, listener));
        number
    }

    pub(crate) fn remove(&self, number: u64) {
        // Dropped after the lock is free: what it holds may do anything when it goes.
        let mut list = self.lock();
        let removed = list.iter().position(|(other, _)| *other == number).map(|place| list.remove(place));
        drop(list);
        drop(removed);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    pub(crate) fn tell(&self, event: &dyn Any) {
        // A copy, so that a listener may subscribe and unsubscribe, itself included.
        let listeners: Vec<_> = self.lock().iter().map(|(_, listener)| Arc::clone(listener)).collect();
        for listener in listeners {
            protect("a listener", || listener(event));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(u64, Listener)>> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Listeners {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listeners").field("count", &self.lock().len()).finish()
    }
}

/// Runs a user's code that must not change what happens around it. A panic is reported and goes no further.
pub(crate) fn protect(who: &str, code: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(code)).is_err() {
        // The panic's own message has been printed by the panic hook.
        report::warn(format_args!("{who} panicked; the call goes on"));
    }
}

/// A listener's subscription, which ends when this is dropped.
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
pub struct Subscription(Option<Box<dyn FnOnce() + Send + Sync>>);

impl Subscription {
    pub(crate) fn new(end: impl FnOnce() + Send + Sync + 'static) -> Self {
        Self(Some(Box::new(end)))
    }

    /// Keeps listening for as long as the policy lives.
    pub fn detach(mut self) {
        self.0 = None;
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(end) = self.0.take() {
            end();
        }
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subscription")
    }
}
