//! `#[circuit_breaker(key = …)]`: a breaker for each key.

use resilience::testing::{ManualClock, isolated, isolated_async};
use resilience::{
    CircuitBreakerPolicy, CircuitState, catalog, circuit_breaker, fallback, get_circuit_breaker,
    get_circuit_breaker_for, get_circuit_breakers, retry,
};
use tokio::time::advance;

use crate::support::{Fault, Runs, named_here, secs};

fn names(of: &str) -> Vec<String> {
    let mut names: Vec<_> =
        get_circuit_breakers(of).iter().map(|breaker| breaker.name().to_owned()).collect();
    names.sort();
    names
}

fn state_of(name: &str, key: &str) -> CircuitState {
    get_circuit_breaker_for(name, key).unwrap_or_else(|| panic!("no breaker of `{key}`")).state()
}

#[test]
fn one_key_is_refused_and_another_is_not() {
    #[circuit_breaker(name = "keyed: hosts", key = host, failure_threshold = 2)]
    fn call(host: &str, runs: &Runs) -> Result<u32, Fault> {
        if host == "bad" { runs.fail() } else { Ok(1) }
    }
    let runs = Runs::new();
    for _ in 0..2 {
        call("bad", &runs).unwrap_err();
        call("good", &runs).unwrap();
    }
    let refusal = call("bad", &runs).unwrap_err().refusal();
    assert!(refusal.is_circuit_open());
    assert_eq!(refusal.policy_name(), "keyed: hosts[bad]");
    assert_eq!(runs.count(), 2);
    assert_eq!(call("good", &runs), Ok(1));
    assert_eq!(state_of("keyed: hosts", "bad"), CircuitState::Open);
    assert_eq!(state_of("keyed: hosts", "good"), CircuitState::Closed);
}

#[tokio::test(start_paused = true)]
async fn each_key_recovers_by_itself() {
    #[circuit_breaker(
        name = "keyed: recovery", key = this.host, failure_threshold = 1, reset_timeout = "10s",
        half_open_max_calls = 1,
    )]
    async fn call(this: &Client) -> Result<u32, Fault> {
        if this.works { Ok(1) } else { Err(Fault::Fatal) }
    }
    struct Client {
        host: String,
        works: bool,
    }
    let client = |host: &str, works| Client { host: host.to_owned(), works };
    call(&client("a", false)).await.unwrap_err();
    advance(secs(5)).await;
    call(&client("b", false)).await.unwrap_err();
    advance(secs(5)).await;
    assert_eq!(call(&client("a", true)).await, Ok(1));
    assert!(call(&client("b", true)).await.unwrap_err().refusal().is_circuit_open());
    assert_eq!(state_of("keyed: recovery", "a"), CircuitState::Closed);
}

#[test]
fn breakers_are_found_by_name_and_key() {
    #[circuit_breaker(name = "keyed: look-up", key = tenant)]
    fn call(tenant: u64) -> Option<u64> {
        Some(tenant)
    }
    assert!(get_circuit_breaker_for("keyed: look-up", &7_u64).is_none(), "no call has used the key");
    assert!(names("keyed: look-up").is_empty());
    for tenant in [7, 8, 7] {
        call(tenant);
    }
    let breaker = get_circuit_breaker_for("keyed: look-up", &7_u64).unwrap();
    assert_eq!(breaker.metrics().success, 2);
    assert_eq!(names("keyed: look-up"), ["keyed: look-up[7]", "keyed: look-up[8]"]);
    assert!(get_circuit_breaker_for("keyed: look-up", "7").is_none(), "a key of another type");
    assert!(get_circuit_breaker("keyed: look-up").is_none(), "none stands for all keys");
    breaker.force_open();
    assert_eq!((call(7), call(8)), (None, Some(8)));
}

