//! Handles to all instances of a name with keys.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use resilience::testing::{ManualClock, isolated};
use resilience::{
    BulkheadPolicy, CircuitBreakerPolicy, CircuitState, Overflow, RateLimitPolicy, bulkhead, catalog,
    circuit_breaker, get_bulkhead_family, get_bulkhead_for, get_circuit_breaker_family,
    get_circuit_breaker_for, get_circuit_breakers, get_rate_limiter_family, get_rate_limiter_for, rate_limit,
};

use crate::support::{Fault, named_here, secs};

#[circuit_breaker(name = "families", key = host, failure_threshold = 3, max_keys = 10, idle = "1m")]
fn send(host: u32) -> Result<u32, Fault> {
    Err(Fault::Transient(host))
}

#[bulkhead(name = "families", key = host, max_concurrent = 1, max_keys = 10, idle = "1m")]
fn store(host: u32, inside: impl FnOnce()) -> Option<u32> {
    inside();
    Some(host)
}

#[rate_limit(name = "families", key = host, rate = 1, per = "1h", max_keys = 10, idle = "1m", overflow = "reject")]
fn count(host: u32) -> Option<u32> {
    Some(host)
}

#[test]
fn breaker_family_reconfigures_keys_in_use_and_new_keys() {
    isolated(|| {
        let family = get_circuit_breaker_family("families").expect("declared");
        assert!(family.is_empty());
        send(0).unwrap_err();
        let policy = CircuitBreakerPolicy::new().failure_threshold(2).reset_timeout(secs(5));
        family.reconfigure(policy).unwrap();
        assert_eq!(family.policy(), policy);
        for host in 0..2 {
            // The failure of the first host still counts.
            (host..2).for_each(|_| _ = send(host));
            let breaker = get_circuit_breaker_for("families", &host).unwrap();
            assert_eq!(breaker.policy(), policy, "{host}");
            assert_eq!(breaker.state() == CircuitState::Open, host == 0, "{host}");
        }
        assert_eq!((family.len(), family.instances().len()), (2, 2));
    });
    let declared = CircuitBreakerPolicy::new().failure_threshold(3);
    isolated(|| assert_eq!(get_circuit_breaker_family("families").unwrap().policy(), declared));
}

#[test]
fn bulkhead_family_reconfigures_keys_in_use_and_new_keys() {
    isolated(|| {
        let family = get_bulkhead_family("families").expect("declared");
        store(0, || {
            assert_eq!(store(0, || ()), None);
            family.reconfigure(BulkheadPolicy::new(2)).unwrap();
            assert_eq!(store(0, || ()), Some(0));
        });
        assert_eq!(store(1, || assert_eq!(store(1, || ()), Some(1))), Some(1));
        assert_eq!(family.instances().len(), 2);
        assert!(family.instances().iter().all(|bulkhead| bulkhead.policy() == BulkheadPolicy::new(2)));
    });
}

#[test]
fn rate_limiter_family_reconfigures_keys_in_use_and_new_keys() {
    isolated(|| {
        let _clock = ManualClock::install();
        let family = get_rate_limiter_family("families").expect("declared");
        assert_eq!((count(0), count(0)), (Some(0), None));
        let policy = RateLimitPolicy::new().rate(3).per(secs(3_600));
        family.reconfigure(policy).unwrap();
        // One call is used up already.
        assert_eq!([0; 3].map(count), [Some(0), Some(0), None]);
        assert_eq!([1; 4].map(count), [Some(1), Some(1), Some(1), None]);
        assert_eq!(get_rate_limiter_for("families", &1_u32).unwrap().policy(), policy);
        family.reset();
        assert_eq!([0, 1].map(count), [Some(0), Some(1)]);
    });
}

