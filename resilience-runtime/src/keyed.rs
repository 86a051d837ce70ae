//! One instance for each key, in a bounded number.
//!
//! A look-up reads a lock-free map. An unknown key takes a lock, looks at a few of the keys that have been there
//! longest, and evicts those that are unused and have nothing to remember: the second-chance algorithm (Fernando
//! Corbató, "A Paging Experiment with the Multics System", 1968). A key that has been unused for `idle` forgets its
//! failures too.

mod family;

use std::any::Any;
use std::borrow::Borrow;
use std::collections::VecDeque;
use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

pub use self::family::Family;
use crate::clock::Instant;
use crate::key::Overflow;
use crate::last_use::LastUse;
use crate::name::Name;
use crate::registry::Instance;
use crate::sync::{LockFreeMap, Mutex, MutexGuard, OnceLock, RwLock};

/// How many old keys a new one looks at: more than one, so that keys go faster than they come.
const LOOKED_AT: usize = 4;

/// The number of keys, the time for which one may be unused, and what happens where a new one has no room.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    pub(crate) max_keys: usize,
    pub(crate) idle: Duration,
    pub(crate) overflow: Overflow,
}

/// What an attribute says about the keys of its name; what it doesn't say, another one of the name may.
#[derive(Clone, Copy, Debug)]
pub struct KeySettings {
    pub(crate) max_keys: Option<usize>,
    pub(crate) idle: Option<Duration>,
    pub(crate) overflow: Option<Overflow>,
}

/// What a key can be. It is looked up in borrowed form, `&str` for a `String`, without allocating.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be a key",
    note = "a key is `Hash + Eq + Clone + Display + Send + Sync + 'static`, or a reference to that",
    note = "on a type of your own: `#[derive(PartialEq, Eq, Hash, Clone)]`, and an `impl Display`, by which errors and \
            metrics name the key",
    note = "or make a key of it: `key = host.to_string()`"
)]
pub trait Key: Hash + Eq + ToOwned<Owned: Owned + Borrow<Self>> + fmt::Display {}

impl<Q: ?Sized + Hash + Eq + ToOwned<Owned: Owned + Borrow<Q>> + fmt::Display> Key for Q {}

/// What is kept of a key.
pub trait Owned: Hash + Eq + Clone + Send + Sync + 'static {}

impl<K: Hash + Eq + Clone + Send + Sync + 'static> Owned for K {}

/// The part of a name's tables that doesn't depend on the type of the keys.
pub(crate) struct Common<I> {
    name: &'static str,
    bounds: Bounds,
    /// An instance with the settings of new keys. No call goes through it.
    pattern: RwLock<I>,
    /// The instance of all keys that there is no room for.
    others: OnceLock<I>,
}

impl<I: Instance> Common<I> {
    pub(crate) fn new(name: &'static str, policy: I::Policy, bounds: Bounds) -> Self {
        let pattern = RwLock::new(I::make(Name::from_static(name), policy));
        Self { name, bounds, pattern, others: OnceLock::new() }
    }

    fn pattern(&self) -> I {
        self.pattern.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replaces the settings of new keys.
    fn set_policy(&self, policy: I::Policy) {
        // A new pattern: a reconfigured one would emit events under the family's name.
        let pattern = I::make(Name::from_static(self.name), policy);
        *self.pattern.write().unwrap_or_else(PoisonError::into_inner) = pattern;
    }

    /// Returns the instance of all keys that there is no room for.
    fn for_other_keys(&self, make: impl FnOnce(Name) -> I) -> I {
        self.others.get_or_init(|| make(Name::from(format!("{}[other keys]", self.name)))).clone()
    }
}

/// The instances of one name whose keys are of one type.
pub(crate) struct Keyed<K, I: Instance> {
    common: Arc<Common<I>>,
    entries: LockFreeMap<K, Entry<I>>,
    // All keys, in the order in which they are looked at.
    order: Mutex<VecDeque<K>>,
}

struct Entry<I> {
    instance: I,
    last_use: LastUse,
}

impl<I: Instance> Entry<I> {
    fn new(instance: I, now: Instant) -> Self {
        Self { instance, last_use: LastUse::new(now) }
    }