#[test]
fn a_key_is_worked_out_by_each_attempt() {
    struct Hosts(Runs);
    impl Hosts {
        fn next(&self) -> String {
            format!("host {}", self.0.hit())
        }
        #[retry(max_attempts = 3, base_delay = "0s")]
        #[circuit_breaker(name = "keyed: attempts", key = self.next())]
        fn call(&self) -> Result<u32, Fault> {
            Err(Fault::Fatal)
        }
    }
    Hosts(Runs::new()).call().unwrap_err();
    assert_eq!(names("keyed: attempts"), [1, 2, 3].map(|host| format!("keyed: attempts[host {host}]")));
}

#[tokio::test(start_paused = true)]
async fn a_key_may_be_an_argument_that_the_body_consumes() {
    #[fallback(|_| Ok(host.len()))]
    #[retry(max_attempts = 3, base_delay = "0s", clone(host))]
    #[circuit_breaker(name = "keyed: consumed", key = host)]
    async fn retried(host: String, runs: &Runs) -> Result<usize, Fault> {
        drop(host);
        Err(Fault::Transient(runs.hit()))
    }
    #[circuit_breaker(name = "keyed: moved", key = host)]
    async fn moved(host: String) -> Result<Vec<u8>, Fault> {
        Ok(host.into_bytes())
    }
    let runs = Runs::new();
    assert_eq!(retried("four".to_owned(), &runs).await, Ok(4));
    assert_eq!(runs.count(), 3);
    assert_eq!(get_circuit_breaker_for("keyed: consumed", "four").unwrap().metrics().failure, 3);
    assert_eq!(moved("a".to_owned()).await, Ok(vec![b'a']));
}

#[test]
fn an_argument_is_cloned_once_more_for_its_key_and_the_last_attempt_still_gets_it() {
    struct Host(Runs);
    impl Clone for Host {
        fn clone(&self) -> Self {
            self.0.hit();
            Self(Runs::new())
        }
    }
    impl Host {
        fn name(&self) -> &'static str {
            "host"
        }
    }
    #[retry(max_attempts = 2, base_delay = "0s", clone(host))]
    #[circuit_breaker(name = "keyed: clones", key = host.name())]
    fn call(host: Host, clones: &Runs) -> Result<u32, Fault> {
        // The owner has seen every clone that was made of it.
        for _ in 0..host.0.count() {
            clones.hit();
        }
        Err(Fault::Fatal)
    }
    let clones = Runs::new();
    call(Host(Runs::new()), &clones).unwrap_err();
    assert_eq!(clones.count(), 3, "for two keys and for the first attempt");
}

#[test]
fn a_flood_of_keys_stays_within_the_bound_and_open_circuits_are_kept() {
    #[circuit_breaker(name = "keyed: flood", key = user, max_keys = 16, failure_threshold = 1)]
    fn call(user: u32, works: bool) -> Result<u32, Fault> {
        if works { Ok(1) } else { Err(Fault::Fatal) }
    }
    isolated(|| {
        call(0, false).unwrap_err();
        for user in 1..20_000 {
            assert_eq!(call(user, true), Ok(1));
            if user.is_multiple_of(1_000) {
                assert!(get_circuit_breakers("keyed: flood").len() <= 16);
            }
        }
        assert!(call(0, true).unwrap_err().refusal().is_circuit_open());
    });
    assert!(names("keyed: flood").is_empty(), "all that was in the test's own registry");
}

#[test]
fn a_new_key_is_protected_from_its_first_call_on_though_all_others_were_just_used() {
    #[circuit_breaker(name = "keyed: newcomers", key = user, max_keys = 3, failure_threshold = 1)]
    fn call(user: u32, works: bool) -> Result<u32, Fault> {
        if works { Ok(user) } else { Err(Fault::Fatal) }
    }
    for user in [0, 1, 2, 0, 1, 2] {
        call(user, true).unwrap();
    }
    call(3, false).unwrap_err();
    assert!(call(3, true).unwrap_err().refusal().is_circuit_open());
    for user in [0, 1, 2, 0, 1, 2] {
        call(user, true).unwrap();
    }
    call(4, false).unwrap_err();
    for user in [3, 4] {
        assert!(call(user, true).unwrap_err().refusal().is_circuit_open(), "{user}");
    }
}

