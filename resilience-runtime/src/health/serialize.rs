//! The report as JSON, or as whatever serde can write. By hand: the derive would bring `syn` below the runtime.

use std::time::Duration;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::report::{BreakerReport, CheckReport, HealthReport, HealthStatus};

/// What is finer than a thousandth is noise, and hard to read.
fn thousandths(number: f64) -> f64 {
    (number * 1e3).round() / 1e3
}

fn milliseconds(time: Duration) -> f64 {
    thousandths(time.as_secs_f64() * 1e3)
}

impl Serialize for HealthStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl Serialize for HealthReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("status", &self.status)?;
        if let Some(version) = &self.version {
            map.serialize_entry("version", version.as_str())?;
        }
        map.serialize_entry("uptime_seconds", &thousandths(self.uptime.as_secs_f64()))?;
        map.serialize_entry("checks", &self.checks)?;
        map.serialize_entry("circuit_breakers", &self.circuit_breakers)?;
        map.end()
    }
}

impl Serialize for CheckReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", self.name.as_str())?;
        map.serialize_entry("status", &self.status)?;
        map.serialize_entry("critical", &self.critical)?;
        map.serialize_entry("latency_ms", &milliseconds(self.latency))?;
        if let Some(error) = &self.error {
            map.serialize_entry("error", error)?;
        }
        if !self.details.is_empty() {
            map.serialize_entry("details", &Pairs(&self.details))?;
        }
        if let Some(data) = &self.data {
            map.serialize_entry("data", data)?;
        }
        map.end()
    }
}

struct Pairs<'a>(&'a [(String, String)]);

impl Serialize for Pairs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

impl Serialize for BreakerReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", &self.name)?;
        map.serialize_entry("state", &self.state.to_string())?;
        if let Some(retry_after) = self.retry_after {
            map.serialize_entry("retry_after_ms", &milliseconds(retry_after))?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short_to_read() {
        assert_eq!(serde_json::to_string(&milliseconds(Duration::from_nanos(1_478_999))).unwrap(), "1.479");
        assert_eq!(serde_json::to_string(&milliseconds(Duration::from_secs(4))).unwrap(), "4000.0");
        assert!(milliseconds(Duration::MAX).is_finite());
    }
}
