//! What the checks came to.

use std::fmt;
use std::time::Duration;

use super::check::Health;
use crate::circuit_breaker::CircuitState;
use crate::name::Name;

/// How well a service, or a part of it, is. The worse, the greater.
///
/// ```
/// use resilience::health::HealthStatus;
///
/// assert!(HealthStatus::Unhealthy > HealthStatus::Degraded);
/// assert_eq!(HealthStatus::Degraded.http_status(), 200);
/// assert_eq!(HealthStatus::Unhealthy.http_status(), 503);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HealthStatus {
    /// All is well.
    #[default]
    Healthy,
    /// It can serve, but something is wrong.
    Degraded,
    /// It can't serve.
    Unhealthy,
}

impl HealthStatus {
    /// The name, in lower case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Degraded => "degraded",
            Self::Unhealthy => "unhealthy",
        }
    }

    /// What a readiness probe should be told: 503 when unhealthy, 200 otherwise.
    pub const fn http_status(self) -> u16 {
        match self {
            Self::Healthy | Self::Degraded => 200,
            Self::Unhealthy => 503,
        }
    }

    /// What a part's status means for the whole: one that isn't critical degrades at the worst.
    pub(super) fn of_part(self, critical: bool) -> Self {
        if critical { self } else { self.min(Self::Degraded) }
    }
}

impl fmt::Display for HealthStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What one check found out.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CheckReport {
    /// Its name.
    pub name: Name,
    /// Its own verdict.
    pub status: HealthStatus,
    /// Whether the service is unhealthy without it.
    pub critical: bool,
    /// How long it took.
    pub latency: Duration,
    /// What is wrong, if anything is.
    pub error: Option<String>,
    /// What else it said.
    pub details: Vec<(String, String)>,
    /// What it said that has a structure of its own.
    #[cfg(feature = "serde")]
    pub data: Option<serde_json::Value>,
}

impl CheckReport {
    pub(super) fn new(name: Name, critical: bool, latency: Duration, health: Health) -> Self {
        Self {
            name,
            critical,
            latency,
            status: health.status,
            error: health.error,
            details: health.details,
            #[cfg(feature = "serde")]
            data: health.data,
        }
    }
}

/// The state of one circuit breaker.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BreakerReport {
    /// Its name.
    pub name: String,
    /// Its state.
    pub state: CircuitState,
    /// How long until it lets a trial through, if it is open and knows.
    pub retry_after: Option<Duration>,
}

/// What a service says of itself.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct HealthReport {
    /// The worst of the checks, where one that isn't critical degrades at the most.
    pub status: HealthStatus,
    /// The service's version, if the registry was told.
    pub version: Option<Name>,
    /// How long ago the registry was made.
    pub uptime: Duration,
    /// The checks, in the order of their registration.
    pub checks: Vec<CheckReport>,
    /// The circuit breakers of the program, by name.
    pub circuit_breakers: Vec<BreakerReport>,
}

impl HealthReport {
    /// Whether the service can take requests: it isn't unhealthy.
    pub fn is_ready(&self) -> bool {
        self.status != HealthStatus::Unhealthy
    }

    /// The report of one check.
    pub fn check(&self, name: &str) -> Option<&CheckReport> {
        self.checks.iter().find(|check| check.name == name)
    }

    pub(super) fn status_of(checks: &[CheckReport]) -> HealthStatus {
        checks.iter().map(|check| check.status.of_part(check.critical)).max().unwrap_or_default()
    }
}

impl fmt::Display for HealthReport {
    /// One line for the whole, then one for each check and each circuit breaker.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status)?;
        if let Some(version) = &self.version {
            write!(f, ", version {version}")?;
        }
        write!(f, ", up for {}s", self.uptime.as_secs())?;
        for check in &self.checks {
            write!(f, "\n  {}: {}, {:?}", check.name, check.status, check.latency)?;
            if !check.critical {
                f.write_str(", not critical")?;
            }
            if let Some(error) = &check.error {
                write!(f, ", {error}")?;
            }
            for (key, value) in &check.details {
                write!(f, ", {key}: {value}")?;
            }
        }
        for breaker in &self.circuit_breakers {
            write!(f, "\n  circuit breaker {}: {}", breaker.name, breaker.state)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(status: HealthStatus, critical: bool) -> CheckReport {
        let health = match status {
            HealthStatus::Healthy => Health::healthy(),
            HealthStatus::Degraded => Health::degraded("slow"),
            HealthStatus::Unhealthy => Health::unhealthy("down"),
        };
        CheckReport::new("check".into(), critical, Duration::ZERO, health)
    }

    proptest! {
        #[test]
        fn the_whole_is_as_bad_as_its_worst_part_and_only_a_critical_one_takes_it_down(
            parts in prop::collection::vec((0_u8..3, any::<bool>()), 0..12)
        ) {
            let status = |part| match part {
                0 => HealthStatus::Healthy,
                1 => HealthStatus::Degraded,
                _ => HealthStatus::Unhealthy,
            };
            let checks: Vec<_> = parts.iter().map(|(part, critical)| check(status(*part), *critical)).collect();
            let whole = HealthReport::status_of(&checks);
            let is_down = parts.iter().any(|(part, critical)| *part == 2 && *critical);
            let is_well = parts.iter().all(|(part, _)| *part == 0);
            prop_assert_eq!(whole == HealthStatus::Unhealthy, is_down);
            prop_assert_eq!(whole == HealthStatus::Healthy, is_well);
            // The order of the parts is of no account.
            let mut turned = checks;
            turned.reverse();
            prop_assert_eq!(HealthReport::status_of(&turned), whole);
        }
    }
}
