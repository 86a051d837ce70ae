//! `#[bulkhead(key = …)]`: a bulkhead for each key.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use resilience::testing::isolated;
use resilience::{
    Bulkhead, BulkheadPolicy, bulkhead, catalog, get_bulkhead, get_bulkhead_for, get_bulkheads, retry,
    timeout,
};
use tokio::sync::Semaphore;

use crate::support::{Fault, Runs, ms, named_here, poll_now, timed};

fn of(name: &str, key: &str) -> Bulkhead {
    get_bulkhead_for(name, key).unwrap_or_else(|| panic!("no bulkhead of `{key}`"))
}

fn names(of: &str) -> Vec<String> {
    let mut names: Vec<_> = get_bulkheads(of).iter().map(|bulkhead| bulkhead.name().to_owned()).collect();
    names.sort();
    names
}

#[test]
fn one_tenant_does_not_take_the_slots_of_another() {
    #[bulkhead(name = "keyed bulkhead: sync", key = tenant, max_concurrent = 1)]
    fn call(tenant: &str, inside: impl FnOnce() -> Result<u32, Fault>) -> Result<u32, Fault> {
        inside()
    }
    let result = call("a", || {
        let refusal = call("a", || Ok(1)).unwrap_err().refusal();
        assert!(refusal.is_bulkhead_full());
        assert_eq!(refusal.policy_name(), "keyed bulkhead: sync[a]");
        assert_eq!(of("keyed bulkhead: sync", "a").active_calls(), 1);
        call("b", || Ok(2))
    });
    assert_eq!(result, Ok(2));
    assert_eq!(of("keyed bulkhead: sync", "a").available_slots(), 1);
    assert_eq!(call("a", || Ok(3)), Ok(3));
}

#[tokio::test(start_paused = true)]
async fn each_key_has_a_line_of_its_own() {
    #[bulkhead(name = "keyed bulkhead: async", key = tenant, max_concurrent = 1, max_wait = "100ms")]
    async fn call(tenant: String, gate: &Semaphore) -> Result<usize, Fault> {
        gate.acquire().await.expect("open").forget();
        Ok(tenant.len())
    }
    let gate = Semaphore::new(0);
    let [mut first, mut second, mut other] =
        ["a", "a", "b"].map(|tenant| Box::pin(call(tenant.to_owned(), &gate)));
    for call in [&mut first, &mut second, &mut other] {
        assert!(poll_now(call.as_mut()).is_pending());
    }
    let (a, b) = (of("keyed bulkhead: async", "a"), of("keyed bulkhead: async", "b"));
    assert_eq!((a.active_calls(), a.queued(), b.active_calls(), b.queued()), (1, 1, 1, 0));
    let (refused, waited) = timed(second).await;
    assert!(refused.unwrap_err().refusal().is_bulkhead_full());
    assert_eq!(waited, ms(100));
    gate.add_permits(2);
    assert_eq!((first.await, other.await), (Ok(1), Ok(1)));
    assert_eq!((a.available_slots(), b.available_slots()), (1, 1));
}

#[test]
fn bulkheads_are_found_by_name_and_key() {
    #[bulkhead(name = "keyed bulkhead: look-up", key = tenant, max_concurrent = 2)]
    fn call(tenant: u64) -> Option<u64> {
        Some(tenant)
    }
    assert!(get_bulkhead_for("keyed bulkhead: look-up", &7_u64).is_none(), "no call has used the key");
    for tenant in [7, 8, 7] {
        call(tenant);
    }
    let seven = get_bulkhead_for("keyed bulkhead: look-up", &7_u64).unwrap();
    assert_eq!(
        names("keyed bulkhead: look-up"),
        ["keyed bulkhead: look-up[7]", "keyed bulkhead: look-up[8]"]
    );
    assert!(get_bulkhead("keyed bulkhead: look-up").is_none(), "none stands for all keys");
    let _slots = [seven.try_acquire().unwrap(), seven.try_acquire().unwrap()];
    assert_eq!((call(7), call(8)), (None, Some(8)));
}

#[test]
fn a_key_is_worked_out_by_each_attempt() {
    struct Hosts(Runs);
    impl Hosts {
        #[retry(max_attempts = 3, base_delay = "0s")]
        #[bulkhead(name = "keyed bulkhead: attempts", key = self.0.hit(), max_concurrent = 1)]
        fn call(&self) -> Result<u32, Fault> {
            Err(Fault::Fatal)
        }
    }
    Hosts(Runs::new()).call().unwrap_err();
    assert_eq!(
        names("keyed bulkhead: attempts"),
        [1, 2, 3].map(|host| format!("keyed bulkhead: attempts[{host}]"))
    );
}

