//! The checks of a service, and the report they make.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::Ordering;
use std::sync::{Arc, LazyLock, PoisonError};
use std::time::Duration;

use super::check::{CheckFn, HealthCheck, HealthCheckError};
use super::report::{BreakerReport, HealthReport, HealthStatus};
use super::{run, site};
use crate::circuit_breaker::{CircuitBreaker, CircuitState};
use crate::clock::Instant;
use crate::name::Name;
use crate::problems::Problems;
use crate::registry::circuit_breakers;
use crate::report as log;
use crate::sync::{AtomicU64, Mutex, MutexGuard};

/// The checks of a service. Cloning it is cheap and shares them.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// use std::time::Duration;
/// use resilience::health::{HealthRegistry, HealthStatus};
///
/// let registry = HealthRegistry::builder().version("1.4.0").build();
/// registry.register("database", Duration::from_secs(5), async || Ok::<_, std::io::Error>(()))?;
/// registry.register("disk", Duration::from_secs(1), || std::path::Path::new("/").exists())?;
///
/// let report = registry.run_all().await;
/// assert_eq!(report.status, HealthStatus::Healthy);
/// assert_eq!(report.checks.len(), 2);
/// # Ok::<(), resilience::health::HealthCheckError>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct HealthRegistry(Arc<Inner>);

struct Inner {
    checks: Mutex<Vec<Arc<HealthCheck>>>,
    duplicates: Vec<DuplicateCheck>,
    start: Instant,
    settings: HealthRegistryBuilder,
    /// How many runs have ended: who finds another number than when it came shares what a run in between found.
    runs: AtomicU64,
    latest: tokio::sync::Mutex<Option<(Instant, Arc<HealthReport>)>>,
}

/// The settings of a [`HealthRegistry`].
#[derive(Clone, Debug, Default)]
pub struct HealthRegistryBuilder {
    version: Option<Name>,
    cache_for: Duration,
    open_breakers_degrade: bool,
    collected: bool,
}

impl HealthRegistryBuilder {
    /// The service's version, for the report: `env!("CARGO_PKG_VERSION")` in most programs.
    pub fn version(mut self, version: impl Into<Name>) -> Self {
        self.version = Some(version.into());
        self
    }

    /// How long a report answers for those who ask again; zero to start with.
    pub fn cache_for(mut self, time: Duration) -> Self {
        self.cache_for = time;
        self
    }

    /// Whether a circuit that isn't closed degrades the service, which it doesn't to start with. It never makes it
    /// unhealthy: a restart would not mend what the circuit protects from.
    pub fn open_breakers_degrade(mut self, degrade: bool) -> Self {
        self.open_breakers_degrade = degrade;
        self
    }

    /// Begins with the functions that bear `#[health_check]`.
    pub fn collected(mut self) -> Self {
        self.collected = true;
        self
    }

    /// The registry. Its uptime counts from here.
    pub fn build(self) -> HealthRegistry {
        let (checks, duplicates) = if self.collected { collect() } else { (Vec::new(), Vec::new()) };
        for duplicate in &duplicates {
            log::warn(duplicate);
        }
        HealthRegistry(Arc::new(Inner {
            checks: Mutex::new(checks),
            duplicates,
            start: Instant::now(),
            settings: self,
            runs: AtomicU64::new(0),
            latest: tokio::sync::Mutex::new(None),
        }))
    }
}

/// Two `#[health_check]`s of one name. The first in the order of the source is the one that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DuplicateCheck {
    /// The shared name.
    pub name: &'static str,
    /// The check that runs, as `file:line`.
    pub first: String,
    /// The one that is passed over, as `file:line`.
    pub second: String,
}

impl fmt::Display for DuplicateCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, first, second } = self;
        write!(f, "health check `{name}` is at {first}; another of that name at {second} never runs")
    }
}

impl std::error::Error for DuplicateCheck {}

fn collect() -> (Vec<Arc<HealthCheck>>, Vec<DuplicateCheck>) {
    let (mut checks, mut duplicates) = (Vec::new(), Vec::new());
    let mut first = BTreeMap::new();
    for site in site::sites() {
        if let Some(first) = first.get(site.name) {
            let (first, second) = (format!("{first}"), site.location.to_string());
            duplicates.push(DuplicateCheck { name: site.name, first, second });
        } else {
            first.insert(site.name, site.location);
            checks.push(Arc::new(site.make()));
        }
    }
    (checks, duplicates)
}

