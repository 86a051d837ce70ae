//! Reads the limits that servers state in the headers of a response.
//!
//! - `Retry-After`, in seconds or as a date: RFC 9110, section 10.2.3.
//! - `RateLimit-Limit`, `-Remaining` and `-Reset`: draft-ietf-httpapi-ratelimit-headers-06 (2022) and before.
//! - `RateLimit: limit=100, remaining=50, reset=30`: draft-ietf-httpapi-ratelimit-headers-07 (2023).
//! - `RateLimit: "default";r=50;t=30`, with `RateLimit-Policy: "default";q=100;w=60`:
//!   draft-ietf-httpapi-ratelimit-headers-10 (2025).
//! - Custom ones: any name with `RateLimit-` or `Rate-Limit-` in it and then `Remaining`, `Reset` or `Reset-After`, before
//!   or after the name of a resource; and the names of pauses in [`PAUSES`].

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

/// Headers that state a pause, each with true for milliseconds.
const PAUSES: [(&str, bool); 8] = [
    ("retry-after", false),
    ("x-retry-after", false),
    ("x-ratelimit-retry-after", false),
    ("x-rate-limit-retry-after", false),
    ("x-rate-limit-retry-after-seconds", false),
    ("retry-after-ms", true),
    ("x-ms-retry-after-ms", true),
    ("grpc-retry-pushback-ms", true),
];

#[derive(Default)]
struct Found {
    date: Option<Duration>,
    pause: Option<When>,
    pause_millis: Option<When>,
    /// By their names without the part that a header states: `x-ratelimit-`, or `x-ratelimit-requests`.
    families: Vec<(String, Family)>,
    /// Of the structured fields.
    quotas: Vec<(String, Quota)>,
    windows: Vec<(String, f64)>,
    without_reset: Vec<(String, f64)>,
}

/// A point in time, as a header states it.
#[derive(Clone, Copy)]
enum When {
    /// In seconds. A large one may be counted from 1970.
    Number(f64),
    /// In seconds from now.
    In(f64),
    /// Since 1970.
    At(Duration),
}

impl When {
    /// Reads a number, a date or a duration.
    #[inline]
    fn read(text: &str) -> Option<Self> {
        if let Some(number) = number(text) {
            return Some(Self::Number(number));
        }
        if let Some(date) = http_date(text).or_else(|| rfc3339(text)) {
            return Some(Self::At(date));
        }
        let length = crate::settings::duration::parse(&text.replace(['µ', 'μ'], "u")).ok()?;
        Some(Self::In(length.as_secs_f64()))
    }

    /// Reads a list. A date may have a comma of its own.
    #[inline]
    fn read_list(text: &str) -> Vec<Self> {
        match http_date(text) {
            Some(date) => vec![Self::At(date)],
            None => text.split(',').filter_map(|item| Self::read(item.trim())).collect(),
        }
    }

    /// Takes a number as milliseconds.
    fn in_millis(self) -> Self {
        match self {
            Self::Number(millis) => Self::In(millis / 1_000.0),
            other => other,
        }
    }

    /// Takes a number as seconds from now, however large it is.
    fn in_seconds(self) -> Self {
        match self {
            Self::Number(seconds) => Self::In(seconds),
            other => other,
        }
    }

    /// Returns the seconds from now. Some servers give a reset as a number of seconds, others as the seconds or milliseconds since
    /// 1970. No window is thirty years long, and no reset was before 2001.
    #[inline]
    fn seconds(self, wall: Duration) -> f64 {
        const SECONDS: f64 = 1.0e9;
        const MILLIS: f64 = 1.0e12;
        match self {
            Self::Number(reset) if reset < SECONDS => reset,
            Self::Number(reset) if reset < MILLIS => (reset - wall.as_secs_f64()).max(0.0),
            Self::Number(reset) => (reset / 1_000.0 - wall.as_secs_f64()).max(0.0),
            Self::In(seconds) => seconds,
            Self::At(date) => date.saturating_sub(wall).as_secs_f64(),
        }
    }
}

