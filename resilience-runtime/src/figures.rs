//! Counts of policies that have no instance to keep them in: retries, hedges, timeouts and fallbacks.
//!
//! They are added to after a failure, or when a call takes long, and never by a call that succeeds at once.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};

use crate::clock::RealTime;
use crate::counter::Counter;
use crate::sync::StaticOnceLock;

/// A power of two. Most programs have fewer functions with attributes that fail.
const BUCKETS: usize = 64;

/// The counts of all sites and names, found without a lock. They stand apart from the statics of the sites, which
/// constants of the expansion read and which can't hold what changes. An entry is never removed.
#[derive(Debug)]
pub(crate) struct Figures {
    buckets: [Link; BUCKETS],
    // For the few that wait for a count.
    waiting: Mutex<()>,
    changed: Condvar,
}

/// The next entry of a bucket, once there is one.
type Link = OnceLock<Box<Entry>>;

#[derive(Debug)]
struct Entry {
    key: Key,
    counts: Counts,
    next: Link,
}

/// A site by the address of its static; without a site, a name by its address.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    address: usize,
    // Empty for a site.
    name: &'static str,
}

/// The counts of one site or name, whatever its policies: one type, so that there is one table.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) retries: RetryCounts,
    pub(crate) hedges: HedgeCounts,
    pub(crate) timeouts: TimeoutCounts,
    pub(crate) fallbacks: FallbackCounts,
}

/// A count that few threads add to at once. What counts every call of an outage is a [`Counter`].
#[derive(Debug, Default)]
pub(crate) struct Count(AtomicU64);

#[derive(Debug, Default)]
pub(crate) struct RetryCounts {
    /// Second, third, and later attempts.
    pub(crate) again: [Count; 3],
    /// Calls by the [`RetryEnd`](crate::RetryEnd) as a number.
    pub(crate) ended: [Counter; 7],
}

#[derive(Debug, Default)]
pub(crate) struct HedgeCounts {
    pub(crate) made: Count,
    pub(crate) won: Count,
    pub(crate) refused: Count,
}

#[derive(Debug, Default)]
pub(crate) struct TimeoutCounts {
    pub(crate) fired: Count,
    pub(crate) late: Count,
    pub(crate) abandoned: Count,
}

#[derive(Debug, Default)]
pub(crate) struct FallbackCounts {
    handlers: OnceLock<Box<Handler>>,
    pub(crate) answered: Counter,
    pub(crate) exhausted: Counter,
}

#[derive(Debug)]
struct Handler {
    name: &'static str,
    asked: Counter,
    next: OnceLock<Box<Handler>>,
}

