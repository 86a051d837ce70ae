//! A check that blocks, between its thread and those who ask, in every order.

use std::pin::pin;
use std::sync::atomic::Ordering;

use super::*;
use crate::sync::{AtomicUsize, in_every_order, wait};

/// It fails if two threads are in it at once. It is left behind, as one is that hangs.
fn check() -> &'static Blocking {
    let inside = AtomicUsize::new(0);
    Box::leak(Box::new(Blocking::new(move || {
        assert_eq!(inside.fetch_add(1, Ordering::Relaxed), 0, "two threads for one check");
        inside.fetch_sub(1, Ordering::Relaxed);
        Health::healthy()
    })))
}

fn answer(check: &Blocking) -> Health {
    let mut asking = pin!(check.run());
    wait(|cx| asking.as_mut().poll(cx))
}

#[test]
fn whoever_waits_for_a_thread_is_told_what_it_says() {
    in_every_order(|| {
        let check = check();
        assert_eq!(answer(check), Health::healthy());
        assert!(lock(&check.under_way).is_none(), "somebody else may wait for what is taken");
    });
}

#[test]
fn whoever_asks_after_somebody_has_given_up_is_told_and_by_one_thread_at_a_time() {
    in_every_order(|| {
        let check = check();
        _ = pin!(check.run()).poll(&mut Context::from_waker(Waker::noop()));
        assert_eq!(answer(check), Health::healthy());
    });
}
