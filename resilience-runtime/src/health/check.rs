//! One check: what it is called, how long it may take, and what it may answer.

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use super::report::HealthStatus;
use super::run::Blocking;
use crate::config::is_blank;
use crate::name::Name;

/// What a check found out.
///
/// ```
/// use resilience::health::{Health, HealthStatus};
///
/// let health = Health::healthy().detail("connections", 7);
/// assert_eq!(health.status(), HealthStatus::Healthy);
/// assert_eq!(Health::unhealthy("no route").error(), Some("no route"));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Health {
    pub(super) status: HealthStatus,
    pub(super) error: Option<String>,
    pub(super) details: Vec<(String, String)>,
    #[cfg(feature = "serde")]
    pub(super) data: Option<serde_json::Value>,
}

impl Health {
    fn new(status: HealthStatus, error: Option<String>) -> Self {
        Self {
            status,
            error,
            details: Vec::new(),
            #[cfg(feature = "serde")]
            data: None,
        }
    }

    /// All is well.
    pub fn healthy() -> Self {
        Self::new(HealthStatus::Healthy, None)
    }

    /// It works, but not as it should.
    pub fn degraded(error: impl fmt::Display) -> Self {
        Self::new(HealthStatus::Degraded, Some(error.to_string()))
    }

    /// It doesn't work.
    pub fn unhealthy(error: impl fmt::Display) -> Self {
        Self::new(HealthStatus::Unhealthy, Some(error.to_string()))
    }

    /// Adds something worth knowing.
    pub fn detail(mut self, key: impl Into<String>, value: impl fmt::Display) -> Self {
        self.details.push((key.into(), value.to_string()));
        self
    }

    /// Adds a value with a structure of its own. One that can't be serialized is told as a detail `data`.
    #[cfg(feature = "serde")]
    pub fn data(mut self, value: impl serde::Serialize) -> Self {
        match serde_json::to_value(value) {
            Ok(value) => self.data = Some(value),
            Err(error) => return self.detail("data", error),
        }
        self
    }

    /// The verdict.
    pub const fn status(&self) -> HealthStatus {
        self.status
    }

    /// What is wrong, if anything is.
    pub fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }
}

/// What a check may answer: a `bool`, `()`, a [`Health`], or a `Result` of one of these.
#[diagnostic::on_unimplemented(
    message = "a health check can't answer with `{Self}`",
    label = "no answer of a health check",
    note = "a check gives a `bool`, `()`, a `Health` with details, or a `Result` of one of these whose error is `Display`"
)]
pub trait IntoHealth {
    /// The answer as the report has it.
    fn into_health(self) -> Health;
}

impl IntoHealth for Health {
    fn into_health(self) -> Health {
        self
    }
}

impl IntoHealth for () {
    fn into_health(self) -> Health {
        Health::healthy()
    }
}

impl IntoHealth for bool {
    fn into_health(self) -> Health {
        if self { Health::healthy() } else { Health::unhealthy("the check said no") }
    }
}

impl<T: IntoHealth, E: fmt::Display> IntoHealth for Result<T, E> {
    fn into_health(self) -> Health {
        self.map_or_else(Health::unhealthy, IntoHealth::into_health)
    }
}

pub(super) type Asking = Pin<Box<dyn Future<Output = Health> + Send>>;

/// A check without its name. Only this library makes one.
#[doc(hidden)]
pub enum Probe {
    #[doc(hidden)]
    Async(Box<dyn Fn() -> Asking + Send + Sync>),
    #[doc(hidden)]
    Blocking(Blocking),
}

/// A function or closure without arguments, sync or async, that gives an [`IntoHealth`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no health check",
    label = "no health check",
    note = "a check is a function or a closure without arguments, sync or async, that gives a `bool`, `()`, a `Health`, \
            or a `Result` of one of these",
    note = "it and its future are `Send` and `'static`, because the registry keeps it and runs it anywhere"
)]
pub trait CheckFn<Kind> {
    #[doc(hidden)]
    fn into_probe(self) -> Probe;
}

