//! The annotated function as a model.

mod flow;
mod item;
mod types;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{
    Attribute, FnArg, GenericParam, Pat, PatParen, PatReference, PatSlice, PatTuple, PatTupleStruct, PatType,
    Receiver, ReceiverKind, ReturnType, Stmt, Type, TypeParamBound,
};

use self::flow::flow;
pub(crate) use self::flow::{AsyncTrait, Flow};
pub(crate) use self::item::{Function, Item, Other};
use self::types::{
    Lifetimes, infer_impl_trait, innermost, is_certainly_bound_to_its_thread, is_certainly_sent,
    type_arguments,
};
pub(crate) use self::types::{borrow, is_certainly_kept, is_certainly_moved, is_mut_ref, is_one_of, named};
use crate::hygiene::MARKER;

/// One argument that is not the receiver.
pub(crate) struct Argument {
    /// If its pattern is a plain name.
    pub(crate) name: Option<Ident>,
}

/// A name that the arguments bring into scope.
pub(crate) struct Binding {
    pub(crate) name: Ident,
    pub(crate) is_mut: bool,
    /// Of a type written as `&mut`: reborrowed for each attempt.
    pub(crate) is_mut_ref: bool,
}

/// The function, as the later phases ask about it.
pub(crate) struct Target<'a> {
    pub(crate) function: &'a Function,
    pub(crate) name: Ident,
    pub(crate) flow: Flow,
    pub(crate) receiver: Option<&'a Receiver>,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) bindings: Vec<Binding>,
    /// What the caller gets, of the future too, with `impl Trait` as `_`.
    pub(crate) output: Type,
    /// The attributes at the beginning of the body.
    pub(crate) inner_attributes: Vec<Attribute>,
    /// The body, with its braces and spans.
    pub(crate) body: TokenStream,
}

impl<'a> Target<'a> {
    pub(crate) fn of(function: &'a Function) -> Self {
        let signature = &function.signature;
        let mut arguments = Vec::new();
        let mut bindings = Vec::new();
        for argument in &signature.inputs {
            let FnArg::Typed(argument) = argument else { continue };
            let name = match &*argument.pat {
                Pat::Ident(pattern) if pattern.subpat.is_none() && pattern.by_ref.is_none() => {
                    bindings.push(Binding {
                        name: pattern.ident.clone(),
                        is_mut: pattern.mutability.is_some(),
                        is_mut_ref: is_mut_ref(&argument.ty),
                    });
                    Some(pattern.ident.clone())
                }
                pattern => {
                    bind(pattern, &mut bindings);
                    None
                }
            };
            arguments.push(Argument { name });
        }
        let (inner_attributes, body) = split_body(function.body.as_ref());
        let (flow, mut output) = flow(signature, &body);
        if let Flow::AsyncTrait(parts) = &flow {
            for statement in &parts.prelude {
                if let Some(name) = mut_local(statement) {
                    for binding in bindings.iter_mut().filter(|binding| binding.name == *name) {
                        binding.is_mut = true;
                    }
                }
            }
        }
        infer_impl_trait(&mut output);
        if matches!(output, Type::Never(_)) {
            // Not nameable as a type of a value.
            output = syn::parse_quote!(_);
        }
        Self {
            function,
            name: signature.ident.unraw(),
            flow,
            receiver: signature.receiver(),
            arguments,
            bindings,
            output,
            inner_attributes,
            body,
        }
    }

    pub(crate) fn is_async(&self) -> bool {
        !matches!(self.flow, Flow::Sync)
    }

    /// A future in a box that isn't pinned.
    pub(crate) fn unpinned_future(&self) -> Option<&Type> {
        let Flow::Future { boxed: Some(ty) } = &self.flow else { return None };
        named(ty).is_some_and(|last| last.ident == "Box").then_some(&**ty)
    }

    /// What `self` is called where the pipeline stands.
    pub(crate) fn this(&self) -> Option<Ident> {
        let receiver = self.receiver?;
        match &self.flow {
            Flow::AsyncTrait(parts) if parts.this.is_some() => parts.this.clone(),
            _ => Some(Ident::new("self", receiver.self_token.span)),
        }
    }

    /// Whether the receiver is a `&mut`.
    pub(crate) fn borrows_self_mutably(&self) -> bool {
        self.receiver.is_some_and(|receiver| match &receiver.kind {
            ReceiverKind::Reference(_, _, mutability) => mutability.is_some(),
            ReceiverKind::Typed(_, ty) => is_mut_ref(ty),
            _ => false,
        })
    }

    pub(crate) fn binding(&self, name: &Ident) -> Option<&Binding> {
        self.bindings.iter().find(|binding| binding.name == *name)
    }

