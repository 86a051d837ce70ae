//! The annotated function as a model.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::visit_mut::VisitMut;
use syn::{
    Attribute, Expr, FnArg, GenericArgument, GenericParam, Lifetime, Pat, PathArguments, Receiver,
    ReceiverKind, ReturnType, Signature, Stmt, Type, TypeParamBound, Visibility,
};

use crate::hygiene::MARKER;
use crate::paths;

/// What an attribute stands on.
pub(crate) enum Item {
    Function(Box<Function>),
    Other(Other),
}

/// What an attribute can't stand on.
pub(crate) struct Other {
    /// With its article: "a struct". `None` for a function that the parser does not understand.
    pub(crate) what: Option<&'static str>,
    pub(crate) error: syn::Error,
    pub(crate) tokens: TokenStream,
}

/// A function whose body is taken as it comes: a half-typed one still expands, so that editors can complete in it.
pub(crate) struct Function {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) is_default: Option<syn::Token![default]>,
    pub(crate) signature: Signature,
    pub(crate) body: Option<Group>,
    /// What follows where a body should be.
    rest: TokenStream,
}

impl Item {
    pub(crate) fn parse(tokens: TokenStream) -> Self {
        match syn::parse2::<Function>(tokens.clone()) {
            Ok(function) => Self::Function(Box::new(function)),
            Err(error) => Self::Other(Other { what: name_of(&tokens), error, tokens }),
        }
    }
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        let is_default = input.parse()?;
        let signature = input.parse()?;
        let rest: TokenStream = input.parse()?;
        let (body, rest) = match block(rest.clone()) {
            Some(body) => (Some(body), TokenStream::new()),
            None => (None, rest),
        };
        Ok(Self { attributes, visibility, is_default, signature, body, rest })
    }
}

impl ToTokens for Function {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { attributes, visibility, is_default, signature, body, rest } = self;
        tokens.extend(quote!(#(#attributes)* #visibility #is_default #signature #body #rest));
    }
}

/// The one pair of braces, without the invisible groups that `macro_rules!` puts around a `block`.
fn block(tokens: TokenStream) -> Option<Group> {
    let mut tokens = tokens.into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Group(group)), None) => match group.delimiter() {
            Delimiter::Brace => Some(group),
            Delimiter::None => block(group.stream()),
            _ => None,
        },
        _ => None,
    }
}

