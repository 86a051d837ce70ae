//! What a function must be, whatever stands on it.

use syn::spanned::Spanned;

use super::Checker;
use crate::stack::{Entry, Kind};

pub(super) fn check(checker: &mut Checker<'_>, stack: &[Entry]) {
    let target = checker.target;
    let signature = &target.function.signature;
    let attribute = stack.first().map_or("retry", |entry| entry.kind.name());
    let errors = &mut checker.errors;
    if let Some(keyword) = signature.constness {
        errors.on(
            keyword,
            format!("`#[{attribute}]` calls code that runs at run time only, which a `const fn` can't: leave `const` out"),
        );
    }
    if let Some(variadic) = &signature.variadic {
        errors.at(
            variadic.dots.spans[0],
            "variadic arguments can't be handed to an attempt: annotate a function that this one calls",
        );
    }
    if let Some(abi) = &signature.abi {
        let is_rust = abi.name.as_ref().is_some_and(|name| name.value().starts_with("Rust"));
        let is_answered = stack.iter().any(|entry| entry.kind == Kind::Fallback);
        if !is_rust && !is_answered && !target.names_a_fallible_type() {
            errors.on(
                abi,
                "a foreign caller has no room for a failure without a `Result`: annotate a function that this one calls",
            );
        }
    }
    if let Some(stream) = target.stream() {
        errors.at(
            stream,
            "a stream gives many results, and a policy looks at one: annotate the function that fetches an item, or \
             the one that opens the stream, as `Result<impl Stream, _>`",
        );
    }
    if let Some(unpinned) = target.unpinned_future() {
        errors.on(
            unpinned,
            "a future is awaited pinned: write `Pin<Box<dyn Future<Output = …>>>`, with `Box::pin(…)` in the body",
        );
    }
    if target.function.body.is_none() {
        errors.at(
            signature.span(),
            format!("`#[{attribute}]` needs a body to run: put it on the method of each `impl`, or on a default body"),
        );
    }
    if target.is_expanded() {
        errors.at(
            proc_macro2::Span::call_site(),
            format!(
                "another attribute of this library stands above this one, and could not know it: nested by themselves \
                 they would run in the wrong order\nwrite each by its own name, `#[{attribute}(..)]` or \
                 `#[resilience::{attribute}(..)]`, and not by that of a renamed import; where Cargo.toml gives the \
                 library another name, add `crate = ::name` to each"
            ),
        );
    }
}
