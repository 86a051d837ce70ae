//! The table between threads, in every order. The map that it reads without a lock is not the real one, which the
//! checker can't see into, but one that promises the same; the real one is what the other tests go by.
//!
//! Where one thread reads what another one reads and writes, the reader is the one that is spawned: loom begins with the
//! other one, and where a thread reads before it writes it doesn't see that an earlier reader could have come later.

use std::sync::Arc;

use loom::thread;

use super::*;
use crate::circuit_breaker::{CircuitBreaker, CircuitBreakerPolicy, CircuitState};
use crate::sync::in_every_order;

type Table = Arc<Keyed<u64, CircuitBreaker>>;

/// With room for so many keys, and so patient that the clock decides nothing.
fn table(max_keys: usize) -> Table {
    let bounds = Bounds { max_keys, idle: Duration::MAX, overflow: Overflow::Unprotected };
    Arc::new(Keyed::new(Arc::new(Common::new("api", CircuitBreakerPolicy::new(), bounds))))
}

fn spawn<T: 'static>(table: &Table, run: impl FnOnce(&Table) -> T + 'static) -> thread::JoinHandle<T> {
    let table = Arc::clone(table);
    thread::spawn(move || run(&table))
}

fn join<T>(thread: thread::JoinHandle<T>) -> T {
    thread.join().expect("no panic")
}

fn assert_one(one: &CircuitBreaker, other: Option<&CircuitBreaker>) {
    one.force_open();
    assert_eq!(other.map(CircuitBreaker::state), Some(CircuitState::Open), "two instances of a key");
}

#[test]
fn threads_that_meet_at_a_new_key_share_its_instance() {
    in_every_order(|| {
        let table = table(2);
        let other = spawn(&table, |table| table.get_or_make(&1));
        let here = table.get_or_make(&1);
        assert_one(&here, Some(&join(other)));
        assert_eq!((table.entries.len(), table.order().len()), (1, 1));
    });
}

#[test]
fn what_a_call_has_got_is_in_the_table_until_it_ends() {
    in_every_order(|| {
        let table = table(1);
        // A circuit that has a past of its own by which it is known again, and yet nothing to remember.
        let first = table.get_or_make(&1);
        first.try_acquire().expect("closed").success();
        drop(first);
        let other = spawn(&table, |table| table.get_or_make(&1));
        let in_the_way = table.get_or_make(&2);
        let got = join(other);
        if got.metrics().success == 1 {
            assert_one(&got, table.get(&1).as_ref());
        }
        // There is room for one of the two: the other goes on by itself.
        let listed = [(1, got), (2, in_the_way)].map(|(key, instance)| {
            let listed = table.get(&key);
            if listed.is_some() {
                assert_one(&instance, listed.as_ref());
            }
            usize::from(listed.is_some())
        });
        assert_eq!((listed[0] + listed[1], table.entries.len()), (1, 1));
    });
}

#[test]
fn what_is_kept_is_found_while_it_is_looked_at_whether_it_may_go() {
    in_every_order(|| {
        let table = table(1);
        table.get_or_make(&1).force_open();
        let found = spawn(&table, |table| table.look_up(&1).is_some());
        drop(table.get_or_make(&2));
        assert!(join(found));
    });
}

#[test]
fn what_is_listed_is_what_calls_get() {
    in_every_order(|| {
        let table = table(1);
        drop(table.get_or_make(&1));
        let other = spawn(&table, |table| table.list());
        drop(table.get_or_make(&2));
        let listed = join(other);
        assert_eq!(listed.len(), 1);
        for instance in listed {
            let key = if instance.name() == "api[1]" { 1 } else { 2 };
            assert_one(&instance, table.get(&key).as_ref());
        }
    });
}

#[test]
fn new_settings_reach_a_key_that_another_thread_makes() {
    in_every_order(|| {
        let table = table(2);
        let made = spawn(&table, |table| table.get_or_make(&1));
        let policy = CircuitBreakerPolicy::new().failure_threshold(9);
        table.common.set_policy(policy);
        table.list().iter().for_each(|breaker| breaker.reconfigure(policy).expect("settings that work"));
        assert_eq!(join(made).policy(), policy);
    });
}