#[test]
fn what_was_said_to_one_key_is_not_forgotten() {
    #[circuit_breaker(name = "keyed: told", key = user, max_keys = 2)]
    fn call(user: u32) -> Option<u32> {
        Some(user)
    }
    call(0);
    let told = CircuitBreakerPolicy::new().failure_threshold(7);
    get_circuit_breaker_for("keyed: told", &0_u32).unwrap().reconfigure(told).unwrap();
    (1..100).for_each(|user| assert_eq!(call(user), Some(user)));
    assert_eq!(get_circuit_breaker_for("keyed: told", &0_u32).unwrap().policy(), told);
}

#[test]
fn keys_that_are_not_used_for_long_make_room() {
    #[circuit_breaker(name = "keyed: idle", key = user, idle = "1h")]
    fn call(user: u32) -> Option<u32> {
        Some(user)
    }
    isolated(|| {
        let clock = ManualClock::install();
        (0..100).for_each(|user| assert!(call(user).is_some()));
        clock.advance(secs(1_800));
        (100..200).for_each(|user| assert!(call(user).is_some()));
        assert_eq!(get_circuit_breakers("keyed: idle").len(), 200);
        clock.advance(secs(7_200));
        (200..400).for_each(|user| assert!(call(user).is_some()));
        assert!(get_circuit_breaker_for("keyed: idle", &0_u32).is_none());
        assert!(get_circuit_breaker_for("keyed: idle", &399_u32).is_some());
        assert!(get_circuit_breakers("keyed: idle").len() < 300);
    });
}

mod sharing {
    use super::{CircuitState, Fault, circuit_breaker, get_circuit_breaker_for, named_here, names, state_of};

    struct First;
    struct Second;

    impl First {
        #[circuit_breaker(key = host, failure_threshold = 1)]
        fn same(&self, host: &str) -> Result<u32, Fault> {
            Err(Fault::Transient(u32::from(host.is_empty())))
        }
    }

    impl Second {
        #[circuit_breaker(key = host, failure_threshold = 1)]
        fn same(&self, host: &str) -> Result<u32, Fault> {
            Ok(u32::from(host.is_empty()))
        }
    }

    #[test]
    fn sites_without_a_name_share_no_key() {
        First.same("a").unwrap_err();
        assert!(First.same("a").unwrap_err().refusal().is_circuit_open());
        assert_eq!(Second.same("a"), Ok(0));
        let name = format!("{}[a]", named_here!(same));
        assert_eq!(names(named_here!(same)), [name.clone(), name]);
    }

    #[test]
    fn sites_of_one_name_share_its_keys_whatever_form_these_have() {
        #[circuit_breaker(name = "sharing: named", key = host, failure_threshold = 1)]
        fn reads(host: &str) -> Result<usize, Fault> {
            Err(Fault::Transient(u32::from(host.is_empty())))
        }
        // Its settings are those that are declared above.
        #[circuit_breaker(name = "sharing: named", key = host)]
        fn writes(host: String) -> Option<String> {
            Some(host)
        }
        reads("a").unwrap_err();
        assert_eq!(writes("a".to_owned()), None);
        assert_eq!(writes("b".to_owned()).as_deref(), Some("b"));
        assert_eq!(names("sharing: named"), ["sharing: named[a]", "sharing: named[b]"]);
        assert_eq!(state_of("sharing: named", "a"), CircuitState::Open);
    }

    #[test]
    fn a_generic_function_has_a_breaker_for_each_key_of_each_type() {
        trait Name: std::hash::Hash + Eq + Clone + std::fmt::Display + Send + Sync + 'static {}
        impl<T: std::hash::Hash + Eq + Clone + std::fmt::Display + Send + Sync + 'static> Name for T {}
        #[circuit_breaker(name = "sharing: generic", key = key, failure_threshold = 1)]
        fn call<K: Name>(key: K, works: bool) -> Result<K, Fault> {
            if works { Ok(key) } else { Err(Fault::Fatal) }
        }
        call(1_u64, false).unwrap_err();
        call("1".to_owned(), true).unwrap();
        call(1_u32, true).unwrap();
        assert!(call(1_u64, true).unwrap_err().refusal().is_circuit_open());
        assert_eq!(names("sharing: generic"), ["sharing: generic[1]"; 3]);
        assert!(get_circuit_breaker_for("sharing: generic", &1_u64).is_some());
        assert_eq!(state_of("sharing: generic", "1"), CircuitState::Closed);
    }
}

