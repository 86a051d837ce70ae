//! Durations as strings. `resilience-macros/src/validate` and `resilience-runtime/src/settings` have the same file, which a
//! test compares.

use core::time::Duration;

const NANOS_PER_SEC: u128 = 1_000_000_000;

/// From long to short, as they follow each other in "1h30m".
const UNITS: [(&str, u128); 7] = [
    ("d", 86_400 * NANOS_PER_SEC),
    ("h", 3_600 * NANOS_PER_SEC),
    ("m", 60 * NANOS_PER_SEC),
    ("s", NANOS_PER_SEC),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

/// Spellings that are meant for one of the units.
const ALIASES: [(&str, &str); 27] = [
    ("day", "d"),
    ("days", "d"),
    ("hour", "h"),
    ("hours", "h"),
    ("hr", "h"),
    ("hrs", "h"),
    ("min", "m"),
    ("mins", "m"),
    ("minute", "m"),
    ("minutes", "m"),
    ("sec", "s"),
    ("secs", "s"),
    ("second", "s"),
    ("seconds", "s"),
    ("milli", "ms"),
    ("millis", "ms"),
    ("msec", "ms"),
    ("msecs", "ms"),
    ("millisecond", "ms"),
    ("milliseconds", "ms"),
    ("micros", "us"),
    ("microseconds", "us"),
    ("µs", "us"),
    ("μs", "us"),
    ("nanos", "ns"),
    ("nanosecond", "ns"),
    ("nanoseconds", "ns"),
];

/// Reads "250ms", "1.5s", "1m30s"; or says what is wrong with it.
#[inline]
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    if text.is_empty() {
        return Err("an empty string is no duration".to_owned());
    }
    if text.contains(char::is_whitespace) {
        let hint = corrected(text).map(|meant| format!(": write \"{meant}\"")).unwrap_or_default();
        return Err(format!("a duration has no spaces in it{hint}"));
    }
    if text.starts_with('-') {
        return Err("a duration can't be negative".to_owned());
    }
    let mut rest = text;
    let mut nanos: u128 = 0;
    let mut units = UNITS.as_slice();
    while !rest.is_empty() {
        let number;
        (number, rest) = split(rest, |c| c.is_ascii_digit() || c == '.' || c == '_');
        if number.is_empty() {
            let meant = if rest == text { corrected(&format!("1{text}")) } else { None };
            let hint = meant.map(|meant| format!(": write \"{meant}\"")).unwrap_or_default();
            return Err(format!("there is no number before `{rest}`{hint}"));
        }
        let name;
        (name, rest) = split(rest, |c| !c.is_ascii_digit() && c != '.');
        if name.is_empty() {
            return Err(format!(
                "`{number}` has no unit: write \"{number}s\" for seconds, \"{number}ms\" for milliseconds"
            ));
        }
        let Some(at) = units.iter().position(|(unit, _)| *unit == name) else {
            return Err(unknown_unit(text, number, name));
        };
        nanos = nanos_of(number, units[at].1).and_then(|part| nanos.checked_add(part)).ok_or_else(|| {
            let hint = whole(number).map(|whole| format!(": write \"{whole}{name}\"")).unwrap_or_default();
            format!("`{number}{name}` is no number that a duration can hold{hint}")
        })?;
        units = &units[at + 1..];
    }
    let seconds =
        u64::try_from(nanos / NANOS_PER_SEC).map_err(|_| "this is longer than a `Duration` can hold")?;
    let subsecond =
        u32::try_from(nanos % NANOS_PER_SEC).map_err(|_| "this is longer than a `Duration` can hold")?;
    Ok(Duration::new(seconds, subsecond))
}

#[inline]
fn split(text: &str, is_first: fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !is_first(c)).unwrap_or(text.len()))
}

/// The duration that the text is meant for, if only its units are spelt otherwise.
#[inline]
pub(super) fn corrected(text: &str) -> Option<String> {
    let compact: String = text.split_whitespace().collect();
    let (mut rest, mut meant) = (compact.as_str(), String::new());
    while !rest.is_empty() {
        let (number, name);
        (number, rest) = split(rest, |c| c.is_ascii_digit() || c == '.' || c == '_');
        (name, rest) = split(rest, |c| !c.is_ascii_digit() && c != '.');
        meant += number;
        meant += unit_of(name)?;
    }
    parse(&meant).ok().map(|_| meant)
}

#[inline]
fn unit_of(name: &str) -> Option<&'static str> {
    let lower = name.to_lowercase();
    let known = UNITS.iter().map(|(unit, _)| *unit).find(|unit| *unit == lower);
    known.or_else(|| ALIASES.iter().find(|(alias, _)| *alias == lower).map(|(_, unit)| *unit))
}

