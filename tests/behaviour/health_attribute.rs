//! `#[health_check]`: what the linker's list hands to a registry.

use std::time::Duration;

use resilience::health::{DuplicateCheck, Health, HealthReport, HealthStatus};
use resilience::{HealthRegistry, health_check, retry, timeout};

use crate::support::{Fault, Runs, secs};

const LIMIT: Duration = secs(7);

#[health_check(name = "attribute: well", timeout = "5s")]
async fn well() -> Result<(), Fault> {
    Ok(())
}

#[health_check(name = "attribute: late", timeout = LIMIT, critical = false)]
async fn late() {
    tokio::time::sleep(secs(60)).await;
}

#[health_check(timeout = "5s", critical = cfg!(any()))]
fn future() -> impl Future<Output = Health> + Send {
    std::future::ready(Health::degraded("lagging").detail("behind", 12))
}

static RUNS: Runs = Runs::new();

#[health_check(name = "attribute: around", timeout = "5s")]
#[retry(max_attempts = 3, base_delay = "1s")]
#[timeout("1s")]
async fn around() -> Result<bool, Fault> {
    if RUNS.hit() < 3 { Err(Fault::Fatal) } else { Ok(true) }
}

#[retry(max_attempts = 2, base_delay = "1s")]
#[health_check(name = "attribute: inside", timeout = "5s")]
async fn inside() -> Result<(), Fault> {
    Err(Fault::Fatal)
}

// What the body calls by the name of the function is no check.
#[health_check(name = "attribute: shadowed", timeout = "5s")]
async fn shadowed() -> bool {
    async fn shadowed() -> bool {
        false
    }
    !shadowed().await
}

mod first {
    #[resilience::health_check(name = "attribute: twice", timeout = "5s")]
    pub async fn twice() -> bool {
        true
    }
}

mod second {
    #[resilience::health_check(name = "attribute: twice", timeout = "5s")]
    pub async fn twice() -> bool {
        false
    }
}

async fn collected() -> (HealthRegistry, std::sync::Arc<HealthReport>) {
    let registry = HealthRegistry::builder().collected().build();
    let report = registry.run_all().await;
    (registry, report)
}

#[tokio::test(start_paused = true)]
async fn annotated_functions_are_checks_of_the_program() {
    let (_, report) = collected().await;
    let found = |name: &str| {
        let check = report.check(name).unwrap_or_else(|| panic!("no `{name}` in {report}"));
        (check.status, check.critical, check.error.as_deref())
    };
    assert_eq!(found("attribute: well"), (HealthStatus::Healthy, true, None));
    assert_eq!(found("attribute: late"), (HealthStatus::Unhealthy, false, Some("timed out after 7s")));
    let by_function = concat!(module_path!(), "::future");
    assert_eq!(found(by_function), (HealthStatus::Degraded, false, Some("lagging")));
    assert_eq!(report.check(by_function).unwrap().details, [("behind".to_owned(), "12".to_owned())]);
    assert_eq!(found("attribute: shadowed"), (HealthStatus::Healthy, true, None));
}

#[tokio::test(start_paused = true)]
async fn attributes_of_a_call_hold_for_a_checks_call_wherever_they_stand() {
    let (_, report) = collected().await;
    let around = report.check("attribute: around").unwrap();
    assert_eq!((around.status, RUNS.count() >= 3), (HealthStatus::Healthy, true));
    let inside = report.check("attribute: inside").unwrap();
    assert_eq!((inside.status, inside.error.as_deref()), (HealthStatus::Unhealthy, Some("fatal fault")));
    // Full jitter: some of a second between two attempts.
    assert!(inside.latency <= secs(1), "{:?}", inside.latency);
}

#[tokio::test(start_paused = true)]
async fn an_annotated_function_is_called_as_ever() {
    assert!(well().await.is_ok());
    assert!(shadowed().await);
    assert!(first::twice().await && !second::twice().await);
}

#[tokio::test(start_paused = true)]
async fn of_two_checks_of_one_name_the_first_runs_and_the_other_is_reported() {
    let (registry, report) = collected().await;
    assert_eq!(report.checks.iter().filter(|check| check.name == "attribute: twice").count(), 1);
    assert_eq!(report.check("attribute: twice").unwrap().status, HealthStatus::Healthy);
    let duplicates = registry.verify().unwrap_err();
    let [DuplicateCheck { name: "attribute: twice", first, second, .. }] = &duplicates[..] else {
        panic!("{duplicates:?}");
    };
    let line = |at: &str| at.rsplit_once(':').unwrap().1.parse::<u32>().unwrap();
    assert!(first.contains("health_attribute.rs:") && line(first) < line(second), "{first}, {second}");
    assert_eq!(duplicates.to_string(), duplicates[0].to_string());
    let as_error: Box<dyn std::error::Error> = duplicates.into();
    assert!(as_error.to_string().starts_with("health check `attribute: twice` is at "), "{as_error}");
    assert_eq!(HealthRegistry::new().verify(), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn the_programs_registry_has_the_collected_checks() {
    let report = HealthRegistry::global().run_all().await;
    assert!(report.check("attribute: well").is_some());
    assert!(HealthRegistry::new().run_all().await.checks.is_empty());
}