/// Tells sync checks from async ones.
#[doc(hidden)]
#[derive(Debug)]
pub struct IsSync;

/// Tells async checks from sync ones.
#[doc(hidden)]
#[derive(Debug)]
pub struct IsAsync;

impl<F, T> CheckFn<IsSync> for F
where
    F: Fn() -> T + Send + Sync + 'static,
    T: IntoHealth,
{
    fn into_probe(self) -> Probe {
        Probe::Blocking(Blocking::new(move || self().into_health()))
    }
}

impl<F, A> CheckFn<IsAsync> for F
where
    F: Fn() -> A + Send + Sync + 'static,
    A: Future<Output: IntoHealth> + Send + 'static,
{
    fn into_probe(self) -> Probe {
        Probe::Async(Box::new(move || {
            let asking = self();
            Box::pin(async move { asking.await.into_health() })
        }))
    }
}

/// A named check, to be [added](super::HealthRegistry::add) to a registry.
///
/// ```
/// use std::time::Duration;
/// use resilience::health::{HealthCheck, HealthRegistry};
///
/// let registry = HealthRegistry::new();
/// let cache = HealthCheck::new("cache", Duration::from_secs(1), async || true).critical(false);
/// registry.add(cache)?;
/// # Ok::<(), resilience::health::HealthCheckError>(())
/// ```
pub struct HealthCheck {
    pub(super) name: Name,
    pub(super) timeout: Duration,
    pub(super) critical: bool,
    pub(super) probe: Probe,
}

impl HealthCheck {
    /// A critical check. A sync one runs on a thread of its own, so that it holds nothing up.
    pub fn new<Kind>(name: impl Into<Name>, timeout: Duration, check: impl CheckFn<Kind>) -> Self {
        Self::of(name.into(), timeout, check.into_probe())
    }

    pub(super) fn of(name: Name, timeout: Duration, probe: Probe) -> Self {
        Self { name, timeout, critical: true, probe }
    }

    /// Whether the service is unhealthy without it, which is what a check starts from; otherwise it is degraded.
    pub fn critical(mut self, critical: bool) -> Self {
        self.critical = critical;
        self
    }

    pub(super) fn validate(&self) -> Result<(), HealthCheckError> {
        if is_blank(&self.name) {
            return Err(HealthCheckError::EmptyName);
        }
        if self.timeout.is_zero() {
            return Err(HealthCheckError::ZeroTimeout { name: self.name.clone() });
        }
        Ok(())
    }
}

impl fmt::Debug for HealthCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HealthCheck")
            .field("name", &self.name)
            .field("timeout", &self.timeout)
            .field("critical", &self.critical)
            .finish_non_exhaustive()
    }
}

/// Why a check can't be added.
///
/// ```
/// use std::time::Duration;
/// use resilience::health::HealthRegistry;
///
/// let registry = HealthRegistry::new();
/// registry.register("database", Duration::from_secs(5), || true)?;
/// let error = registry.register("database", Duration::from_secs(1), || true).unwrap_err();
/// assert_eq!(error.to_string(), "there is a health check `database` already: give this one another name");
/// # Ok::<(), resilience::health::HealthCheckError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HealthCheckError {
    /// Nobody could tell from the report which check it is.
    EmptyName,
    /// The registry has a check of this name.
    #[non_exhaustive]
    NameTaken {
        /// The name.
        name: Name,
    },
    /// The check would be late before it began.
    #[non_exhaustive]
    ZeroTimeout {
        /// The check's name.
        name: Name,
    },
}

impl fmt::Display for HealthCheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptyName => f.write_str("a health check needs a name: it is what the report calls it"),
            Self::NameTaken { name } => {
                write!(f, "there is a health check `{name}` already: give this one another name")
            }
            Self::ZeroTimeout { name } => {
                write!(
                    f,
                    "the `timeout` of health check `{name}` must be above zero: it would always be late"
                )
            }
        }
    }
}

impl std::error::Error for HealthCheckError {}
