//! What answers in the body's stead.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, Pat, Stmt};

use super::body::underscored;
use super::{Emitter, Scope};
use crate::hygiene::{self, code, local};
use crate::kinds::Rejections;
use crate::paths;
use crate::plan;
use crate::policy::{Handler, HandlerKind};

/// What a handler answers for.
pub(super) enum Cause<'a> {
    /// A variable of the type `Failure<E>`, where these rejections can be in it.
    Failure(&'a Ident, Rejections),
    /// An `Ok` may be the failure: there is no error to hand over.
    Unknown,
}

impl Emitter<'_> {
    /// The handler's result, of the type `R`. After the last handler there is no other answer.
    pub(super) fn handled(
        &self,
        handler: &Handler,
        is_last: bool,
        cause: &Cause<'_>,
        scope: &Scope,
    ) -> TokenStream {
        let needed = plan::handler_needs(&handler.kind, self.target);
        let clones = self.given_out(scope, &needed);
        let value = match &handler.kind {
            HandlerKind::Path { path, takes_self } => self.by_path(handler, path, *takes_self, cause),
            HandlerKind::Closure { error, body } => {
                let (unused, error) = match (error, cause) {
                    (Some(pattern), Cause::Failure(failure, set)) => {
                        let conversion = self.conversion(*set);
                        // Where the closure says that it takes another, this is reported where it says so.
                        let span = match &**pattern {
                            Pat::Type(typed) => typed.ty.span(),
                            other => other.span(),
                        };
                        let failure = paths::located_at(code!(#failure), span);
                        let given = quote_spanned!(Span::mixed_site().located_at(span)=> #failure.into_error(#conversion));
                        (TokenStream::new(), code!(let #pattern = #given;))
                    }
                    _ => (unused(cause), TokenStream::new()),
                };
                let awaits = plan::identifiers(body.to_token_stream()).iter().any(|word| word == "await");
                let body = self.user(without_braces(body));
                let body = code!({ #error #body });
                // An error that isn't `Send` may pass through what awaits nothing.
                let value = if awaits { self.enclosed(None, &body) } else { self.called(None, &body) };
                if unused.is_empty() { value } else { code!({ #unused #value }) }
            }
            HandlerKind::Value(value) => {
                let (shape, unused, value) = (&self.shape, unused(cause), self.user(value));
                let given = self.paths.private("Given");
                let value = code!(#shape.success(#given { value: #value }));
                if unused.is_empty() { value } else { code!({ #unused #value }) }
            }
        };
        let (fell_back, stack, source) =
            (self.paths.private("fell_back"), hygiene::marker(), &handler.source);
        let (output, answer, shape) = (&self.target.output, local("answer"), &self.shape);
        code!({
            #fell_back!(#stack, #source);
            #clones
            let #answer: #output = #value;
            #stack.fell_back(#shape.view(&#answer).is_ok(), #is_last);
            #answer
        })
    }

    /// A rejection as what a handler answers for.
    pub(super) fn failure_of(&self, rejection: &Ident) -> TokenStream {
        let (ok, some, none) = (paths::ok(), paths::some(), paths::none());
        let (outcome, error, shape) = (local("outcome"), local("error"), &self.shape);
        let (output, failures) = (&self.target.output, self.paths.private("Failure"));
        // Nothing but the error that the function could have had tells the compiler of which type its errors are.
        code! {
            match #none::<#output>.map(|#outcome| #shape.into_error(#outcome)) {
                #some(#ok(#error)) => #failures::Own(#error),
                _ => #failures::Rejected(#rejection),
            }
        }
    }

    fn by_path(
        &self,
        handler: &Handler,
        path: &syn::ExprPath,
        takes_self: bool,
        cause: &Cause<'_>,
    ) -> TokenStream {
        let (mut arguments, mut allow) = (Vec::new(), None);
        if let Some(this) = self.target.this().filter(|_| takes_self) {
            let is_mut = self.target.borrows_self_mutably();
            arguments.push(if is_mut { code!(&mut *#this) } else { code!(#this) });
        }
        for name in self.target.arguments.iter().filter_map(|argument| argument.name.as_ref()) {
            let is_mut_ref = self.target.binding(name).is_some_and(|binding| binding.is_mut_ref);
            arguments.push(if is_mut_ref { code!(&mut *#name) } else { code!(#name) });
            allow = allow.or_else(|| underscored(name));
        }
        let given = local("arguments");
        // A handler that doesn't fit is reported where it is named.
        let span = Span::mixed_site().located_at(handler.span);
        // What can't be awaited is reported once if both complaints have the same span, and a long path has several.
        let is_long =
            path.qself.is_some() || path.path.leading_colon.is_some() || path.path.segments.len() > 1;
        let (bound, path, await_span) = if self.target.is_async() && is_long {
            let short = Ident::new("handler", span);
            (code!(let #short = #path;), short.to_token_stream(), span)
        } else {
            (TokenStream::new(), path.to_token_stream(), handler.span)
        };
        let (handle, handle_plain) = if self.target.is_async() {
            ("handle_async", "handle_plain_async")
        } else {
            ("handle", "handle_plain")
        };
        let call = match cause {
            Cause::Failure(failure, set) => {
                let (handle, conversion) = (self.paths.private_at(handle, span), self.conversion(*set));
                quote_spanned!(span=> #handle(#given, #failure, #path, #conversion))
            }
            Cause::Unknown => {
                let handle = self.paths.private_at(handle_plain, span);
                quote_spanned!(span=> #handle(#given, #path))
            }
        };
        // Pinned here, a result of another type is reported where the handler is named.
        let call =
            if self.target.is_async() { quote_spanned!(await_span=> { #bound #call }.await) } else { call };
        let (output, answer) = (&self.target.output, local("answer"));
        code!({
            #allow
            let #given = (#(#arguments,)*);
            let #answer: #output = #call;
            #answer
        })
    }
}

/// Ends the life of a failure that is not asked for: what it holds, the handler may want.
fn unused(cause: &Cause<'_>) -> TokenStream {
    match cause {
        Cause::Failure(failure, _) => {
            let drop = paths::drop();
            code!(#drop(#failure);)
        }
        Cause::Unknown => TokenStream::new(),
    }
}

/// In a block of its own, `{ expr }` would be reported for its braces.
fn without_braces(body: &Expr) -> &Expr {
    match body {
        Expr::Block(block) if block.attrs.is_empty() && block.label.is_none() => {
            match block.block.stmts.as_slice() {
                [Stmt::Expr(inner, None)] => inner,
                _ => body,
            }
        }
        _ => body,
    }
}
