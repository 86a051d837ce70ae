//! What threads find that come to a site, or to a name, at the same time: in every order it is one instance, and whole.

use loom::thread;

use super::*;
use crate::circuit_breaker::{CircuitBreaker, CircuitBreakerPolicy, CircuitState};
use crate::registry::get_circuit_breaker;
use crate::sync::in_every_order;

/// What one of the two threads does to its breaker, the other one finds.
fn assert_meet(there: fn() -> CircuitBreaker, here: fn() -> CircuitBreaker) {
    in_every_order(move || {
        let there = thread::spawn(move || there().force_open());
        let here = here();
        there.join().expect("no panic");
        assert_eq!(here.state(), CircuitState::Open, "two instances");
    });
}

#[test]
fn calls_that_come_first_to_a_site_meet_at_one_instance() {
    static SITE: BreakerSite = BreakerSite::unnamed("first", CircuitBreakerPolicy::new);
    assert_meet(|| SITE.handle(), || SITE.handle());
}

#[test]
fn sites_of_one_name_meet_at_one_instance() {
    static FIRST: BreakerSite = BreakerSite::named("shared", CircuitBreakerPolicy::new);
    static SECOND: BreakerSite = BreakerSite::named("shared", CircuitBreakerPolicy::new);
    assert_meet(|| FIRST.handle(), || SECOND.handle());
}

#[test]
fn who_looks_a_name_up_finds_what_calls_go_through() {
    static FIRST: BreakerSite = BreakerSite::named("looked up", CircuitBreakerPolicy::new);
    static SECOND: BreakerSite = BreakerSite::named("looked up", CircuitBreakerPolicy::new);
    static SITE: Site = Site::new("first", "here.rs", 1, 1, &[SitePolicy::CircuitBreaker(&FIRST)]);
    inventory::submit! { &SITE }
    let look_up = || get_circuit_breaker("looked up").expect("in the linker's list");
    assert_meet(look_up, || SECOND.handle());
}