impl Count {
    #[inline]
    pub(crate) fn increment(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl FallbackCounts {
    pub(crate) fn ask(&self, name: &'static str) {
        let mut link = &self.handlers;
        loop {
            let new = || Box::new(Handler { name, asked: Counter::new(), next: OnceLock::new() });
            let handler = link.get_or_init(new);
            // Mostly the same text, so that its bytes needn't be compared.
            if std::ptr::eq(handler.name, name) || handler.name == name {
                return handler.asked.increment();
            }
            link = &handler.next;
        }
    }

    /// Each handler with how often it was asked, in the order in which they were asked first.
    pub(crate) fn asked(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let first = self.handlers.get();
        std::iter::successors(first, |handler| handler.next.get())
            .map(|handler| (handler.name, handler.asked.get()))
    }
}

impl Key {
    #[inline]
    pub(crate) fn site<S>(site: &'static S) -> Self {
        Self { address: std::ptr::from_ref(site).addr(), name: "" }
    }

    #[inline]
    pub(crate) fn name(name: &'static str) -> Self {
        Self { address: name.as_ptr().addr(), name }
    }
}

impl PartialEq for Key {
    /// Names that begin at one address may end at different ones.
    fn eq(&self, other: &Self) -> bool {
        self.address == other.address && self.name.len() == other.name.len()
    }
}

impl Default for Figures {
    fn default() -> Self {
        Self { buckets: [const { Link::new() }; BUCKETS], waiting: Mutex::new(()), changed: Condvar::new() }
    }
}

impl Figures {
    /// The figures of the program, or of an isolated test.
    pub(crate) fn in_force() -> Arc<Self> {
        with(Arc::clone)
    }

    /// The counts of a site or a name.
    #[inline]
    pub(crate) fn of(&self, key: Key) -> &Counts {
        let mut link = &self.buckets[bucket(key.address)];
        loop {
            let entry = match link.get() {
                Some(entry) => entry,
                None => link.get_or_init(|| new_entry(key)),
            };
            if entry.key == key {
                return &entry.counts;
            }
            link = &entry.next;
        }
    }

    /// The counts of everything that has this name and no site.
    pub(crate) fn named(&self, name: &str) -> impl Iterator<Item = (&'static str, &Counts)> {
        let entries = self.buckets.iter().flat_map(|bucket| {
            std::iter::successors(bucket.get(), |entry| entry.next.get()).map(|entry| &**entry)
        });
        let named = entries.filter(move |entry| !name.is_empty() && entry.key.name == name);
        named.map(|entry| (entry.key.name, &entry.counts))
    }

    /// Changes a count that something may wait for.
    pub(crate) fn change(&self, change: impl FnOnce()) {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        change();
        drop(waiting);
        self.changed.notify_all();
    }

    /// Waits until a count is as it must be; says whether it is.
    pub(crate) fn wait_until(&self, time: &RealTime, is_so: impl Fn() -> bool) -> bool {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        while !is_so() {
            let Some(left) = time.left() else { return false };
            waiting = self.changed.wait_timeout(waiting, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }
}

#[cold]
#[inline(never)]
fn new_entry(key: Key) -> Box<Entry> {
    Box::new(Entry { key, counts: Counts::default(), next: Link::new() })
}

impl TimeoutCounts {
    /// One abandoned body less.
    pub(crate) fn returned(&self) {
        self.abandoned.0.fetch_sub(1, Ordering::Relaxed);
        self.late.increment();
    }
}

/// Statics stand 8 bytes apart at the least.
const fn bucket(address: usize) -> usize {
    ((address >> 3) ^ (address >> 9) ^ (address >> 15)) % BUCKETS
}

#[inline]
fn with<T>(run: impl FnOnce(&Arc<Figures>) -> T) -> T {
    static PROGRAM: StaticOnceLock<Arc<Figures>> = StaticOnceLock::new();
    #[cfg(feature = "testing")]
    if let Some(registry) = crate::testing::registry() {
        return run(&registry.figures);
    }
    run(PROGRAM.get_or_init(Arc::default))
}

/// Counts for the program, or for a test that is isolated.
#[cold]
#[inline(never)]
pub(crate) fn count(key: Key, count: impl FnOnce(&Counts)) {
    with(|figures| count(figures.of(key)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_and_names_of_one_bucket_are_told_apart() {
        static SITES: [u8; 3 * BUCKETS * 8] = [0; 3 * BUCKETS * 8];
        let figures = Figures::default();
        for (number, site) in SITES.iter().enumerate() {
            for _ in 0..number % 3 {
                figures.of(Key::site(site)).hedges.made.increment();
            }
        }
        for (number, site) in SITES.iter().enumerate() {
            assert_eq!(figures.of(Key::site(site)).hedges.made.get(), number as u64 % 3);
        }
        let name = "quotes";
        figures.of(Key::name(name)).timeouts.fired.increment();
        figures.of(Key::name(&name[..5])).timeouts.fired.increment();
        let of_name: Vec<_> =
            figures.named(name).map(|(name, counts)| (name, counts.timeouts.fired.get())).collect();
        assert_eq!(of_name, [(name, 1)]);
    }

    #[test]
    fn handlers_are_counted_by_their_names() {
        let counts = FallbackCounts::default();
        for handler in ["cached", "value = 0", "cached"] {
            counts.ask(handler);
        }
        assert_eq!(counts.asked().collect::<Vec<_>>(), [("cached", 2), ("value = 0", 1)]);
    }
}
