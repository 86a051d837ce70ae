//! What `#[health_check]` leaves in the function: an entry of the linker's list. The call itself is as it was.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;

use super::completions::completions;
use super::explanations::explanations;
use super::items::{function_name, place};
use super::settings::duration;
use crate::half_typed::HalfTyped;
use crate::hygiene::code;
use crate::paths::Paths;
use crate::policy::{HealthCheck, Value};
use crate::target::{Flow, Target};

pub(crate) fn health_check(
    check: &HealthCheck,
    target: &Target<'_>,
    half_typed: &[HalfTyped],
) -> TokenStream {
    let function = target.function;
    let inner_attributes = &target.inner_attributes;
    let (entry, completions) = (entry(check, target), completions(half_typed));
    let explanations =
        explanations(&Paths::new(check.root.as_ref()), &[("health_check", check.keys.as_slice())]);
    // The body has its own braces, or an item in there could be meant by the name of the function. They are ours, or the
    // compiler would find them unnecessary around one expression.
    let body = target.body.clone().into_iter().map(|mut token| {
        if let TokenTree::Group(block) = &mut token {
            block.set_span(Span::mixed_site().located_at(block.span()));
        }
        token
    });
    let mut block = Group::new(
        Delimiter::Brace,
        quote!(#(#inner_attributes)* #completions #explanations #entry #(#body)*),
    );
    if let Some(body) = &function.body {
        block.set_span(body.span());
    }
    let (attributes, visibility, is_default, signature) =
        (&function.attributes, &function.visibility, &function.is_default, &function.signature);
    quote!(#(#attributes)* #visibility #is_default #signature #block)
}

fn entry(check: &HealthCheck, target: &Target<'_>) -> TokenStream {
    let paths = Paths::new(check.root.as_ref());
    let (submit, site, location) =
        (paths.private("inventory"), paths.private("HealthCheckSite"), paths.private("Location"));
    let name = check.name.as_ref().map_or_else(|| function_name(target), ToTokens::to_token_stream);
    let timeout = timeout(&paths, &check.timeout);
    let critical = check.critical.as_ref().map_or_else(|| code!(true), ToTokens::to_token_stream);
    // Of another function only its type says whether it gives a future.
    let is_async = matches!(target.flow, Flow::Async);
    let kind = if is_async { paths.private("IsAsync").into_token_stream() } else { code!(_) };
    let function = &target.function.signature.ident;
    let place = place(function.span());
    // A function that can be no check is reported at its name.
    let span = Span::mixed_site().located_at(function.span());
    let probe = paths.private_at("health_check", span);
    let probe = quote_spanned!(span=> #probe::<#kind, _>(#function));
    code! {
        #submit::submit! {
            #site::new(#name, #location::new(#place), #timeout, #critical, || #probe)
        }
    }
}

fn timeout(paths: &Paths, timeout: &Value) -> TokenStream {
    if let Value::Duration(timeout) = timeout {
        return duration(*timeout);
    }
    // Only the compiler knows its value, and objects to it where it is written.
    let expression = timeout.expression();
    let span = Span::mixed_site().located_at(expression.map_or_else(Span::call_site, Spanned::span));
    let checked = paths.private_at("health_timeout", span);
    quote_spanned!(span=> #checked(#expression))
}
