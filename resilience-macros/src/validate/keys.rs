//! The rules of `key = …`, on every attribute that has it.

use quote::ToTokens;
use syn::{Expr, Lit};

use super::Checker;
use super::values::{bare, literal, quoted, words};
use crate::args::Valued;
use crate::plan;
use crate::policy::{Keys, Value};

/// What an attribute says of its keys.
pub(super) struct GivenKeys<'a> {
    pub(super) key: Option<&'a Valued>,
    pub(super) max_keys: Option<&'a Valued>,
    pub(super) idle: Option<&'a Valued>,
    pub(super) overflow: Option<&'a Valued>,
}

/// What happens to a new key while the table is full, and the variant of the runtime's enum.
const OVERFLOWS: [(&str, &str); 3] =
    [("share", "Share"), ("reject", "Reject"), ("unprotected", "Unprotected")];

impl Checker<'_> {
    /// `key = …`, and how many of them are kept for how long. `what` there is one of for each.
    pub(super) fn keys(&mut self, what: &str, given: &GivenKeys<'_>) -> Option<Keys> {
        let none = format!("no key would have a {what} that lasts");
        let max_keys = given.max_keys.and_then(|given| self.count("max_keys", given, &none));
        let zero = "a key would be forgotten as soon as it is not in use";
        let idle = given.idle.and_then(|given| self.duration("`idle`", &given.value, Some(zero)));
        let overflow = given.overflow.and_then(|given| self.overflow(given));
        for value in max_keys.iter().chain(&idle) {
            self.shared("table of keys", value);
        }
        let Some(key) = given.key else {
            let of_keys = [("max_keys", given.max_keys), ("idle", given.idle), ("overflow", given.overflow)];
            for (name, given) in of_keys {
                if let (Some(given), true) = (given, self.is_whole) {
                    self.errors.at(
                        given.key,
                        format!(
                            "`{name}` is about the {what}s of the keys, and there is one {what} without `key`: write \
                             `key = host` beside it, or leave it out"
                        ),
                    );
                }
            }
            return None;
        };
        let expression = unreferenced(&key.value);
        let names = plan::mentioned(expression.to_token_stream(), self.target);
        let is_constant = literal(expression).is_some() || names.is_empty();
        if is_constant || matches!(expression, Expr::Closure(_)) {
            let arguments = self.target.names_in_scope();
            let example = arguments.first().map_or("self.host", String::as_str);
            let mistake = if is_constant {
                "`key` is an expression over the arguments, and this uses none: every call would have the same key"
            } else {
                "`key` is an expression over the arguments, which are in scope, and no function"
            };
            self.errors.on(
                &key.value,
                format!("{mistake}\nwrite `key = {example}`, or leave `key` out to have one {what}"),
            );
            return None;
        }
        Some(Keys { key: expression.clone(), max_keys, idle, overflow })
    }

    fn overflow(&mut self, given: &Valued) -> Option<Value> {
        let what = "for the calls of new keys while `max_keys` are in use";
        if let Some(Lit::Str(text)) = literal(&given.value) {
            return self.variant("overflow", "Overflow", text, &OVERFLOWS, what);
        }
        self.errors
            .on(&given.value, format!("`overflow` is text, one of {}, {what}", quoted(&words(&OVERFLOWS))));
        None
    }
}

/// The key is looked up by reference in any case, so that one more means the same as none.
fn unreferenced(expression: &Expr) -> &Expr {
    match bare(expression) {
        Expr::Reference(reference) if reference.mutability.is_none() => unreferenced(&reference.expr),
        other => other,
    }
}