mod shapes {
    use super::{Fault, circuit_breaker, names};

    #[async_trait::async_trait]
    trait Fetch {
        async fn fetch(&self, path: String) -> Result<usize, Fault>;
    }

    struct Client {
        host: String,
    }

    #[async_trait::async_trait]
    impl Fetch for Client {
        #[circuit_breaker(name = "shapes: async_trait", key = self.host)]
        async fn fetch(&self, path: String) -> Result<usize, Fault> {
            Ok(path.len())
        }
    }

    #[tokio::test]
    async fn async_trait_methods_have_keys() {
        let client = Client { host: "a".to_owned() };
        assert_eq!(client.fetch("/".to_owned()).await, Ok(1));
        assert_eq!(names("shapes: async_trait"), ["shapes: async_trait[a]"]);
    }

    #[tokio::test]
    async fn functions_that_return_a_future_have_keys() {
        #[circuit_breaker(name = "shapes: future", key = host)]
        fn call(host: &str) -> impl Future<Output = Result<usize, Fault>> + Send + '_ {
            async move { Ok(host.len()) }
        }
        assert_eq!(call("a").await, Ok(1));
        assert_eq!(names("shapes: future"), ["shapes: future[a]"]);
    }

    #[test]
    fn a_detached_body_takes_its_key_along() {
        #[resilience::timeout("1m")]
        #[circuit_breaker(name = "shapes: detached", key = host)]
        fn call(host: String) -> Result<usize, Fault> {
            Ok(host.len())
        }
        assert_eq!(call("a".to_owned()), Ok(1));
        assert_eq!(names("shapes: detached"), ["shapes: detached[a]"]);
    }

    #[test]
    fn a_refused_key_has_a_fallback_with_the_arguments() {
        #[circuit_breaker(name = "shapes: fallback", key = host, failure_threshold = 1, fallback = |_| Ok(host))]
        fn call(host: String) -> Result<String, Fault> {
            if host.is_empty() { Ok(host) } else { Err(Fault::Fatal) }
        }
        assert_eq!(call("a".to_owned()), Err(Fault::Fatal));
        assert_eq!(call("a".to_owned()), Ok("a".to_owned()));
        assert_eq!(call("b".to_owned()), Err(Fault::Fatal));
    }
}

#[tokio::test]
async fn tests_of_their_own_registry_do_not_meet() {
    #[circuit_breaker(name = "keyed: isolated", key = host, failure_threshold = 1)]
    async fn call(host: &str, works: bool) -> Result<u32, Fault> {
        if works { Ok(host.len().try_into().unwrap_or(0)) } else { Err(Fault::Fatal) }
    }
    isolated_async(async { call("a", false).await.unwrap_err() }).await;
    assert_eq!(isolated_async(call("a", true)).await, Ok(1));
    assert_eq!(call("a", true).await, Ok(1));
}

#[test]
fn the_catalogue_says_that_there_is_one_for_each_key() {
    #[circuit_breaker(key = host, failure_threshold = 7)]
    #[allow(dead_code)]
    fn listed(host: &str) -> Option<usize> {
        Some(host.len())
    }
    let site = catalog().into_iter().find(|site| site.function() == named_here!(listed)).unwrap();
    let settings = site.policies()[0].settings();
    assert!(settings.contains("each key") && settings.contains('7'), "{settings}");
}

