//! The rules of `budget = "…"` and `budget(…)`.

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Expr, Lit, Token};

use super::Checker;
use super::values::{literal, number};
use crate::args::{Given, Listed, Valued};
use crate::diagnostics::{did_you_mean, listed};
use crate::policy::{Setter, Value, When};

pub(crate) const KEYS: [&str; 3] = ["name", "ratio", "min_per_second"];

impl Checker<'_> {
    /// `budget = "payments"` or `budget(name = "payments", ratio = 0.2, min_per_second = 10)`
    pub(super) fn budget(&mut self, given: &Given) -> Option<Setter> {
        match given {
            Given::Valued(given) => {
                let Some(Lit::Str(_)) = literal(&given.value) else {
                    self.errors.on(
                        &given.value,
                        "`budget` is the name that it is shared by: write `budget = \"payments\"`, or \
                         `budget(name = \"payments\", ratio = 0.2)` with its settings",
                    );
                    return None;
                };
                let name = self.name(Some(given))?;
                Some(Setter::new("budget", Some(Value::Literal(quote::quote!(#name)))))
            }
            Given::Listed(given) => self.listed_budget(given),
        }
    }

    fn listed_budget(&mut self, given: &Listed) -> Option<Setter> {
        let before = self.errors.count();
        let (mut name, mut settings) = (None, Vec::new());
        let mut seen: Vec<Ident> = Vec::new();
        for (key, value) in self.pairs(given)? {
            if seen.contains(&key) {
                self.errors.at(key.span(), format!("`{key}` is given twice: keep one"));
                continue;
            }
            let valued = Valued { key: key.span(), value };
            if key == "name" {
                name = self.name(Some(&valued));
            } else if key == "ratio" {
                self.setting(&mut settings, "ratio", &valued, Self::ratio);
            } else if key == "min_per_second" {
                self.setting(&mut settings, "min_per_second", &valued, Self::minimum);
            } else {
                let near = did_you_mean(&key.to_string(), &KEYS);
                self.errors.at(
                    key.span(),
                    format!(
                        "`budget(..)` has no parameter `{key}`{near}\nits parameters are {}",
                        listed(&KEYS)
                    ),
                );
            }
            seen.push(key);
        }
        if !seen.iter().any(|key| key == "name") && self.errors.count() == before {
            self.errors.at(
                given.key,
                "a budget is shared by its name, and this has none: write `budget(name = \"payments\", ..)`",
            );
        }
        let is_zero = |setter: &Setter| {
            let Some(Value::Literal(written)) = &setter.value else { return false };
            let text = written.to_string();
            text.strip_suffix("f64").unwrap_or(&text).parse::<f64>().is_ok_and(|number| number == 0.0)
        };
        if settings.len() == 2 && settings.iter().all(is_zero) {
            self.errors.at(
                given.key,
                "without a `ratio` and without a minimum nothing would ever be retried: leave one of the two out",
            );
        }
        if self.errors.count() > before {
            return None;
        }
        let name = name?;
        if settings.is_empty() {
            return Some(Setter::new("budget", Some(Value::Literal(quote::quote!(#name)))));
        }
        Some(Setter::new("budget_with", Some(Value::Budget { name, settings })))
    }

    fn setting(
        &mut self,
        settings: &mut Vec<Setter>,
        name: &'static str,
        given: &Valued,
        check: fn(&mut Self, &Valued) -> Option<Value>,
    ) {
        let Some(value) = check(self, given) else { return };
        if value.when() == When::Call {
            self.errors.on(
                &given.value,
                format!("one budget serves all calls, so `{name}` can't be worked out by one of them: write a constant"),
            );
            return;
        }
        settings.push(Setter::new(name, Some(value)));
    }

    fn ratio(&mut self, given: &Valued) -> Option<Value> {
        let is_ratio = |ratio: f64| ratio == 0.0 || (0.0001..=1.0).contains(&ratio);
        self.fraction(given, &is_ratio, &|written| {
            let example = match written {
                // Meant as a percentage.
                Some(percent) if (2.0..=100.0).contains(&percent) => percent / 100.0,
                _ => 0.2,
            };
            format!(
                "`ratio` is how many retries each call pays for, from 0.0 to 1.0, a retry for every call: write \
                 `ratio = {example}`"
            )
        })
    }

    fn minimum(&mut self, given: &Valued) -> Option<Value> {
        // Zero is a number like any other here: only the calls pay for retries then.
        if number(&given.value) == Some(0) {
            let written = literal(&given.value);
            return Some(Value::Literal(quote::quote!(#written)));
        }
        self.count("min_per_second", given, "")
    }

    fn pairs(&mut self, given: &Listed) -> Option<Vec<(Ident, Expr)>> {
        let pair = |input: ParseStream<'_>| {
            let key = input.call(Ident::parse_any)?;
            if !input.peek(Token![=]) {
                return Err(syn::Error::new(key.span(), format!("`{key}` takes a value: write `{key} = …`")));
            }
            input.parse::<Token![=]>()?;
            Ok((key, input.parse::<Expr>()?))
        };
        let pairs = |input: ParseStream<'_>| Punctuated::<_, Token![,]>::parse_terminated_with(input, pair);
        match pairs.parse2(given.tokens.clone()) {
            Ok(pairs) => Some(pairs.into_iter().collect()),
            Err(error) => {
                self.errors.push(error);
                None
            }
        }
    }
}
