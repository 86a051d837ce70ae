//! Values that several attributes take.

use core::time::Duration;

use proc_macro2::Span;
use quote::ToTokens;
use syn::{Expr, Lit, LitStr, UnOp};

use super::Checker;
use super::duration;
use crate::args::Valued;
use crate::diagnostics::{did_you_mean, listed};
use crate::hygiene::code;
use crate::plan;
use crate::policy::{Value, When};

/// Of a policy, in bytes.
const LONGEST_NAME: usize = 128;

/// Without the groups that `macro_rules!` and parentheses leave.
pub(super) fn bare(expression: &Expr) -> &Expr {
    match expression {
        Expr::Group(group) => bare(&group.expr),
        Expr::Paren(paren) => bare(&paren.expr),
        other => other,
    }
}

pub(super) fn literal(expression: &Expr) -> Option<&Lit> {
    match bare(expression) {
        Expr::Lit(literal) => Some(&literal.lit),
        _ => None,
    }
}

/// A whole number that is written out.
pub(super) fn number(expression: &Expr) -> Option<u64> {
    match literal(expression) {
        Some(Lit::Int(number)) => number.base10_parse().ok(),
        _ => None,
    }
}

/// The literal under a minus sign.
pub(super) fn negated(expression: &Expr) -> Option<&Lit> {
    match bare(expression) {
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => literal(&unary.expr),
        _ => None,
    }
}