    /// The instance, unless it is being removed.
    #[inline]
    fn hand_out(&self) -> Option<I> {
        let instance = self.instance.clone();
        // The time of a use costs a reading of the clock: only one that may keep the key for longer needs it.
        let is_there = if instance.has_failures() {
            self.last_use.is_at(Instant::now())
        } else {
            self.last_use.is_now()
        };
        is_there.then_some(instance)
    }

    /// Returns true if it can be evicted: no call has it, and it would be made anew as it is, or has been unused for so
    /// long that its failures don't count any more.
    fn may_go(&self, pattern: &I, is_idle: bool) -> bool {
        let instance = &self.instance;
        self.last_use.is_over(|| {
            instance.has_nothing_to_remember(pattern) || (is_idle && instance.is_over_its_failures(pattern))
        })
    }
}

/// The instances of one name, whatever their keys.
pub trait AnyKeyed<I>: Send + Sync {
    /// All of them, in no order.
    fn list(&self) -> Vec<I>;

    /// To get at the keys' type.
    fn as_any(&self) -> &(dyn Any + Send + Sync);
}

impl<I> fmt::Debug for dyn AnyKeyed<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyed").field("len", &self.list().len()).finish()
    }
}

impl<K: Owned, I: Instance> AnyKeyed<I> for Keyed<K, I> {
    fn list(&self) -> Vec<I> {
        let now = Instant::now();
        // One that is on its way out could be steered to no effect: from here on all are kept that are in use.
        let mut order = self.order();
        // Keys that no call uses any more would be listed for ever where no new ones come.
        let pattern = self.common.pattern();
        order.retain(|key| !self.is_gone(key, now, &pattern));
        self.entries.map(|entry| entry.instance.clone())
    }

    fn as_any(&self) -> &(dyn Any + Send + Sync) {
        self
    }
}

impl<K: Owned, I: Instance> Keyed<K, I> {
    pub(crate) fn new(common: Arc<Common<I>>) -> Self {
        Self { common, entries: LockFreeMap::new(), order: Mutex::default() }
    }

    pub(crate) fn get<Q: ?Sized + Hash + Eq>(&self, key: &Q) -> Option<I>
    where
        K: Borrow<Q>,
    {
        self.entries.get(key, Entry::hand_out)?
    }

    /// The same for who makes none where there is none: not even while it is looked at whether one may go.
    pub(crate) fn look_up<Q: ?Sized + Hash + Eq>(&self, key: &Q) -> Option<I>
    where
        K: Borrow<Q>,
    {
        self.get(key).or_else(|| {
            let _none_goes = self.order();
            self.get(key)
        })
    }

    pub(crate) fn get_or_make<Q: ?Sized + Key<Owned = K>>(&self, key: &Q) -> I
    where
        K: Borrow<Q>,
    {
        self.get(key).unwrap_or_else(|| self.make(key))
    }

    #[cold]
    #[inline(never)]
    fn make<Q: ?Sized + Key<Owned = K>>(&self, key: &Q) -> I
    where
        K: Borrow<Q>,
    {
        // `Display` and `ToOwned` are the user's code: outside of the lock.
        let name = Name::from(format!("{}[{key}]", self.common.name));
        let owned = key.to_owned();
        let now = Instant::now();
        let mut order = self.order();
        if let Some(instance) = self.get(key) {
            return instance;
        }
        // Under the lock: new settings of the family either are the pattern's already, or find the instance listed.
        let pattern = self.common.pattern();
        self.let_go(&mut order, now, &pattern);
        if !self.is_full() {
            let instance = pattern.make_alike(name);
            self.entries.insert(owned.clone(), Entry::new(instance.clone(), now));
            order.push_back(owned);
            return instance;
        }
        // Every key that was looked at has a call under way, or something to remember.
        match self.common.bounds.overflow {
            Overflow::Unprotected => pattern.make_alike(name),
            Overflow::Share => self.common.for_other_keys(|name| pattern.make_alike(name)),
            Overflow::Reject => {
                // Opening a circuit emits an event.
                drop(order);
                self.common.for_other_keys(I::make_rejecting)
            }
        }
    }

