//! The items of a function: its statics, their registration, the imports that expansion took the use of.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{LitStr, Path};

use super::Emitter;
use super::settings::assertion;
use crate::hygiene::{self, code};
use crate::kinds::Rejection;
use crate::paths::{self, Paths, Rooted};
use crate::plan;
use crate::policy::{
    Bulkhead, CircuitBreaker, Fallback, Hedge, Layer, Mode, Policy, RateLimit, Resilient, Retry, Setter,
    Settings, Timeout, Value, When,
};
use crate::spelling::source_of;
use crate::target::Target;

impl Emitter<'_> {
    pub(super) fn items(&self) -> TokenStream {
        let paths: Vec<_> = self.layers().iter().filter_map(|layer| layer.path.as_ref()).collect();
        let imports = imports(&paths);
        let plain = self.paths.private("PlainShape");
        // By the long way: what these say when they fail names them, and comes in the order of the source.
        let rooted = Paths::new(self.plan.stack.root.as_ref());
        let timer = self.needs_timer().then(|| {
            let require = rooted.private("require_timer");
            code!(#require!();)
        });
        let keyed = self.layers().iter().any(Layer::is_keyed).then(|| {
            let (require, by_value) = (rooted.private("require_keyed"), self.paths.private("KeyByValue"));
            code! {
                #require!();
                #[allow(unused_imports)]
                use #by_value as _;
            }
        });
        let (name, function_name) = (hygiene::function_name(), function_name(self.target));
        let statics = self.layers().iter().enumerate().map(|(index, layer)| self.site_of(index, layer));
        let stack = self.stack();
        let worst_case = self.worst_case();
        code! {
            #imports
            #[allow(unused_imports)]
            use #plain as _;
            #timer
            #keyed
            const #name: &::core::primitive::str = #function_name;
            #(#statics)*
            #worst_case
            #stack
        }
    }

    /// The static by which the catalogue knows the function, and later attributes the stack.
    fn stack(&self) -> TokenStream {
        let marker = hygiene::marker();
        let (site, policy) = (self.paths.private("Site"), self.paths.private("SitePolicy"));
        let submit = self.paths.private("inventory");
        let name = hygiene::function_name();
        let place = place(self.target.function.signature.ident.span());
        let policies = self.layers().iter().enumerate().map(|(index, layer)| {
            let site = hygiene::site(layer.kind(), index);
            let site = if let Policy::Fallback(fallback) = &layer.policy {
                self.fallback_site(fallback)
            } else {
                code!(&#site)
            };
            let variant = match layer.policy {
                Policy::Retry(_) => code!(Retry),
                Policy::CircuitBreaker(_) => code!(CircuitBreaker),
                Policy::Timeout(_) => code!(Timeout),
                Policy::Bulkhead(_) => code!(Bulkhead),
                Policy::Fallback(_) => code!(Fallback),
                Policy::RateLimit(_) => code!(RateLimit),
                Policy::Resilient(_) => code!(Pipeline),
                Policy::Hedge(_) => code!(Hedge),
            };
            code!(#policy::#variant(#site))
        });
        code! {
            static #marker: #site = #site::new(#name, #place, &[#(#policies),*]);
            #submit::submit! { &#marker }
        }
    }

    fn site_of(&self, index: usize, layer: &Layer) -> TokenStream {
        match &layer.policy {
            Policy::Retry(retry) => self.retry_site(index, retry),
            Policy::CircuitBreaker(breaker) => self.breaker_site(index, breaker),
            Policy::Timeout(timeout) => self.timeout_site(index, timeout),
            Policy::Bulkhead(bulkhead) => self.bulkhead_site(index, bulkhead),
            Policy::Fallback(_) => TokenStream::new(),
            Policy::RateLimit(rate_limit) => self.rate_limit_site(index, rate_limit),
            Policy::Resilient(resilient) => self.pipeline_site(index, resilient),
            Policy::Hedge(hedge) => self.hedge_site(index, hedge),
        }
    }

    fn retry_site(&self, index: usize, retry: &Retry) -> TokenStream {
        let site = hygiene::site("retry", index);
        let (ty, policy_ty) = (self.paths.private("RetrySite"), self.paths.private("RetryPolicy"));
        let name = hygiene::function_name();
        let base = match &retry.settings.base {
            Some(base) if base.when() == When::Const => self.value(base),
            _ => code!(#policy_ty::new()),
        };
        let chain = self.chain(&base, &retry.settings, When::Const);
        let (constant, policy) = checked_policy(index, "retry", &policy_ty, chain, &retry.settings);
        let (budget, with_budget) = self.own_budget(index, &policy, &retry.settings);
        let inside = self.plan.inside[index];
        let hinted = plan::is_hinted(retry, inside).then(|| code!(.hinted()));
        let waits_for_circuits = retry.filter.rejected.both(inside).contains(Rejection::CircuitOpen);
        let waiting = waits_for_circuits.then(|| code!(.waiting_for_circuits()));
        let dynamic = dynamic(&retry.settings);
        code! {
            #constant
            #budget
            static #site: #ty = #ty::new(#name, #policy) #with_budget #hinted #waiting #dynamic;
        }
    }

    fn hedge_site(&self, index: usize, hedge: &Hedge) -> TokenStream {
        let site = hygiene::site("hedge", index);
        let (ty, policy_ty) = (self.paths.private("HedgeSite"), self.paths.private("HedgePolicy"));
        let name = hygiene::function_name();
        let base = match &hedge.settings.base {
            Some(base) if base.when() == When::Const => self.value(base),
            // A setter, or each call, puts another in its place.
            _ => {
                let duration = paths::duration();
                code!(#policy_ty::new(#duration::ZERO))
            }
        };
        let chain = self.chain(&base, &hedge.settings, When::Const);
        let (constant, policy) = checked_policy(index, "hedge", &policy_ty, chain, &hedge.settings);
        let (budget, with_budget) = self.own_budget(index, &policy, &hedge.settings);
        let dynamic = dynamic(&hedge.settings);
        code! {
            #constant
            #budget
            static #site: #ty = #ty::new(#name, #policy) #with_budget #dynamic;
        }
    }

    /// The budget that a policy may name, and how its site is told of it.
    fn own_budget(
        &self,
        index: usize,
        policy: &TokenStream,
        settings: &Settings,
    ) -> (Option<TokenStream>, Option<TokenStream>) {
        if !may_have_a_budget(settings) {
            return (None, None);
        }
        let site = hygiene::site("budget", index);
        (Some(self.budget_site(&site, policy)), Some(code!(.with_budget(|| &#site))))
    }

    fn budget_site(&self, site: &Ident, policy: &TokenStream) -> TokenStream {
        let ty = self.paths.private("BudgetSite");
        let (new, settings) = (self.paths.private("budget_site"), self.paths.private("budget_settings"));
        let budget = code!(#policy.named_budget());
        code!(static #site: #ty = #new(#budget, || #settings(#budget));)
    }

    fn breaker_site(&self, index: usize, breaker: &CircuitBreaker) -> TokenStream {
        let site = hygiene::site("circuit_breaker", index);
        let (ty, policy_ty) = (self.paths.private("BreakerSite"), self.paths.private("CircuitBreakerPolicy"));
        let settings =
            self.instance_settings(index, "circuit_breaker", &policy_ty, breaker.settings.as_ref(), None);
        let (constant, made) = instance(&ty, breaker.name.as_ref(), settings);
        let (keyed, bounds) = breaker.keys.as_ref().map(|keys| self.keyed(keys)).unzip();
        code! {
            #constant
            #bounds
            static #site: #ty = #made #keyed;
        }
    }

    fn bulkhead_site(&self, index: usize, bulkhead: &Bulkhead) -> TokenStream {
        let site = hygiene::site("bulkhead", index);
        let (ty, policy_ty) = (self.paths.private("BulkheadSite"), self.paths.private("BulkheadPolicy"));
        let settings = bulkhead.settings.as_ref();
        let settings =
            self.instance_settings(index, "bulkhead", &policy_ty, settings, Some("max_concurrent"));
        let (constant, made) = instance(&ty, bulkhead.name.as_ref(), settings);
        let (keyed, bounds) = bulkhead.keys.as_ref().map(|keys| self.keyed(keys)).unzip();
        code! {
            #constant
            #bounds
            static #site: #ty = #made #keyed;
        }
    }

    fn rate_limit_site(&self, index: usize, rate_limit: &RateLimit) -> TokenStream {
        let site = hygiene::site("rate_limit", index);
        let (ty, policy_ty) = (self.paths.private("RateLimitSite"), self.paths.private("RateLimitPolicy"));
        let settings =
            self.instance_settings(index, "rate_limit", &policy_ty, rate_limit.settings.as_ref(), None);
        let (constant, made) = instance(&ty, rate_limit.name.as_ref(), settings);
        let (keyed, bounds) = rate_limit.keys.as_ref().map(|keys| self.keyed(keys)).unzip();
        code! {
            #constant
            #bounds
            static #site: #ty = #made #keyed;
        }
    }

    fn timeout_site(&self, index: usize, timeout: &Timeout) -> TokenStream {
        let site = hygiene::site("timeout", index);
        let (ty, policy_ty) = (self.paths.private("TimeoutSite"), self.paths.private("TimeoutPolicy"));
        let name = match &timeout.name {
            Some(name) => quote!(#name),
            None => hygiene::function_name().into_token_stream(),
        };
        let sync = match timeout.mode {
            Mode::Async => None,
            Mode::Detached => Some(code!(Detached)),
            Mode::Cooperative => Some(code!(Cooperative)),
        };
        let sync = sync.map(|mode| {
            let modes = self.paths.private("TimeoutMode");
            code!(.mode(#modes::#mode))
        });
        let limit = timeout.duration.as_ref().filter(|limit| limit.when() == When::Const);
        let is_per_call = timeout.duration.is_some() && limit.is_none();
        let base = timeout.policy.as_ref().filter(|_| !is_per_call);
        let duration = paths::duration();
        let limit_value = limit.map_or_else(|| code!(#duration::ZERO), |limit| self.value(limit));
        let chain = match (base.map(|base| self.value(base)), limit) {
            (Some(base), Some(_)) => code!(#base.limit(#limit_value)),
            (Some(base), None) => base,
            (None, _) => code!(#policy_ty::new(#limit_value)),
        };
        let mut values: Vec<_> = base.into_iter().collect();
        values.extend(limit);
        let (policy, constant) = constant(index, "timeout", &policy_ty, chain, &values);
        let made = if base.is_none() && constant.is_none() {
            code!(#ty::new(#name, #limit_value))
        } else {
            code!(#ty::by(#name, #policy))
        };
        code! {
            #constant
            static #site: #ty = #made #sync;
        }
    }

    /// It has no static of its own: no call goes through it.
    fn fallback_site(&self, fallback: &Fallback) -> TokenStream {
        let (ty, name) = (self.paths.private("FallbackSite"), hygiene::function_name());
        let handlers = fallback.handlers.iter().map(|handler| &handler.source);
        code!(#ty::new(#name, &[#(#handlers),*]))
    }

    fn pipeline_site(&self, index: usize, resilient: &Resilient) -> TokenStream {
        let site = hygiene::site("resilient", index);
        let (ty, name) = (self.paths.private("PipelineSite"), hygiene::function_name());
        let pipeline = source_of(&resilient.pipeline);
        code!(static #site: #ty = #ty::new(#name, #pipeline);)
    }

    /// The settings of what is made once, by the first call. `required`: the setting that a new policy is made of.
    fn instance_settings(
        &self,
        index: usize,
        kind: &str,
        ty: &Rooted,
        settings: Option<&Settings>,
        required: Option<&str>,
    ) -> Option<(TokenStream, Option<TokenStream>)> {
        let settings = settings?;
        let chain = self.instance_policy(ty, settings, required);
        let values = settings.values();
        let is_const = values.iter().all(|value| value.when() == When::Const);
        Some(if is_const { constant(index, kind, ty, chain, &values) } else { (chain, None) })
    }

    /// The policy of a bulkhead, if it is given here.
    pub(super) fn bulkhead_policy(&self, bulkhead: &Bulkhead) -> Option<TokenStream> {
        let ty = self.paths.private("BulkheadPolicy");
        bulkhead.settings.as_ref().map(|settings| self.instance_policy(&ty, settings, Some("max_concurrent")))
    }

    /// The policy of a rate limiter, where the attribute gives any settings.
    pub(super) fn rate_limit_policy(&self, rate_limit: &RateLimit) -> Option<TokenStream> {
        let ty = self.paths.private("RateLimitPolicy");
        rate_limit.settings.as_ref().map(|settings| self.instance_policy(&ty, settings, None))
    }

    fn instance_policy(&self, ty: &Rooted, settings: &Settings, required: Option<&str>) -> TokenStream {
        let is_required = |setter: &&Setter| settings.base.is_none() && required == Some(setter.name);
        let base = settings.base.as_ref().map_or_else(
            || {
                let required = settings.setters.iter().find(is_required);
                let value = required.and_then(|setter| setter.value.as_ref()).map(|value| self.value(value));
                let mut new = hygiene::local("new");
                if let Some(key) = required.and_then(|setter| setter.key) {
                    new.set_span(new.span().located_at(key));
                }
                code!(#ty::#new(#value))
            },
            |base| self.value(base),
        );
        let setters = settings.setters.iter().filter(|setter| !is_required(setter));
        let setters = setters.map(|setter| self.setter(setter));
        code!(#base #(#setters)*)
    }

    fn needs_timer(&self) -> bool {
        self.target.is_async()
            && self.layers().iter().any(|layer| match &layer.policy {
                Policy::Retry(_) | Policy::Hedge(_) | Policy::Timeout(_) | Policy::Resilient(_) => true,
                Policy::Bulkhead(bulkhead) => bulkhead.waits,
                Policy::RateLimit(rate_limit) => rate_limit.waits,
                Policy::CircuitBreaker(_) | Policy::Fallback(_) => false,
            })
    }
}

/// What a function is called that has no other name.
pub(super) fn function_name(target: &Target<'_>) -> TokenStream {
    let name = target.name.to_string();
    code!(::core::concat!(::core::module_path!(), "::", #name))
}

/// What a site says of the settings that each call works out.
fn dynamic(settings: &Settings) -> Option<TokenStream> {
    let of_each_call = settings.of_each_call();
    (!of_each_call.is_empty()).then(|| code!(.dynamic(&[#(#of_each_call),*])))
}

/// Whether the settings name a budget, or are of a policy that may do so.
fn may_have_a_budget(settings: &Settings) -> bool {
    let is_of_a_policy = settings.base.as_ref().is_some_and(|base| base.when() == When::Const);
    is_of_a_policy || settings.names_a_budget()
}

/// Uses the imports of the attributes that were taken off the function.
pub(super) fn imports(paths: &[&Path]) -> TokenStream {
    if paths.is_empty() {
        return TokenStream::new();
    }
    let paths = paths.iter().map(|path| {
        // It begins and ends there: an import that is missing is reported at the attribute that misses it. The words
        // between stand nowhere, or an editor would explain them there.
        let span = path.segments.last().map_or_else(|| path.span(), |last| last.ident.span());
        let nameless = quote_spanned!(span=> _);
        code!(#path as #nameless)
    });
    code! {
        #[allow(unused_imports)]
        use {#(#paths),*};
    }
}

/// How the site of an instance is made, and the constant that this needs.
fn instance(
    ty: &Rooted,
    name: Option<&LitStr>,
    settings: Option<(TokenStream, Option<TokenStream>)>,
) -> (Option<TokenStream>, TokenStream) {
    let (new, name) = match name {
        Some(name) => (code!(named), name.into_token_stream()),
        None => (code!(unnamed), hygiene::function_name().into_token_stream()),
    };
    match settings {
        Some((settings, constant)) => (constant, code!(#ty::#new(#name, || #settings))),
        None => (None, code!(#ty::sharing(#name))),
    }
}

/// A policy, as a constant of its own where the compiler is to check it.
fn constant(
    index: usize,
    kind: &str,
    ty: &Rooted,
    chain: TokenStream,
    values: &[&Value],
) -> (TokenStream, Option<TokenStream>) {
    let name = hygiene::policy(kind, index);
    match assertion(values, &name) {
        Some(assertion) => (quote!(#name), Some(code!(const #name: #ty = #chain; #assertion))),
        None => (chain, None),
    }
}

/// A policy that may name a budget, as a constant of its own where something else asks for it as well.
fn checked_policy(
    index: usize,
    kind: &str,
    ty: &Rooted,
    chain: TokenStream,
    settings: &Settings,
) -> (Option<TokenStream>, TokenStream) {
    let (policy, checked) = constant(index, kind, ty, chain, &settings.values());
    if checked.is_some() || !may_have_a_budget(settings) {
        return (checked, policy);
    }
    let name = hygiene::policy(kind, index);
    (Some(code!(const #name: #ty = #policy;)), quote!(#name))
}

/// The macros answer for the place that they stand at.
pub(super) fn place(span: Span) -> TokenStream {
    quote_spanned!(span=> ::core::file!(), ::core::line!(), ::core::column!())
}
