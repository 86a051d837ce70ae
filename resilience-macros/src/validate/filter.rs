//! The rules of the filter that several attributes share.

use proc_macro2::{Ident, Span};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Expr, Pat, Token};

use super::Checker;
use crate::args::{Listed, filter};
use crate::diagnostics::{did_you_mean, listed};
use crate::kinds::{Rejection, Rejections};
use crate::policy::{Errors, Filter};
use crate::spelling::source_of;

impl Checker<'_> {
    pub(super) fn filter(&mut self, raw: &filter::Raw, defaults: Rejections) -> Filter {
        let on = self.errors_of("on", raw.on.as_ref());
        let except = self.errors_of("except", raw.except.as_ref());
        self.every_error("on", on.as_ref());
        self.every_error("except", except.as_ref());
        if let (Some(on), Some(except)) = (&on, &except) {
            self.nothing_left(on, except);
        }
        let (mut rejected, mut named) = (defaults, Vec::new());
        if let Some(given) = &raw.rejected {
            named = self.rejected(given);
            rejected = named.iter().fold(Rejections::NONE, |set, (kind, _)| set.with(*kind));
        }
        Filter {
            on,
            except,
            when: self.callable("when", raw.when.as_ref(), "error"),
            when_ok: self.callable("when_ok", raw.when_ok.as_ref(), "value"),
            defaults,
            rejected,
            named,
        }
    }

    /// Errors that prove the other side alive. None of them may count as something else as well.
    pub(super) fn success_on(&mut self, given: Option<&Listed>, filter: &Filter) -> Option<Errors> {
        let successes = self.errors_of("success_on", given)?;
        self.every_error("success_on", Some(&successes));
        let tokens = |case: &Pat| case.to_token_stream().to_string();
        for (key, other) in [("on", &filter.on), ("except", &filter.except)] {
            let Some(other) = other.as_ref().filter(|other| other.guard.is_none()) else { continue };
            let also: Vec<_> = cases(&other.pattern).iter().map(|case| tokens(case)).collect();
            let twice = cases(&successes.pattern).into_iter().find(|case| also.contains(&tokens(case)));
            if let (Some(twice), None) = (twice, &successes.guard) {
                let meaning = if key == "on" { "a failure" } else { "nothing" };
                self.errors.on(
                    twice,
                    format!(
                        "`{}` can't be a success and, by `{key}(..)`, {meaning} at once: name it in one of the two",
                        source_of(twice)
                    ),
                );
            }
        }
        Some(successes)
    }

    fn errors_of(&mut self, key: &str, given: Option<&Listed>) -> Option<Errors> {
        let given = given?;
        if given.tokens.is_empty() {
            self.errors.at(
                given.key,
                format!("`{key}` takes a pattern: write `{key}(MyError::Busy | MyError::Lost)`"),
            );
            return None;
        }
        if let Ok(Expr::Closure(predicate)) = syn::parse2(given.tokens.clone())
            && predicate.inputs.len() == 1
            && predicate.inputs.first().is_some_and(|input| {
                let input = if let Pat::Type(typed) = input { &*typed.pat } else { input };
                is_catch_all(input)
            })
        {
            let instead = as_when(key, &predicate);
            self.errors.on(
                &given.tokens,
                format!(
                    "`{key}` takes a pattern, `{key}(MyError::Busy)`: for a predicate of those that count write \
                     `when = {instead}`"
                ),
            );
            return None;
        }
        let parse = |input: ParseStream<'_>| {
            let pattern = Pat::parse_multi_with_leading_vert(input)?;
            let guard =
                if input.parse::<Option<Token![if]>>()?.is_some() { Some(input.parse()?) } else { None };
            if input.peek(Token![,]) {
                return Err(
                    input.error(format!("`{key}` takes one pattern: write `A | B` for either of two"))
                );
            }
            if !input.is_empty() {
                return Err(
                    input.error(format!(
                        "`{key}` takes one pattern, as an arm of a `match` has it, `A | B if guard`: for a predicate write \
                         `when = |error| …`"
                    ))
                );
            }
            Ok(Errors { pattern, guard })
        };
        match parse.parse2(given.tokens.clone()) {
            Ok(errors) => Some(errors),
            Err(error) => {
                self.errors.push(error);
                None
            }
        }
    }

    fn rejected(&mut self, given: &Listed) -> Vec<(Rejection, Span)> {
        let known = Rejection::names();
        let parse = Punctuated::<Ident, Token![,]>::parse_terminated;
        let mut found = Vec::new();
        match parse.parse2(given.tokens.clone()) {
            Ok(names) => {
                for name in names {
                    let word = name.to_string();
                    if let Some(kind) = Rejection::ALL.iter().find(|kind| kind.name() == word) {
                        found.push((*kind, name.span()));
                        continue;
                    }
                    let near = did_you_mean(&word, &known);
                    self.errors.at(
                        name.span(),
                        format!(
                            "no policy rejects a call with `{word}`{near}\n`rejected` takes {}",
                            listed(&known)
                        ),
                    );
                }
            }
            Err(error) => {
                let message = format!("`rejected` takes kinds, by commas: {}", listed(&known));
                self.errors.at(error.span(), message);
            }
        }
        found
    }

    /// A pattern that no error escapes.
    fn every_error(&mut self, key: &str, errors: Option<&Errors>) {
        let Some(errors) = errors else { return };
        let all = cases(&errors.pattern).into_iter().find(|case| is_catch_all(case));
        let (Some(all), None) = (all, &errors.guard) else { return };
        let text = source_of(all);
        let what = match key {
            "on" => {
                "which are those that count without `on`: leave it out, or name some, `on(MyError::Busy)`"
            }
            "success_on" => {
                "so that no failure would ever be seen: name those that prove the other side alive, \
                 `success_on(MyError::NotFound)`"
            }
            _ => "which leaves none that count: name those to leave out, `except(MyError::NotFound)`",
        };
        self.errors.on(all, format!("`{text}` matches all errors, {what}"));
    }

    /// Every case of `on` left out again.
    fn nothing_left(&mut self, on: &Errors, except: &Errors) {
        let tokens = |case: &Pat| case.to_token_stream().to_string();
        let left_out: Vec<_> = cases(&except.pattern).iter().map(|case| tokens(case)).collect();
        let is_left_out = |case: &&Pat| left_out.contains(&tokens(case));
        if except.guard.is_none() && cases(&on.pattern).iter().all(is_left_out) {
            self.errors.on(
                &except.pattern,
                "this leaves out all that `on` names, so that no error counts: `on(..)` alone counts what it names, \
                 `except(..)` alone all but what it names, keep one",
            );
        }
    }
}

/// What `when` would be given instead of a predicate in the place of a pattern. What `except` leaves out is just what `when`
/// doesn't take, so that its predicate can't be taken over.
pub(super) fn as_when(key: &str, predicate: &impl ToTokens) -> String {
    if key == "on" { source_of(predicate) } else { "|error| …".to_owned() }
}

fn is_catch_all(pattern: &Pat) -> bool {
    match pattern {
        Pat::Wild(_) => true,
        // In capitals it may be a constant, or a variant that is imported by its name.
        Pat::Ident(name) => {
            let word = name.ident.unraw().to_string();
            name.subpat.is_none() && word.chars().all(|c| !c.is_uppercase())
        }
        _ => false,
    }
}

/// The patterns between the bars.
pub(crate) fn cases(pattern: &Pat) -> Vec<&Pat> {
    match pattern {
        Pat::Or(or) => {
            let mut all = Vec::new();
            for case in &or.cases {
                all.extend(cases(case));
            }
            all
        }
        Pat::Paren(paren) => cases(&paren.pat),
        other => vec![other],
    }
}
