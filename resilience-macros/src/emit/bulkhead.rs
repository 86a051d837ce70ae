//! `#[bulkhead]`: a slot around what is inside.

use proc_macro2::TokenStream;
use quote::ToTokens;

use super::{Emitter, Scope};
use crate::hygiene::{self, code, label, layer_local, local};
use crate::paths;
use crate::policy::{Bulkhead, Layer};

impl Emitter<'_> {
    pub(super) fn bulkhead(&self, index: usize, bulkhead: &Bulkhead, scope: &Scope) -> TokenStream {
        let (slots, of_key) = self.slots(index, bulkhead, scope);
        if self.target.is_async() {
            let gate = self.gate(index);
            let run = local(match (self.is_rejectable_inside(index), gate.is_some()) {
                (true, true) => "run_refusable_asking",
                (true, false) => "run_refusable",
                (false, true) => "run_asking",
                (false, false) => "run",
            });
            let recheck = gate.map(|gate| code!(, || #gate.recheck()));
            let future = self.layer_future(index + 1, scope);
            let value = code!(#slots.place().#run(#future #recheck).await);
            return if of_key.is_some() { code!({ #of_key #value }) } else { value };
        }
        let (ok, err, drop) = (paths::ok(), paths::err(), paths::drop());
        let (slot, rejection, outcome) = (layer_local("slot", index), local("rejection"), local("outcome"));
        let exit = label("bulkhead", index);
        let mut scope = scope.clone();
        // An abandoned body keeps its slot until it really returns.
        let shared = self.layers()[index + 1..].iter().any(Layer::is_detached).then(|| {
            scope.slots.push(slot.clone());
            code!(let #slot = #slot.share();)
        });
        let inner = self.layer(index + 1, &scope);
        let acquire = self
            .gate(index)
            .map_or_else(|| code!(acquire()), |gate| code!(acquire_asking(|| #gate.recheck())));
        let value = self.passed_on(index, &code!(#outcome));
        code! {
            #exit: {
                #of_key
                let #slot = match #slots.#acquire {
                    #ok(#slot) => #slot,
                    #err(#rejection) => break #exit #err(#rejection),
                };
                #shared
                let #outcome = #inner;
                #drop(#slot);
                #value
            }
        }
    }

    /// Where a call gets its slot: at the site, or at the bulkhead of its key, which is looked up first.
    fn slots(&self, index: usize, bulkhead: &Bulkhead, scope: &Scope) -> (TokenStream, Option<TokenStream>) {
        let site = hygiene::site("bulkhead", index);
        let Some(keys) = &bulkhead.keys else { return (site.into_token_stream(), None) };
        let slots = layer_local("slots", index);
        let found = self.of_key(&site, keys, scope);
        (code!(#slots), Some(code!(let #slots = #found;)))
    }
}
