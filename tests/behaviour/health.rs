//! Health checks, in virtual time.

use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use resilience::health::{Health, HealthCheck, HealthCheckError, HealthStatus};
use resilience::testing::{ManualClock, isolated, isolated_async};
use resilience::{
    CircuitBreakerPolicy, CircuitState, HealthRegistry, Pipeline, circuit_breaker, get_circuit_breaker,
    get_circuit_breaker_for,
};

use crate::support::{Fault, Runs, ms, poll_times, secs, timed};

#[circuit_breaker(name = "health: quotes")]
#[allow(dead_code)]
fn quotes() -> Result<(), Fault> {
    Ok(())
}

#[circuit_breaker(name = "health: pages", key = host)]
fn page(host: &str) -> Result<usize, Fault> {
    Ok(host.len())
}

#[circuit_breaker(failure_threshold = 1, reset_timeout = "10s")]
fn nameless() -> Result<(), Fault> {
    Err(Fault::Fatal)
}

#[tokio::test(start_paused = true)]
async fn checks_run_at_once_each_within_its_own_time() {
    let registry = HealthRegistry::new();
    registry.register("slow", secs(5), async || tokio::time::sleep(secs(3)).await).unwrap();
    registry.register("too slow", secs(4), async || tokio::time::sleep(secs(60)).await).unwrap();
    registry.register("no", secs(1), async || false).unwrap();
    let (report, took) = timed(registry.run_all()).await;
    assert_eq!(took, secs(4));
    let latency = |name| report.check(name).unwrap().latency;
    assert_eq!((latency("slow"), latency("too slow"), latency("no")), (secs(3), secs(4), ms(0)));
    let error = |name| report.check(name).unwrap().error.clone();
    assert_eq!(error("slow"), None);
    assert_eq!(error("too slow").as_deref(), Some("timed out after 4s"));
    assert_eq!(error("no").as_deref(), Some("the check said no"));
    assert_eq!(report.status, HealthStatus::Unhealthy);
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_an_unhealthy_check_wherever_it_happens() {
    isolated_async(async {
        let registry = HealthRegistry::new();
        let before: fn() -> std::future::Ready<bool> = || panic!("before");
        registry.register("before", secs(1), before).unwrap();
        let within = async || -> bool {
            tokio::task::yield_now().await;
            panic!("within {}", 1)
        };
        registry.register("within", secs(1), within).unwrap();
        let sync: fn() -> bool = || panic!("sync");
        registry.register("sync", secs(1), sync).unwrap();
        registry.register("well", secs(1), async || true).unwrap();
        let report = registry.run_all().await;
        let errors: Vec<_> = report.checks.iter().map(|check| check.error.as_deref()).collect();
        let expected = [Some("panicked: before"), Some("panicked: within 1"), Some("panicked: sync"), None];
        assert_eq!(errors, expected);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_is_not_critical_only_degrades() {
    let registry = HealthRegistry::new();
    let cache = HealthCheck::new("cache", secs(1), async || Err::<(), _>("cold")).critical(false);
    registry.add(cache).unwrap();
    let report = registry.run_all().await;
    assert_eq!((report.status, report.is_ready()), (HealthStatus::Degraded, true));
    assert_eq!(report.check("cache").unwrap().status, HealthStatus::Unhealthy);
    registry.register("database", secs(1), async || Err::<(), _>("down")).unwrap();
    assert!(!registry.run_all().await.is_ready());
}

#[tokio::test(start_paused = true)]
async fn a_storm_of_probes_runs_each_check_once() {
    static RUNS: Runs = Runs::new();
    let registry = HealthRegistry::builder().cache_for(secs(10)).build();
    let check = async || {
        RUNS.hit();
        tokio::time::sleep(secs(1)).await;
    };
    registry.register("counted", secs(5), check).unwrap();
    let probes: Vec<_> = (0..100)
        .map(|_| {
            let registry = registry.clone();
            tokio::spawn(async move { registry.run_all().await })
        })
        .collect();
    let mut reports = Vec::new();
    for probe in probes {
        reports.push(probe.await.unwrap());
    }
    assert!(reports.iter().all(|report| Arc::ptr_eq(report, &reports[0])));
    assert_eq!(RUNS.count(), 1);
    tokio::time::advance(ms(9_999)).await;
    registry.run_all().await;
    assert_eq!(RUNS.count(), 1);
    tokio::time::advance(ms(1)).await;
    registry.run_all().await;
    assert_eq!(RUNS.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn who_waits_takes_over_from_a_leader_that_goes_away() {
    static RUNS: Runs = Runs::new();
    static ENDS: Runs = Runs::new();
    let registry = HealthRegistry::new();
    let check = async || {
        RUNS.hit();
        tokio::time::sleep(secs(1)).await;
        ENDS.hit();
    };
    registry.register("counted", secs(5), check).unwrap();
    let leader = registry.clone();
    let leader = tokio::spawn(async move { leader.run_all().await });
    tokio::time::sleep(ms(500)).await;
    let waits = registry.clone();
    let waits = tokio::spawn(async move { waits.run_all().await });
    tokio::time::sleep(ms(100)).await;
    leader.abort();
    assert_eq!(waits.await.unwrap().status, HealthStatus::Healthy);
    assert_eq!((RUNS.count(), ENDS.count()), (2, 1));
    assert!(poll_times(1, registry.run_all()).await.is_none());
    tokio::time::sleep(secs(5)).await;
    assert_eq!((RUNS.count(), ENDS.count()), (3, 1), "a run that is dropped leaves nothing behind");
}

#[test]
fn a_sync_check_is_late_by_the_manual_clock() {
    isolated(|| {
        let clock = ManualClock::install();
        let registry = HealthRegistry::new();
        registry.register("late", secs(1), || resilience::__private::sleep(secs(2))).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let report = runtime.block_on(registry.run_all());
        assert_eq!(report.checks[0].error.as_deref(), Some("timed out after 1s"));
        assert_eq!(clock.elapsed(), secs(2));
    });
}

#[tokio::test]
async fn a_sync_check_runs_on_a_thread_of_its_own() {
    let here = std::thread::current().id();
    let registry = HealthRegistry::new();
    registry.register("elsewhere", secs(60), move || std::thread::current().id() != here).unwrap();
    assert_eq!(registry.run_all().await.status, HealthStatus::Healthy);
}

#[tokio::test(start_paused = true)]
async fn a_sync_check_that_hangs_keeps_one_thread_and_is_waited_for_by_the_next() {
    static RUNS: Runs = Runs::new();
    let (release, is_released) = mpsc::channel::<()>();
    let is_released = Mutex::new(is_released);
    let registry = HealthRegistry::new();
    let hangs = move || {
        RUNS.hit();
        is_released.lock().unwrap().recv().is_ok()
    };
    registry.register("hangs", secs(60), hangs).unwrap();
    for _ in 0..2 {
        let report = registry.run_all().await;
        assert_eq!(report.checks[0].error.as_deref(), Some("timed out after 60s"));
    }
    // From here on the thread is waited for in its own time.
    tokio::time::resume();
    let mut third = Box::pin(registry.run_all());
    assert!(poll_times(1, third.as_mut()).await.is_none());
    release.send(()).unwrap();
    assert_eq!(third.await.status, HealthStatus::Healthy);
    assert_eq!(RUNS.count(), 1);
    // Its answer was taken: the next one is a new one.
    release.send(()).unwrap();
    assert_eq!(registry.run_all().await.status, HealthStatus::Healthy);
    assert_eq!(RUNS.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_open_breaker_is_reported_and_degrades_only_if_asked_to() {
    isolated_async(async {
        get_circuit_breaker("health: quotes").unwrap().force_open();
        let report = HealthRegistry::new().run_all().await;
        let breaker = report.circuit_breakers.iter().find(|breaker| breaker.name == "health: quotes");
        assert_eq!(breaker.unwrap().state, CircuitState::Open);
        assert_eq!(report.status, HealthStatus::Healthy);
        let strict = HealthRegistry::builder().open_breakers_degrade(true).build();
        assert_eq!(strict.run_all().await.status, HealthStatus::Degraded);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn of_breakers_with_keys_those_that_are_not_closed_are_reported() {
    isolated_async(async {
        for host in ["a", "b"] {
            page(host).unwrap();
        }
        get_circuit_breaker_for("health: pages", "b").unwrap().force_open();
        let report = HealthRegistry::new().run_all().await;
        let of_pages: Vec<_> = report
            .circuit_breakers
            .iter()
            .filter(|breaker| breaker.name.starts_with("health: pages"))
            .map(|breaker| (breaker.name.as_str(), breaker.state))
            .collect();
        assert_eq!(of_pages, [("health: pages[b]", CircuitState::Open)]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn breakers_of_every_origin_are_reported_and_none_is_made_for_it() {
    isolated_async(async {
        let state_of = async |name: &str| {
            let report = HealthRegistry::new().run_all().await;
            let breaker = report.circuit_breakers.iter().find(|breaker| breaker.name == name).cloned();
            breaker.map(|breaker| (breaker.state, breaker.retry_after))
        };
        let by_function = concat!(module_path!(), "::nameless");
        for name in ["health: quotes", by_function] {
            assert_eq!(state_of(name).await, Some((CircuitState::Closed, None)));
        }
        assert!(nameless().is_err());
        assert_eq!(state_of(by_function).await, Some((CircuitState::Open, Some(secs(10)))));
        assert_eq!(state_of("health: by hand").await, None);
        let pipeline = Pipeline::<(), resilience::Error>::builder().name("health: by hand");
        let pipeline = pipeline.circuit_breaker(CircuitBreakerPolicy::new()).build().unwrap();
        get_circuit_breaker("health: by hand").unwrap().force_open();
        assert_eq!(state_of("health: by hand").await, Some((CircuitState::Open, None)));
        drop(pipeline);
        assert_eq!(state_of("health: by hand").await, None);
    })
    .await;
}

#[test]
fn what_cannot_be_a_check_is_refused() {
    let registry = HealthRegistry::new();
    let refusal = |name: &'static str, limit| registry.register(name, limit, || true).err();
    assert_eq!(refusal("database", secs(1)), None);
    assert!(
        matches!(refusal("database", secs(1)), Some(HealthCheckError::NameTaken { name, .. }) if name == "database")
    );
    assert_eq!(refusal(" ", secs(1)), Some(HealthCheckError::EmptyName));
    assert_eq!(refusal("\u{a0}", secs(1)), Some(HealthCheckError::EmptyName), "a no-break space is a blank");
    assert!(
        matches!(refusal("cache", ms(0)), Some(HealthCheckError::ZeroTimeout { name, .. }) if name == "cache")
    );
}

#[tokio::test(start_paused = true)]
async fn the_report_reads_as_text_and_as_json() {
    isolated_async(async {
        let registry = HealthRegistry::builder().version("1.4.0").build();
        let check = async || {
            tokio::time::sleep(Duration::from_micros(1_479)).await;
            Health::degraded("lagging").detail("behind", 12).data([1, 2])
        };
        registry.register("replica", secs(1), check).unwrap();
        tokio::time::advance(secs(90)).await;
        assert!(nameless().is_err());
        let report = registry.run_all().await;
        let text = report.to_string();
        assert!(text.starts_with("degraded, version 1.4.0, up for 90s\n"), "{text}");
        assert!(text.contains("  replica: degraded, 2ms, lagging, behind: 12"), "{text}");
        let json = serde_json::to_value(&*report).unwrap();
        assert_eq!((&json["status"], &json["version"]), (&"degraded".into(), &"1.4.0".into()));
        let breakers = json["circuit_breakers"].as_array().unwrap();
        let open = breakers.iter().find(|breaker| breaker["state"] == "open").unwrap();
        assert_eq!(open["name"], concat!(module_path!(), "::nameless"));
        assert_eq!(open["retry_after_ms"], 9_998.0);
        assert_eq!(json["uptime_seconds"], 90.002);
        let check = &json["checks"][0];
        assert_eq!((&check["details"]["behind"], &check["data"][1]), (&"12".into(), &2.into()));
        assert_eq!(check["latency_ms"], 2.0);
        assert_eq!((&check["error"], &check["critical"]), (&"lagging".into(), &true.into()));
    })
    .await;
}
