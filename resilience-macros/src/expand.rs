//! From tokens to tokens.

use proc_macro2::TokenStream;
use quote::ToTokens;

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
    let half_typed = stack::half_typed(&stack);
    let target = Target::of(&function);
    match validate::validate(stack, &target) {
        Ok(stack) => emit::emit(&plan::plan(stack, &target), &target),
        Err(errors) => {
            // The function itself must stand, or its callers would fail too.
            let mut tokens = errors.into_compile_error();
            emit::unchanged(&target, &absorbed, &half_typed).to_tokens(&mut tokens);
            tokens
        }
    }
}

/// It is no layer: its neighbours stay where they are.
fn health_check(arguments: TokenStream, function: &Function) -> TokenStream {
    let entry = Entry::outermost(Kind::HealthCheck, arguments);
    let target = Target::of(function);
    match validate::health_check(&entry, &target) {
        Ok(check) => emit::health_check(&check, &target),
        Err(errors) => {
            let half_typed = stack::half_typed(&[entry]);
            let mut tokens = errors.into_compile_error();
            emit::unchanged(&target, &[], &half_typed).to_tokens(&mut tokens);
            tokens
        }
    }
}
