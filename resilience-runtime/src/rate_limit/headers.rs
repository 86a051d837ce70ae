//! What servers say about their limits in the headers of a response.
//!
//! - `Retry-After`, in seconds or as a date: RFC 9110, section 10.2.3.
//! - `RateLimit-Limit`, `-Remaining` and `-Reset`: draft-ietf-httpapi-ratelimit-headers-06 (2022) and before.
//! - `RateLimit: limit=100, remaining=50, reset=30`: draft-ietf-httpapi-ratelimit-headers-07 (2023).
//! - `RateLimit: "default";r=50;t=30`, with `RateLimit-Policy: "default";q=100;w=60`:
//!   draft-ietf-httpapi-ratelimit-headers-10 (2025).
//! - `X-RateLimit-*` and `X-Rate-Limit-*` with `Remaining`, and `Reset` or `Reset-After`: custom, not a standard.

use std::time::Duration;

/// One header: a name and a value.
///
/// Pairs of anything that is text by name and bytes by value, by value or by reference: `&http::HeaderMap`, arrays and
/// slices of pairs, and maps give such.
pub trait Header {
    /// The name, in any case of letters.
    fn name(&self) -> &str;

    /// The value.
    fn value(&self) -> &[u8];
}

impl<N: AsRef<str>, V: AsRef<[u8]>> Header for (N, V) {
    fn name(&self) -> &str {
        self.0.as_ref()
    }

