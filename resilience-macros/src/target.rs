//! The annotated function as a model.

mod flow;
mod item;
mod types;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::visit_mut::VisitMut;
use syn::{
    Attribute, FnArg, GenericParam, Pat, Receiver, ReceiverKind, ReturnType, Stmt, Type, TypeParamBound,
};

use self::flow::flow;
pub(crate) use self::flow::{AsyncTrait, Flow};
pub(crate) use self::item::{Function, Item, Other};
use self::types::{Lifetimes, innermost, type_arguments};
pub(crate) use self::types::{borrow, is_certainly_kept, is_certainly_moved, is_mut_ref};
use self::types::{is_certainly_bound_to_its_thread, is_certainly_sent};
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
        let mut bindings = Bindings::default();
        for argument in &signature.inputs {
            let FnArg::Typed(argument) = argument else { continue };
            let name = match &*argument.pat {
                Pat::Ident(pattern) if pattern.subpat.is_none() && pattern.by_ref.is_none() => {
                    bindings.found.push(Binding {
                        name: pattern.ident.clone(),
                        is_mut: pattern.mutability.is_some(),
                        is_mut_ref: is_mut_ref(&argument.ty),
                    });
                    Some(pattern.ident.clone())
                }
                pattern => {
                    bindings.visit_pat(pattern);
                    None
                }
            };
            arguments.push(Argument { name });
        }
        let mut bindings = bindings.found;
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
        InferImplTrait.visit_type_mut(&mut output);
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
        let is_box = |ty: &Type| matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Box"));
        is_box(ty).then_some(&**ty)
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
    pub(crate) fn owned_arguments(&self) -> impl Iterator<Item = &Ident> {
        let owned = |argument: &'a FnArg| match argument {
            FnArg::Typed(syn::PatType { pat, ty, .. }) if !is_certainly_kept(ty) => match &**pat {
                Pat::Ident(pattern) => Some(&pattern.ident),
                _ => None,
            },
            _ => None,
        };
        self.function.signature.inputs.iter().filter_map(owned)
    }

    /// Where the body begins, as the user wrote it.
    pub(crate) fn body_start(&self) -> Span {
        self.function.body.as_ref().map_or_else(Span::call_site, Group::span_open)
    }

    /// The names of the function's generic parameters, which no item inside of it can use.
    pub(crate) fn generics(&self) -> impl Iterator<Item = &Ident> {
        self.function.signature.generics.params.iter().filter_map(|parameter| match parameter {
            GenericParam::Type(parameter) => Some(&parameter.ident),
            GenericParam::Const(parameter) => Some(&parameter.ident),
            GenericParam::Lifetime(_) => None,
        })
    }

    /// Where the signature names the type of the error, or the result where it doesn't.
    pub(crate) fn error_span(&self) -> Span {
        if let Type::Path(path) = &self.output
            && let Some(last) = path.path.segments.last()
            && let Some(error) = type_arguments(&last.arguments).nth(1)
        {
            return error.span();
        }
        self.result_span()
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
        let inputs = || {
            self.function.signature.inputs.iter().filter_map(|input| match input {
                FnArg::Typed(argument) => Some(&*argument.ty),
                FnArg::Receiver(_) => None,
            })
        };
        let mut certain = inputs().filter(|ty| is_certainly_bound_to_its_thread(ty));
        let mut possible = inputs().filter(|ty| !is_certainly_sent(ty));
        let ty = certain.next().or_else(|| possible.next().filter(|_| possible.next().is_none()))?;
        Some(ty.span())
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
                path.path.get_ident().is_some_and(|name| {
                    [
                        "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8",
                        "u16", "u32", "u64", "u128", "usize", "String",
                    ]
                    .iter()
                    .any(|plain| name == plain)
                }) || path.path.segments.last().is_some_and(|last| last.ident == "Vec")
            }
            _ => false,
        }
    }

    /// Whether the result names `Result` or `Option`, or an alias called so.
    pub(crate) fn names_a_fallible_type(&self) -> bool {
        match &self.output {
            Type::Path(path) => path.path.segments.last().is_some_and(|last| {
                let name = last.ident.to_string();
                name.contains("Result") || name == "Option"
            }),
            _ => false,
        }
    }

    /// Where the result says that it borrows from a `&mut`, which no other attempt could have meanwhile.
    pub(crate) fn mutable_borrow_in_output(&self) -> Option<(Span, String)> {
        let inputs = &self.function.signature.inputs;
        // What an elided lifetime stands for, by the compiler's rules.
        let is_mut_self = self.borrows_self_mutably();
        let mut references = inputs.iter().filter_map(|input| match input {
            FnArg::Typed(argument) => borrow(&argument.ty).map(|_| &*argument.ty),
            FnArg::Receiver(_) => None,
        });
        let only = references.next().filter(|_| references.next().is_none());
        let elided = match self.receiver.map(|receiver| &receiver.kind) {
            Some(ReceiverKind::Reference(..)) if is_mut_self => Some("`&mut self`"),
            Some(ReceiverKind::Reference(..)) => None,
            _ => only.filter(|ty| is_mut_ref(ty)).map(|_| "the `&mut` argument"),
        };
        let named = inputs.iter().filter_map(|input| match input {
            FnArg::Receiver(receiver) => match &receiver.kind {
                ReceiverKind::Reference(_, Some(lifetime), Some(_)) => Some(lifetime),
                _ => None,
            },
            FnArg::Typed(argument) => match &*argument.ty {
                Type::Reference(reference) if reference.mutability.is_some() => reference.lifetime.as_ref(),
                _ => None,
            },
        });
        let named: Vec<_> = named.collect();
        let mut borrows = Lifetimes::default();
        borrows.visit_type(&self.output);
        borrows.found.into_iter().find_map(|(span, lifetime)| match lifetime {
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
                bound.path.segments.last().is_some_and(|last| names.iter().any(|name| last.ident == name))
            }
            _ => false,
        });
        let by_alias = matches!(&**ty, Type::Path(path) if path.path.segments.last().is_some_and(
            |last| last.ident == "BoxStream" || last.ident == "LocalBoxStream"));
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

#[derive(Default)]
struct Bindings {
    found: Vec<Binding>,
}

impl<'ast> Visit<'ast> for Bindings {
    fn visit_pat_ident(&mut self, pattern: &'ast syn::PatIdent) {
        self.found.push(Binding {
            name: pattern.ident.clone(),
            is_mut: pattern.mutability.is_some(),
            is_mut_ref: false,
        });
        syn::visit::visit_pat_ident(self, pattern);
    }
}

/// Where a value is named, `impl Trait` can't be written.
struct InferImplTrait;

impl VisitMut for InferImplTrait {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        if let Type::ImplTrait(_) = ty {
            *ty = Type::Infer(syn::TypeInfer {
                attrs: Vec::new(),
                underscore_token: <syn::Token![_]>::default(),
            });
        }
        syn::visit_mut::visit_type_mut(self, ty);
    }
}
