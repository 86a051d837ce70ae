//! The code. Nothing in here can fail.
//!
//! `function` puts the function together again, `items` writes what stands outside of the call, and every policy has
//! a file that wraps what is inside of it. Sync and async come from one description: [`Emitter::awaited`] and its
//! like are the only places where they part.

mod body;
mod bulkhead;
mod circuit_breaker;
mod completions;
mod explanations;
mod fallback;
mod filter;
mod function;
mod handler;
mod health_check;
mod hedge;
mod items;
mod keyed;
mod rate_limit;
mod rejection;
mod resilient;
mod retry;
mod settings;
mod timeout;
mod worst_case;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, Pat, Path, Type};

pub(crate) use self::explanations::explained;
#[cfg(test)]
pub(crate) use self::explanations::row;
pub(crate) use self::health_check::health_check;
use crate::half_typed::HalfTyped;
use crate::hygiene::{code, local};
use crate::paths::{self, Paths, Rooted};
use crate::plan::{self, Plan};
use crate::policy::{Layer, Policy};
use crate::target::{Flow, Target};

pub(crate) fn emit(plan: &Plan, target: &Target<'_>, half_typed: &[HalfTyped]) -> TokenStream {
    let (import, paths) = Paths::imported(plan.stack.root.as_ref());
    Emitter { plan, target, import, paths, shape: local("shape") }.function(half_typed)
}

