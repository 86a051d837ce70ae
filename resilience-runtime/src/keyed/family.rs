//! A handle to all instances of a name.

use std::fmt;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use super::{AnyKeyed, Bounds, Common, Key, Keyed, Owned};
use crate::circuit_breaker::CircuitBreaker;
use crate::config::ConfigError;
use crate::key::Overflow;
use crate::rate_limit::RateLimiter;
use crate::registry::Instance;
use crate::sync::RwLock;

/// A handle to the circuit breakers, bulkheads or rate limiters of all keys of a name; cloning it is cheap.
///
/// [`get_circuit_breaker_family`](crate::get_circuit_breaker_family),
/// [`get_bulkhead_family`](crate::get_bulkhead_family) and
/// [`get_rate_limiter_family`](crate::get_rate_limiter_family) find it, from before the first call. The type aliases
/// [`CircuitBreakerFamily`](crate::CircuitBreakerFamily), [`BulkheadFamily`](crate::BulkheadFamily) and
/// [`RateLimiterFamily`](crate::RateLimiterFamily) name it.
///
/// ```
/// use resilience::{RateLimitPolicy, get_rate_limiter_family, rate_limit};
///
/// #[rate_limit(name = "tenants", key = tenant, rate = 2)]
/// fn report(tenant: &str) -> Option<usize> {
///     Some(tenant.len())
/// }
///
/// let tenants = get_rate_limiter_family("tenants").expect("declared above");
/// report("acme");
/// // All tenants, new ones included.
/// tenants.reconfigure(RateLimitPolicy::new().rate(5))?;
/// report("initech");
/// for limiter in tenants.instances() {
///     println!("{}: {:?}", limiter.name(), limiter.metrics());
///     assert_eq!(limiter.rate(), 5.0);
/// }
/// # Ok::<(), resilience::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct Family<I: Instance> {
    common: Arc<Common<I>>,
    // One for each type of keys.
    tables: Arc<RwLock<Vec<Arc<dyn AnyKeyed<I>>>>>,
}

impl<I: Instance> Family<I> {
    pub(crate) fn new(name: &'static str, policy: I::Policy, bounds: Bounds) -> Self {
        Self { common: Arc::new(Common::new(name, policy, bounds)), tables: Arc::default() }
    }

    /// Returns the table of the keys of a type.
    pub(crate) fn table<K: Owned>(&self) -> Arc<dyn AnyKeyed<I>> {
        let find = |tables: &[Arc<dyn AnyKeyed<I>>]| {
            tables.iter().find(|table| table.as_any().is::<Keyed<K, I>>()).cloned()
        };
        let found = find(&self.tables.read().unwrap_or_else(PoisonError::into_inner));
        found.unwrap_or_else(|| {
            let mut tables = self.tables.write().unwrap_or_else(PoisonError::into_inner);
            find(&tables).unwrap_or_else(|| {
                let table: Arc<dyn AnyKeyed<I>> = Arc::new(Keyed::<K, I>::new(Arc::clone(&self.common)));
                tables.push(Arc::clone(&table));
                table
            })
        })
    }

    fn tables(&self) -> Vec<Arc<dyn AnyKeyed<I>>> {
        self.tables.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns the name, without a key.
    pub fn name(&self) -> &str {
        self.common.name
    }

    /// Returns the settings of new keys: the attribute's, or the ones given to the last
    /// [`reconfigure`](Self::reconfigure).
    pub fn policy(&self) -> I::Policy {
        self.common.pattern().policy()
    }

    /// Returns the greatest number of keys that are kept.
    pub fn max_keys(&self) -> usize {
        self.common.bounds.max_keys
    }

    /// Returns the time without a call after which a key is evicted.
    pub fn idle(&self) -> Duration {
        self.common.bounds.idle
    }

    /// Returns what happens to the calls of a new key while no other key can be evicted.
    pub fn overflow(&self) -> Overflow {
        self.common.bounds.overflow
    }

    /// Returns the number of keys in use.
    pub fn len(&self) -> usize {
        self.keys().len()
    }

    /// Returns true if no key is in use.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the instances of all keys in use, in no order, and the one that keys without room share, if there is one.
    /// Each is named after its key, `name[key]`.
    pub fn instances(&self) -> Vec<I> {
        let mut instances = self.keys();
        // After the tables: a key that has found no room by the former settings of the family is listed by then.
        instances.extend(self.other_keys().filter(|_| self.overflow() == Overflow::Share));
        instances
    }

    fn keys(&self) -> Vec<I> {
        self.tables().iter().flat_map(|table| table.list()).collect()
    }

    /// Returns the instance of a key, if a call has used the key. The key has to be of the type that the attribute's is:
    /// `"host"` for a `String` or a `&str`, `&7_u64` for a `u64`.
    pub fn get<Q: ?Sized + Key>(&self, key: &Q) -> Option<I> {
        self.tables().iter().find_map(|table| {
            let table = table.as_any().downcast_ref::<Keyed<Q::Owned, I>>()?;
            table.look_up(key)
        })
    }

    /// Returns the instance of all keys that found no room, once there was one: the shared one, or the one that rejects
    /// their calls. Its name is `name[other keys]`.
    pub fn other_keys(&self) -> Option<I> {
        self.common.others.get().cloned()
    }

    /// Replaces the settings of all keys, future keys included. The state of those in use is kept, as their
    /// own `reconfigure` keeps it. Settings that were given to a single key are replaced too.
    ///
    /// # Errors
    /// Settings that can't work. Nothing changes then.
    pub fn reconfigure(&self, policy: I::Policy) -> Result<(), ConfigError> {
        I::validate(&policy)?;
        self.common.set_policy(policy);
        // Listeners run in between, and no lock is held. Another thread may set other settings meanwhile: the thread that
        // finishes last gives all keys the settings in force.
        loop {
            let policy = self.policy();
            for instance in self.instances() {
                instance.reconfigured(policy);
            }
            if self.policy() == policy {
                return Ok(());
            }
        }
    }
}

impl Family<CircuitBreaker> {
    /// Closes the circuits of all keys and forgets their failures, as [`CircuitBreaker::reset`] does.
    pub fn reset(&self) {
        self.instances().iter().for_each(CircuitBreaker::reset);
    }
}

impl Family<RateLimiter> {
    /// Fills the buckets of all keys and ends their pauses, as [`RateLimiter::reset`] does.
    pub fn reset(&self) {
        self.instances().iter().for_each(RateLimiter::reset);
    }
}

impl<I: Instance> fmt::Debug for Family<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Family").field("name", &self.name()).field("len", &self.len()).finish_non_exhaustive()
    }
}