#[inline]
fn unknown_unit(text: &str, number: &str, name: &str) -> String {
    if UNITS.iter().any(|(unit, _)| *unit == name) {
        return format!("`{name}` is out of place: each unit once, from long to short, as in \"1h30m\"");
    }
    match unit_of(name) {
        Some(unit) => {
            let meant = corrected(text).unwrap_or_else(|| format!("{number}{unit}"));
            format!("`{name}` is no unit: write \"{meant}\"")
        }
        None if name.to_lowercase().starts_with('e') => {
            format!(
                "`{number}{name}` has an exponent, or an unknown unit: write the number out, with ns, us, ms, s, m, h or d"
            )
        }
        None => format!("`{name}` is no unit: the units are ns, us, ms, s, m, h and d"),
    }
}

/// A number that begins or ends with its point.
#[inline]
fn whole(number: &str) -> Option<String> {
    let (whole, fraction) = number.split_once('.')?;
    match (whole, fraction) {
        ("", "") => None,
        ("", fraction) if !fraction.contains('.') => Some(format!("0.{fraction}")),
        (whole, "") => Some(whole.to_owned()),
        _ => None,
    }
}

/// Digits below a nanosecond are cut off.
#[inline]
fn nanos_of(number: &str, unit: u128) -> Option<u128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    if whole.is_empty() || fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let whole = whole.replace('_', "").parse::<u128>().ok()?.checked_mul(unit)?;
    let digits = u32::try_from(fraction.len()).ok()?;
    let part = fraction.parse::<u128>().ok()?.checked_mul(unit)?.checked_div(10_u128.checked_pow(digits)?)?;
    whole.checked_add(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit() {
        for (text, nanos) in [
            ("1ns", 1),
            ("1us", 1_000),
            ("1ms", 1_000_000),
            ("1s", 1_000_000_000),
            ("1m", 60_000_000_000),
            ("1h", 3_600_000_000_000),
            ("1d", 86_400_000_000_000),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_nanos(nanos)), "{text}");
        }
    }

    #[test]
    fn fractions_and_several_units() {
        assert_eq!(parse("1.5s"), Ok(Duration::from_millis(1500)));
        assert_eq!(parse("0.25ms"), Ok(Duration::from_micros(250)));
        assert_eq!(parse("1m30s"), Ok(Duration::from_secs(90)));
        assert_eq!(parse("1h0.5s"), Ok(Duration::from_millis(3_600_500)));
        assert_eq!(parse("1_000ms"), Ok(Duration::from_secs(1)));
        assert_eq!(parse("0s"), Ok(Duration::ZERO));
    }

    #[test]
    fn to_the_edge_and_not_beyond() {
        assert_eq!(parse("18446744073709551615s"), Ok(Duration::from_secs(u64::MAX)));
        assert!(parse("18446744073709551616s").is_err());
        assert!(parse("99999999999999999999999999999999999999999999d").is_err());
        assert!(parse("0.00000000000000000000000000000000000000000000001d").is_err());
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, message) in [
            ("", "an empty string is no duration"),
            ("5", "`5` has no unit: write \"5s\" for seconds, \"5ms\" for milliseconds"),
            ("-5s", "a duration can't be negative"),
            ("5 s", "a duration has no spaces in it: write \"5s\""),
            ("5 parsecs", "a duration has no spaces in it"),
            ("5 Seconds", "a duration has no spaces in it: write \"5s\""),
            ("1 min 30 sec", "a duration has no spaces in it: write \"1m30s\""),
            ("1min30sec", "`min` is no unit: write \"1m30s\""),
            ("30sec1min", "`sec` is no unit: write \"30s\""),
            ("s", "there is no number before `s`: write \"1s\""),
            ("5sec", "`sec` is no unit: write \"5s\""),
            ("5S", "`S` is no unit: write \"5s\""),
            ("5parsecs", "`parsecs` is no unit: the units are ns, us, ms, s, m, h and d"),
            ("30s1m", "`m` is out of place: each unit once, from long to short, as in \"1h30m\""),
            ("1s1s", "`s` is out of place: each unit once, from long to short, as in \"1h30m\""),
            ("1.2.3s", "`1.2.3s` is no number that a duration can hold"),
            (".5s", "`.5s` is no number that a duration can hold: write \"0.5s\""),
            ("5.s", "`5.s` is no number that a duration can hold: write \"5s\""),
        ] {
            assert_eq!(parse(text), Err(message.to_owned()), "{text}");
        }
    }
}