/// The values of one family of headers, in the order in which they came. Each proxy on the way may add its own.
#[derive(Default)]
struct Family {
    remaining: Vec<f64>,
    reset: Vec<When>,
    reset_after: Vec<When>,
    /// As in `RateLimit-Remaining: 76;w=21600`.
    windows: Vec<f64>,
}

impl Family {
    #[inline]
    fn take(&mut self, part: Part, value: &str) {
        match part {
            Part::Remaining => {
                for item in value.split(',') {
                    let (remaining, parameter) = parameters(item);
                    self.remaining.extend(number(&remaining));
                    self.windows.extend(parameter("w"));
                }
            }
            Part::Reset => self.reset.extend(When::read_list(value)),
            Part::ResetMillis => self.reset.extend(When::read_list(value).into_iter().map(When::in_millis)),
            Part::WindowMillis => self.windows.extend(number(value).map(|millis| millis / 1_000.0)),
            Part::ResetAfter => {
                self.reset_after.extend(When::read_list(value).into_iter().map(When::in_seconds));
            }
        }
    }

    /// Returns the quotas that the headers state. Where a `remaining` has no `reset` of its own, the longest one is the
    /// safe reading. Where there is none at all, it comes within the window.
    fn quotas(&self, wall: Duration) -> impl Iterator<Item = Quota> {
        let resets: Vec<f64> = match (&self.reset_after[..], &self.reset[..]) {
            ([], []) => self.windows.clone(),
            ([], resets) | (resets, _) => resets.iter().map(|reset| reset.seconds(wall)).collect(),
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

/// The part of a quota that a header states.
#[derive(Clone, Copy)]
enum Part {
    Remaining,
    Reset,
    ResetMillis,
    ResetAfter,
    WindowMillis,
}

impl Part {
    const NAMES: [(&str, Self); 8] = [
        ("remaining", Self::Remaining),
        ("reset-after", Self::ResetAfter),
        ("reset-ms", Self::ResetMillis),
        ("reset-at", Self::Reset),
        ("reset-time", Self::Reset),
        ("reset-timestamp", Self::Reset),
        ("reset", Self::Reset),
        // HubSpot's.
        ("interval-milliseconds", Self::WindowMillis),
    ];

    /// Splits a header's name into a part and the name of the family.
    #[inline]
    fn of(name: &str) -> Option<(Self, String)> {
        let (_, rest) = ["ratelimit-", "rate-limit-"].iter().find_map(|marker| name.split_once(marker))?;
        let family = &name[..name.len() - rest.len()];
        Self::NAMES.iter().find_map(|(part, kind)| {
            let resource = match rest.strip_prefix(part) {
                Some("") => Some(""),
                Some(after) => after.strip_prefix('-'),
                None => rest.strip_suffix(part)?.strip_suffix('-'),
            };
            Some((*kind, format!("{family}{}", resource?)))
        })
    }
}

impl Found {
    #[inline]
    fn take(&mut self, name: &str, value: &str) {
        if let Some((_, is_in_millis)) = PAUSES.iter().find(|(pause, _)| *pause == name) {
            match When::read(value) {
                Some(when) if *is_in_millis => self.pause_millis = Some(when.in_millis()),
                Some(when) => self.pause = Some(when.in_seconds()),
                None => {}
            }
            return;
        }
        match name {
            "date" => self.date = http_date(value),
            "ratelimit" => self.structured(value),
            "ratelimit-policy" => self.policies(value),
            _ => {
                if let Some((part, family)) = Part::of(name) {
                    self.family(family).take(part, value);
                }
            }
        }
    }

    #[inline]
    fn family(&mut self, name: String) -> &mut Family {
        let known = self.families.iter().position(|(family, _)| *family == name);
        let place = known.unwrap_or_else(|| {
            self.families.push((name, Family::default()));
            self.families.len() - 1
        });
        &mut self.families[place].1
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
        // Both say the same to different readers, and the milliseconds are finer.
        let pause = self.pause_millis.or(self.pause).map(|pause| duration(pause.seconds(wall)));
        let pause = pause.filter(|pause| !pause.is_zero());
        // The time until the reset is at most the window, where the header doesn't say it.
        for (name, remaining) in std::mem::take(&mut self.without_reset) {
            let window = self.windows.iter().find(|(of, _)| *of == name).map(|(_, window)| *window);
            self.quotas.extend(window.and_then(|window| quota(remaining, window)).map(|quota| (name, quota)));
        }
        let structured = self.quotas.iter().map(|(_, quota)| *quota);
        let quotas = structured.chain(self.families.iter().flat_map(|(_, family)| family.quotas(wall)));
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

/// A date of RFC 9110, section 5.6.7, in any of its three forms, as the time since 1970.
#[inline]
fn http_date(text: &str) -> Option<Duration> {
    httpdate::parse_http_date(text).ok()?.duration_since(SystemTime::UNIX_EPOCH).ok()
}

/// A date of RFC 3339 as the time since 1970. Seconds may be left out, as Atlassian does.
#[inline]
fn rfc3339(text: &str) -> Option<Duration> {
    let (date, time) = text.split_once(['T', 't', ' '])?;
    let offset_at = time.find(['Z', 'z', '+', '-'])?;
    let (time, offset) = time.split_at(offset_at);
    let mut parts = date.splitn(3, '-').map(|part| part.parse::<u32>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let mut parts = time.splitn(3, ':');
    let (hour, minute) = (parts.next()?.parse::<u32>().ok()?, parts.next()?.parse::<u32>().ok()?);
    let second = parts.next().map_or(Some(0.0), number)?;
    let is_in_range = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second < 61.0;
    let east = match offset.strip_prefix(['Z', 'z']) {
        Some("") => 0,
        Some(_) => return None,
        None => {
            let (hours, minutes) = offset[1..].split_once(':')?;
            let minutes = i64::from(hours.parse::<u8>().ok()?) * 60 + i64::from(minutes.parse::<u8>().ok()?);
            if offset.starts_with('-') { -minutes } else { minutes }
        }
    };
    if !is_in_range || east.abs() > 24 * 60 {
        return None;
    }
    let minutes = (days(year, month) + i64::from(day - 1)) * 1_440 + i64::from(hour * 60 + minute) - east;
    let seconds = u64::try_from(minutes * 60).ok()?;
    Some(Duration::from_secs(seconds) + duration(second))
}

/// Returns the days from 1970 to the first of a month.
#[inline]
fn days(year: u32, month: u32) -> i64 {
    const BEFORE: [i64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let leap_days = |year: i64| year / 4 - year / 100 + year / 400;
    // January and February come before their year's leap day.
    let year = i64::from(year);
    let passed = leap_days(if month > 2 { year } else { year - 1 }) - leap_days(1969);
    (year - 1970) * 365 + passed + BEFORE[month as usize - 1]
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
    fn pauses_are_read_by_every_name_and_in_every_form() {
        let pause = |name: &str, value: &str| advice(&[(name, value)]).pause;
        for (name, is_in_millis) in PAUSES {
            let unit = if is_in_millis { 1 } else { 1_000 };
            assert_eq!(pause(name, "1500"), Some(Duration::from_millis(1_500 * unit)), "{name}");
            assert_eq!(pause(name, "2m30s"), Some(secs(150)), "{name}");
        }
        assert_eq!(pause("Retry-After", "1994-11-06T08:50:37Z"), Some(secs(60)));
        assert_eq!(
            pause("Retry-After", "1994-11-06T10:50:37.500+02:00"),
            Some(Duration::from_millis(60_500))
        );
        // "Don't retry."
        assert_eq!(pause("grpc-retry-pushback-ms", "-1"), None);
    }

    #[test]
    fn custom_headers_of_a_resource_are_a_family() {
        let families: &[&[(&str, &str)]] = &[
            // OpenAI, Groq.
            &[("x-ratelimit-remaining-requests", "5"), ("x-ratelimit-reset-requests", "1m0s")],
            &[("x-ratelimit-remaining-tokens", "5"), ("x-ratelimit-reset-tokens", "0.06e3")],
            &[("x-ratelimit-remaining-requests", "5"), ("x-ratelimit-reset-requests", "60000000µs")],
            // Anthropic.
            &[
                ("anthropic-ratelimit-requests-remaining", "5"),
                ("anthropic-ratelimit-requests-reset", "1994-11-06T08:50:37Z"),
            ],
            // Atlassian.
            &[
                ("X-RateLimit-Remaining", "5"),
                ("X-RateLimit-Reset", "1994-11-06T08:50Z"),
                ("Date", "Sun, 06 Nov 1994 08:49:00 GMT"),
            ],
            // Docker Hub.
            &[("RateLimit-Limit", "100;w=60"), ("RateLimit-Remaining", "5;w=60")],
            // HubSpot.
            &[("X-HubSpot-RateLimit-Remaining", "5"), ("X-HubSpot-RateLimit-Interval-Milliseconds", "60000")],
            &[("X-RateLimit-Remaining", "5"), ("X-RateLimit-Reset", "Sun, 06 Nov 1994 08:50:37 GMT")],
            &[("X-RateLimit-Remaining", "5"), ("X-RateLimit-Reset-Ms", "60000")],
            &[("X-RateLimit-Remaining", "5"), ("X-RateLimit-Reset-At", "1994-11-06T08:50:37Z")],
        ];
        for family in families {
            assert_eq!(quota_of(family), Some((5.0, secs(60))), "{family:?}");
        }
        // Neither has both parts.
        let two = [("x-ratelimit-remaining-requests", "5"), ("x-ratelimit-reset-tokens", "60")];
        assert_eq!(quota_of(&two), None);
        let tokens_are_tighter = [
            ("x-ratelimit-remaining-requests", "50"),
            ("x-ratelimit-reset-requests", "10s"),
            ("x-ratelimit-remaining-tokens", "0"),
            ("x-ratelimit-reset-tokens", "6m0s"),
        ];
        assert_eq!(quota_of(&tokens_are_tighter), Some((0.0, secs(360))));
    }

    #[test]
    fn rfc_3339_dates_are_read_with_any_offset() {
        for date in [
            "1994-11-06T08:49:37Z",
            "1994-11-06t08:49:37z",
            "1994-11-06 08:49:37+00:00",
            "1994-11-06T03:19:37-05:30",
            "1994-11-07T08:49:37+24:00",
        ] {
            assert_eq!(rfc3339(date), Some(WALL), "{date}");
        }
        assert_eq!(rfc3339("2024-02-29T12:00:00Z"), Some(secs(1_709_208_000)));
        assert_eq!(rfc3339("2024-03-01T00:00Z"), Some(secs(1_709_251_200)));
        assert_eq!(rfc3339("2000-01-01T00:00:00.25Z"), Some(Duration::from_millis(946_684_800_250)));
        for wrong in [
            "",
            "T",
            "1994-11-06",
            "1994-11-06T08:49:37",
            "1994-13-06T08:49:37Z",
            "1994-00-06T08:49:37Z",
            "1994-11-06T24:49:37Z",
            "1994-11-06T08:60:37Z",
            "1994-11-06T08:49:61Z",
            "1994-11-06T08:49:37Zulu",
            "1994-11-06T08:49:37+99:00",
            "1994-11-06T08:49:37+9999999999999999999:00",
            "1969-12-31T23:59:59Z",
            "99999-11-06T08:49:37Z",
        ] {
            assert_eq!(rfc3339(wrong), None, "{wrong}");
        }
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
            &[("X-RateLimit-Limit-Requests", "5"), ("X-RateLimit-Used", "5"), ("X-RateLimit-Resets", "5")],
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
