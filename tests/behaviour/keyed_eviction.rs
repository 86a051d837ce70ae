//! The end of a key's state, and calls of keys without room, of all policies that have keys.

use resilience::testing::{ManualClock, isolated, isolated_async};
use resilience::{
    Error, Overflow, bulkhead, catalog, circuit_breaker, defaults, get_bulkheads, get_circuit_breakers,
    get_rate_limiter_for, get_rate_limiters, rate_limit,
};

use crate::support::{Fault, named_here, secs};

#[test]
fn keys_unused_for_idle_are_evicted_without_new_keys() {
    #[circuit_breaker(name = "evicted", key = key, idle = "1m")]
    #[rate_limit(name = "evicted", key = key, idle = "1m", rate = 10)]
    #[bulkhead(name = "evicted", key = key, idle = "1m", max_concurrent = 1)]
    fn call(key: u32) -> Result<u32, Fault> {
        if key == 0 { Err(Fault::Fatal) } else { Ok(key) }
    }
    let kept = || {
        let (breakers, limiters) = (get_circuit_breakers("evicted"), get_rate_limiters("evicted"));
        (breakers.len(), limiters.len(), get_bulkheads("evicted").len())
    };
    isolated(|| {
        let clock = ManualClock::install();
        (0..3).for_each(|key| _ = call(key));
        clock.advance(secs(59));
        assert_eq!(kept(), (3, 3, 3));
        clock.advance(secs(1));
        assert_eq!(kept(), (0, 0, 0));
    });
}

#[test]
fn rate_limit_key_is_evicted_once_what_it_learned_is_over() {
    #[rate_limit(name = "evicted: learned", key = key, idle = "1m", rate = 100, decrease = 0.5, increase = 1)]
    fn call(key: u32) -> Result<u32, Fault> {
        Err(Fault::Transient(key))
    }
    isolated(|| {
        let clock = ManualClock::install();
        let limiter = |key: u32| get_rate_limiter_for("evicted: learned", &key);
        (0..2).for_each(|key| _ = call(key));
        limiter(1).unwrap().update_from_headers([("retry-after", "90")]);
        assert!(limiter(0).unwrap().rate() < 100.0);
        clock.advance(secs(10));
        assert!(limiter(0).unwrap().rate() < 100.0);
        // It takes fifty seconds to grow back.
        for _ in 0..3 {
            clock.advance(secs(60));
            get_rate_limiters("evicted: learned");
        }
        assert_eq!(get_rate_limiters("evicted: learned").len(), 0);
    });
}

#[test]
fn rate_limit_key_is_kept_until_its_bucket_is_full() {
    #[rate_limit(name = "evicted: spent", key = key, idle = "1m", rate = 2, per = "1h")]
    fn call(key: u32) -> Option<u32> {
        Some(key)
    }
    isolated(|| {
        let clock = ManualClock::install();
        assert_eq!([7; 3].map(call), [Some(7), Some(7), None]);
        clock.advance(secs(600));
        assert_eq!(get_rate_limiters("evicted: spent").len(), 1);
        assert_eq!(call(7), None);
        clock.advance(secs(3_600));
        get_rate_limiters("evicted: spent");
        clock.advance(secs(60));
        assert!(get_rate_limiters("evicted: spent").is_empty());
    });
}

#[test]
fn bulkhead_key_is_kept_while_a_call_is_under_way() {
    #[bulkhead(name = "evicted: under way", key = key, idle = "1m", max_concurrent = 1)]
    fn call(key: u32, inside: impl FnOnce()) -> Option<u32> {
        inside();
        Some(key)
    }
    isolated(|| {
        let clock = ManualClock::install();
        call(7, || {
            clock.advance(secs(3_600));
            assert_eq!(get_bulkheads("evicted: under way").len(), 1);
            assert_eq!(call(7, || ()), None);
        });
        clock.advance(secs(3_600));
        get_bulkheads("evicted: under way");
        clock.advance(secs(60));
        assert!(get_bulkheads("evicted: under way").is_empty());
    });
}

#[tokio::test(start_paused = true)]
async fn keys_without_room_are_rejected_with_the_error_of_the_policy() {
    #[circuit_breaker(name = "full", key = key, max_keys = 1, overflow = "reject")]
    async fn breaker(key: u32, fails: bool) -> Result<u32, Error> {
        if fails { Err(error()) } else { Ok(key) }
    }
    #[bulkhead(name = "full", key = key, max_concurrent = 1, max_wait = "1s", max_keys = 1, overflow = "reject")]
    async fn slots(key: u32) -> Result<u32, Error> {
        std::future::pending::<()>().await;
        Ok(key)
    }
    #[rate_limit(name = "full", key = key, rate = 2, per = "1h", max_wait = "2h", max_keys = 1, overflow = "reject")]
    async fn limit(key: u32) -> Result<u32, Error> {
        Ok(key)
    }
    isolated_async(async {
        let start = tokio::time::Instant::now();
        breaker(0, true).await.unwrap_err();
        let open = breaker(1, false).await.unwrap_err();
        let mut first = std::pin::pin!(slots(0));
        assert!(crate::support::poll_now(first.as_mut()).is_pending());
        let full = slots(1).await.unwrap_err();
        limit(0).await.unwrap();
        let limited = limit(1).await.unwrap_err();
        assert!(open.is_circuit_open() && full.is_bulkhead_full() && limited.is_rate_limited());
        for error in [open, full, limited] {
            assert_eq!((error.policy_name(), error.retry_after()), ("full[other keys]", None), "{error}");
        }
        assert_eq!(start.elapsed(), secs(0), "no wait can help");
    })
    .await;
}

fn error() -> Error {
    let full = resilience::Bulkhead::new("x", resilience::BulkheadPolicy::new(1)).unwrap();
    let _slot = full.try_acquire();
    full.try_acquire().unwrap_err()
}

#[test]
fn catalogue_says_what_happens_to_keys_without_room() {
    #[rate_limit(key = key, rate = 2)]
    #[bulkhead(key = key, max_concurrent = 3, max_keys = 7, overflow = "reject")]
    #[allow(dead_code)]
    fn listed(key: u32) -> Option<u32> {
        Some(key)
    }
    let site = catalog().into_iter().find(|site| site.function() == named_here!(listed)).unwrap();
    let settings = site.policies().iter().map(resilience::SitePolicy::settings).collect::<Vec<_>>();
    assert!(settings[0].ends_with("; beyond 10000 keys: share"), "{settings:?}");
    assert!(settings[1].ends_with("; beyond 7 keys: reject"), "{settings:?}");
}

#[test]
fn defaults_of_keys() {
    assert_eq!((defaults::MAX_KEYS, defaults::KEY_IDLE), (10_000, secs(600)));
    assert_eq!(defaults::CIRCUIT_BREAKER_OVERFLOW, Overflow::Unprotected);
    assert_eq!(defaults::LIMIT_OVERFLOW, Overflow::Share);
}
