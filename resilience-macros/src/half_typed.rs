//! What may still be typed into the attributes, and what it may become: for the completion in editors.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Expr;

use crate::args::{Positional, StrayKind, ends_open, names, takes_one_positional};
use crate::hygiene;
use crate::kinds::Rejection;
use crate::stack::Entry;
use crate::target::Target;
use crate::validate::BUDGET_KEYS;

/// A place where a word is missing or stands that is none of the choices, yet.
pub(crate) struct HalfTyped {
    pub(crate) choices: Vec<Ident>,
    pub(crate) words: Vec<Ident>,
}

/// Those of a stack, in its order. A place is in it before its word is begun as well as after: an editor compares the
/// two expansions, and they must be the same up to the word.
pub(crate) fn half_typed(stack: &[Entry], target: &Target<'_>) -> Vec<HalfTyped> {
    let mut places = Vec::new();
    for entry in stack {
        let words = stray_words(entry);
        if entry.raw.is_open || !words.is_empty() {
            places.push(HalfTyped { choices: locals(&names(entry.kind)), words });
        }
        for list in &entry.raw.lists {
            let Some(choices) =
                choices(&list.path.get_ident().map(Ident::to_string).unwrap_or_default(), target)
            else {
                continue;
            };
            let mut words = words_of(&list.tokens);
            words.retain(|word| !choices.contains(word));
            if ends_open(&list.tokens) || !words.is_empty() {
                places.push(HalfTyped { choices, words });
            }
        }
    }
    places
}

/// What stands where a key should.
fn stray_words(entry: &Entry) -> Vec<Ident> {
    let mut words = Vec::new();
    for stray in &entry.raw.strays {
        if let StrayKind::Unknown(word) | StrayKind::Form(word, _) = &stray.kind
            && let Ok(mut word) = syn::parse_str::<Ident>(word)
        {
            word.set_span(stray.span);
            words.push(word);
        }
    }
    if let (true, [_, more @ ..]) = (takes_one_positional(entry.kind), entry.raw.positional.as_slice()) {
        for positional in more {
            if let Positional::Bare(Expr::Path(path)) = positional {
                words.extend(path.path.get_ident().cloned());
            }
        }
    }
    words
}

/// What a list of words may hold.
fn choices(key: &str, target: &Target<'_>) -> Option<Vec<Ident>> {
    match key {
        "rejected" => Some(locals(&Rejection::names())),
        "budget" => Some(locals(&BUDGET_KEYS)),
        "clone" => Some(target.bindings.iter().map(|binding| mentioned(&binding.name)).collect()),
        _ => None,
    }
}

fn locals(names: &[&str]) -> Vec<Ident> {
    names.iter().map(|name| hygiene::local(name)).collect()
}

/// Not where it stands in the source: what an editor shows there is the argument itself.
fn mentioned(name: &Ident) -> Ident {
    let mut name = name.clone();
    name.set_span(Span::mixed_site());
    name
}

/// Those that stand alone, between commas.
fn words_of(list: &TokenStream) -> Vec<Ident> {
    let tokens: Vec<_> = list.clone().into_iter().collect();
    let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(comma) if comma.as_char() == ',');
    let mut words = Vec::new();
    for item in tokens.split(is_comma) {
        if let [TokenTree::Ident(word)] = item {
            words.extend(syn::parse2::<Ident>(word.to_token_stream()));
        }
    }
    words
}
