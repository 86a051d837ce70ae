//! From tokens to tokens.

use proc_macro2::TokenStream;
use quote::ToTokens;

use crate::half_typed::half_typed;
use crate::stack::{self, Entry, Kind};
use crate::target::{Function, Item, Target};
use crate::{emit, plan, validate};

/// Expands the outermost attribute of a stack together with those that follow it.
pub(crate) fn expand(outermost: Kind, arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut function = match Item::parse(item) {
        Item::Function(function) => function,
        Item::Other(other) => {
            let mut tokens = validate::not_a_function(outermost, &other).into_compile_error();
            tokens.extend(other.tokens);
            return tokens;
        }
    };
    if outermost == Kind::HealthCheck {
        return health_check(arguments, &function);
    }
    let stack = stack::collect(outermost, arguments, &mut function.attributes);
    let absorbed = stack::absorbed(&stack);
    let target = Target::of(&function);
    let half_typed = half_typed(&stack, &target);
    match validate::validate(stack, &target) {
        Ok(stack) => emit::emit(&plan::plan(stack, &target), &target, &half_typed),
        Err(errors) => {
            // The function itself must stand, or its callers would fail too. It stands in front: what an error says
            // depends on what is half-typed, and editors look for that at its place in the expansion.
            let mut tokens = emit::unchanged(&target, &absorbed, &half_typed);
            errors.into_compile_error().to_tokens(&mut tokens);
            tokens
        }
    }
}

/// It is no layer: its neighbours stay where they are.
fn health_check(arguments: TokenStream, function: &Function) -> TokenStream {
    let entry = Entry::outermost(Kind::HealthCheck, arguments);
    let target = Target::of(function);
    let half_typed = half_typed(std::slice::from_ref(&entry), &target);
    match validate::health_check(&entry, &target) {
        Ok(check) => emit::health_check(&check, &target, &half_typed),
        Err(errors) => {
            let mut tokens = emit::unchanged(&target, &[], &half_typed);
            errors.into_compile_error().to_tokens(&mut tokens);
            tokens
        }
    }
}