#[test]
fn an_abandoned_body_keeps_the_slot_of_its_key() {
    #[bulkhead(name = "keyed bulkhead: detached", key = tenant, max_concurrent = 1)]
    #[timeout("2ms")]
    fn call(tenant: u32, began: Sender<()>, gate: Arc<Mutex<Receiver<()>>>) -> Result<u32, Fault> {
        let _ = began.send(());
        let _ = gate.lock().expect("no panic").recv();
        Ok(tenant)
    }
    let (release, gate) = channel();
    let (begins, began) = channel();
    let gate = Arc::new(Mutex::new(gate));
    // A thread may be slow to start; then the body was never begun, and its slot is free at once.
    while began.try_recv().is_err() {
        assert!(call(1, begins.clone(), Arc::clone(&gate)).unwrap_err().refusal().is_timed_out());
    }
    let one = get_bulkhead_for("keyed bulkhead: detached", &1_u32).expect("a call has used it");
    assert!(one.try_acquire().unwrap_err().is_bulkhead_full());
    drop(release);
    while one.active_calls() > 0 {
        std::thread::yield_now();
    }
}

#[test]
fn a_flood_of_keys_stays_within_the_bound_and_slots_in_use_are_kept() {
    #[bulkhead(name = "keyed bulkhead: flood", key = user, max_keys = 16, max_concurrent = 1)]
    fn call(user: u32, inside: impl FnOnce()) -> Option<u32> {
        inside();
        Some(user)
    }
    isolated(|| {
        call(0, || {
            for user in 1..20_000 {
                assert_eq!(call(user, || ()), Some(user));
            }
            assert!(get_bulkheads("keyed bulkhead: flood").len() <= 16);
            assert_eq!(call(0, || ()), None, "its bulkhead is still the same");
        });
        (20_000..20_100).for_each(|user| assert!(call(user, || ()).is_some()));
        assert!(get_bulkhead_for("keyed bulkhead: flood", &0_u32).is_none(), "nobody holds it any more");
    });
}

#[test]
fn a_key_has_one_bulkhead_however_fast_keys_come_and_go() {
    const KEYS: usize = 9;
    static UNDER_WAY: [AtomicU32; KEYS] = [const { AtomicU32::new(0) }; KEYS];
    // Room for one key more than there are threads: none ever has to do without.
    #[bulkhead(name = "keyed bulkhead: coming and going", key = tenant, max_keys = 4, max_concurrent = 1)]
    fn comes_and_goes(tenant: usize) -> Option<bool> {
        let was_alone = UNDER_WAY[tenant].fetch_add(1, Ordering::SeqCst) == 0;
        std::thread::yield_now();
        UNDER_WAY[tenant].fetch_sub(1, Ordering::SeqCst);
        Some(was_alone)
    }
    std::thread::scope(|scope| {
        for thread in 0..3 {
            scope.spawn(move || {
                for call in 0..20_000 {
                    assert_ne!(comes_and_goes((call * (thread + 2) + call / 7) % KEYS), Some(false));
                }
            });
        }
    });
}

#[test]
fn sites_of_one_name_share_its_keys() {
    #[bulkhead(name = "keyed bulkhead: shared", key = tenant, max_concurrent = 1)]
    fn reads(tenant: &str, inside: impl FnOnce() -> Option<u32>) -> Option<u32> {
        let _ = tenant;
        inside()
    }
    // Its settings are those that are declared above.
    #[bulkhead(name = "keyed bulkhead: shared", key = tenant)]
    fn writes(tenant: String) -> Option<u32> {
        tenant.len().try_into().ok()
    }
    assert_eq!(reads("a", || writes("a".to_owned())), None);
    assert_eq!(reads("a", || writes("b".to_owned())), Some(1));
}

#[test]
fn the_catalogue_says_that_there_is_one_for_each_key() {
    #[bulkhead(key = tenant, max_concurrent = 7, max_wait = "3s")]
    #[allow(dead_code)]
    fn listed(tenant: &str) -> Option<usize> {
        Some(tenant.len())
    }
    let site = catalog().into_iter().find(|site| site.function() == named_here!(listed)).unwrap();
    let settings = site.policies()[0].settings();
    assert!(settings.contains("each key") && settings.contains('7'), "{settings}");
    assert!(site.explain().to_string().contains("waits up to 3s"), "{}", site.explain());
    assert_eq!(BulkheadPolicy::new(7).max_wait(ms(3_000)).to_string(), "7 at once, waits up to 3s");
}