impl HealthRegistry {
    /// A registry without checks.
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// A registry with settings.
    pub fn builder() -> HealthRegistryBuilder {
        HealthRegistryBuilder::default()
    }

    /// The program's own, with the functions that bear `#[health_check]`. Its uptime counts from its first use.
    pub fn global() -> &'static Self {
        static GLOBAL: LazyLock<HealthRegistry> =
            LazyLock::new(|| HealthRegistry::builder().collected().build());
        &GLOBAL
    }

    /// Adds a critical check, sync or async. What it gives is a `bool`, `()`, a [`Health`](super::Health), or a
    /// `Result` of one of these.
    ///
    /// A sync check runs on a thread of its own, one at most, so that it holds nothing up.
    ///
    /// # Errors
    /// A name that is empty or taken, or a limit of zero.
    pub fn register<Kind>(
        &self,
        name: impl Into<Name>,
        timeout: Duration,
        check: impl CheckFn<Kind>,
    ) -> Result<(), HealthCheckError> {
        self.add(HealthCheck::new(name, timeout, check))
    }

    /// Adds a check.
    ///
    /// # Errors
    /// A name that is empty or taken, or a limit of zero.
    pub fn add(&self, check: HealthCheck) -> Result<(), HealthCheckError> {
        check.validate()?;
        let mut checks = self.checks();
        if checks.iter().any(|other| other.name == check.name) {
            return Err(HealthCheckError::NameTaken { name: check.name });
        }
        checks.push(Arc::new(check));
        Ok(())
    }

    /// Checks that no two `#[health_check]`s have one name. A good line for a test.
    ///
    /// # Errors
    /// Those that have.
    ///
    /// ```
    /// use resilience::health::HealthRegistry;
    ///
    /// fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///     HealthRegistry::global().verify()?;
    ///     Ok(())
    /// }
    /// ```
    pub fn verify(&self) -> Result<(), Problems<DuplicateCheck>> {
        Problems::none(self.0.duplicates.clone())
    }

    /// Runs all checks at once, each within its time, and reports.
    ///
    /// Those who ask while a run is under way share its report, and so do those who ask within `cache_for` of its end.
    /// If the one whose task runs the checks goes away, the next takes over. A check that panics is unhealthy.
    ///
    pub async fn run_all(&self) -> Arc<HealthReport> {
        let inner = &*self.0;
        let runs_before = inner.runs.load(Ordering::Acquire);
        let mut latest = inner.latest.lock().await;
        if let Some((at, report)) = &*latest {
            let is_shared = inner.runs.load(Ordering::Acquire) != runs_before;
            if is_shared || Instant::now().since(*at) < inner.settings.cache_for {
                return Arc::clone(report);
            }
        }
        let checks = self.checks().clone();
        let report = Arc::new(self.report(run::all(&checks).await));
        *latest = Some((Instant::now(), Arc::clone(&report)));
        inner.runs.fetch_add(1, Ordering::Release);
        report
    }

    fn report(&self, checks: Vec<super::CheckReport>) -> HealthReport {
        let settings = &self.0.settings;
        let circuit_breakers = breakers();
        let mut status = HealthReport::status_of(&checks);
        if settings.open_breakers_degrade && circuit_breakers.iter().any(|breaker| is_open(breaker.state)) {
            status = status.max(HealthStatus::Degraded);
        }
        HealthReport {
            status,
            version: settings.version.clone(),
            uptime: Instant::now().since(self.0.start),
            checks,
            circuit_breakers,
        }
    }

    fn checks(&self) -> MutexGuard<'_, Vec<Arc<HealthCheck>>> {
        self.0.checks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for HealthRegistry {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for HealthRegistry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HealthRegistry").field("checks", &*self.checks()).finish_non_exhaustive()
    }
}

fn is_open(state: CircuitState) -> bool {
    matches!(state, CircuitState::Open | CircuitState::HalfOpen)
}

/// The program's breakers, by name. Of those with keys, which may be thousands, the ones that aren't closed.
fn breakers() -> Vec<BreakerReport> {
    let report = |(name, breaker): (String, Option<CircuitBreaker>)| {
        let state = breaker.as_ref().map_or(CircuitState::Closed, CircuitBreaker::state);
        BreakerReport { name, state, retry_after: breaker.and_then(|breaker| breaker.time_until_reset()) }
    };
    circuit_breakers().into_iter().map(report).collect()
}

#[cfg(all(test, loom))]
mod loom_tests;
