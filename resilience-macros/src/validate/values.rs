//! Values that several attributes take.

use core::time::Duration;

use proc_macro2::{Ident, Span};
use quote::{ToTokens, quote};
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Expr, Lit, LitStr, Pat, Token, UnOp};

use super::Checker;
use super::duration;
use super::strays::unquoted;
use crate::args::{Listed, Positional, Valued};
use crate::diagnostics::{did_you_mean, listed};
use crate::hygiene::code;
use crate::plan;
use crate::policy::{Handler, HandlerKind, Value, When};
use crate::spelling::source_of;

/// Of a policy, in bytes.
const LONGEST_NAME: usize = 128;

/// As many as the runtime has handlers for, the error aside.
const MAX_HANDLER_ARGUMENTS: usize = 12;

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
                            || self.target.generics().any(|generic| generic == first)
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
        self.fraction(given, is_multiplier, |_| {
            "`multiplier` is what the delay grows by, above zero: write `multiplier = 2.0`".to_owned()
        })
    }

    /// A number with a fraction, or without one. `message` is told what is written, if it is a number.
    pub(super) fn fraction(
        &mut self,
        given: &Valued,
        is_legal: impl FnOnce(f64) -> bool,
        message: impl FnOnce(Option<f64>) -> String,
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
            (None, _) if self.is_word("backoff", "Backoff", &given.value, &names) => None,
            (None, Expr::Path(_) | Expr::Closure(_)) => {
                let custom = self.expression(&given.value);
                Some(Value::Variant { ty: "Backoff", variant: "Custom", holds: Some(Box::new(custom)) })
            }
            _ => {
                self.errors.on(
                    &given.value,
                    format!(
                        "`backoff` is one of {}, or the path of a `fn(u32) -> Duration`",
                        quoted(names.iter().map(|(name, _)| *name))
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

    fn variant(
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
        let near = did_you_mean(&written, names.iter().map(|(name, _)| *name)).replace('`', "\"");
        self.errors.on(
            text,
            format!(
                "there is no {key} \"{written}\"{near}\n`{key}` is one of {}, {or}",
                quoted(names.iter().map(|(name, _)| *name))
            ),
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

    /// A path or a closure that is called with one argument.
    pub(super) fn callable(&mut self, key: &str, given: Option<&Valued>, argument: &str) -> Option<Expr> {
        let given = given?;
        match bare(&given.value) {
            Expr::Closure(closure) if closure.inputs.len() != 1 => self.errors.at(
                closure.inputs_begin.span(),
                format!(
                    "`{key}` is called with one argument, and this takes {}: write `{key} = |{argument}| …`",
                    closure.inputs.len()
                ),
            ),
            Expr::Closure(closure) if closure.asyncness.is_some() => self.errors.on(
                closure.asyncness,
                format!("`{key}` is called without awaiting: write `{key} = |{argument}| …`"),
            ),
            Expr::Lit(_) => {
                let path = match literal(&given.value) {
                    Some(Lit::Str(text)) => unquoted(text),
                    _ => None,
                };
                let path =
                    path.map_or_else(|| "the path of one".to_owned(), |path| format!("`{key} = {path}`"));
                self.errors.on(
                    &given.value,
                    format!("`{key}` is a function: write {path}, or `{key} = |{argument}| …`"),
                );
            }
            Expr::Binary(_) => self.is_no_function(key, given, argument),
            Expr::Unary(unary) if matches!(unary.op, UnOp::Not(_)) => {
                self.is_no_function(key, given, argument);
            }
            Expr::Macro(call) if call.mac.path.is_ident("matches") => {
                self.is_no_function(key, given, argument);
            }
            _ => return Some(given.value.clone()),
        }
        None
    }

    fn is_no_function(&mut self, key: &str, given: &Valued, argument: &str) {
        let text = source_of(&given.value);
        self.errors.on(
            &given.value,
            format!(
                "`{key}` is a function, which is given the {argument}: write `{key} = |{argument}| {text}`"
            ),
        );
    }

    /// `clone(a, b)`
    pub(super) fn clones(&mut self, given: Option<&Listed>) -> Vec<Ident> {
        let Some(given) = given else { return Vec::new() };
        let parse = |input: ParseStream<'_>| {
            Punctuated::<Ident, Token![,]>::parse_terminated_with(
                input,
                <Ident as syn::ext::IdentExt>::parse_any,
            )
        };
        let names = match parse.parse2(given.tokens.clone()) {
            Ok(names) => names,
            Err(error) => {
                let without_quotes = given.tokens.to_string().replace('"', " ").parse();
                let tokens = without_quotes.unwrap_or_else(|_| given.tokens.clone());
                let mut meant = plan::mentioned(tokens, self.target);
                meant.dedup();
                let meant: Vec<_> = meant.iter().map(ToString::to_string).collect();
                let example = if meant.is_empty() { "request, token".to_owned() } else { meant.join(", ") };
                self.errors.at(
                    error.span(),
                    format!("`clone` takes names of arguments, by commas: write `clone({example})`"),
                );
                return Vec::new();
            }
        };
        if names.is_empty() {
            self.errors
                .at(given.key, "`clone` names the arguments that the body consumes: write `clone(request)`");
        }
        let mut cloned: Vec<Ident> = Vec::new();
        for name in names {
            let known: Vec<_> = self.target.bindings.iter().map(|binding| binding.name.to_string()).collect();
            if name == "self" {
                self.errors.at(
                    name.span(),
                    "`self` can't be cloned for an attempt: take `&self`, or `self: Arc<Self>` borrowed by the body",
                );
            } else if cloned.contains(&name) {
                self.errors.at(name.span(), format!("`{name}` is named twice: keep one"));
            } else if let Some(binding) = self.target.binding(&name) {
                if binding.is_mut_ref {
                    self.errors.at(
                        name.span(),
                        format!(
                            "`{name}` is a `&mut`, which every attempt reborrows by itself: leave it out"
                        ),
                    );
                }
                // The name may come from another macro than the argument, which knows it by its own.
                let mut argument = binding.name.clone();
                argument.set_span(argument.span().located_at(name.span()));
                cloned.push(argument);
            } else {
                let near = did_you_mean(&name.to_string(), known.iter().map(String::as_str));
                let has = if known.is_empty() {
                    "it has none that could be".to_owned()
                } else {
                    format!("its arguments are {}", listed(known.iter().map(String::as_str)))
                };
                self.errors.at(
                    name.span(),
                    format!("`{name}` is no argument of `{}`{near}\n{has}", self.target.name),
                );
            }
        }
        cloned
    }

    /// Something that answers in the body's stead. `counts_ok`: there may be no error to hand over.
    pub(super) fn handler(&mut self, given: &Positional, counts_ok: bool) -> Option<Handler> {
        let (expression, is_value) = match given {
            Positional::Value(value) => (value, true),
            Positional::Bare(handler) => (bare(handler), false),
        };
        let span = expression.span();
        let text = source_of(expression);
        if is_value {
            let kind = HandlerKind::Value(Box::new(expression.clone()));
            return Some(Handler { span, source: format!("value = {text}"), kind });
        }
        let kind = match expression {
            Expr::Path(path) => {
                let by_type = path.qself.is_some()
                    || path.path.segments.first().is_some_and(|first| first.ident == "Self");
                if self.target.arguments.iter().any(|argument| argument.name.is_none()) {
                    let mut arguments = self.target.function.signature.inputs.iter();
                    let pattern = arguments.find_map(|argument| match argument {
                        syn::FnArg::Typed(argument) if !matches!(*argument.pat, Pat::Ident(_)) => {
                            Some(&argument.pat)
                        }
                        _ => None,
                    });
                    self.errors.on(
                        path,
                        format!(
                            "a handler by path gets the function's own arguments, and `{}` has no name: \
                             write a closure, `|error| …`",
                            source_of(&quote!(#pattern))
                        ),
                    );
                    return None;
                }
                let takes_self = by_type && self.target.receiver.is_some();
                let arguments = self.target.arguments.len() + usize::from(takes_self);
                if arguments > MAX_HANDLER_ARGUMENTS {
                    self.errors.on(
                        path,
                        format!(
                            "a handler by path gets at most {MAX_HANDLER_ARGUMENTS} arguments, and `{}` has {arguments}: \
                             write a closure, `|error| …`, in which they are in scope",
                            self.target.name
                        ),
                    );
                    return None;
                }
                HandlerKind::Path { path: path.clone(), takes_self }
            }
            Expr::Closure(closure) => {
                if let Some(keyword) = closure.asyncness {
                    self.errors.on(
                        keyword,
                        "a handler's closure is awaited where it is written: leave `async` out, and `.await` inside of it",
                    );
                    return None;
                }
                let error = match closure.inputs.len() {
                    0 => None,
                    1 => closure.inputs.first().filter(|pattern| !matches!(pattern, Pat::Wild(_))),
                    count => {
                        self.errors.on(
                            &closure.inputs,
                            format!("a handler's closure gets the error and nothing else, and this takes {count}: the function's arguments are in scope, write `|error| …`"),
                        );
                        return None;
                    }
                };
                if let (Some(pattern), true) = (error, counts_ok) {
                    self.errors.on(
                        pattern,
                        "an `Ok` that counts as a failure has no error to hand over: write `|_| …` beside `when_ok`",
                    );
                    return None;
                }
                HandlerKind::Closure { error: error.cloned().map(Box::new), body: closure.body.clone() }
            }
            Expr::Call(_) | Expr::MethodCall(_) | Expr::Macro(_) | Expr::Block(_) | Expr::Async(_) => {
                self.errors.on(
                    expression,
                    format!("a handler is a path, a closure or a value: write `|_| {text}`, or `value = {text}` for a success"),
                );
                return None;
            }
            Expr::Field(field) => {
                let name = field.member.to_token_stream();
                self.errors.on(expression, format!("a method is named by its path: write `Self::{name}`"));
                return None;
            }
            _ => {
                self.errors.on(
                    expression,
                    format!("a handler is a path, a closure or a value: write `value = {text}`"),
                );
                return None;
            }
        };
        Some(Handler { span, source: text, kind })
    }

    /// `fallback = path`, of a policy's own rejection.
    pub(super) fn own_fallback(&mut self, given: Option<&Valued>) -> Option<Handler> {
        let given = given?;
        if let Some(value) = literal(&given.value) {
            let path = match value {
                Lit::Str(text) => unquoted(text),
                _ => None,
            };
            let path =
                path.map_or_else(|| "the path of one".to_owned(), |path| format!("`fallback = {path}`"));
            self.errors.on(
                &given.value,
                format!(
                    "`fallback` is a function: write {path}, or `fallback = |_| {}`",
                    source_of(&given.value)
                ),
            );
            return None;
        }
        self.handler(&Positional::Bare(given.value.clone()), false)
    }

    /// `clone(a, b)` beside `fallback = path`.
    pub(super) fn own_clones(&mut self, given: Option<&Listed>, fallback: Option<&Valued>) -> Vec<Ident> {
        if let (Some(given), None, true) = (given, fallback, self.is_whole) {
            self.errors.at(
                given.key,
                "`clone` keeps arguments for the handler, and there is none: write `fallback = …` beside it, or leave \
                 it out",
            );
        }
        self.clones(given)
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
            .find(|name| *name == "Self" || self.target.generics().any(|generic| generic == name))
            .map(|name| (name.span(), name.to_string()))
    }
}

fn quoted<'a>(names: impl Iterator<Item = &'a str>) -> String {
    listed(names).replace('`', "\"")
}
