//! How a function gives its result: by a future or not, and whose.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Expr, GenericArgument, Pat, PathArguments, ReturnType, Signature, Stmt, Type, TypeParamBound};

use super::types::{innermost, is_one_of, named, type_arguments};
use crate::paths;

/// How the function gives its result.
pub(crate) enum Flow {
    Sync,
    Async,
    /// Not `async`, but its result is a future: each attempt calls the body anew and awaits what it gives.
    Future {
        /// The type that a boxed future is coerced to.
        boxed: Option<Box<Type>>,
    },
    /// What `#[async_trait]` makes of a method.
    AsyncTrait(Box<AsyncTrait>),
}

/// The parts of a body that `#[async_trait]` wrote.
pub(crate) struct AsyncTrait {
    /// Up to the block: moves the arguments.
    pub(crate) prelude: Vec<Stmt>,
    /// What the block is assigned to, if it is.
    pub(crate) binding: Option<(Pat, TokenStream)>,
    /// Behind the block.
    pub(crate) end: Vec<Stmt>,
    /// What the user wrote.
    pub(crate) block: TokenStream,
    /// What `self` is called in there.
    pub(crate) this: Option<Ident>,
}

pub(super) fn flow(signature: &Signature, body: &TokenStream) -> (Flow, Type) {
    let ty = match &signature.output {
        ReturnType::Default => None,
        ReturnType::Type(_, ty) => Some(&**ty),
    };
    let output = || ty.cloned().unwrap_or_else(|| syn::parse_quote!(()));
    if signature.asyncness.is_some() {
        return (Flow::Async, output());
    }
    let Some((awaited, is_boxed)) = ty.and_then(|ty| future_output(ty).or_else(|| boxed_by_body(ty, body)))
    else {
        return (Flow::Sync, output());
    };
    let flow = match AsyncTrait::of(signature, body) {
        Some(parts) => Flow::AsyncTrait(Box::new(parts)),
        None => Flow::Future { boxed: ty.filter(|_| is_boxed).cloned().map(Box::new) },
    };
    (flow, awaited)
}

/// What a type yields when it is awaited, if its name says that it can be; and whether it is a box.
fn future_output(ty: &Type) -> Option<(Type, bool)> {
    if let Some(last) = named(ty)
        && is_one_of(&last.ident, &["BoxFuture", "LocalBoxFuture"])
    {
        let output = type_arguments(last).pop()?;
        return Some((output.clone(), true));
    }
    let (bounds, is_boxed) = match innermost(ty) {
        Type::ImplTrait(ty) => (&ty.bounds, false),
        Type::TraitObject(ty) => (&ty.bounds, true),
        _ => return None,
    };
    bounds.iter().find_map(|bound| {
        let TypeParamBound::Trait(bound) = bound else { return None };
        let last = bound.path.segments.last().filter(|last| last.ident == "Future")?;
        let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
        arguments.args.iter().find_map(|argument| match argument {
            GenericArgument::AssocType(output) if output.ident == "Output" => {
                Some((output.ty.clone(), is_boxed))
            }
            _ => None,
        })
    })
}

/// The same for an alias of the user's, where the body ends in a pinned box.
fn boxed_by_body(ty: &Type, body: &TokenStream) -> Option<(Type, bool)> {
    // Written out, it says itself what it is a box of.
    if named(ty)?.ident == "Pin" {
        return None;
    }
    let mut end: Vec<_> = last_group(body.clone(), Delimiter::Brace)?.stream().into_iter().collect();
    last_group(end.pop()?.into(), Delimiter::Parenthesis)?;
    let is_pinned = matches!(
        end.as_slice(),
        [.., TokenTree::Ident(owner), TokenTree::Punct(_), TokenTree::Punct(_), TokenTree::Ident(pin)]
            if owner == "Box" && pin == "pin"
    );
    let future = paths::future();
    is_pinned.then(|| (syn::parse_quote!(<#ty as #future>::Output), true))
}

/// What the tokens end in, if it is such a group.
fn last_group(tokens: TokenStream, delimiter: Delimiter) -> Option<Group> {
    match tokens.into_iter().last() {
        Some(TokenTree::Group(group)) if group.delimiter() == delimiter => Some(group),
        _ => None,
    }
}

impl AsyncTrait {
    /// `Box::pin(async move { prelude; let __ret: R = { … }; __ret })`, in a function with its lifetime.
    fn of(signature: &Signature, body: &TokenStream) -> Option<Self> {
        let has_lifetime =
            signature.generics.lifetimes().any(|lifetime| lifetime.lifetime.ident == "async_trait");
        if !has_lifetime {
            return None;
        }
        let body = syn::parse2::<syn::Block>(body.clone()).ok()?;
        let [Stmt::Expr(Expr::Call(call), None)] = body.stmts.as_slice() else { return None };
        let Some(Expr::Async(body)) = call.args.first() else { return None };
        let statements = &body.block.stmts;
        let this = statements.iter().find_map(|statement| match statement {
            Stmt::Local(local) => match (&local.pat, local.init.as_ref().map(|init| &*init.expr)) {
                (Pat::Ident(pattern), Some(Expr::Path(value)))
                    if pattern.ident == "__self" && value.path.is_ident("self") =>
                {
                    Some(pattern.ident.clone())
                }
                _ => None,
            },
            _ => None,
        });
        let assigned = statements.iter().enumerate().find_map(|(at, statement)| match statement {
            Stmt::Local(local) => match (&local.pat, &local.init) {
                (Pat::Type(pattern), Some(init)) if matches!(&*init.expr, Expr::Block(_)) => {
                    let ty = &pattern.ty;
                    Some((at, (*pattern.pat).clone(), quote!(#ty), init.expr.to_token_stream()))
                }
                _ => None,
            },
            _ => None,
        });
        if let Some((at, pattern, ty, block)) = assigned {
            return Some(Self {
                prelude: statements[..at].to_vec(),
                binding: Some((pattern, ty)),
                end: statements[at + 1..].to_vec(),
                block,
                this,
            });
        }
        let block = &body.block;
        let (prelude, block) = match statements.split_last() {
            Some((Stmt::Expr(last @ Expr::Block(_), None), prelude)) => (prelude.to_vec(), quote!(#last)),
            _ => (Vec::new(), quote!(#block)),
        };
        Some(Self { prelude, binding: None, end: Vec::new(), block, this })
    }
}