#[test]
fn evicted_key_takes_the_settings_of_the_family_when_it_comes_back() {
    isolated(|| {
        let clock = ManualClock::install();
        let breakers = get_circuit_breaker_family("families").unwrap();
        let bulkheads = get_bulkhead_family("families").unwrap();
        let limiters = get_rate_limiter_family("families").unwrap();
        let call = |host| {
            let _ = (send(host), store(host, || ()), count(host));
        };
        call(0);
        let breaker = CircuitBreakerPolicy::new().failure_threshold(9);
        breakers.reconfigure(breaker).unwrap();
        bulkheads.reconfigure(BulkheadPolicy::new(9)).unwrap();
        let limit = RateLimitPolicy::new().rate(9);
        limiters.reconfigure(limit).unwrap();
        clock.advance(secs(3_600));
        assert_eq!((breakers.len(), limiters.len()), (0, 0), "all settings are those of the family");
        (1..=4).for_each(call);
        clock.advance(secs(3_600));
        (5..=8).for_each(call);
        assert!(bulkheads.get(&0_u32).is_none());
        call(0);
        assert_eq!(breakers.get(&0_u32).unwrap().policy(), breaker);
        assert_eq!(bulkheads.get(&0_u32).unwrap().policy(), BulkheadPolicy::new(9));
        assert_eq!(limiters.get(&0_u32).unwrap().policy(), limit);
    });
}

#[test]
fn family_rejects_settings_that_cannot_work() {
    isolated(|| {
        let _ = (send(0), store(0, || ()), count(0));
        let breakers = get_circuit_breaker_family("families").unwrap();
        let before = breakers.policy();
        breakers.reconfigure(before.failure_threshold(0)).unwrap_err();
        assert_eq!((breakers.policy(), breakers.get(&0_u32).unwrap().policy()), (before, before));
        let bulkheads = get_bulkhead_family("families").unwrap();
        bulkheads.reconfigure(BulkheadPolicy::new(0)).unwrap_err();
        assert_eq!(bulkheads.get(&0_u32).unwrap().policy(), BulkheadPolicy::new(1));
        let limiters = get_rate_limiter_family("families").unwrap();
        limiters.reconfigure(RateLimitPolicy::new().rate(0)).unwrap_err();
        assert_eq!(limiters.get(&0_u32).unwrap().policy(), limiters.policy());
    });
}

#[test]
fn family_replaces_the_settings_of_a_single_key() {
    isolated(|| {
        let _ = send(0);
        let one = get_circuit_breaker_for("families", &0_u32).unwrap();
        one.reconfigure(CircuitBreakerPolicy::new().failure_threshold(7)).unwrap();
        let policy = CircuitBreakerPolicy::new().failure_threshold(8);
        get_circuit_breaker_family("families").unwrap().reconfigure(policy).unwrap();
        assert_eq!(one.policy(), policy);
    });
}

#[test]
fn breaker_family_resets_all_keys() {
    isolated(|| {
        let family = get_circuit_breaker_family("families").unwrap();
        (0..3).for_each(|host| (0..3).for_each(|_| _ = send(host)));
        assert!(family.get(&3_u32).is_none(), "no call has used the key");
        assert!(family.instances().iter().all(|breaker| breaker.state() == CircuitState::Open));
        family.reset();
        assert!(family.instances().iter().all(|breaker| breaker.state() == CircuitState::Closed));
    });
}

#[test]
fn family_says_what_bounds_it() {
    isolated(|| {
        let breakers = get_circuit_breaker_family("families").unwrap();
        assert_eq!((breakers.name(), breakers.max_keys(), breakers.idle()), ("families", 10, secs(60)));
        assert_eq!(breakers.overflow(), Overflow::Unprotected);
        assert_eq!(get_bulkhead_family("families").unwrap().overflow(), Overflow::Share);
        assert_eq!(get_rate_limiter_family("families").unwrap().overflow(), Overflow::Reject);
        assert!(format!("{breakers:?}").contains("families"));
        assert!(get_circuit_breaker_family("families: nobody").is_none());
    });
}

#[test]
fn family_lists_the_shared_instance_and_reconfigures_it() {
    #[rate_limit(name = "families: shared", key = key, rate = 1, per = "1h", max_keys = 2)]
    fn call(key: u32) -> Option<u32> {
        Some(key)
    }
    isolated(|| {
        let _clock = ManualClock::install();
        let family = get_rate_limiter_family("families: shared").unwrap();
        assert!(family.other_keys().is_none());
        assert_eq!([0, 1, 2, 3].map(call), [Some(0), Some(1), Some(2), None]);
        assert_eq!((family.len(), family.instances().len()), (2, 3));
        let policy = RateLimitPolicy::new().rate(2).per(secs(3_600));
        family.reconfigure(policy).unwrap();
        assert_eq!(family.other_keys().unwrap().policy(), policy);
        assert_eq!([4, 5].map(call), [Some(4), None]);
    });
}