    fn value(&self) -> &[u8] {
        self.1.as_ref()
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>> Header for &(N, V) {
    fn name(&self) -> &str {
        self.0.as_ref()
    }

    fn value(&self) -> &[u8] {
        self.1.as_ref()
    }
}

/// What a server said.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Advice {
    /// Come back after so long.
    pub(super) pause: Option<Duration>,
    /// So many calls are left for so long.
    pub(super) quota: Option<Quota>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Quota {
    pub(super) remaining: f64,
    pub(super) reset: Duration,
}

impl Quota {
    #[inline]
    fn rate(&self) -> f64 {
        self.remaining / self.reset.as_secs_f64()
    }
}

/// Reads the headers of a response. `wall` is the time since 1970, which the dates in headers are compared with unless
/// the response says what the server's own clock shows.
pub(super) fn read(headers: impl IntoIterator<Item = impl Header>, wall: Duration) -> Advice {
    let mut found = Found::default();
    for header in headers {
        if let Ok(value) = std::str::from_utf8(header.value()) {
            found.take(&header.name().to_ascii_lowercase(), value.trim());
        }
    }
    found.advice(wall)
}

#[derive(Default)]
struct Found {
    date: Option<Duration>,
    retry_after: Option<String>,
    remaining: Option<f64>,
    reset: Option<f64>,
    reset_after: Option<f64>,
    /// Of the structured fields.
    quotas: Vec<(String, Quota)>,
    windows: Vec<(String, f64)>,
    without_reset: Vec<(String, f64)>,
}

impl Found {
    #[inline]
    fn take(&mut self, name: &str, value: &str) {
        match name {
            "date" => self.date = http_date(value),
            "retry-after" => self.retry_after = Some(value.to_owned()),
            "ratelimit" => self.structured(value),
            "ratelimit-policy" => self.policies(value),
            _ => {
                let families = ["ratelimit-", "x-ratelimit-", "x-rate-limit-"];
                let Some(what) = families.iter().find_map(|family| name.strip_prefix(family)) else { return };
                let slot = match what {
                    "remaining" => &mut self.remaining,
                    "reset" => &mut self.reset,
                    "reset-after" => &mut self.reset_after,
                    _ => return,
                };
                // Where a proxy adds its own, the lower number is the one that refuses first.
                if let Some(number) = number(value) {
                    *slot = Some(slot.map_or(number, |other| other.min(number)));
                }
            }
        }
    }

    /// `RateLimit`, of either draft.
    #[inline]
    fn structured(&mut self, value: &str) {
        // Draft 07: one quota, a dictionary.
        let entry = |key: &str| {
            let entries = value.split(',').filter_map(|entry| entry.split_once('='));
            entries.into_iter().find(|(name, _)| name.trim() == key).and_then(|(_, value)| number(value))
        };
        if let (Some(remaining), Some(reset)) = (entry("remaining"), entry("reset")) {
            self.quotas.extend(quota(remaining, reset).map(|quota| (String::new(), quota)));
            return;
        }
        // Draft 08 and later: a list of quotas, each with parameters.
        for item in value.split(',') {
            let (name, parameter) = parameters(item);
            match (parameter("r"), parameter("t")) {
                (Some(remaining), Some(reset)) => {
                    self.quotas.extend(quota(remaining, reset).map(|quota| (name, quota)));
                }
                (Some(remaining), None) => self.without_reset.push((name, remaining)),
                _ => {}
            }
        }
    }

    #[inline]
    fn policies(&mut self, value: &str) {
        for item in value.split(',') {
            let (name, parameter) = parameters(item);
            self.windows.extend(parameter("w").map(|window| (name, window)));
        }
    }

    #[inline]
    fn advice(mut self, wall: Duration) -> Advice {
        let wall = self.date.unwrap_or(wall);
        let pause = self.retry_after.as_deref().and_then(|value| match number(value) {
            Some(seconds) => Duration::try_from_secs_f64(seconds).ok(),
            None => http_date(value).map(|date| date.saturating_sub(wall)),
        });
        // What isn't said about the time until the reset is at most the window.
        for (name, remaining) in std::mem::take(&mut self.without_reset) {
            let window = self.windows.iter().find(|(of, _)| *of == name).map(|(_, window)| *window);
            self.quotas.extend(window.and_then(|window| quota(remaining, window)).map(|quota| (name, quota)));
        }
        let reset = self.reset_after.or_else(|| self.reset.map(|reset| delta(reset, wall)));
        if let (Some(remaining), Some(reset)) = (self.remaining, reset) {
            self.quotas.extend(quota(remaining, reset).map(|quota| (String::new(), quota)));
        }
        let quotas = self.quotas.into_iter().map(|(_, quota)| quota);
        // The one that allows least; of those that allow nothing, the one that lasts longest.
        let tightest = quotas.min_by(|a, b| a.rate().total_cmp(&b.rate()).then(b.reset.cmp(&a.reset)));
        Advice { pause: pause.filter(|pause| !pause.is_zero()), quota: tightest }
    }
}

/// A name and its parameters: `"default";r=50;t=30`.
#[inline]
fn parameters(item: &str) -> (String, impl Fn(&str) -> Option<f64>) {
    let mut parts = item.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default().trim_matches('"').to_owned();
    let list: Vec<_> = parts.filter_map(|part| part.split_once('=')).collect();
    (name, move |key| list.iter().find(|(name, _)| *name == key).and_then(|(_, value)| number(value)))
}

/// A number that isn't negative. Of a list, as a header that came twice is joined to one, the first.
#[inline]
fn number(text: &str) -> Option<f64> {
    let first = text.split(',').next().unwrap_or_default().trim();
    let number: f64 = first.parse().ok()?;
    (number.is_finite() && number >= 0.0).then_some(number)
}

#[inline]
fn quota(remaining: f64, reset: f64) -> Option<Quota> {
    let reset = Duration::try_from_secs_f64(reset).ok()?;
    (!reset.is_zero()).then_some(Quota { remaining, reset })
}

/// The seconds until a reset: some servers give them, others the moment, in seconds or milliseconds since 1970. No
/// window is thirty years long, and no moment is before 2001.
#[inline]
fn delta(reset: f64, wall: Duration) -> f64 {
    const SECONDS: f64 = 1.0e9;
    const MILLIS: f64 = 1.0e12;
    match reset {
        ..SECONDS => reset,
        SECONDS..MILLIS => (reset - wall.as_secs_f64()).max(0.0),
        _ => (reset / 1_000.0 - wall.as_secs_f64()).max(0.0),
    }
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`, as the time since 1970: the form that servers have to send (RFC 9110, section
/// 5.6.7). The two older ones are not understood.
#[inline]
fn http_date(text: &str) -> Option<Duration> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (_, date) = text.split_once(", ")?;
    let mut parts = date.split(' ');
    let day: u64 = parts.next()?.parse().ok()?;
    let month = parts.next()?;
    let month = MONTHS.iter().position(|name| *name == month)? as u64 + 1;
    let year: u64 = parts.next()?.parse().ok()?;
    let mut clock = parts.next()?.split(':').map(|part| part.parse::<u64>().ok());
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    let is_date = (1970..10_000).contains(&year) && (1..=31).contains(&day);
    if parts.next()? != "GMT" || !is_date || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    // The days of a year that begins in March, so that the leap day is its last (Howard Hinnant, "chrono-Compatible
    // Low-Level Date Algorithms").
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    let days = days.checked_sub(719_468)?;
    Some(Duration::from_secs(days * 86_400 + hour * 3_600 + minute * 60 + second))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WALL: Duration = Duration::from_secs(784_111_777);

    fn advice(headers: &[(&str, &str)]) -> Advice {
        read(headers, WALL)
    }

    fn quota_of(headers: &[(&str, &str)]) -> Option<(f64, Duration)> {
        advice(headers).quota.map(|quota| (quota.remaining, quota.reset))
    }

    const fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn dates_are_read_as_the_standard_writes_them() {
        assert_eq!(http_date("Sun, 06 Nov 1994 08:49:37 GMT"), Some(WALL));
        assert_eq!(http_date("Thu, 01 Jan 1970 00:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(http_date("Thu, 29 Feb 2024 12:00:00 GMT"), Some(secs(1_709_208_000)));
        assert_eq!(http_date("Fri, 31 Dec 9999 23:59:60 GMT"), Some(secs(253_402_300_800)));
        for wrong in [
            "",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            "Sun, 06 Nov 1994 08:49:37 CET",
            "Sun, 32 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:49:37 GMT",
            "Sun, 06 Foo 1994 08:49:37 GMT",
            "Sun, 06 Nov 99999999999999999999 08:49:37 GMT",
        ] {
            assert_eq!(http_date(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let pause = |headers: &[(&str, &str)]| advice(headers).pause;
        assert_eq!(pause(&[("Retry-After", "120")]), Some(secs(120)));
        assert_eq!(pause(&[("retry-after", "Sun, 06 Nov 1994 08:50:37 GMT")]), Some(secs(60)));
        // By the server's own clock, where it tells.
        let dated =
            [("Retry-After", "Sun, 06 Nov 1994 08:50:37 GMT"), ("Date", "Sun, 06 Nov 1994 08:50:27 GMT")];
        assert_eq!(pause(&dated), Some(secs(10)));
        for nothing in ["0", "-1", "soon", "Sun, 06 Nov 1994 08:49:30 GMT"] {
            assert_eq!(pause(&[("Retry-After", nothing)]), None, "{nothing}");
        }
    }

    #[test]
    fn every_family_of_headers_is_understood() {
        let now = secs(2_000_000_000);
        let families: &[&[(&str, &str)]] = &[
            &[("RateLimit-Limit", "100"), ("RateLimit-Remaining", "50"), ("RateLimit-Reset", "30")],
            &[("RateLimit", "limit=100, remaining=50, reset=30")],
            &[("RateLimit", "\"default\";r=50;t=30")],
            &[
                ("RateLimit", "\"default\";r=50"),
                ("RateLimit-Policy", "\"other\";q=9;w=9, \"default\";q=100;w=30"),
            ],
            &[("X-RateLimit-Remaining", "50"), ("X-RateLimit-Reset", "30")],
            &[("X-Rate-Limit-Remaining", "50"), ("X-Rate-Limit-Reset", "30.0")],
            &[("x-ratelimit-remaining", "50"), ("x-ratelimit-reset", "2000000030")],
            &[("x-ratelimit-remaining", "50"), ("x-ratelimit-reset", "2000000030000")],
            &[("x-ratelimit-remaining", "50"), ("x-ratelimit-reset", "7"), ("x-ratelimit-reset-after", "30")],
        ];
        for family in families {
            let expected = Quota { remaining: 50.0, reset: secs(30) };
            assert_eq!(read(*family, now), Advice { pause: None, quota: Some(expected) }, "{family:?}");
        }
    }

    #[test]
    fn of_several_quotas_the_tightest_counts() {
        let two = [("RateLimit", "\"burst\";r=50;t=10, \"daily\";r=100;t=3600")];
        assert_eq!(quota_of(&two), Some((100.0, secs(3600))));
        let spent = [
            ("RateLimit", "\"a\";r=0;t=10, \"b\";r=0;t=20"),
            ("RateLimit-Remaining", "3"),
            ("RateLimit-Reset", "1"),
        ];
        assert_eq!(quota_of(&spent), Some((0.0, secs(20))));
        // As joined by a proxy.
        let joined =
            [("RateLimit-Remaining", "9, 5"), ("RateLimit-Remaining", "7"), ("RateLimit-Reset", "10")];
        assert_eq!(quota_of(&joined), Some((7.0, secs(10))));
    }

    #[test]
    fn what_is_no_limit_is_passed_over() {
        let headers: &[&[(&str, &str)]] = &[
            &[],
            &[("Content-Length", "3"), ("X-RateLimit", "5")],
            &[("RateLimit-Remaining", "5")],
            &[("RateLimit-Reset", "5")],
            &[("RateLimit-Remaining", "-5"), ("RateLimit-Reset", "NaN")],
            &[("RateLimit-Remaining", "5"), ("RateLimit-Reset", "0")],
            &[("RateLimit-Remaining", "5"), ("RateLimit-Reset", "1e300")],
            &[("RateLimit", "\"default\";r=;t=30"), ("RateLimit", ";;==,,")],
            &[("RateLimit", "\"default\";r=5"), ("RateLimit-Policy", "\"other\";w=9")],
        ];
        for headers in headers {
            assert_eq!(advice(headers), Advice::default(), "{headers:?}");
        }
        assert_eq!(read([("Retry-After", b"\xff".as_slice())], WALL), Advice::default());
    }
}