    /// Evicts a key that has been unused for `idle`, if it can be.
    fn is_gone(&self, key: &K, now: Instant, pattern: &I) -> bool {
        let may_go = |entry: &Entry<I>| {
            let is_idle =
                entry.last_use.look(now).is_some_and(|since| now.since(since) >= self.common.bounds.idle);
            is_idle && entry.may_go(pattern, true)
        };
        let may_go = self.entries.get(key, may_go).unwrap_or(true);
        if may_go {
            self.entries.remove(key);
        }
        may_go
    }

    /// Looks at the keys whose turn it is, and removes those that may go. Where there is no room for another key, the
    /// first one goes that may, although it was used since.
    fn let_go(&self, order: &mut VecDeque<K>, now: Instant, pattern: &I) {
        let mut kept = 0;
        for _ in 0..LOOKED_AT.min(order.len()) {
            let Some(key) = order.pop_front() else { break };
            let may_go = |entry: &Entry<I>| {
                let unused_since = entry.last_use.look(now);
                let is_idle = unused_since.is_some_and(|since| now.since(since) >= self.common.bounds.idle);
                let is_in_the_way = unused_since.is_some() && self.is_full();
                (is_idle || is_in_the_way) && entry.may_go(pattern, is_idle)
            };
            if self.entries.get(&key, may_go).unwrap_or(true) {
                self.entries.remove(&key);
            } else {
                order.push_back(key);
                kept += 1;
            }
        }
        let looked_at = order.len() - kept..order.len();
        let may_go = |key| self.entries.get(key, |entry| entry.may_go(pattern, false)).unwrap_or_default();
        if self.is_full()
            && let Some(key) =
                looked_at.into_iter().find(|at| may_go(&order[*at])).and_then(|at| order.remove(at))
        {
            self.entries.remove(&key);
        }
    }

    /// Who holds this is the only one who adds and removes.
    fn order(&self) -> MutexGuard<'_, VecDeque<K>> {
        self.order.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_full(&self) -> bool {
        self.entries.len() >= self.common.bounds.max_keys
    }
}

