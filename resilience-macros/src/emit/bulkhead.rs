//! `#[bulkhead]`: a slot around what is inside.

use proc_macro2::TokenStream;

use super::{Emitter, Scope};
use crate::hygiene::{self, code, label, layer_local, local};
use crate::paths;
use crate::policy::{Bulkhead, Layer};

impl Emitter<'_> {
    pub(super) fn bulkhead(&self, index: usize, _: &Bulkhead, scope: &Scope) -> TokenStream {
        let (ok, err, drop) = (paths::ok(), paths::err(), paths::drop());
        let (slot, rejection, outcome) = (layer_local("slot", index), local("rejection"), local("outcome"));
        let site = hygiene::site("bulkhead", index);
        let exit = label("bulkhead", index);
        let (some, none) = (paths::some(), paths::none());
        // A call that finds a free slot makes no future.
        let wait = local(if self.target.is_async() { "wait_async" } else { "wait" });
        let waited = self.awaited(&code!(#site.#wait()));
        let acquired = code!(match #site.try_acquire() { #some(#slot) => #ok(#slot), #none => #waited });
        let mut scope = scope.clone();
        // An abandoned body keeps its slot until it really returns.
        let shared = self.layers()[index + 1..].iter().any(Layer::is_detached).then(|| {
            scope.slots.push(slot.clone());
            code!(let #slot = #slot.share();)
        });
        let inner = self.layer(index + 1, &scope);
        let value = self.passed_on(index, &code!(#outcome));
        code! {
            #exit: {
                let #slot = match #acquired {
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
}