#[test]
fn keys_that_failed_and_are_used_no_more_make_room_after_idle() {
    #[circuit_breaker(
        name = "keyed: gone", key = host, max_keys = 10, idle = "1m", failure_threshold = 3,
        map_err = |_| Fault::Fatal,
    )]
    fn call(host: u32) -> Result<u32, Fault> {
        if host < 10 { Err(Fault::Transient(host)) } else { Ok(host) }
    }
    isolated(|| {
        let clock = ManualClock::install();
        // Some failed once, the others have opened their circuit.
        for host in 0..10 {
            (0..=host / 3).for_each(|_| _ = call(host));
        }
        assert_eq!(names("keyed: gone").len(), 10);
        clock.advance(secs(59));
        call(100).unwrap();
        assert!(
            get_circuit_breaker_for("keyed: gone", &100_u32).is_none(),
            "a key that failed a minute ago is kept"
        );
        clock.advance(secs(1));
        call(100).unwrap();
        assert!(get_circuit_breaker_for("keyed: gone", &100_u32).is_some());
        // Nothing is left of the others, although no new key comes.
        assert_eq!(names("keyed: gone"), ["keyed: gone[100]"]);
    });
}

#[test]
fn keys_in_use_or_steered_are_kept_after_idle() {
    #[circuit_breaker(name = "keyed: kept", key = host, max_keys = 4, idle = "1m", failure_threshold = 1)]
    fn call(host: u32) -> Result<u32, Fault> {
        Err(Fault::Transient(host))
    }
    isolated(|| {
        let clock = ManualClock::install();
        (0..4).for_each(|host| _ = call(host));
        let breaker = |host: u32| get_circuit_breaker_for("keyed: kept", &host);
        breaker(0).unwrap().force_open();
        breaker(1).unwrap().disable();
        breaker(2).unwrap().reset();
        let permit = breaker(2).unwrap().try_acquire().unwrap();
        clock.advance(secs(3600));
        assert_eq!(get_circuit_breakers("keyed: kept").len(), 3, "forced open, disabled, with a call");
        permit.failure();
        clock.advance(secs(3600));
        assert_eq!(get_circuit_breakers("keyed: kept").len(), 2);
        assert_eq!(breaker(0).unwrap().state(), CircuitState::Open);
        assert_eq!(breaker(1).unwrap().state(), CircuitState::Disabled);
    });
}

#[test]
fn a_flood_of_keys_does_not_evict_a_key_that_fails() {
    #[circuit_breaker(name = "keyed: fails", key = host, max_keys = 8, idle = "1m", failure_threshold = 1000)]
    fn call(host: u32) -> Result<u32, Fault> {
        if host == 0 { Err(Fault::Transient(host)) } else { Ok(host) }
    }
    isolated(|| {
        let clock = ManualClock::install();
        for second in 1..=100 {
            call(0).unwrap_err();
            (0..100).for_each(|_| _ = call(second * 1000));
            (1..100).for_each(|host| _ = call(second * 1000 + host));
            clock.advance(secs(1));
        }
        assert_eq!(get_circuit_breaker_for("keyed: fails", &0_u32).unwrap().failure_count(), 100);
    });
}

mod overflow {
    use super::{Fault, Runs, circuit_breaker, get_circuit_breakers, isolated};
    use resilience::testing::ManualClock;
    use resilience::{bulkhead, get_bulkheads, get_rate_limiters, rate_limit};

    /// Calls of ten keys that are all remembered, and of ninety more.
    fn flood<T>(mut call: impl FnMut(u32) -> Option<T>) -> usize {
        isolated(|| {
            let _clock = ManualClock::install();
            (0..10).for_each(|key| assert!(call(key).is_some(), "{key}"));
            (10..100).filter(|key| call(*key).is_some()).count()
        })
    }

    #[test]
    fn rate_limits_share_one_instance_by_default() {
        #[rate_limit(name = "overflow: shared limit", key = key, rate = 2, per = "1h", max_keys = 10)]
        fn call(key: u32) -> Option<u32> {
            Some(key)
        }
        assert_eq!(flood(call), 2);
        isolated(|| {
            let _clock = ManualClock::install();
            (0..100).for_each(|key| _ = call(key));
            let limiters = get_rate_limiters("overflow: shared limit");
            assert_eq!(limiters.len(), 11, "the shared one is listed");
            let shared = limiters.iter().find(|limiter| limiter.name().ends_with("[other keys]")).unwrap();
            assert_eq!((shared.metrics().allowed, shared.metrics().rejected), (2, 88));
        });
    }

