//! The function around the pipeline.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{FnArg, Pat, Signature, Stmt};

use super::completions::completions;
use super::explanations::explanations;
use super::{Emitter, Scope};
use crate::half_typed::HalfTyped;
use crate::hygiene::{code, layer_local};
use crate::paths;
use crate::plan;
use crate::policy::{Hedge, Policy, Retry, Timeout, When};
use crate::target::{AsyncTrait, Flow, mut_local};

impl Emitter<'_> {
    pub(super) fn function(&self, half_typed: &[HalfTyped]) -> TokenStream {
        let function = self.target.function;
        let attributes = &function.attributes;
        // Written into the body they would stand behind our items.
        let inner_attributes = self.target.inner_attributes.iter().map(|attribute| {
            let meta = &attribute.meta;
            quote!(#[#meta])
        });
        let (visibility, is_default) = (&function.visibility, &function.is_default);
        let signature = self.signature();
        let (completions, import) = (completions(half_typed), &self.import);
        let keys: Vec<_> = self.layers().iter().map(|layer| (layer.kind(), layer.keys.as_slice())).collect();
        let explanations = explanations(&self.paths, &keys);
        let items = self.items();
        let pipeline = self.pipeline();
        let body = match &self.target.flow {
            Flow::Sync | Flow::Async => pipeline,
            // The last expression is what other attributes look at.
            Flow::Future { boxed: None } => {
                let block = self.of_user(pipeline);
                code!(async move #block)
            }
            Flow::Future { boxed: Some(_) } => {
                let (pin, block) = (paths::box_pin(), self.of_user(pipeline));
                code!(#pin(async move #block))
            }
            Flow::AsyncTrait(parts) => self.async_trait(parts, &pipeline),
        };
        // The function ends where the user ended it: lints about the whole of it are the user's.
        let block = self.of_user(code!(#completions #import #explanations #items #body));
        let allowed = match &self.target.flow {
            Flow::Sync | Flow::Async => None,
            Flow::Future { .. } | Flow::AsyncTrait(_) => Some(code!(#[allow(clippy::implicit_return)])),
        };
        quote! {
            #(#attributes)*
            #(#inner_attributes)*
            #allowed
            #visibility #is_default #signature #block
        }
    }

    /// A block with the braces of the user's. Other attributes build on their span: `#[tracing::instrument]` gives it to
    /// what it writes into the block.
    fn of_user(&self, tokens: TokenStream) -> Group {
        let mut block = Group::new(Delimiter::Brace, tokens);
        if let Some(body) = &self.target.function.body {
            block.set_span(body.span());
        }
        block
    }

    /// A cloned argument is handed on as it is: where it was `mut`, the attempts' clones are.
    fn signature(&self) -> Signature {
        let mut signature = self.target.function.signature.clone();
        for argument in &mut signature.inputs {
            let FnArg::Typed(argument) = argument else { continue };
            if let Pat::Ident(pattern) = &mut *argument.pat
                && self.is_reserved(&pattern.ident)
            {
                pattern.mutability = None;
            }
        }
        signature
    }

    fn is_reserved(&self, name: &Ident) -> bool {
        self.plan.cloned.contains(name)
    }

    /// What `#[async_trait]` wrote, with the pipeline in the place of its block.
    fn async_trait(&self, parts: &AsyncTrait, pipeline: &TokenStream) -> TokenStream {
        let prelude = parts.prelude.iter().map(|statement| match (statement, mut_local(statement)) {
            (Stmt::Local(local), Some(name)) if self.is_reserved(name) => {
                let mut local = local.clone();
                if let Pat::Ident(pattern) = &mut local.pat {
                    pattern.mutability = None;
                }
                local.into_token_stream()
            }
            _ => statement.to_token_stream(),
        });
        let end = &parts.end;
        let value = match &parts.binding {
            Some((pattern, ty)) => code!(let #pattern: #ty = { #pipeline };),
            None => pipeline.clone(),
        };
        let (pin, block) = (paths::box_pin(), self.of_user(code!(#(#prelude)* #value #(#end)*)));
        code!(#pin(async move #block))
    }

    /// The layers, and what the last of them leaves to the caller.
    fn pipeline(&self) -> TokenStream {
        let shape = &self.shape;
        let shape_ty = self.paths.private("Shape");
        let output = &self.target.output;
        let new = if matches!(output, syn::Type::Infer(_)) { code!(plain) } else { code!(new) };
        let of_this_call = self.of_this_call();
        let something_to_do = self.something_to_do();
        let layers = self.layer(0, &Scope::default());
        let value = if self.plan.out.is_empty() { layers } else { self.rejected(&layers) };
        // Written out where the function ends here: `clippy::implicit_return` looks at that.
        let value = match &self.target.flow {
            Flow::Sync | Flow::Async => code!(return #value;),
            Flow::Future { .. } | Flow::AsyncTrait(_) => value,
        };
        code!(let #shape = #shape_ty::<#output>::#new(); #something_to_do #of_this_call #value)
    }

    /// Has the compiler refuse a result that can't be a failure, where its name doesn't say whether it can.
    fn something_to_do(&self) -> Option<TokenStream> {
        if self.target.names_a_fallible_type() {
            return None;
        }
        let layers = self.layers().iter().zip(&self.plan.inside);
        let layer =
            layers.into_iter().find(|(layer, inside)| plan::needs_failures(layer, **inside).is_some())?.0;
        let span = Span::mixed_site().located_at(layer.span);
        let (shape, can_fail) = (&self.shape, Ident::new("can_fail", span));
        Some(quote_spanned!(span=> #shape.#can_fail();))
    }

    /// Settings that may depend on the arguments, evaluated before any of these is moved.
    fn of_this_call(&self) -> TokenStream {
        let duration = paths::duration();
        let locals = self.layers().iter().enumerate().filter_map(|(index, layer)| match &layer.policy {
            Policy::Timeout(Timeout { duration: Some(limit), .. }) if limit.when() == When::Call => {
                let (name, limit) = (layer_local("limit", index), self.value(limit));
                Some(code!(let #name: #duration = #limit;))
            }
            Policy::Retry(Retry { settings, .. }) | Policy::Hedge(Hedge { settings, .. })
                if settings.is_of_each_call() =>
            {
                let name = layer_local("policy", index);
                let site = crate::hygiene::site(layer.kind(), index);
                let base = match &settings.base {
                    Some(base) if base.when() == When::Call => {
                        let base = self.value(base);
                        self.chain(&code!((#base)), settings, When::Const)
                    }
                    _ => code!((*#site.policy())),
                };
                let chain = self.chain(&base, settings, When::Call);
                let (policy_ty, in_force) = match layer.policy {
                    Policy::Hedge(_) => ("HedgePolicy", "hedge_in_force"),
                    _ => ("RetryPolicy", "in_force"),
                };
                let (policy_ty, in_force) = (self.paths.private(policy_ty), self.paths.private(in_force));
                Some(code!(let #name: #policy_ty = #in_force(#chain);))
            }
            _ => None,
        });
        code!(#(#locals)*)
    }
}