#[cfg(all(test, loom))]
mod loom_tests;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit_breaker::{CircuitBreaker, CircuitBreakerPolicy, CircuitState};
    use crate::key::{KEY_IDLE, MAX_KEYS};

    fn keyed<K: Owned>(max_keys: usize, idle: Duration) -> Keyed<K, CircuitBreaker> {
        let bounds = Bounds { max_keys, idle, overflow: Overflow::Unprotected };
        Keyed::new(Arc::new(Common::new("api", CircuitBreakerPolicy::new().failure_threshold(2), bounds)))
    }

    #[test]
    fn each_key_has_its_own_and_keeps_it() {
        let keyed = keyed::<String>(MAX_KEYS, KEY_IDLE);
        keyed.get_or_make("a").force_open();
        assert_eq!(keyed.get_or_make("a").state(), CircuitState::Open);
        assert_eq!(keyed.get_or_make("b").state(), CircuitState::Closed);
        assert_eq!(keyed.get_or_make("b").name(), "api[b]");
        assert!(keyed.get("c").is_none());
        assert_eq!(keyed.list().len(), 2);
    }

    #[test]
    fn a_flood_of_keys_stays_within_the_bound() {
        let bound = if cfg!(miri) { 10 } else { 100 };
        let keyed = keyed::<u64>(bound, KEY_IDLE);
        for key in 0..if cfg!(miri) { 30 } else { 100_000 } {
            keyed.get_or_make(&key);
            assert!(keyed.entries.len() <= bound);
        }
        assert!(keyed.order.lock().unwrap().len() <= bound);
    }

    #[test]
    fn a_new_key_is_kept_in_the_place_of_one_that_was_just_used() {
        let keyed = keyed::<u64>(2, KEY_IDLE);
        for key in 0..10 {
            drop(keyed.get_or_make(&key));
            assert!(keyed.get(&key).is_some(), "{key}");
            assert!(keyed.entries.len() <= 2);
        }
        let permit = keyed.get_or_make(&9).try_acquire().unwrap();
        for key in 10..20 {
            drop(keyed.get_or_make(&key));
            assert!(keyed.get(&key).is_some() && keyed.get(&9).is_some(), "{key}");
        }
        permit.success();
        assert_eq!(keyed.order.lock().unwrap().len(), 2);
    }

    #[test]
    fn keys_with_something_to_remember_outlive_a_flood() {
        let keyed = keyed::<u64>(10, KEY_IDLE);
        keyed.get_or_make(&1).force_open();
        keyed.get_or_make(&2).call(|| Err::<(), _>(open_error())).unwrap_err();
        let permit = keyed.get_or_make(&3).try_acquire().unwrap();
        for key in 10..if cfg!(miri) { 50 } else { 10_000 } {
            keyed.get_or_make(&key);
        }
        assert_eq!(keyed.get(&1).map(|breaker| breaker.state()), Some(CircuitState::Open));
        assert_eq!(keyed.get(&2).map(|breaker| breaker.failure_count()), Some(1));
        assert!(keyed.get(&3).is_some(), "a call is under way");
        permit.success();
        (10_000..10_100).for_each(|key| drop(keyed.get_or_make(&key)));
        (10_100..10_200).for_each(|key| drop(keyed.get_or_make(&key)));
        assert!(keyed.get(&3).is_none());
    }

    fn open_error() -> crate::Error {
        crate::Error::CircuitOpen { name: "x".into(), retry_after: None }
    }

    #[test]
    fn a_key_may_go_once_it_was_unused_for_long_enough() {
        let keyed = keyed::<u64>(MAX_KEYS, Duration::ZERO);
        keyed.get_or_make(&1);
        for key in 2..6 {
            keyed.get_or_make(&key);
        }
        assert!(keyed.get(&1).is_none());
        let keyed = self::keyed::<u64>(MAX_KEYS, Duration::from_secs(3600));
        (0..100).for_each(|key| drop(keyed.get_or_make(&key)));
        assert_eq!(keyed.entries.len(), 100);
    }

    /// While another thread floods the table, and looks again and again whether one of these may go.
    fn beside_a_flood(keyed: &Keyed<u64, CircuitBreaker>, look: impl Fn()) {
        std::thread::scope(|scope| {
            let keys = if cfg!(miri) { 30 } else { 20_000 };
            let flood = scope.spawn(move || (10..keys).for_each(|key| drop(keyed.get_or_make(&key))));
            while !flood.is_finished() {
                look();
            }
        });
    }

    #[test]
    fn what_is_kept_is_found_at_any_time() {
        let keyed = keyed::<u64>(2, KEY_IDLE);
        keyed.get_or_make(&1).force_open();
        keyed.get_or_make(&2).force_open();
        beside_a_flood(&keyed, || assert!(keyed.look_up(&1).is_some()));
    }

    #[test]
    fn what_is_listed_is_what_calls_get() {
        let keyed = keyed::<u64>(2, KEY_IDLE);
        beside_a_flood(&keyed, || {
            for breaker in keyed.list() {
                let key = breaker.name().strip_prefix("api[").and_then(|name| name.strip_suffix(']'));
                let key = key.and_then(|key| key.parse().ok()).unwrap();
                breaker.force_open();
                assert_eq!(keyed.get_or_make(&key).state(), CircuitState::Open, "{key}");
                breaker.reset();
            }
        });
    }

    #[test]
    fn threads_that_meet_at_a_new_key_share_it() {
        let keyed = keyed::<u64>(MAX_KEYS, KEY_IDLE);
        let keys = if cfg!(miri) { 10 } else { 500 };
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for key in 0..keys {
                        keyed.get_or_make(&key).try_acquire().unwrap().success();
                    }
                });
            }
        });
        let counted: u64 = keyed.list().iter().map(|breaker| breaker.metrics().success).sum();
        assert_eq!(counted, 4 * keys);
    }

    #[test]
    fn a_failure_is_not_forgotten_with_the_key_that_it_was_the_first_of() {
        for _ in 0..if cfg!(miri) { 5 } else { 2_000 } {
            let keyed = keyed::<u64>(1, KEY_IDLE);
            // By that it is known again; there is nothing to remember of it.
            keyed.get_or_make(&1).try_acquire().unwrap().success();
            let is_first = std::thread::scope(|scope| {
                scope.spawn(|| drop(keyed.get_or_make(&2)));
                let called = keyed.get_or_make(&1);
                let is_first = called.metrics().success == 1;
                called.try_acquire().unwrap().failure();
                is_first
            });
            let failures = keyed.get(&1).map(|breaker| breaker.failure_count());
            assert!(!is_first || failures == Some(1), "{failures:?}");
        }
    }
}