    #[test]
    fn rate_limits_reject_or_let_through_if_they_say_so() {
        #[rate_limit(name = "overflow: reject", key = key, rate = 2, per = "1h", max_keys = 10, overflow = "reject")]
        fn rejects(key: u32) -> Result<u32, resilience::Error> {
            Ok(key)
        }
        #[rate_limit(name = "overflow: open", key = key, rate = 2, per = "1h", max_keys = 10, overflow = "unprotected")]
        fn lets_through(key: u32) -> Option<u32> {
            Some(key)
        }
        assert_eq!(flood(|key| rejects(key).ok()), 0);
        assert_eq!(flood(lets_through), 90);
        isolated(|| {
            let _clock = ManualClock::install();
            (0..10).for_each(|key| _ = rejects(key));
            let error = rejects(10).unwrap_err();
            assert!(error.is_rate_limited() && error.retry_after().is_none(), "{error:?}");
            assert_eq!(error.policy_name(), "overflow: reject[other keys]");
        });
    }

    #[test]
    fn bulkheads_share_one_instance_by_default_and_reject_if_they_say_so() {
        fn nested(
            key: u32,
            call: &impl Fn(u32, &dyn Fn(u32) -> Option<u32>) -> Option<u32>,
            runs: &Runs,
        ) -> Option<u32> {
            call(key, &|key| {
                runs.hit();
                nested(key + 1, call, runs)
            })
        }
        #[bulkhead(name = "overflow: slots", key = key, max_concurrent = 1, max_keys = 10)]
        fn shares(key: u32, inner: &dyn Fn(u32) -> Option<u32>) -> Option<u32> {
            inner(key)
        }
        #[bulkhead(name = "overflow: no slots", key = key, max_concurrent = 1, max_keys = 10, overflow = "reject")]
        fn rejects(key: u32, inner: &dyn Fn(u32) -> Option<u32>) -> Option<u32> {
            inner(key)
        }
        for (call, expected) in
            [(&shares as &dyn Fn(u32, &dyn Fn(u32) -> Option<u32>) -> Option<u32>, 11), (&rejects, 10)]
        {
            let runs = Runs::new();
            isolated(|| assert_eq!(nested(0, &|key, inner| call(key, inner), &runs), None));
            assert_eq!(runs.count(), expected);
        }
        isolated(|| {
            nested(0, &shares, &Runs::new());
            assert_eq!(get_bulkheads("overflow: slots").len(), 11);
        });
    }

    #[test]
    fn breakers_leave_other_keys_unprotected_by_default_and_share_or_reject_if_they_say_so() {
        #[circuit_breaker(name = "overflow: breaker", key = key, failure_threshold = 1, max_keys = 10)]
        fn unprotected(key: u32, runs: &Runs) -> Result<u32, Fault> {
            runs.hit();
            Err(Fault::Transient(key))
        }
        #[circuit_breaker(name = "overflow: shares", key = key, failure_threshold = 1, max_keys = 10, overflow = "share")]
        fn shares(key: u32, runs: &Runs) -> Result<u32, Fault> {
            runs.hit();
            Err(Fault::Transient(key))
        }
        #[circuit_breaker(name = "overflow: rejects", key = key, failure_threshold = 1, max_keys = 10, overflow = "reject")]
        fn rejects(key: u32, runs: &Runs) -> Result<u32, Fault> {
            runs.hit();
            Err(Fault::Transient(key))
        }
        type Call = fn(u32, &Runs) -> Result<u32, Fault>;
        for (call, expected) in [(unprotected as Call, 100), (shares, 11), (rejects, 10)] {
            let runs = Runs::new();
            isolated(|| {
                let _clock = ManualClock::install();
                (0..100).for_each(|key| _ = call(key, &runs));
            });
            assert_eq!(runs.count(), expected);
        }
        isolated(|| {
            let _clock = ManualClock::install();
            (0..100).for_each(|key| _ = unprotected(key, &Runs::new()));
            assert_eq!(get_circuit_breakers("overflow: breaker").len(), 10);
        });
    }
}