/// Names an item by its first keyword.
fn name_of(tokens: &TokenStream) -> Option<&'static str> {
    let keywords = [
        ("struct", "a struct"),
        ("enum", "an enum"),
        ("union", "a union"),
        ("trait", "a trait"),
        ("impl", "an impl block"),
        ("mod", "a module"),
        ("type", "a type alias"),
        ("static", "a static"),
        ("use", "an import"),
        ("let", "a local variable"),
        ("extern", "an extern block"),
        ("const", "a constant"),
    ];
    let words = tokens.clone().into_iter().filter_map(|token| match token {
        TokenTree::Ident(word) => Some(word.to_string()),
        _ => None,
    });
    let words: Vec<_> = words.collect();
    if let Some(at) = words.iter().position(|word| word == "fn") {
        return words[..at].iter().any(|word| word == "gen").then_some("a generator");
    }
    let by_keyword = words
        .iter()
        .find_map(|word| keywords.iter().find(|(keyword, _)| word == keyword))
        .map(|(_, name)| *name);
    by_keyword.or_else(|| match tokens.clone().into_iter().nth(1) {
        Some(TokenTree::Punct(mark)) if mark.as_char() == '!' => Some("a macro call"),
        _ => (!tokens.is_empty()).then_some("an expression"),
    })
}

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
        match &self.function.signature.output {
            ReturnType::Default => self.function.signature.ident.span(),
            ReturnType::Type(_, ty) => ty.span(),
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

fn flow(signature: &Signature, body: &TokenStream) -> (Flow, Type) {
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

/// Through the wrappers of a pinned box.
fn innermost(ty: &Type) -> &Type {
    match ty {
        Type::Path(path) => match path.path.segments.last() {
            Some(last) if last.ident == "Pin" || last.ident == "Box" => {
                type_arguments(&last.arguments).last().map_or(ty, innermost)
            }
            _ => ty,
        },
        Type::Group(group) => innermost(&group.elem),
        Type::Paren(paren) => innermost(&paren.elem),
        _ => ty,
    }
}

/// What a type yields when it is awaited, if its name says that it can be; and whether it is a box.
fn future_output(ty: &Type) -> Option<(Type, bool)> {
    if let Type::Path(path) = ty {
        let last = path.path.segments.last()?;
        if last.ident == "BoxFuture" || last.ident == "LocalBoxFuture" {
            return Some((type_arguments(&last.arguments).last()?.clone(), true));
        }
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
    let Type::Path(path) = ty else { return None };
    // Written out, it says itself what it is a box of.
    if path.path.segments.last()?.ident == "Pin" {
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

fn type_arguments(arguments: &PathArguments) -> impl Iterator<Item = &Type> {
    let arguments = match arguments {
        PathArguments::AngleBracketed(arguments) => Some(&arguments.args),
        _ => None,
    };
    arguments.into_iter().flatten().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
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

pub(crate) fn is_mut_ref(ty: &Type) -> bool {
    matches!(ty, Type::Reference(reference) if reference.mutability.is_some())
}

/// A borrow, or a type that is copied and never moved.
pub(crate) fn is_certainly_kept(ty: &Type) -> bool {
    let names = [
        "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64",
        "u128", "usize", "Duration", "Instant",
    ];
    match ty {
        Type::Reference(_) => true,
        Type::Path(path) => {
            path.path.segments.last().is_some_and(|last| names.iter().any(|name| last.ident == name))
        }
        _ => false,
    }
}

/// Whether a type is one of those well known for not being `Copy`. Of others only the compiler knows.
pub(crate) fn is_certainly_moved(ty: &Type) -> bool {
    let names = [
        "String", "Vec", "Box", "Rc", "Arc", "PathBuf", "OsString", "CString", "HashMap", "HashSet",
        "BTreeMap", "BTreeSet", "VecDeque", "Bytes",
    ];
    match ty {
        Type::Path(path) => {
            path.path.segments.last().is_some_and(|last| names.iter().any(|name| last.ident == name))
        }
        _ => false,
    }
}

/// The first borrow in a type that is not `'static`.
pub(crate) fn borrow(ty: &Type) -> Option<Span> {
    let mut borrows = Lifetimes::default();
    borrows.visit_type(ty);
    let is_static =
        |lifetime: &Option<Lifetime>| lifetime.as_ref().is_some_and(|lifetime| lifetime.ident == "static");
    borrows.found.into_iter().find(|(_, lifetime)| !is_static(lifetime)).map(|(span, _)| span)
}

/// The lifetimes of a type, elided ones too. What `fn(&str)`, `Fn(&str)` and `for<'a> Trait<'a>` bring along is the
/// affair of their callers.
#[derive(Default)]
struct Lifetimes {
    found: Vec<(Span, Option<Lifetime>)>,
}

impl<'ast> Visit<'ast> for Lifetimes {
    fn visit_type_reference(&mut self, reference: &'ast syn::TypeReference) {
        self.found.push((reference.and_token.span, reference.lifetime.clone()));
        self.visit_type(&reference.elem);
    }
    fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
        self.found.push((lifetime.span(), Some(lifetime.clone())));
    }
    fn visit_trait_bound(&mut self, bound: &'ast syn::TraitBound) {
        let declared = bound.lifetimes.iter().flat_map(|bound| &bound.lifetimes);
        let declared: Vec<_> = declared
            .filter_map(|parameter| match parameter {
                GenericParam::Lifetime(parameter) => Some(&parameter.lifetime),
                _ => None,
            })
            .collect();
        let outer = self.found.len();
        self.visit_path(&bound.path);
        let inner = self.found.split_off(outer);
        let is_free = |lifetime: &Option<Lifetime>| {
            lifetime.as_ref().is_none_or(|lifetime| !declared.contains(&lifetime))
        };
        self.found.extend(inner.into_iter().filter(|(_, lifetime)| is_free(lifetime)));
    }
    fn visit_type_fn_ptr(&mut self, _: &'ast syn::TypeFnPtr) {}
    fn visit_parenthesized_generic_arguments(&mut self, _: &'ast syn::ParenthesizedGenericArguments) {}
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