impl Checker<'_> {
    /// An expression that only the compiler knows the value of.
    pub(super) fn expression(&self, expression: &Expr) -> Value {
        let is_const = match bare(expression) {
            Expr::Path(path) => {
                let first = path.path.segments.first().map(|first| &first.ident);
                let is_argument =
                    path.path.get_ident().is_some_and(|name| self.target.binding(name).is_some());
                let is_generic = path.qself.is_some()
                    || first.is_some_and(|first| {
                        first == "Self"
                            || first == "self" && path.path.segments.len() == 1
                            || self.target.is_generic(first)
                    });
                !is_argument && !is_generic
            }
            Expr::Lit(_) | Expr::Closure(_) => true,
            _ => false,
        };
        let when = if is_const { When::Const } else { When::Call };
        Value::Expression { expression: Box::new(expression.clone()), when }
    }

    /// A number of calls, which zero of would make the policy pointless for `reason`.
    pub(super) fn count(&mut self, key: &str, given: &Valued, zero: &str) -> Option<Value> {
        let example = "3";
        match literal(&given.value) {
            Some(Lit::Int(number)) => match number.base10_parse::<u64>() {
                Ok(0) => self.errors.on(number, format!("`{key}` must be at least 1: {zero}")),
                Ok(value) if u32::try_from(value).is_ok() => {
                    return Some(Value::Literal(number.to_token_stream()));
                }
                _ => {
                    self.errors.on(number, format!("`{key}` is a `u32`, and this is more than one can hold"));
                }
            },
            Some(Lit::Str(text)) => {
                let digits = text.value();
                let hint = if digits.parse::<u32>().is_ok() { digits.as_str() } else { example };
                self.errors
                    .on(text, format!("`{key}` is a number: write it without quotes, `{key} = {hint}`"));
            }
            Some(other) => {
                self.errors.on(other, format!("`{key}` is a whole number: write `{key} = {example}`"));
            }
            None if negated(&given.value).is_some() => {
                self.errors.on(&given.value, format!("`{key}` can't be negative: write 1 or more"));
            }
            None => return Some(self.expression(&given.value)),
        }
        None
    }

    /// `zero`: why it can't be zero, if it can't.
    pub(super) fn duration(&mut self, key: &str, given: &Expr, zero: Option<&str>) -> Option<Value> {
        match literal(given) {
            Some(Lit::Str(text)) => match duration::parse(&text.value()) {
                Ok(Duration::ZERO) if zero.is_some() => {
                    let reason = zero.unwrap_or_default();
                    self.errors.on(text, format!("{key} must be more than zero: {reason}"));
                }
                Ok(duration) => return Some(Value::Duration(duration)),
                Err(message) => self.errors.on(
                    text,
                    format!("{message}\na duration is written as \"250ms\", \"1.5s\" or \"1m30s\""),
                ),
            },
            Some(Lit::Int(number)) => {
                let digits = number.base10_digits();
                let message = match duration::corrected(&number.to_string()) {
                    Some(meant) => format!("a duration is text: write \"{meant}\""),
                    None => format!(
                        "a duration has a unit: write \"{digits}s\" for seconds, \"{digits}ms\" for milliseconds"
                    ),
                };
                self.errors.on(number, message);
            }
            Some(other) => {
                let hint = match other {
                    Lit::Float(number) => duration::corrected(&number.to_string())
                        .unwrap_or_else(|| format!("{}s", number.base10_digits())),
                    _ => "5s".to_owned(),
                };
                self.errors.on(other, format!("a duration is text with a unit: write \"{hint}\""));
            }
            None if negated(given).is_some() => {
                self.errors.on(given, "a duration can't be negative: write \"250ms\", \"1.5s\" or \"1m30s\"");
            }
            None => return Some(self.expression(given)),
        }
        None
    }

    pub(super) fn multiplier(&mut self, given: &Valued) -> Option<Value> {
        let is_multiplier = |number: f64| number > 0.0 && number.is_finite();
        self.fraction(given, &is_multiplier, &|_| {
            "`multiplier` is what the delay grows by, above zero: write `multiplier = 2.0`".to_owned()
        })
    }

    /// A number with a fraction, or without one. `message` is told what is written, if it is a number.
    pub(super) fn fraction(
        &mut self,
        given: &Valued,
        is_legal: &dyn Fn(f64) -> bool,
        message: &dyn Fn(Option<f64>) -> String,
    ) -> Option<Value> {
        let number = match literal(&given.value) {
            Some(Lit::Float(number)) => number.base10_parse::<f64>().ok(),
            Some(Lit::Int(number)) => number.base10_parse::<f64>().ok(),
            Some(Lit::Str(text)) => {
                let text = text.value();
                self.errors.on(&given.value, message(text.trim_end_matches('%').trim().parse().ok()));
                return None;
            }
            None if negated(&given.value).is_none() => return Some(self.expression(&given.value)),
            _ => None,
        };
        if let Some(number) = number.filter(|number| number.is_finite() && is_legal(*number)) {
            return Some(Value::Literal(code!(#number)));
        }
        self.errors.on(&given.value, message(number));
        None
    }

    /// A factor of the delay that chance decides on, or the name of a way to do so.
    pub(super) fn jitter(&mut self, given: &Valued) -> Option<Value> {
        let names =
            [("full", "Full"), ("equal", "Equal"), ("decorrelated", "Decorrelated"), ("none", "None")];
        let factor = match literal(&given.value) {
            Some(Lit::Str(text)) => {
                return self.variant("jitter", "Jitter", text, &names, "or a factor from 0.0 to 1.0");
            }
            Some(Lit::Float(number)) => number.base10_parse::<f64>().ok(),
            Some(Lit::Int(number)) => number.base10_parse::<f64>().ok(),
            Some(Lit::Bool(on)) => {
                let name = if on.value { "full" } else { "none" };
                self.errors
                    .on(on, format!("a jitter has a name, or is a factor: write `jitter = \"{name}\"`"));
                return None;
            }
            Some(_) => None,
            None if negated(&given.value).is_some() => Some(-1.0),
            None if self.is_word("jitter", "Jitter", &given.value, &names) => return None,
            None => {
                let factor = self.expression(&given.value);
                return Some(Value::Variant {
                    ty: "Jitter",
                    variant: "Factor",
                    holds: Some(Box::new(factor)),
                });
            }
        };
        match factor {
            Some(factor) if (0.0..=1.0).contains(&factor) => {
                let factor = Value::Literal(code!(#factor));
                Some(Value::Variant { ty: "Jitter", variant: "Factor", holds: Some(Box::new(factor)) })
            }
            _ => {
                self.errors.on(
                    &given.value,
                    "as a factor `jitter` is from 0.0, none, to 1.0, all of the delay: write `jitter = 0.5`",
                );
                None
            }
        }
    }

    pub(super) fn backoff(&mut self, given: &Valued) -> Option<Value> {
        let names = [
            ("constant", "Constant"),
            ("linear", "Linear"),
            ("exponential", "Exponential"),
            ("fibonacci", "Fibonacci"),
        ];
        match (literal(&given.value), bare(&given.value)) {
            (Some(Lit::Str(text)), _) => {
                self.variant("backoff", "Backoff", text, &names, "or the path of a `fn(u32) -> Duration`")
            }
            // A word alone may be a function of the user's.
            (None, Expr::Path(path))
                if path.path.get_ident().is_none()
                    && self.is_word("backoff", "Backoff", &given.value, &names) =>
            {
                None
            }
            (None, Expr::Path(_) | Expr::Closure(_)) => {
                let custom = self.expression(&given.value);
                Some(Value::Variant { ty: "Backoff", variant: "Custom", holds: Some(Box::new(custom)) })
            }
            _ => {
                self.errors.on(
                    &given.value,
                    format!(
                        "`backoff` is one of {}, or the path of a `fn(u32) -> Duration`",
                        quoted(&words(&names))
                    ),
                );
                None
            }
        }
    }

    /// Whether this is one of the words without its quotes, or by its name at run time; if so it is reported.
    fn is_word(&mut self, key: &str, ty: &str, given: &Expr, names: &[(&'static str, &'static str)]) -> bool {
        let Expr::Path(path) = bare(given) else { return false };
        let mut segments = path.path.segments.iter().rev().map(|segment| &segment.ident);
        let (Some(last), before) = (segments.next(), segments.next()) else { return false };
        let (word, is_own) = match before {
            Some(before) if before == ty => (names.iter().find(|(_, variant)| last == variant), false),
            Some(_) => (None, false),
            None => (names.iter().find(|(word, _)| last == word), self.target.binding(last).is_some()),
        };
        let Some((word, _)) = word.filter(|_| !is_own) else { return false };
        let own = match before {
            Some(_) => String::new(),
            None => format!(", or `self::{word}` for something of your own by that name"),
        };
        self.errors.on(path, format!("this {key} is written as text: write `{key} = \"{word}\"`{own}"));
        true
    }

    pub(super) fn variant(
        &mut self,
        key: &str,
        ty: &'static str,
        text: &LitStr,
        names: &[(&'static str, &'static str)],
        or: &str,
    ) -> Option<Value> {
        let written = text.value();
        if let Some((_, variant)) = names.iter().find(|(name, _)| *name == written) {
            return Some(Value::Variant { ty, variant, holds: None });
        }
        let words = words(names);
        let near = did_you_mean(&written, &words).replace('`', "\"");
        self.errors.on(
            text,
            format!("there is no {key} \"{written}\"{near}\n`{key}` is one of {}, {or}", quoted(&words)),
        );
        None
    }

    /// One of a few words.
    pub(super) fn text(&mut self, key: &str, given: &Valued, example: &str) -> Option<LitStr> {
        if let Some(Lit::Str(text)) = literal(&given.value) {
            return Some(text.clone());
        }
        self.errors.on(&given.value, format!("`{key}` is text: write `{key} = \"{example}\"`"));
        None
    }

    /// A name, for look-ups and for errors.
    pub(super) fn name(&mut self, given: Option<&Valued>) -> Option<LitStr> {
        let given = given?;
        let Some(Lit::Str(text)) = literal(&given.value) else {
            self.errors.on(
                &given.value,
                "`name` is a literal, so that the look-up works before the first call: write `name = \"quotes\"`",
            );
            return None;
        };
        let name = text.value();
        if name.is_empty() {
            self.errors
                .on(text, "a name can't be empty: write one, or leave `name` out to take the function's");
        } else if name.trim().is_empty() {
            self.errors.on(
                text,
                "a name can't be made of blanks: write one, or leave `name` out to take the function's",
            );
        } else if name.trim() != name {
            let trimmed = name.trim();
            self.errors.on(text, format!("a name has no blanks around it: write `name = \"{trimmed}\"`"));
        } else if name.contains(char::is_control) {
            self.errors
                .on(text, "a name stands in one line of a log: write it without line breaks and tabs, `name = \"quotes\"`");
        } else if name.len() > LONGEST_NAME {
            self.errors.on(
                text,
                format!(
                    "a name stands in every error and event, and this has {} bytes: write at most {LONGEST_NAME}",
                    name.len()
                ),
            );
        } else {
            return Some(text.clone());
        }
        None
    }

    /// A setting of something that all calls share can't depend on one of them.
    pub(super) fn shared(&mut self, what: &str, value: &Value) {
        match value {
            Value::Expression { expression, when: When::Call } => {
                let names = plan::mentioned(expression.to_token_stream(), self.target);
                let generic = self.generic_in(expression);
                if let Some(name) = names.first() {
                    self.errors.on(
                        expression,
                        format!("one {what} serves all calls, so its settings can't depend on `{name}`: write a constant"),
                    );
                } else if let Some((span, name)) = generic {
                    self.errors.at(
                        span,
                        format!("one {what} serves all instances of the function, so its settings can't depend on `{name}`: name a concrete type or a constant"),
                    );
                }
            }
            Value::Variant { holds: Some(value), .. } => self.shared(what, value),
            _ => {}
        }
    }

    /// A use of `Self` or of a generic parameter.
    fn generic_in(&self, expression: &Expr) -> Option<(Span, String)> {
        plan::identifiers(expression.to_token_stream())
            .into_iter()
            .find(|name| *name == "Self" || self.target.is_generic(name))
            .map(|name| (name.span(), name.to_string()))
    }
}

/// The words that are written for these variants.
pub(super) fn words(names: &[(&'static str, &'static str)]) -> Vec<&'static str> {
    names.iter().map(|(word, _)| *word).collect()
}

pub(super) fn quoted(words: &[&str]) -> String {
    listed(words).replace('`', "\"")
}
