//! The rules of `#[rate_limit]`.

use core::time::Duration;

use proc_macro2::Span;
use syn::{Expr, Lit};

use super::Checker;
use super::attributes::Setters;
use super::keys::GivenKeys;
use super::strays::rate_and_per;
use super::values::{bare, literal, negated, number};
use crate::args::Valued;
use crate::args::rate_limit::Raw;
use crate::kinds::{Rejection, Rejections};
use crate::policy::{RateLimit, Settings, Value};

impl Checker<'_> {
    pub(super) fn rate_limit(&mut self, raw: &Raw, attribute: Span) -> Option<RateLimit> {
        let before = self.errors.count();
        let mut setters = Setters::default();
        self.rate_of(raw, &mut setters);
        let zero = "no call would ever be let through";
        self.set_count(&mut setters, "burst", raw.burst.as_ref(), zero);
        self.set_duration(&mut setters, "max_wait", raw.max_wait.as_ref(), None);
        self.adaption(raw, &mut setters);
        let base = self.base(raw.policy.as_ref());
        let is_elsewhere = base.is_none() && setters.0.is_empty() && raw.name.is_some();
        if raw.rate.is_none() && base.is_none() && !is_elsewhere && self.is_whole {
            self.errors.at(
                attribute,
                "`#[rate_limit]` needs to know how many calls are let through: write `#[rate_limit(rate = 100)]` for so \
                 many a second, with `per = \"1m\"` for so many a minute",
            );
        }
        let max_wait = setters.get("max_wait");
        let waits = is_elsewhere
            || base.is_some()
            || max_wait.is_some_and(|wait| !matches!(wait, Value::Duration(Duration::ZERO)));
        let lowers = is_elsewhere || base.is_some() || raw.decrease.is_some();
        self.something_lowers(raw, lowers);
        let filter = self.filter(&raw.filter, Rejections::of(&[Rejection::TimedOut]));
        let settings = Settings { base, setters: setters.0 };
        for value in settings.values() {
            self.shared("rate limiter", value);
        }
        let given = GivenKeys {
            key: raw.key.as_ref(),
            max_keys: raw.max_keys.as_ref(),
            idle: raw.idle.as_ref(),
            overflow: raw.overflow.as_ref(),
        };
        let rate_limit = RateLimit {
            name: self.name(raw.name.as_ref()),
            keys: self.keys("rate limiter", &given),
            cost: self.cost(raw),
            settings: (!is_elsewhere).then_some(settings),
            waits,
            map_err: self.callable("map_err", raw.map_err.as_ref(), "rejection"),
            failures: lowers.then_some(filter),
        };
        (self.errors.count() == before).then_some(rate_limit)
    }

    fn rate_of(&mut self, raw: &Raw, setters: &mut Setters) {
        if let Some(given) = &raw.rate {
            let value = match literal(&given.value) {
                Some(Lit::Float(_)) => {
                    self.errors.on(
                        &given.value,
                        "`rate` is a whole number of calls: write a longer `per`, as `rate = 1, per = \"2s\"` for one in \
                         two seconds",
                    );
                    None
                }
                Some(Lit::Str(text)) if text.value().contains('/') => {
                    let meant = rate_and_per(text);
                    let meant = meant.unwrap_or_else(|| "rate = 100, per = \"1m\"".to_owned());
                    self.errors.on(
                        text,
                        format!(
                            "`rate` is a number, and what it is a rate of stands in `per`: write `{meant}`"
                        ),
                    );
                    None
                }
                _ => self.count("rate", given, "no call would ever be let through"),
            };
            setters.add("rate", value);
        }
        let zero = "it is the time in which `rate` calls are let through";
        self.set_duration(setters, "per", raw.per.as_ref(), Some(zero));
    }

    /// What lowers the rate, and how it grows again.
    fn adaption(&mut self, raw: &Raw, setters: &mut Setters) {
        if let Some(given) = &raw.decrease {
            let is_share = |number: f64| number > 0.0 && number < 1.0;
            let value = self.fraction(given, &is_share, &|_| {
                "`decrease` is what the rate is multiplied by after a failure, above 0.0 and below 1.0: write `decrease = 0.5`"
                    .to_owned()
            });
            setters.add("decrease", value);
        }
        let calls = raw.rate.as_ref().and_then(|rate| number(&rate.value));
        #[allow(clippy::cast_precision_loss)] // a rate is a `u32`
        let calls = calls.map(|calls| calls as f64);
        let up_to = calls.map_or_else(String::new, |calls| format!(" and at most `rate`, {calls}"));
        if let Some(given) = &raw.increase {
            let is_step = |number: f64| {
                number > 0.0 && calls.is_none_or(|calls| number <= calls && number >= calls / 1000.0)
            };
            let value = self.fraction(given, &is_step, &|_| {
                format!(
                    "`increase` is by how many calls the rate grows every `per` after a failure, at least a thousandth of \
                     `rate`{up_to}: write `increase = {}`",
                    calls.map_or(1.0, |calls| calls / 10.0)
                )
            });
            setters.add("increase", value);
            if raw.decrease.is_none() && raw.policy.is_none() && self.is_whole {
                self.errors.at(
                    given.key,
                    "`increase` is how the rate grows after a failure has lowered it, and none does: write `decrease = 0.5` \
                     beside it",
                );
            }
        }
        if let Some(given) = &raw.min_rate {
            let is_rate = |number: f64| number > 0.0 && calls.is_none_or(|calls| number <= calls);
            let value = self.fraction(given, &is_rate, &|_| {
                format!(
                    "`min_rate` is what the rate doesn't fall below, above zero{up_to}: write `min_rate = {}`",
                    calls.map_or(1.0, |calls| calls / 10.0)
                )
            });
            setters.add("min_rate", value);
        }
        if let Some(given) = &raw.safety {
            let is_share = |number: f64| number > 0.0 && number <= 1.0;
            let value = self.fraction(given, &is_share, &|_| {
                "`safety` is the share that is used of what a server says is left, above 0.0 and at most 1.0: write \
                 `safety = 0.9`"
                    .to_owned()
            });
            setters.add("safety", value);
        }
    }

    fn something_lowers(&mut self, raw: &Raw, lowers: bool) {
        if lowers || !self.is_whole {
            return;
        }
        let filter = &raw.filter;
        let pointless = [
            ("on", filter.on.as_ref().map(|given| given.key)),
            ("except", filter.except.as_ref().map(|given| given.key)),
            ("rejected", filter.rejected.as_ref().map(|given| given.key)),
            ("when", filter.when.as_ref().map(|given| given.key)),
            ("when_ok", filter.when_ok.as_ref().map(|given| given.key)),
        ];
        for (name, key) in pointless {
            if let Some(key) = key {
                self.errors.at(
                    key,
                    format!(
                        "`{name}` says which failures lower the rate, and none does: write `decrease = 0.5` beside it, \
                         or leave it out"
                    ),
                );
            }
        }
    }

    /// What a call costs, over the arguments.
    fn cost(&mut self, raw: &Raw) -> Option<Expr> {
        let given: &Valued = raw.cost.as_ref()?;
        let burst = raw.burst.as_ref().or(raw.rate.as_ref()).and_then(|given| number(&given.value));
        let written = match literal(&given.value) {
            Some(Lit::Int(number)) => number.base10_parse::<f64>().ok(),
            Some(Lit::Float(number)) => number.base10_parse::<f64>().ok(),
            Some(other) => {
                self.errors.on(
                    other,
                    "`cost` is a number, or an expression over the arguments that gives one: write `cost = items.len()`",
                );
                return None;
            }
            None if negated(&given.value).is_some() => Some(-1.0),
            None => None,
        };
        match written {
            Some(cost) if cost <= 0.0 => {
                self.errors.on(
                    &given.value,
                    "`cost` must be above zero, or the calls would not be limited: 1 is what an ordinary call costs",
                );
                return None;
            }
            #[allow(clippy::cast_precision_loss)] // a burst is a `u32`
            Some(cost) if burst.is_some_and(|burst| cost > burst as f64) => {
                let burst = burst.unwrap_or_default();
                self.errors.on(
                    &given.value,
                    format!(
                        "no call could ever be let through: it costs more than the {burst} that a full bucket holds\nwrite \
                         a `burst` of at least that"
                    ),
                );
                return None;
            }
            _ => {}
        }
        if let Expr::Closure(_) = bare(&given.value) {
            self.errors.on(
                &given.value,
                "`cost` is an expression over the arguments, which are in scope, and no function: write `cost = items.len()`",
            );
            return None;
        }
        Some(given.value.clone())
    }
}
