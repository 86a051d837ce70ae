//! The user's body, once: the innermost layer.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

use super::{Emitter, Reserve, Scope};
use crate::hygiene::{self, code, local};
use crate::paths;
use crate::plan;
use crate::target::Flow;

impl Emitter<'_> {
    pub(super) fn body(&self, scope: &Scope) -> TokenStream {
        if let Some(future) = self.body_future(scope) {
            return code!(#future.await);
        }
        let moves = self.moves();
        let prelude = self.attempt_prelude(scope);
        let body = &self.target.body;
        let (output, at) = (&self.target.output, self.consumed_at());
        let closure = quote_spanned!(at=> #moves ||);
        let attempt = match &self.target.flow {
            Flow::Future { boxed: Some(ty) } => {
                let future = self.attempt("attempt_future", Some(&code!(#closure -> #ty #body)));
                code!(#future.await)
            }
            Flow::Future { boxed: None } => {
                let future = self.attempt("attempt_future", Some(&code!(#closure #body)));
                code!(#future.await)
            }
            Flow::Sync | Flow::Async | Flow::AsyncTrait(_) => {
                let (some, none, result) = (paths::some(), paths::none(), local("result"));
                let (call, instead) = (self.paths.private("call"), self.attempt("instead", None));
                code! {
                    match #instead {
                        #some(#result) => #result,
                        #none => #call(#closure -> #output #body),
                    }
                }
            }
        };
        if prelude.is_empty() { attempt } else { code!({ #prelude #attempt }) }
    }

    /// The body as a future, where it is an async block.
    pub(super) fn body_future(&self, scope: &Scope) -> Option<TokenStream> {
        let body = match &self.target.flow {
            Flow::Async => &self.target.body,
            Flow::AsyncTrait(parts) => &parts.block,
            Flow::Sync | Flow::Future { .. } => return None,
        };
        let future =
            self.future(self.consumed_at(), self.moves().as_ref(), Some(&self.attempt_prelude(scope)), body);
        let (attempt, stack, shape) = (self.paths.private("attempt"), hygiene::marker(), &self.shape);
        Some(code!(#attempt!(#shape, #stack, #future)))
    }

    /// Where the compiler is to report an argument that an attempt consumes, and that the next one misses: it points to
    /// the head of what captures the argument, so that this gets the span of the argument's use. Of several that might
    /// be meant, nobody here knows which.
    pub(super) fn consumed_at(&self) -> Span {
        if self.plan.moves_arguments {
            return Span::mixed_site();
        }
        let owned = self.target.owned_arguments();
        let consumed = |name: &Ident| owned.contains(&name) && !self.plan.cloned.contains(name);
        let mut uses = plan::mentioned(self.target.body.clone(), self.target);
        uses.retain(consumed);
        let last = uses.pop();
        let at = last.filter(|last| uses.iter().all(|other| other == last)).map(|last| last.span());
        Span::mixed_site().located_at(at.unwrap_or_else(|| self.target.body_start()))
    }

    /// One run of the body, or what the test kit has in the place of it.
    fn attempt(&self, how: &str, body: Option<&TokenStream>) -> TokenStream {
        let body = body.map(|body| code!(#body,));
        let (attempt, stack, shape, error) = (local(how), hygiene::marker(), &self.shape, local("error"));
        code!(#shape.#attempt(&#stack, #body move |#error| #shape.fail(#error)))
    }

    pub(super) fn moves(&self) -> Option<TokenStream> {
        self.plan.moves_arguments.then(|| code!(move))
    }

    /// The arguments of one attempt.
    fn attempt_prelude(&self, scope: &Scope) -> TokenStream {
        let clones = self.given_out(scope, &scope.arguments());
        let reborrows = self
            .target
            .bindings
            .iter()
            .filter(|binding| binding.is_mut_ref && !self.plan.moves_arguments)
            .map(|binding| {
                let name = &binding.name;
                let mutability = binding.is_mut.then(|| code!(mut));
                let allow = underscored(name);
                code!(#allow let #mutability #name = &mut *#name;)
            });
        code!(#clones #(#reborrows)*)
    }

    /// Locals with clones of these arguments.
    pub(super) fn given_out(&self, scope: &Scope, names: &[Ident]) -> TokenStream {
        let locals =
            scope.reserves.iter().filter(|reserve| names.contains(&reserve.argument)).map(|reserve| {
                let Reserve { argument, variable, is_last } = reserve;
                let is_mut = self.target.binding(argument).is_some_and(|binding| binding.is_mut);
                let mutability = is_mut.then(|| code!(mut));
                let given = if scope.is_shared { code!(lend()) } else { code!(attempt(#is_last)) };
                code!(let #mutability #argument = #variable.#given;)
            });
        code!(#(#locals)*)
    }

    /// Takes over the arguments that are given out in clones from here on, and were not before.
    pub(super) fn reserve(
        &self,
        index: usize,
        names: &[Ident],
        is_last: &TokenStream,
        scope: &mut Scope,
    ) -> TokenStream {
        let path = self.paths.private("Reserve");
        let mut declarations = TokenStream::new();
        for argument in names {
            if let Some(reserve) = scope.reserves.iter_mut().find(|reserve| reserve.argument == *argument) {
                // It is asked for more often than by the owner.
                reserve.is_last = quote!(false);
                continue;
            }
            let variable = hygiene::reserve(argument, index);
            // What can't be cloned is reported where it is named, and once: nothing else asks for it.
            let span = variable.span().located_at(argument.span());
            let kept = Ident::new("kept", span);
            let clone = quote_spanned!(span=> |#kept| ::core::clone::Clone::clone(#kept));
            let mutability = (!scope.is_shared).then(|| code!(mut));
            declarations.extend(code!(let #mutability #variable = #path::new(#argument, #clone);));
            let argument = self.target.binding(argument).map_or(argument, |binding| &binding.name);
            scope.reserves.push(Reserve { argument: argument.clone(), variable, is_last: is_last.clone() });
        }
        declarations
    }
}

/// A name that begins with an underscore is used here on purpose.
pub(super) fn underscored(name: &Ident) -> Option<TokenStream> {
    name.to_string().starts_with('_').then(|| code!(#[allow(clippy::used_underscore_binding)]))
}

/// Locals with clones of these arguments, which whoever comes next may still need.
pub(super) fn lent_out(scope: &Scope, names: &[Ident]) -> TokenStream {
    let locals = scope.reserves.iter().filter(|reserve| names.contains(&reserve.argument)).map(|reserve| {
        let Reserve { argument, variable, .. } = reserve;
        let lent = if scope.is_shared { code!(lend()) } else { code!(attempt(false)) };
        code!(#[allow(unused_variables)] let #argument = #variable.#lent;)
    });
    code!(#(#locals)*)
}