/// The function as it was, but for the attributes that were taken off it.
pub(crate) fn unchanged(target: &Target<'_>, absorbed: &[Path], half_typed: &[HalfTyped]) -> TokenStream {
    let function = target.function;
    let is_touched = !absorbed.is_empty() || !half_typed.is_empty();
    let Some(body) = function.body.as_ref().filter(|_| is_touched) else {
        return function.to_token_stream();
    };
    let (inner_attributes, user) = (&target.inner_attributes, &target.body);
    let user = match user.clone().into_iter().next() {
        Some(TokenTree::Group(user)) => user.stream(),
        _ => TokenStream::new(),
    };
    let imports = items::imports(&absorbed.iter().collect::<Vec<_>>());
    let completions = completions::completions(half_typed);
    let mut block = Group::new(Delimiter::Brace, quote!(#(#inner_attributes)* #completions #imports #user));
    block.set_span(body.span());
    let (attributes, visibility, is_default, signature) =
        (&function.attributes, &function.visibility, &function.is_default, &function.signature);
    quote!(#(#attributes)* #visibility #is_default #signature #block)
}

struct Emitter<'a> {
    plan: &'a Plan,
    target: &'a Target<'a>,
    /// What the paths begin with.
    import: TokenStream,
    paths: Paths,
    /// The witness of the result's type.
    shape: Ident,
}

/// What the layers outside have put in place.
#[derive(Clone, Default)]
struct Scope {
    reserves: Vec<Reserve>,
    /// Slots that a detached body keeps.
    slots: Vec<Ident>,
    /// Whether several calls are under way at once, which take from the reserves side by side.
    is_shared: bool,
}

impl Scope {
    /// All that is given out in clones.
    fn arguments(&self) -> Vec<Ident> {
        self.reserves.iter().map(|reserve| reserve.argument.clone()).collect()
    }
}

/// An argument that is given out in clones.
#[derive(Clone)]
struct Reserve {
    argument: Ident,
    variable: Ident,
    /// Whether the body is the last to ask for it.
    is_last: TokenStream,
}

impl Emitter<'_> {
    /// A layer with all that is inside of it: of the type `R` if nothing in there can refuse, else
    /// `Result<R, Error>`.
    fn layer(&self, index: usize, scope: &Scope) -> TokenStream {
        let Some(layer) = self.plan.stack.layers.get(index) else { return self.body(scope) };
        match &layer.policy {
            Policy::Retry(retry) => self.retry(index, retry, scope),
            Policy::CircuitBreaker(breaker) => self.circuit_breaker(index, breaker, scope),
            Policy::Timeout(timeout) => self.timeout(index, timeout, scope),
            Policy::Bulkhead(bulkhead) => self.bulkhead(index, bulkhead, scope),
            Policy::Fallback(fallback) => self.fallback(index, fallback, scope),
            Policy::RateLimit(rate_limit) => self.rate_limit(index, rate_limit, scope),
            Policy::Resilient(resilient) => self.resilient(index, resilient, scope),
            Policy::Hedge(hedge) => self.hedge(index, hedge, scope),
        }
    }

    /// The same as a future: where a layer is one by itself, there is none around it.
    fn layer_future(&self, index: usize, scope: &Scope) -> TokenStream {
        let future = match self.plan.stack.layers.get(index).map(|layer| &layer.policy) {
            None => self.body_future(scope),
            Some(Policy::Timeout(timeout))
                if timeout.fallback.is_none() && !self.is_rejectable_inside(index) =>
            {
                Some(self.async_timeout(index, timeout, scope))
            }
            Some(_) => None,
        };
        future.unwrap_or_else(|| {
            let (moves, inner) = (self.moves(), self.layer(index, scope));
            code!(async #moves { #inner })
        })
    }

    fn layers(&self) -> &[Layer] {
        &self.plan.stack.layers
    }

    /// Whether the inside of a layer can refuse.
    fn is_rejectable_inside(&self, index: usize) -> bool {
        !self.plan.inside[index].is_empty()
    }

    /// Whether a layer can refuse, by itself or from its inside.
    fn is_rejectable(&self, index: usize) -> bool {
        !plan::out_of(&self.layers()[index], self.plan.inside[index]).is_empty()
    }

    /// A result of the type `R`, in the type of the layer's value.
    fn settled(&self, index: usize, value: &TokenStream) -> TokenStream {
        if self.is_rejectable(index) {
            let ok = paths::ok();
            code!(#ok(#value))
        } else {
            value.clone()
        }
    }

    /// The value of a layer's inside, in the type of the layer's value.
    fn passed_on(&self, index: usize, value: &TokenStream) -> TokenStream {
        if self.is_rejectable_inside(index) { value.clone() } else { self.settled(index, value) }
    }

    /// A future's output in async code, the value itself in sync code.
    fn awaited(&self, value: &TokenStream) -> TokenStream {
        if self.target.is_async() { code!(#value.await) } else { value.clone() }
    }

    /// A block in which `?` and `return` end the block and not the function. Gives a value of the type `R`.
    fn enclosed(&self, moves: Option<&TokenStream>, block: &TokenStream) -> TokenStream {
        if self.target.is_async() {
            let future = self.future(Span::mixed_site(), moves, None, block);
            return code!(#future.await);
        }
        self.called(moves, block)
    }

    /// The same for code that awaits nothing.
    fn called(&self, moves: Option<&TokenStream>, block: &TokenStream) -> TokenStream {
        let (call, output) = (self.paths.private("call"), &self.target.output);
        code!(#call(#moves || -> #output #block))
    }

    /// An `async` block of the type `R`.
    fn future(
        &self,
        at: Span,
        moves: Option<&TokenStream>,
        prelude: Option<&TokenStream>,
        block: &TokenStream,
    ) -> TokenStream {
        let output = &self.target.output;
        if matches!(output, syn::Type::Infer(_)) {
            let prelude = prelude.filter(|prelude| !prelude.is_empty());
            let body = prelude.map_or_else(|| block.clone(), |prelude| code!({ #prelude #block }));
            return quote_spanned!(at=> async #moves #body);
        }
        // What the body ends in is held to the function's type of result, as in any function; a body that never ends gives
        // nothing. In an arm `clippy::diverging_sub_expression` lets it. Where it may return before that, a return that is never taken gives the `async` block the type at once.
        let (some, none, result) = (paths::some(), paths::none(), local("result"));
        let (keyword, ended) = (quote_spanned!(at=> async), local("_ended"));
        let never = plan::may_return(block.clone())
            .then(|| code!(if let #some(#result) = #none::<#output> { return #result; }));
        code! {
            #keyword #moves {
                #prelude
                #never
                let #ended: #output = match () { () => #block };
                #[allow(unreachable_code, clippy::used_underscore_binding)]
                return #ended;
            }
        }
    }

    /// A helper of the runtime that calls a function of the user's with a reference, and the span to call it at: a
    /// function that doesn't fit is reported where it is written.
    fn helper(&self, name: &str, function: &impl ToTokens) -> (Rooted, Span) {
        let span = Span::mixed_site().located_at(function.span());
        (self.paths.private_at(name, span), span)
    }

    /// A function of the user's that takes over what it is given, for a helper of the runtime. Only a closure that leaves
    /// open what it takes needs the helper to know. All else is called in a closure, so that what doesn't fit is told by
    /// what it is and not by what the helper demands.
    fn fitted(&self, function: &Expr) -> TokenStream {
        let user = self.user(function);
        let written = match function {
            Expr::Closure(closure) => match closure.inputs.first() {
                Some(Pat::Type(input)) if !leaves_open(&input.ty) => input.ty.span(),
                _ => return user,
            },
            other => other.span(),
        };
        let span = Span::mixed_site().located_at(written);
        let given = Ident::new("given", span);
        let callee = if let Expr::Path(_) = function { user } else { quote_spanned!(span=> (#user)) };
        quote_spanned!(span=> |#given| #callee(#given))
    }

    /// Tokens of the user's, where `self` may have another name.
    fn user(&self, tokens: impl ToTokens) -> TokenStream {
        let tokens = tokens.into_token_stream();
        match (&self.target.flow, self.target.this()) {
            (Flow::AsyncTrait(_), Some(this)) if this != "self" => rename_self(tokens, &this),
            _ => tokens,
        }
    }
}

/// Whether a type is left to inference, or a part of it.
fn leaves_open(ty: &Type) -> bool {
    plan::identifiers(ty.to_token_stream()).iter().any(|word| word == "_")
}

fn rename_self(tokens: TokenStream, this: &Ident) -> TokenStream {
    let mut renamed = TokenStream::new();
    for token in tokens {
        renamed.append(match token {
            TokenTree::Ident(word) if word == "self" => {
                TokenTree::Ident(Ident::new(&this.to_string(), word.span()))
            }
            TokenTree::Group(group) => {
                let mut renamed = Group::new(group.delimiter(), rename_self(group.stream(), this));
                renamed.set_span(group.span());
                TokenTree::Group(renamed)
            }
            other => other,
        });
    }
    renamed
}