#[test]
fn family_that_rejects_keys_without_room_does_so_after_a_reset() {
    #[circuit_breaker(
        name = "families: rejecting", key = key, failure_threshold = 1, max_keys = 1, overflow = "reject",
        map_err = |_| Fault::Fatal,
    )]
    fn call(key: u32) -> Result<u32, Fault> {
        Err(Fault::Transient(key))
    }
    isolated(|| {
        assert_eq!([0, 1].map(call), [Err(Fault::Transient(0)), Err(Fault::Fatal)]);
        let family = get_circuit_breaker_family("families: rejecting").unwrap();
        assert_eq!(family.other_keys().unwrap().metrics().rejected, 1);
        assert_eq!(family.instances().len(), 1, "what only rejects can't be steered");
        assert_eq!(get_circuit_breakers("families: rejecting").len(), 1);
        family.reset();
        family.reconfigure(CircuitBreakerPolicy::new().failure_threshold(1)).unwrap();
        assert_eq!([0, 1].map(call), [Err(Fault::Transient(0)), Err(Fault::Fatal)]);
    });
}

#[test]
fn family_covers_keys_of_all_types_and_functions_of_one_name() {
    #[circuit_breaker(name = "families: types", key = key, failure_threshold = 4)]
    fn numbers(key: u32) -> Option<u32> {
        Some(key)
    }
    #[circuit_breaker(name = "families: types", key = key)]
    fn texts(key: &str) -> Option<usize> {
        Some(key.len())
    }
    isolated(|| {
        numbers(1);
        let family = get_circuit_breaker_family("families: types").unwrap();
        let policy = CircuitBreakerPolicy::new().failure_threshold(6);
        family.reconfigure(policy).unwrap();
        // The first key of its type.
        texts("1");
        assert_eq!(family.len(), 2);
        assert_eq!(family.get("1").unwrap().policy(), policy);
        assert_eq!(family.get(&1_u32).unwrap().policy(), policy);
    });
}

#[test]
fn family_without_a_name_is_found_by_its_function() {
    #[bulkhead(key = key, max_concurrent = 1)]
    fn unnamed(key: u32) -> Option<u32> {
        Some(key)
    }
    isolated(|| {
        unnamed(1);
        let family = get_bulkhead_family(named_here!(unnamed)).unwrap();
        family.reconfigure(BulkheadPolicy::new(5)).unwrap();
        unnamed(2);
        assert_eq!(family.len(), 2);
        assert!(family.instances().iter().all(|one| one.policy() == BulkheadPolicy::new(5)));
        assert_eq!(get_bulkhead_for(named_here!(unnamed), &2_u32).unwrap().policy(), BulkheadPolicy::new(5));
    });
}

#[test]
fn name_without_keys_has_no_family() {
    #[bulkhead(name = "families: none", max_concurrent = 1)]
    fn plain() -> Option<u32> {
        Some(1)
    }
    plain();
    assert!(get_bulkhead_family("families: none").is_none());
}

#[test]
fn catalogue_and_explanation_follow_the_family() {
    #[bulkhead(key = key, max_concurrent = 3)]
    #[allow(dead_code)]
    fn shown(key: u32) -> Option<u32> {
        Some(key)
    }
    isolated(|| {
        get_bulkhead_family(named_here!(shown)).unwrap().reconfigure(BulkheadPolicy::new(77)).unwrap();
        let site = catalog().into_iter().find(|site| site.function() == named_here!(shown)).unwrap();
        assert!(site.policies()[0].settings().contains("77"), "{}", site.policies()[0].settings());
    });
}

#[test]
fn listener_may_use_the_family_that_is_being_reconfigured() {
    isolated(|| {
        store(0, || ());
        let family = get_bulkhead_family("families").unwrap();
        let heard = Arc::new(AtomicBool::new(false));
        let (inside, flag) = (family.clone(), Arc::clone(&heard));
        let _subscription = get_bulkhead_for("families", &0_u32).unwrap().subscribe(move |_| {
            if !flag.swap(true, Ordering::SeqCst) {
                inside.reconfigure(BulkheadPolicy::new(4)).unwrap();
                store(1, || ());
            }
        });
        family.reconfigure(BulkheadPolicy::new(3)).unwrap();
        assert!(heard.load(Ordering::SeqCst));
        // The last one to reconfigure wins.
        assert_eq!(family.policy(), BulkheadPolicy::new(4));
        assert!(family.instances().iter().all(|bulkhead| bulkhead.policy() == BulkheadPolicy::new(4)));
    });
}
