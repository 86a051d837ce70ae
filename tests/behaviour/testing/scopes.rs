//! Where the kit holds: threads, futures, tasks.

use resilience::testing::{self, ManualClock};
use resilience::{CircuitState, circuit_breaker, get_circuit_breaker, retry};

use crate::support::{Fault, Runs, secs};

#[circuit_breaker(name = "scopes", failure_threshold = 1)]
async fn quote(works: bool) -> Result<u32, Fault> {
    if works { Ok(1) } else { Err(Fault::Fatal) }
}

#[retry(max_attempts = 2, base_delay = "1h", max_delay = "1h", jitter = "none")]
async fn patient(runs: &Runs) -> Result<u32, Fault> {
    runs.fail()
}

fn state() -> CircuitState {
    get_circuit_breaker("scopes").expect("declared above").state()
}

fn workers() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build().expect("a runtime")
}

#[test]
fn a_carried_task_has_the_tests_registry_on_any_thread() {
    workers().block_on(testing::isolated_async(async {
        quote(false).await.unwrap_err();
        assert_eq!(state(), CircuitState::Open);
        let carried = tokio::spawn(testing::carry(async {
            tokio::task::yield_now().await;
            state()
        }));
        assert_eq!(carried.await.unwrap(), CircuitState::Open);
        let alone = tokio::spawn(async { state() });
        assert_eq!(alone.await.unwrap(), CircuitState::Closed, "a task that nothing was carried to");
    }));
}

#[test]
fn a_carried_task_has_the_tests_clock_on_any_thread() {
    workers().block_on(async {
        let instant = testing::instant();
        let task = tokio::spawn(testing::carry(async { patient(&Runs::new()).await }));
        task.await.unwrap().unwrap_err();
        assert_eq!(instant.waits(), [secs(3600)]);
    });
}

#[test]
fn a_carried_closure_has_it_all() {
    let clock = ManualClock::install();
    testing::isolated(|| {
        get_circuit_breaker("scopes").expect("declared above").force_open();
        let there = testing::carry_fn(|| {
            resilience::__private::sleep(secs(5));
            state()
        });
        assert_eq!(std::thread::spawn(there).join().unwrap(), CircuitState::Open);
    });
    assert_eq!((clock.elapsed(), state()), (secs(5), CircuitState::Closed));
}

#[test]
fn a_guard_in_a_test_of_its_own_holds_on_after_an_await() {
    workers().block_on(testing::isolated_async(async {
        let instant = testing::instant();
        for waits in 1..4 {
            tokio::task::yield_now().await;
            patient(&Runs::new()).await.unwrap_err();
            assert_eq!(instant.waits().len(), waits);
        }
    }));
}

#[tokio::test(start_paused = true)]
async fn guards_of_futures_side_by_side_stay_apart() {
    let counted = || {
        testing::isolated_async(async {
            let instant = testing::instant();
            for _ in 0..3 {
                tokio::task::yield_now().await;
                patient(&Runs::new()).await.unwrap_err();
            }
            instant.waits().len()
        })
    };
    assert_eq!(tokio::join!(counted(), counted()), (3, 3));
}

#[test]
fn a_panic_in_a_scope_ends_the_scope() {
    let result = std::panic::catch_unwind(|| {
        testing::isolated(|| {
            get_circuit_breaker("scopes").expect("declared above").force_open();
            let _instant = testing::instant();
            panic!("a failed test");
        });
    });
    result.unwrap_err();
    assert_eq!(state(), CircuitState::Closed);
}

#[test]
fn a_guard_that_leaves_its_scope_means_nothing_outside() {
    let leaked = testing::isolated(testing::instant);
    let clock = ManualClock::install();
    resilience::__private::sleep(secs(1));
    assert_eq!((leaked.total(), clock.elapsed()), (secs(0), secs(1)));
}

#[test]
fn a_guard_ends_in_whatever_it_was_carried_to() {
    let clock = ManualClock::install();
    let instant = testing::instant();
    let later = testing::carry_fn(|| resilience::__private::sleep(secs(1)));
    drop(instant);
    later();
    assert_eq!(clock.elapsed(), secs(1));
}
