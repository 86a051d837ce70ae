//! `#[resilient]`: the pipeline says what comes next, and the body is run where it says so.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::spanned::Spanned;

use super::{Emitter, Scope};
use crate::hygiene::{code, layer_local};
use crate::policy::Resilient;

impl Emitter<'_> {
    pub(super) fn resilient(&self, index: usize, resilient: &Resilient, scope: &Scope) -> TokenStream {
        let (run, drive, shape) = (layer_local("run", index), self.paths.private("drive"), &self.shape);
        let mut scope = scope.clone();
        let reserves = self.reserve(index, &self.plan.cloned, &code!(false), &mut scope);
        let helper = if self.target.is_async() { "run_async" } else { "run" };
        // A pipeline that doesn't fit is reported where it is named.
        let span = Span::mixed_site().located_at(resilient.pipeline.span());
        let run_of = self.paths.private_at(helper, span);
        // Bound to a name, what a call makes lives as long as the run.
        let (pipeline, given) = (layer_local("pipeline", index), self.user(&resilient.pipeline));
        let given = quote_spanned!(span=> &#given);
        let mut there = pipeline.clone();
        there.set_span(span);
        let begun = quote_spanned!(span=> #run_of(#shape, #there));
        let inner = self.layer(index + 1, &scope);
        let driven = if self.target.is_async() {
            let body = self.body_future(&scope).unwrap_or_else(|| code!(async { #inner }));
            code!(#drive!(#run, Stands, pause_async wait_async within_async ask_async, [#body], [.await]))
        } else {
            code!(#drive!(#run, Replaced, pause wait within ask, [|| #inner], []))
        };
        code!({
            #reserves
            let #pipeline = #given;
            let mut #run = #begun;
            #driven
        })
    }
}
