//! What stands in for the map of `papaya`, of which the checker knows nothing.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};

use super::AtomicUsize;

/// A map that is read without a lock, and that one at a time writes. It promises as little as that other one does:
/// whoever reads it finds what stood there at some moment, not before any that it knows of already, and sees of what it
/// finds what was done before that was put in.
pub(crate) struct LockFreeMap<K, V> {
    first: State<K, V>,
    latest: AtomicUsize,
}

/// What the map once was. All of them stay, as what is removed from the other one stays while somebody reads it.
struct State<K, V> {
    entries: HashMap<K, Arc<V>>,
    next: OnceLock<Box<Self>>,
}

impl<K, V> State<K, V> {
    fn new(entries: HashMap<K, Arc<V>>) -> Self {
        Self { entries, next: OnceLock::new() }
    }
}

impl<K: Hash + Eq + Clone, V> LockFreeMap<K, V> {
    pub(crate) fn new() -> Self {
        Self { first: State::new(HashMap::new()), latest: AtomicUsize::new(0) }
    }

    fn state(&self) -> &State<K, V> {
        let latest = self.latest.load(Ordering::Acquire);
        let states = std::iter::successors(Some(&self.first), |state| state.next.get().map(Box::as_ref));
        states.take(latest + 1).last().unwrap_or(&self.first)
    }

    fn change(&self, change: impl FnOnce(&mut HashMap<K, Arc<V>>)) {
        let state = self.state();
        let mut entries = state.entries.clone();
        change(&mut entries);
        assert!(state.next.set(Box::new(State::new(entries))).is_ok(), "two write at a time");
        self.latest.store(self.latest.load(Ordering::Relaxed) + 1, Ordering::Release);
    }

    pub(crate) fn get<Q: ?Sized + Hash + Eq, T>(&self, key: &Q, read: impl FnOnce(&V) -> T) -> Option<T>
    where
        K: Borrow<Q>,
    {
        self.state().entries.get(key).map(|value| read(value))
    }

    pub(crate) fn insert(&self, key: K, value: V) {
        self.change(|entries| _ = entries.insert(key, Arc::new(value)));
    }

    pub(crate) fn remove(&self, key: &K) {
        self.change(|entries| _ = entries.remove(key));
    }

    pub(crate) fn map<T>(&self, mut read: impl FnMut(&V) -> T) -> Vec<T> {
        self.state().entries.values().map(|value| read(value)).collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.state().entries.len()
    }
}

impl<K, V> fmt::Debug for LockFreeMap<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LockFreeMap")
    }
}
