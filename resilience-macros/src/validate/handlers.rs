//! Functions and closures that an attribute takes, and the arguments that are cloned for them.

use proc_macro2::Ident;
use quote::{ToTokens, quote};
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Expr, Lit, Pat, Token, UnOp};

use super::Checker;
use super::strays::unquoted;
use super::values::{bare, literal};
use crate::args::{Listed, Positional, Valued};
use crate::diagnostics::{did_you_mean, listed};
use crate::plan;
use crate::policy::{Handler, HandlerKind};
use crate::spelling::source_of;

/// As many as the runtime has handlers for, the error aside.
const MAX_HANDLER_ARGUMENTS: usize = 12;

/// Whether this is one of the macros that are known to give something else.
fn is_no_closure(name: &Ident) -> bool {
    let known = [
        "matches", "print", "println", "eprint", "eprintln", "format", "panic", "dbg", "error", "warn",
        "info", "debug", "trace",
    ];
    known.iter().any(|known| name == known)
}

impl Checker<'_> {
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
            Expr::Macro(call)
                if call.mac.path.segments.last().is_some_and(|last| is_no_closure(&last.ident)) =>
            {
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
                let known = self.target.names_in_scope();
                let known: Vec<_> = known.iter().map(String::as_str).collect();
                let near = did_you_mean(&name.to_string(), &known);
                let has = if known.is_empty() {
                    "it has none that could be".to_owned()
                } else {
                    format!("its arguments are {}", listed(&known))
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
}