    /// The arguments that are given by value, and may be given away.
    pub(crate) fn owned_arguments(&self) -> Vec<&Ident> {
        let mut names = Vec::new();
        for argument in self.typed_arguments() {
            if let Pat::Ident(pattern) = &*argument.pat
                && !is_certainly_kept(&argument.ty)
            {
                names.push(&pattern.ident);
            }
        }
        names
    }

    /// What the arguments bring into scope.
    pub(crate) fn names_in_scope(&self) -> Vec<String> {
        self.bindings.iter().map(|binding| binding.name.to_string()).collect()
    }

    /// Those that are not the receiver.
    pub(crate) fn typed_arguments(&self) -> Vec<&PatType> {
        let inputs = self.function.signature.inputs.iter();
        let typed = inputs.filter_map(|input| match input {
            FnArg::Typed(argument) => Some(argument),
            FnArg::Receiver(_) => None,
        });
        typed.collect()
    }

    /// Where the body begins, as the user wrote it.
    pub(crate) fn body_start(&self) -> Span {
        self.function.body.as_ref().map_or_else(Span::call_site, Group::span_open)
    }

    /// Whether this is a generic parameter of the function, which no item inside of it can use.
    pub(crate) fn is_generic(&self, name: &Ident) -> bool {
        self.function.signature.generics.params.iter().any(|parameter| match parameter {
            GenericParam::Type(parameter) => parameter.ident == *name,
            GenericParam::Const(parameter) => parameter.ident == *name,
            GenericParam::Lifetime(_) => false,
        })
    }

    /// Where the signature names the type of the error, or the result where it doesn't.
    pub(crate) fn error_span(&self) -> Span {
        match named(&self.output).map(type_arguments).as_deref() {
            Some([_, error, ..]) => error.span(),
            _ => self.result_span(),
        }
    }

    /// Where a mistake of the result's type belongs.
    pub(crate) fn result_span(&self) -> Span {
        match &self.function.signature.output {
            ReturnType::Default => self.function.signature.ident.span(),
            ReturnType::Type(_, ty) => ty.span(),
        }
    }

    /// The argument that may be the one that can't go to another thread, where only one comes into question.
    pub(crate) fn stays_behind(&self) -> Option<Span> {
        let mut possible = Vec::new();
        for argument in self.typed_arguments() {
            if is_certainly_bound_to_its_thread(&argument.ty) {
                return Some(argument.ty.span());
            }
            if !is_certainly_sent(&argument.ty) {
                possible.push(argument.ty.span());
            }
        }
        match possible.as_slice() {
            [only] => Some(*only),
            _ => None,
        }
    }

    /// Whether the result can't be a failure, whatever the names in scope mean.
    pub(crate) fn is_plain(&self) -> bool {
        match &self.output {
            Type::Tuple(_)
            | Type::Reference(_)
            | Type::Array(_)
            | Type::Slice(_)
            | Type::Ptr(_)
            | Type::FnPtr(_)
            | Type::Never(_)
            | Type::Infer(_) => true,
            Type::Path(path) => {
                let plain = [
                    "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16",
                    "u32", "u64", "u128", "usize", "String",
                ];
                path.path.get_ident().is_some_and(|name| is_one_of(name, &plain))
                    || named(&self.output).is_some_and(|last| last.ident == "Vec")
            }
            _ => false,
        }
    }

    /// Whether the result names `Result` or `Option`, or an alias called so.
    pub(crate) fn names_a_fallible_type(&self) -> bool {
        named(&self.output).is_some_and(|last| {
            let name = last.ident.to_string();
            name.contains("Result") || name == "Option"
        })
    }

    /// Where the result says that it borrows from a `&mut`, which no other attempt could have meanwhile.
    pub(crate) fn mutable_borrow_in_output(&self) -> Option<(Span, String)> {
        let receiver = self.receiver.map(|receiver| &receiver.kind);
        let (mut named, mut borrowed) = (Vec::new(), Vec::new());
        if let Some(ReceiverKind::Reference(_, Some(lifetime), Some(_))) = receiver {
            named.push(lifetime);
        }
        for argument in self.typed_arguments() {
            if borrow(&argument.ty).is_some() {
                borrowed.push(&*argument.ty);
            }
            if let Type::Reference(reference) = &*argument.ty
                && reference.mutability.is_some()
            {
                named.extend(&reference.lifetime);
            }
        }
        // What an elided lifetime stands for, by the compiler's rules.
        let elided = match (receiver, borrowed.as_slice()) {
            (Some(ReceiverKind::Reference(..)), _) => self.borrows_self_mutably().then_some("`&mut self`"),
            (_, [only]) => is_mut_ref(only).then_some("the `&mut` argument"),
            _ => None,
        };
        Lifetimes::of(&self.output).into_iter().find_map(|(span, lifetime)| match lifetime {
            Some(lifetime) if lifetime.ident != "_" => {
                named.contains(&&lifetime).then(|| (span, format!("`{lifetime}`")))
            }
            _ => elided.map(|source| (span, source.to_owned())),
        })
    }

