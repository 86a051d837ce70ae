//! What servers say about their limits in the headers of a response.
//!
//! - `Retry-After`, in seconds or as a date: RFC 9110, section 10.2.3; `Retry-After-Ms` and `X-Ms-Retry-After-Ms`.
//! - `RateLimit-Limit`, `-Remaining` and `-Reset`: draft-ietf-httpapi-ratelimit-headers-06 (2022) and before.
//! - `RateLimit: limit=100, remaining=50, reset=30`: draft-ietf-httpapi-ratelimit-headers-07 (2023).
//! - `RateLimit: "default";r=50;t=30`, with `RateLimit-Policy: "default";q=100;w=60`:
//!   draft-ietf-httpapi-ratelimit-headers-10 (2025).
//! - `X-RateLimit-*` and `X-Rate-Limit-*` with `Remaining`, and `Reset` or `Reset-After`: custom, not a standard.

use std::time::{Duration, SystemTime};

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

/// The limits that a response's headers state.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Advice {
    /// The time until the next call may be made.
    pub(super) pause: Option<Duration>,
    /// The calls that are left in a window.
    pub(super) quota: Option<Quota>,
    /// The server's time when it sent the response, since 1970.
    pub(super) date: Option<Duration>,
}

impl Advice {
    pub(super) fn is_empty(&self) -> bool {
        self.pause.is_none() && self.quota.is_none()
    }
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
/// the response has a `Date` of its own.
pub(super) fn read(headers: impl IntoIterator<Item = impl Header>, wall: Duration) -> Advice {
    let mut found = Found::default();
    for header in headers {
        if let Ok(value) = std::str::from_utf8(header.value()) {
            found.take(&header.name().to_ascii_lowercase(), value.trim());
        }
    }
    found.advice(wall)
}

/// The prefixes of header names. The headers of one prefix state a quota of their own.
const FAMILIES: [&str; 3] = ["ratelimit-", "x-ratelimit-", "x-rate-limit-"];

#[derive(Default)]
struct Found {
    date: Option<Duration>,
    retry_after: Option<String>,
    retry_after_millis: Option<f64>,
    families: [Family; FAMILIES.len()],
    /// Of the structured fields.
    quotas: Vec<(String, Quota)>,
    windows: Vec<(String, f64)>,
    without_reset: Vec<(String, f64)>,
}

/// The values of one family of headers, in the order in which they came. Each proxy on the way may add its own.
#[derive(Default)]
struct Family {
    remaining: Vec<f64>,
    reset: Vec<f64>,
    reset_after: Vec<f64>,
}

impl Family {
    /// The quotas that the headers state. Where a `remaining` has no `reset` of its own, the longest one is the safe
    /// reading.
    fn quotas(&self, wall: Duration) -> impl Iterator<Item = Quota> {
        let resets: Vec<f64> = match &self.reset_after[..] {
            [] => self.reset.iter().map(|reset| delta(*reset, wall)).collect(),
            after => after.to_vec(),
        };
        let longest = resets.iter().copied().reduce(f64::max);
        let in_pairs = resets.len() == self.remaining.len();
        let quota_of = move |(place, remaining): (usize, &f64)| {
            let reset = if in_pairs { resets.get(place).copied() } else { longest };
            reset.and_then(|reset| quota(*remaining, reset))
        };
        self.remaining.iter().enumerate().filter_map(quota_of)
    }
}

impl Found {
    #[inline]
    fn take(&mut self, name: &str, value: &str) {
        match name {
            "date" => self.date = http_date(value),
            "retry-after" => self.retry_after = Some(value.to_owned()),
            // Of Azure's services and of OpenAI's.
            "retry-after-ms" | "x-ms-retry-after-ms" => self.retry_after_millis = number(value),
            "ratelimit" => self.structured(value),
            "ratelimit-policy" => self.policies(value),
            _ => {
                for (prefix, family) in FAMILIES.iter().zip(&mut self.families) {
                    let values = match name.strip_prefix(prefix) {
                        Some("remaining") => &mut family.remaining,
                        Some("reset") => &mut family.reset,
                        Some("reset-after") => &mut family.reset_after,
                        _ => continue,
                    };
                    values.extend(value.split(',').filter_map(number));
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
        let retry_after = self.retry_after.as_deref().and_then(|value| match number(value) {
            Some(seconds) => Some(duration(seconds)),
            None => http_date(value).map(|date| date.saturating_sub(wall)),
        });
        let millis = self.retry_after_millis.map(|millis| duration(millis / 1_000.0));
        // Both say the same to different readers, and the milliseconds are finer.
        let pause = millis.or(retry_after).filter(|pause| !pause.is_zero());
        // The time until the reset is at most the window, where the header doesn't say it.
        for (name, remaining) in std::mem::take(&mut self.without_reset) {
            let window = self.windows.iter().find(|(of, _)| *of == name).map(|(_, window)| *window);
            self.quotas.extend(window.and_then(|window| quota(remaining, window)).map(|quota| (name, quota)));
        }
        let structured = self.quotas.iter().map(|(_, quota)| *quota);
        let quotas = structured.chain(self.families.iter().flat_map(|family| family.quotas(wall)));
        // The one that allows least; of those that allow nothing, the one that lasts longest.
        let tightest = quotas.min_by(|a, b| a.rate().total_cmp(&b.rate()).then(b.reset.cmp(&a.reset)));
        Advice { pause, quota: tightest, date: self.date }
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

/// A number that isn't negative, infinite if it has more digits than a float holds. Of a list the first.
#[inline]
fn number(text: &str) -> Option<f64> {
    let first = text.split(',').next().unwrap_or_default().trim();
    let is_numeric = first.starts_with(|first: char| first.is_ascii_digit() || first == '.');
    first.parse().ok().filter(|_| is_numeric)
}

/// A number of seconds, however large.
#[inline]
fn duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}

#[inline]
fn quota(remaining: f64, reset: f64) -> Option<Quota> {
    let reset = duration(reset);
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

/// A date of RFC 9110, section 5.6.7, in any of its three forms, as the time since 1970.
#[inline]
fn http_date(text: &str) -> Option<Duration> {
    httpdate::parse_http_date(text).ok()?.duration_since(SystemTime::UNIX_EPOCH).ok()
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
    fn dates_are_read_in_all_three_forms_of_the_standard() {
        for date in
            ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
        {
            assert_eq!(http_date(date), Some(WALL), "{date}");
        }
        assert_eq!(http_date("Thu, 01 Jan 1970 00:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(http_date("Thu, 29 Feb 2024 12:00:00 GMT"), Some(secs(1_709_208_000)));
        for wrong in [
            "",
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
        for beyond in ["18446744073709551616", "1e300", &"9".repeat(400)] {
            assert_eq!(pause(&[("Retry-After", beyond)]), Some(Duration::MAX), "{beyond}");
        }
        assert_eq!(pause(&[("Retry-After-Ms", "1500")]), Some(Duration::from_millis(1500)));
        let both = [("Retry-After", "2"), ("x-ms-retry-after-ms", "1500")];
        assert_eq!(pause(&both), Some(Duration::from_millis(1500)));
        for nothing in ["0", "-1", "inf", "NaN", "soon", "Sun, 06 Nov 1994 08:49:30 GMT"] {
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
            assert_eq!(read(*family, now).quota, Some(expected), "{family:?}");
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
        assert_eq!(quota_of(&joined), Some((5.0, secs(10))));
    }

    #[test]
    fn headers_of_one_family_and_of_one_sender_belong_together() {
        let two_families = [
            ("X-RateLimit-Remaining", "0"),
            ("X-RateLimit-Reset", "3600"),
            ("RateLimit-Remaining", "50"),
            ("RateLimit-Reset", "5"),
        ];
        assert_eq!(quota_of(&two_families), Some((0.0, secs(3600))));
        let two_senders = [
            ("X-RateLimit-Remaining", "0"),
            ("X-RateLimit-Reset", "3600"),
            ("X-RateLimit-Remaining", "50"),
            ("X-RateLimit-Reset", "5"),
        ];
        assert_eq!(quota_of(&two_senders), Some((0.0, secs(3600))));
        // One reset for two: the longer wait is the safe reading.
        let unpaired = [("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", "5, 60")];
        assert_eq!(quota_of(&unpaired), Some((0.0, secs(60))));
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
            &[("RateLimit", "\"default\";r=;t=30"), ("RateLimit", ";;==,,")],
            &[("RateLimit", "\"default\";r=5"), ("RateLimit-Policy", "\"other\";w=9")],
        ];
        for headers in headers {
            assert!(advice(headers).is_empty(), "{headers:?}");
        }
        assert!(read([("Retry-After", b"\xff".as_slice())], WALL).is_empty());
        let endless = [("RateLimit-Remaining", "5"), ("RateLimit-Reset", "1e300")];
        assert_eq!(quota_of(&endless), Some((5.0, Duration::MAX)));
    }
}
