//! The rules of one attribute by itself.

use proc_macro2::Span;
use syn::{Expr, Lit};

use super::Checker;
use super::keys::GivenKeys;
use super::values::{bare, literal};
use crate::args::{Positional, Valued, bulkhead, fallback, names, retry, timeout};
use crate::diagnostics::{did_you_mean, listed};
use crate::kinds::{Rejection, Rejections};
use crate::policy::{Bulkhead, Fallback, HandlerKind, Mode, Retry, Setter, Settings, Timeout, Value};
use crate::stack::Kind;

const ENDLESS_HOLD: &str = "every call would end before it began";

/// Collects setters in the order in which they are written to the policy.
#[derive(Default)]
pub(super) struct Setters(pub(super) Vec<Setter>);

impl Setters {
    pub(super) fn add(&mut self, name: &'static str, value: Option<Value>) {
        if let Some(value) = value {
            self.0.push(Setter::new(name, Some(value)));
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|setter| setter.name == name)?.value.as_ref()
    }
}

impl Checker<'_> {
    pub(super) fn retry(&mut self, raw: &retry::Raw) -> Option<Retry> {
        let before = self.errors.count();
        let mut setters = Setters::default();
        if let Some(given) = &raw.max_attempts {
            if matches!(bare(&given.value), Expr::Path(path) if path.path.is_ident("unlimited")) {
                setters.0.push(Setter::new("unlimited_attempts", None));
                if raw.max_elapsed.is_none() && raw.policy.is_none() {
                    self.errors.on(
                        &given.value,
                        "unlimited attempts need an end: write `max_elapsed = \"1m\"` beside them",
                    );
                }
            } else if matches!(literal(&given.value), Some(Lit::Str(text)) if text.value() == "unlimited") {
                self.errors
                    .on(&given.value, "`unlimited` stands without quotes: write `max_attempts = unlimited`");
            } else if self.is_meant_for_unlimited(&given.value) {
                self.errors.on(
                    &given.value,
                    "there is no such number, and no such argument: did you mean `max_attempts = unlimited`?",
                );
            } else {
                let zero = "the first call counts, and with 0 the function would never run";
                let value = self.count("max_attempts", given, zero);
                setters.add("max_attempts", value);
            }
        }
        if let Some(given) = &raw.backoff {
            let value = self.backoff(given);
            if let (Some(Value::Variant { variant, .. }), Some(multiplier)) = (&value, &raw.multiplier) {
                let reason = match *variant {
                    "Constant" => Some("a constant backoff does not grow"),
                    "Fibonacci" => Some("a fibonacci backoff grows by its own numbers"),
                    "Custom" => Some("a backoff by function is all that the function says"),
                    _ => None,
                };
                if let Some(reason) = reason {
                    self.errors.at(
                        multiplier.key,
                        format!("{reason}, so `multiplier` has no effect: leave it out, or write `backoff = \"exponential\"`"),
                    );
                }
            }
            setters.add("backoff", value);
        }
        self.set_duration(&mut setters, "base_delay", raw.base_delay.as_ref(), None);
        if let Some(given) = &raw.multiplier {
            let value = self.multiplier(given);
            setters.add("multiplier", value);
        }
        self.set_duration(&mut setters, "max_delay", raw.max_delay.as_ref(), None);
        if let Some(given) = &raw.jitter {
            let value = self.jitter(given);
            setters.add("jitter", value);
        }
        let zero = "no retry would ever have room in it";
        self.set_duration(&mut setters, "max_elapsed", raw.max_elapsed.as_ref(), Some(zero));
        let zero = "every hint would end the retries";
        self.set_duration(&mut setters, "max_retry_after", raw.max_retry_after.as_ref(), Some(zero));
        if let Some(given) = &raw.budget {
            setters.0.extend(self.budget(given));
        }
        let defaults =
            Rejections::of(&[Rejection::TimedOut, Rejection::BulkheadFull, Rejection::RateLimited]);
        let least_wait = self.waits(raw, &setters);
        let retry = Retry {
            least_wait,
            settings: Settings { base: self.base(raw.policy.as_ref()), setters: setters.0 },
            retry_after: self.callable("retry_after", raw.retry_after.as_ref(), "error"),
            on_retry: self.callable("on_retry", raw.on_retry.as_ref(), "event"),
            exhausted: self.callable("exhausted", raw.exhausted.as_ref(), "exhausted"),
            clones: self.clones(raw.clone.as_ref()),
            filter: self.filter(&raw.filter, defaults),
        };
        (self.errors.count() == before).then_some(retry)
    }

    /// A word that is none of an argument, and near to the one that there is. Constants are in capitals.
    fn is_meant_for_unlimited(&self, value: &Expr) -> bool {
        let Expr::Path(path) = bare(value) else { return false };
        path.path.get_ident().is_some_and(|word| {
            let text = word.to_string();
            let is_plain = self.target.binding(word).is_none() && !text.contains(char::is_uppercase);
            is_plain && !did_you_mean(&text, &["unlimited"]).is_empty()
        })
    }

    pub(super) fn timeout(
        &mut self,
        raw: &timeout::Raw,
        positional: &[Positional],
        attribute: Span,
    ) -> Option<Timeout> {
        let before = self.errors.count();
        let mut durations: Vec<&Expr> = positional.iter().map(Positional::value).collect();
        durations.extend(raw.duration.as_ref().map(|given| &given.value));
        if let Some(second) = durations.get(1) {
            let is_bare = positional.len() > 1;
            let mode = match bare(second) {
                Expr::Path(word) => {
                    ["detached", "cooperative"].into_iter().find(|mode| word.path.is_ident(mode))
                }
                _ => None,
            };
            let message = if let Some(mode) = mode {
                format!("this is a mode: write `mode = \"{mode}\"`")
            } else if is_bare {
                format!(
                    "`#[timeout]` takes one argument without a key, its duration: write `key = value`\nits parameters are {}",
                    listed(&names(Kind::Timeout))
                )
            } else {
                "`#[timeout]` has one duration, and this is another: keep one".to_owned()
            };
            self.errors.on(*second, message);
        }
        if durations.is_empty() && raw.policy.is_none() && self.is_whole {
            self.errors.at(attribute, "`#[timeout]` needs its duration: write `#[timeout(\"5s\")]`");
        }
        let duration =
            durations.first().and_then(|given| self.duration("a timeout", given, Some(ENDLESS_HOLD)));
        let policy = self.base(raw.policy.as_ref());
        if let Some(policy) = &policy {
            self.shared("timeout policy", policy);
        }
        let timeout = Timeout {
            name: self.name(raw.name.as_ref()),
            policy,
            duration,
            mode: self.mode(raw.mode.as_ref()),
            covers_retries: raw.covers_retries.map(|flag| flag.key),
            fallback: self.own_fallback(raw.fallback.as_ref()),
            clones: self.own_clones(raw.clone.as_ref(), raw.fallback.as_ref()),
            map_err: self.callable("map_err", raw.map_err.as_ref(), "rejection"),
        };
        (self.errors.count() == before).then_some(timeout)
    }

    fn mode(&mut self, given: Option<&Valued>) -> Mode {
        let default = if self.target.is_async() { Mode::Async } else { Mode::Detached };
        let Some(given) = given else { return default };
        if self.target.is_async() {
            self.errors.at(
                given.key,
                "`mode` is for functions that are not async: an async one is dropped when its time is up, leave `mode` out",
            );
            return default;
        }
        let Some(text) = self.text("mode", given, "cooperative") else { return default };
        match text.value().as_str() {
            "detached" => Mode::Detached,
            "cooperative" => Mode::Cooperative,
            other => {
                let near = did_you_mean(other, &["detached", "cooperative"]).replace('`', "\"");
                self.errors.on(
                    &text,
                    format!(
                        "there is no mode \"{other}\"{near}\n`mode` is \"detached\", which abandons the body on its \
                         thread, or \"cooperative\", which waits for it"
                    ),
                );
                default
            }
        }
    }

    pub(super) fn bulkhead(&mut self, raw: &bulkhead::Raw, attribute: Span) -> Option<Bulkhead> {
        let before = self.errors.count();
        let mut setters = Setters::default();
        let zero = "with 0 no call would ever run";
        self.set_count(&mut setters, "max_concurrent", raw.max_concurrent.as_ref(), zero);
        self.set_duration(&mut setters, "max_wait", raw.max_wait.as_ref(), None);
        let zero = "leave `max_queue` and `max_wait` out to have no queue";
        self.set_count(&mut setters, "max_queue", raw.max_queue.as_ref(), zero);
        let is_zero =
            |setter: &Setter| matches!(setter.value, Some(Value::Duration(core::time::Duration::ZERO)));
        let max_wait = setters.0.iter().find(|setter| setter.name == "max_wait");
        let no_wait = match (&raw.max_wait, &raw.policy, max_wait) {
            (None, None, _) => Some(("without `max_wait`", "write `max_wait = \"100ms\"` beside it")),
            (Some(_), _, Some(given)) if is_zero(given) => {
                Some(("with a zero `max_wait`", "write a longer one, or leave `max_queue` out"))
            }
            _ => None,
        };
        if let (Some(queue), Some((without, instead))) = (&raw.max_queue, no_wait) {
            self.errors
                .at(queue.key, format!("{without} no call waits, so `max_queue` has no effect: {instead}"));
        }
        let waits = max_wait.is_some_and(|setter| !is_zero(setter));
        let base = self.base(raw.policy.as_ref());
        let is_elsewhere = base.is_none() && setters.0.is_empty() && raw.name.is_some();
        if raw.max_concurrent.is_none() && base.is_none() && !is_elsewhere && self.is_whole {
            self.errors.at(
                attribute,
                "`#[bulkhead]` needs to know how many calls may run at once: write `#[bulkhead(max_concurrent = 16)]`",
            );
        }
        let waits = is_elsewhere || base.is_some() || waits;
        let settings = Settings { base, setters: setters.0 };
        for value in settings.values() {
            self.shared("bulkhead", value);
        }
        let given = GivenKeys {
            key: raw.key.as_ref(),
            max_keys: raw.max_keys.as_ref(),
            idle: raw.idle.as_ref(),
            overflow: raw.overflow.as_ref(),
        };
        let bulkhead = Bulkhead {
            name: self.name(raw.name.as_ref()),
            keys: self.keys("bulkhead", &given),
            settings: (!is_elsewhere).then_some(settings),
            waits,
            map_err: self.callable("map_err", raw.map_err.as_ref(), "rejection"),
        };
        (self.errors.count() == before).then_some(bulkhead)
    }

    pub(super) fn fallback(
        &mut self,
        raw: &fallback::Raw,
        positional: &[Positional],
        attribute: Span,
    ) -> Option<Fallback> {
        let before = self.errors.count();
        if positional.is_empty() && self.is_whole {
            self.errors.at(
                attribute,
                "`#[fallback]` needs a handler: write a path, a closure `|error| …`, or `value = …`",
            );
        }
        let counts_ok = raw.filter.when_ok.is_some();
        let handlers: Vec<_> =
            positional.iter().filter_map(|handler| self.handler(handler, counts_ok)).collect();
        if let Some((_, before_last)) = handlers.split_last()
            && before_last.iter().any(|handler| matches!(handler.kind, HandlerKind::Value(_)))
        {
            self.errors.on(
                positional.last().map(Positional::value),
                "a value can't fail, so what stands after it is never tried: put `value = …` last",
            );
        }
        let fallback = Fallback {
            handlers,
            exhausted: self.callable("exhausted", raw.exhausted.as_ref(), "exhausted"),
            clones: self.clones(raw.clone.as_ref()),
            filter: self.filter(&raw.filter, Rejections::ALL),
        };
        (self.errors.count() == before).then_some(fallback)
    }

    pub(super) fn set_count(
        &mut self,
        setters: &mut Setters,
        key: &'static str,
        given: Option<&Valued>,
        zero: &str,
    ) {
        if let Some(given) = given {
            let value = self.count(key, given, zero);
            setters.add(key, value);
        }
    }

    pub(super) fn set_duration(
        &mut self,
        setters: &mut Setters,
        key: &'static str,
        given: Option<&Valued>,
        zero: Option<&str>,
    ) {
        if let Some(given) = given {
            let value = self.duration(&format!("`{key}`"), &given.value, zero);
            setters.add(key, value);
        }
    }

    /// `policy = …`
    pub(super) fn base(&mut self, given: Option<&Valued>) -> Option<Value> {
        let given = given?;
        if let Expr::Lit(_) = bare(&given.value) {
            self.errors.on(
                &given.value,
                "`policy` is a value of the policy's type: write the path of a constant, `policy = HTTP_RETRY`",
            );
            return None;
        }
        Some(self.expression(&given.value))
    }
}