    /// The stream or generator that the function returns.
    pub(crate) fn stream(&self) -> Option<Span> {
        let ReturnType::Type(_, ty) = &self.function.signature.output else { return None };
        let names = ["Stream", "TryStream", "AsyncIterator", "Coroutine", "Generator"];
        let bounds = match innermost(ty) {
            Type::ImplTrait(ty) => Some(&ty.bounds),
            Type::TraitObject(ty) => Some(&ty.bounds),
            _ => None,
        };
        let by_trait = bounds.into_iter().flatten().any(|bound| match bound {
            TypeParamBound::Trait(bound) => {
                bound.path.segments.last().is_some_and(|last| is_one_of(&last.ident, &names))
            }
            _ => false,
        });
        let by_alias = named(ty).is_some_and(|last| is_one_of(&last.ident, &["BoxStream", "LocalBoxStream"]));
        (by_trait || by_alias).then(|| ty.span())
    }

    /// Whether the body already is a stack of ours.
    pub(crate) fn is_expanded(&self) -> bool {
        fn has_marker(tokens: TokenStream) -> bool {
            tokens.into_iter().any(|token| match token {
                TokenTree::Ident(word) => word == MARKER,
                // Another attribute may have wrapped the stack.
                TokenTree::Group(group) => has_marker(group.stream()),
                _ => false,
            })
        }
        self.function.body.as_ref().is_some_and(|body| has_marker(body.stream()))
    }
}

/// The attributes that open a body, and the rest of it.
fn split_body(body: Option<&Group>) -> (Vec<Attribute>, TokenStream) {
    let Some(body) = body else { return (Vec::new(), TokenStream::new()) };
    let split = |input: ParseStream<'_>| Ok((Attribute::parse_inner(input)?, input.parse::<TokenStream>()?));
    match split.parse2(body.stream()) {
        Ok((attributes, tokens)) if !attributes.is_empty() => {
            let mut group = Group::new(Delimiter::Brace, tokens);
            group.set_span(body.span());
            (attributes, TokenTree::Group(group).into_token_stream())
        }
        _ => (Vec::new(), body.to_token_stream()),
    }
}

/// The name of a `let mut`.
pub(crate) fn mut_local(statement: &Stmt) -> Option<&Ident> {
    match statement {
        Stmt::Local(local) => match &local.pat {
            Pat::Ident(pattern) if pattern.mutability.is_some() => Some(&pattern.ident),
            _ => None,
        },
        _ => None,
    }
}

/// Brings the names of a pattern into scope.
fn bind(pattern: &Pat, bindings: &mut Vec<Binding>) {
    match pattern {
        Pat::Ident(name) => {
            bindings.push(Binding {
                name: name.ident.clone(),
                is_mut: name.mutability.is_some(),
                is_mut_ref: false,
            });
            if let Some((_, inner)) = &name.subpat {
                bind(inner, bindings);
            }
        }
        Pat::Struct(fields) => fields.fields.iter().for_each(|field| bind(&field.pat, bindings)),
        Pat::Tuple(PatTuple { elems, .. })
        | Pat::TupleStruct(PatTupleStruct { elems, .. })
        | Pat::Slice(PatSlice { elems, .. }) => elems.iter().for_each(|inner| bind(inner, bindings)),
        Pat::Or(or) => or.cases.iter().for_each(|case| bind(case, bindings)),
        Pat::Paren(PatParen { pat, .. })
        | Pat::Reference(PatReference { pat, .. })
        | Pat::Type(PatType { pat, .. }) => bind(pat, bindings),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_binds_every_name_in_it() {
        let parse = Pat::parse_multi_with_leading_vert;
        let text = "Some(&(mut a, [b, .., c])) | Other { d, e: whole @ Pair(f, _), .. }";
        let mut bindings = Vec::new();
        bind(&parse.parse_str(text).expect("a pattern"), &mut bindings);
        let names: Vec<_> = bindings.iter().map(|binding| binding.name.to_string()).collect();
        assert_eq!(names, ["a", "b", "c", "d", "whole", "f"]);
        assert!(bindings.iter().all(|binding| binding.is_mut == (binding.name == "a")));
    }
}
