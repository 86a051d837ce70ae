//! The rules of the waits between attempts.

use core::time::Duration;

use syn::Lit;

use super::Checker;
use super::attributes::Setters;
use super::values::literal;
use crate::args::{Valued, retry};
use crate::policy::Value;

// What the policy begins with, where neither the attribute nor another policy says otherwise.
const BASE_DELAY: Duration = Duration::from_secs(1);
const MAX_DELAY: Duration = Duration::from_secs(30);

impl Checker<'_> {
    /// Settings that have no effect, or no room, beside each other. Gives what the first wait takes at least.
    pub(super) fn waits(&mut self, raw: &retry::Raw, setters: &Setters) -> Option<Duration> {
        // What a policy of the user's says is known to the compiler only.
        if raw.policy.is_some() || !self.is_whole || self.custom(raw, setters) {
            return None;
        }
        let base = duration_of(setters, "base_delay", raw.base_delay.as_ref(), BASE_DELAY)?;
        if base.is_zero() {
            self.without_delay(raw, setters);
            return None;
        }
        let max = duration_of(setters, "max_delay", raw.max_delay.as_ref(), MAX_DELAY)?;
        if max.is_zero() {
            return None;
        }
        if base > max {
            let (given, default) = match (&raw.max_delay, &raw.base_delay) {
                (Some(given), _) => (given, ""),
                (None, Some(given)) => (given, ", the default"),
                (None, None) => return None,
            };
            self.errors.on(
                &given.value,
                format!(
                    "no delay could be so long: `base_delay` is {base:?}, and `max_delay` {max:?}{default}\nwrite at most \
                     {max:?} as `base_delay`, or `max_delay = \"{}s\"`",
                    base.as_secs_f64().ceil()
                ),
            );
            return None;
        }
        // What the error says may be shorter.
        let least = Self::least(raw, base).filter(|_| raw.retry_after.is_none())?;
        if let (Some(Value::Duration(room)), Some(given)) = (setters.get("max_elapsed"), &raw.max_elapsed)
            && least >= *room
        {
            self.errors.on(
                &given.value,
                format!(
                    "no retry would ever have room: the first wait takes {least:?} or more, and `max_elapsed` is \
                     {room:?}\nwrite more here, or a shorter `base_delay`"
                ),
            );
        }
        Some(least)
    }

    /// A backoff by function is all that the function says.
    fn custom(&mut self, raw: &retry::Raw, setters: &Setters) -> bool {
        let is_custom = matches!(setters.get("backoff"), Some(Value::Variant { variant: "Custom", .. }));
        if let (Some(given), true) = (&raw.base_delay, is_custom) {
            self.errors.at(
                given.key,
                "a backoff by function is all that the function says, so `base_delay` has no effect: leave it out, or \
                 write `backoff = \"exponential\"`",
            );
        }
        is_custom
    }

    fn without_delay(&mut self, raw: &retry::Raw, setters: &Setters) {
        let is_zero = matches!(setters.get("max_delay"), Some(Value::Duration(longest)) if longest.is_zero());
        let no_jitter = |given: &&Valued| !matches!(literal(&given.value), Some(Lit::Str(text)) if text.value() == "none");
        let pointless = [
            ("multiplier", raw.multiplier.as_ref()),
            ("max_delay", raw.max_delay.as_ref().filter(|_| !is_zero)),
            ("jitter", raw.jitter.as_ref().filter(no_jitter)),
        ];
        for (key, given) in pointless {
            if let Some(given) = given {
                self.errors.at(
                    given.key,
                    format!(
                        "without a delay `{key}` has no effect: leave it out, or write a `base_delay` above zero"
                    ),
                );
            }
        }
    }

    /// The first wait, if chance takes as much of it as it can.
    fn least(raw: &retry::Raw, base: Duration) -> Option<Duration> {
        let kept = match raw.jitter.as_ref().map(|given| literal(&given.value)) {
            Some(Some(Lit::Str(name))) => match name.value().as_str() {
                "none" | "decorrelated" => 1.0,
                "equal" => 0.5,
                _ => return None,
            },
            Some(Some(Lit::Float(factor))) => 1.0 - factor.base10_parse::<f64>().ok()?.clamp(0.0, 1.0),
            _ => return None,
        };
        Some(base.mul_f64(kept)).filter(|least| !least.is_zero())
    }
}

/// A setting that is written out, or the default where none is given.
fn duration_of(setters: &Setters, key: &str, given: Option<&Valued>, default: Duration) -> Option<Duration> {
    match (setters.get(key), given) {
        (Some(Value::Duration(duration)), _) => Some(*duration),
        (_, None) => Some(default),
        _ => None,
    }
}
