//! Expansions, each beside what it came from.
//!
//! A change of the emitted code shows up in a diff of `src/snapshots/`: review it there, and take it over with
//! `INSTA_UPDATE=always cargo test -p resilience-macros`.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use crate::expand::expand;
use crate::stack::Kind;

/// Expands the function as the compiler would: by its first attribute.
fn expansion(input: TokenStream) -> String {
    let mut function: syn::ItemFn = syn::parse2(input).expect("a function");
    let written = pretty(function.to_token_stream());
    let kind_of = |attribute: &syn::Attribute| {
        Kind::ALL.into_iter().find(|kind| attribute.path().is_ident(kind.name()))
    };
    let at = function.attrs.iter().position(|attribute| kind_of(attribute).is_some()).expect("one of ours");
    let outermost = function.attrs.remove(at);
    let kind = kind_of(&outermost).expect("one of ours");
    let arguments = match outermost.meta {
        syn::Meta::List(list) => list.tokens,
        _ => TokenStream::new(),
    };
    let expanded = expand(kind, arguments, function.into_token_stream());
    format!("{written}\n// ───── expands to ─────\n\n{}", pretty(expanded))
}

fn pretty(tokens: TokenStream) -> String {
    prettyplease::unparse(&syn::parse2(tokens).expect("a file"))
}

macro_rules! snapshots {
    ($($name:ident { $($input:tt)* })*) => {
        $(
            #[test]
            fn $name() {
                let expansion = expansion(quote!($($input)*));
                // The expression would be the input once more.
                insta::with_settings!({ omit_expression => true }, {
                    insta::assert_snapshot!(stringify!($name), expansion);
                });
            }
        )*
    };
}

snapshots! {
    retry_sync {
        #[retry]
        fn quote(symbol: &str) -> Result<Quote, QuoteError> {
            fetch(symbol)
        }
    }
    retry_async {
        #[retry(max_attempts = 4, base_delay = "50ms", except(QuoteError::NotFound))]
        async fn quote(symbol: &str) -> Result<Quote, QuoteError> {
            fetch(symbol).await
        }
    }
    hedge {
        #[hedge(after = "50ms")]
        async fn quote(symbol: &str) -> Result<Quote, QuoteError> {
            fetch(symbol).await
        }
    }
    hedge_with_everything {
        #[timeout(TOTAL)]
        #[retry(budget = "quotes", max_attempts = 2)]
        #[hedge(
            policy = READS,
            max = self.spare,
            budget(name = "quotes", ratio = 0.1),
            clone(symbol),
            except(QuoteError::NotFound),
            when_ok = |quote| quote.is_stale(),
            rejected(timed_out),
        )]
        #[timeout("1s")]
        async fn quote(&self, symbol: String) -> Result<Quote, QuoteError> {
            self.fetch(symbol).await
        }
    }
    hedge_by_constants {
        #[timeout(TOTAL)]
        #[hedge(after = AFTER)]
        #[circuit_breaker(key = symbol)]
        #[timeout(EACH)]
        async fn quote(symbol: &str) -> Option<Quote> {
            fetch(symbol).await
        }
    }
    retry_that_is_covered {
        #[timeout("10s", covers_retries)]
        #[retry(max_attempts = 4, base_delay = "100ms")]
        #[bulkhead(max_concurrent = 8, max_wait = "100ms")]
        #[timeout(EACH)]
        async fn quote(symbol: &str) -> Result<Quote, QuoteError> {
            fetch(symbol).await
        }
    }
    retry_with_everything {
        #[retry(
            policy = HTTP_RETRY,
            max_attempts = unlimited,
            max_elapsed = "1m",
            backoff = "linear",
            multiplier = 2,
            base_delay = self.delay,
            jitter = 0.25,
            retry_after = |error| error.retry_after(),
            max_retry_after = "10s",
            budget(name = "quotes", ratio = 0.1, min_per_second = 5),
            on_retry = log,
            exhausted = gave_up,
            clone(request),
            on(QuoteError::Busy | QuoteError::Lost(_) if self.counts),
            when = |error| error.is_transient(),
            when_ok = |quote| quote.is_stale(),
            rejected()
        )]
        async fn quote(&self, mut request: Request) -> Result<Quote, QuoteError> {
            request.sign();
            self.send(request).await
        }
    }
    circuit_breaker_sync {
        #[circuit_breaker(name = "quotes", failure_threshold = 5, reset_timeout = "10s")]
        fn quote(symbol: &str) -> Result<Quote, QuoteError> {
            fetch(symbol)
        }
    }
    circuit_breaker_async {
        #[circuit_breaker(name = "quotes", fallback = cached, when_ok = |quote| quote.is_stale())]
        async fn quote(symbol: &str) -> Result<Quote, QuoteError> {
            fetch(symbol).await
        }
    }
    circuit_breaker_by_policy {
        #[circuit_breaker(policy = STRICT, failure_threshold = THRESHOLD)]
        fn quote(symbol: &str) -> Option<Quote> {
            fetch(symbol)
        }
    }
    circuit_breaker_by_rates {
        #[circuit_breaker(
            name = "quotes",
            failure_rate = 0.5,
            window = "10s",
            min_calls = 20,
            slow_call = "2s",
            slow_rate = 1,
            reset_multiplier = 2.0,
            max_reset_timeout = "5m",
            reset_jitter = 0.1,
            retry_after = |error| error.retry_after(),
            except(QuoteError::NotFound)
        )]
        fn quote(symbol: &str) -> Result<Quote, QuoteError> {
            fetch(symbol)
        }
    }
    circuit_breaker_with_keys {
        #[retry(clone(host))]
        #[circuit_breaker(name = "quotes", key = host, failure_rate = RATE, window = WINDOW)]
        async fn quote(&self, host: String) -> Result<Quote, QuoteError> {
            self.fetch(host).await
        }
    }
    circuit_breaker_with_bounded_keys {
        #[circuit_breaker(key = &self.host, max_keys = MAX_HOSTS, idle = "1h")]
        fn quote(&self, symbol: &str) -> Option<Quote> {
            self.fetch(symbol)
        }
    }
    timeout_detached {
        #[timeout("800ms")]
        fn quote(symbol: String) -> Result<Quote, QuoteError> {
            fetch(&symbol)
        }
    }
    timeout_cooperative {
        #[timeout("1m30s", mode = "cooperative", map_err = QuoteError::Policy)]
        fn quote(symbol: &str) -> Result<Quote, QuoteError> {
            fetch(symbol)
        }
    }
    timeout_async {
        #[timeout("800ms")]
        async fn quote(symbol: &str) -> Result<Quote, QuoteError> {
            fetch(symbol).await
        }
    }
    timeout_of_each_call {
        #[timeout(self.limit, fallback = |_| Ok(Quote::default()))]
        async fn quote(&self, symbol: &str) -> Result<Quote, QuoteError> {
            self.fetch(symbol).await
        }
    }
    bulkhead_sync {
        #[bulkhead(max_concurrent = 32)]
        fn quote(symbol: &str) -> Result<Quote, QuoteError> {
            fetch(symbol)
        }
    }
    bulkhead_async {
        #[bulkhead(max_concurrent = 32, max_wait = "100ms", max_queue = 64)]
        async fn quote(symbol: &str) -> Result<Quote, QuoteError> {
            fetch(symbol).await
        }
    }
    bulkhead_declared_elsewhere {
        #[bulkhead(name = "quotes")]
        fn quote(symbol: &str) -> Result<Quote, QuoteError> {
            fetch(symbol)
        }
    }
    bulkhead_with_keys {
        #[bulkhead(max_concurrent = 4, max_wait = "100ms", key = tenant.id, max_keys = 500)]
        async fn report(tenant: &Tenant) -> Result<Report, ReportError> {
            tenant.report().await
        }
    }
    resilient_async {
        #[resilient(QUOTES, clone(order))]
        async fn quote(&mut self, order: Order) -> Result<Quote, QuoteError> {
            self.send(order).await
        }
    }
    resilient_sync {
        #[resilient(QUOTES)]
        fn quote(symbol: &str) -> Result<Quote, QuoteError> {
            fetch(symbol)
        }
    }
    rate_limit_sync {
        #[rate_limit(rate = 100)]
        fn quote(symbol: &str) -> Result<Quote, QuoteError> {
            fetch(symbol)
        }
    }
    rate_limit_async {
        #[rate_limit(name = "quotes", rate = 100, per = "1m", burst = 10, max_wait = "100ms", cost = symbols.len())]
        async fn quotes(symbols: &[Symbol]) -> Result<Vec<Quote>, QuoteError> {
            fetch(symbols).await
        }
    }
    rate_limit_that_adapts {
        #[rate_limit(rate = 100, decrease = 0.5, on(QuoteError::TooMany), map_err = convert)]
        #[timeout("1s")]
        async fn quote(symbol: &str) -> Result<Quote, QuoteError> {
            fetch(symbol).await
        }
    }
    rate_limit_inside_a_retry {
        #[retry(clone(order))]
        #[rate_limit(rate = 100, cost = order.weight())]
        fn place(order: Order) -> Result<Receipt, OrderError> {
            send(order)
        }
    }
    bulkhead_around_a_detached_body {
        #[bulkhead(max_concurrent = 4)]
        #[retry(clone(symbol))]
        #[timeout("800ms")]
        fn quote(symbol: String) -> Result<Quote, QuoteError> {
            fetch(symbol)
        }
    }
    fallback_sync {
        #[fallback(value = Quote::default())]
        fn quote(symbol: &str) -> Result<Quote, QuoteError> {
            fetch(symbol)
        }
    }
    fallback_async {
        #[fallback(cached, |error| Err(error), on(QuoteError::Lost), exhausted = gave_up)]
        async fn quote(symbol: &str) -> Result<Quote, QuoteError> {
            fetch(symbol).await
        }
    }
    fallback_for_some_rejections {
        #[fallback(value = 0, when_ok = |price| *price < 0, rejected(timed_out))]
        #[bulkhead(max_concurrent = 4)]
        #[timeout("1s")]
        async fn price(symbol: &str) -> Option<i64> {
            fetch(symbol).await
        }
    }
    full_stack_sync {
        /// Documented.
        #[fallback(cached_quote)]
        #[timeout("5s", mode = "cooperative")]
        #[retry(max_attempts = 4, base_delay = "50ms", except(QuoteError::NotFound))]
        #[circuit_breaker(name = "quotes", failure_threshold = 5, reset_timeout = "10s")]
        #[bulkhead(max_concurrent = 32, max_wait = "100ms")]
        #[timeout("800ms", mode = "cooperative")]
        fn quote(client: &Client, symbol: &str) -> Result<Quote, QuoteError> {
            client.get(symbol)
        }
    }
    full_stack_async {
        #[fallback(cached_quote)]
        #[retry(max_attempts = 4, base_delay = "50ms", except(QuoteError::NotFound))]
        #[tracing::instrument]
        #[circuit_breaker(name = "quotes", failure_threshold = 5, reset_timeout = "10s")]
        #[resilience::bulkhead(max_concurrent = 32, max_wait = "100ms")]
        #[timeout("800ms")]
        pub(crate) async fn quote(client: &Client, symbol: &str) -> Result<Quote, QuoteError> {
            client.get(symbol).await
        }
    }
    method_by_mut_self {
        #[retry]
        #[timeout(Self::LIMIT)]
        async fn quote(&mut self, _seen: &mut Vec<Quote>, symbol: &str) -> Result<Quote, QuoteError> {
            self.calls += 1;
            self.fetch(symbol).await
        }
    }
    async_trait_method {
        #[fallback(Self::cached)]
        #[retry(clone(symbol), max_elapsed = self.patience)]
        #[timeout("1s")]
        fn quote<'life0, 'async_trait>(
            &'life0 self,
            symbol: String,
        ) -> ::core::pin::Pin<
            Box<dyn ::core::future::Future<Output = Result<Quote, QuoteError>> + ::core::marker::Send + 'async_trait>,
        >
        where
            'life0: 'async_trait,
            Self: 'async_trait,
        {
            Box::pin(async move {
                if let ::core::option::Option::Some(__ret) =
                    ::core::option::Option::None::<Result<Quote, QuoteError>>
                {
                    #[allow(unreachable_code)]
                    return __ret;
                }
                let __self = self;
                let mut symbol = symbol;
                let __ret: Result<Quote, QuoteError> = {
                    symbol.push('x');
                    __self.fetch(symbol).await
                };
                #[allow(unreachable_code)]
                __ret
            })
        }
    }
    returns_impl_future {
        #[retry]
        #[timeout("1s")]
        fn quote(symbol: &str) -> impl Future<Output = Result<Quote, QuoteError>> + Send + '_ {
            async move { fetch(symbol).await }
        }
    }
    returns_a_boxed_future {
        #[retry]
        fn quote(symbol: &str) -> BoxFuture<'_, Result<Quote, QuoteError>> {
            Box::pin(fetch(symbol))
        }
    }
    impl_trait_in_the_result {
        #[retry]
        async fn quotes(symbols: impl Iterator<Item = &str> + Clone) -> Result<impl Iterator<Item = Quote>, QuoteError> {
            fetch_all(symbols.clone()).await
        }
    }
    behind_a_re_export {
        #[retry(crate = ::my_crate::resilience)]
        #[bulkhead(max_concurrent = 2)]
        fn quote(symbol: &str) -> Result<Quote, QuoteError> {
            #![allow(unused_variables)]
            fetch(symbol)
        }
    }
    instrument_above_a_retry {
        #[retry]
        async fn quote(symbol: String) -> Result<Quote, QuoteError> {
            let __tracing_attr_span = span();
            let __tracing_instrument_future = async move { fetch(symbol).await };
            __tracing_instrument_future.instrument(__tracing_attr_span).await
        }
    }
    fallback_inside_a_retry {
        #[retry]
        #[fallback(cached, on(QuoteError::Lost), clone(symbol))]
        async fn quote(symbol: String) -> Result<Quote, QuoteError> {
            fetch(symbol).await
        }
    }
    health_check_sync {
        /// Documented.
        #[health_check(name = "disk", timeout = "250ms", critical = false)]
        pub(crate) fn disk() -> bool {
            #![allow(unused_variables)]
            free() > NEEDED
        }
    }
    health_check_async {
        #[health_check(timeout = LIMIT)]
        #[retry(max_attempts = 2)]
        async fn database() -> Result<Health, DbError> {
            ping().await
        }
    }
    health_check_behind_a_re_export {
        #[health_check(crate = ::my_crate::resilience, timeout = "1s", critical = cfg!(feature = "cache"))]
        fn cache() -> impl Future<Output = bool> + Send {
            async { warm().await }
        }
    }
    an_error_keeps_the_function {
        #[retry(max_attempts = 0, base_dely = "1s")]
        #[cfg(test)]
        #[timeout("5 s")]
        fn quote(symbol: String) -> Result<Quote, QuoteError> {
            fetch(symbol)
        }
    }
}

/// A body that doesn't parse yet must come through token by token.
#[test]
fn a_half_typed_body_expands() {
    let expanded = expand(
        Kind::Retry,
        TokenStream::new(),
        quote! {
            fn quote(symbol: &str) -> Result<Quote, QuoteError> {
                symbol.
            }
        },
    );
    assert!(expanded.to_string().contains("symbol . }"), "{expanded}");
}

/// `crate = path` must leave no trace of the default.
#[test]
fn the_default_path_leaks_nowhere() {
    let arguments =
        quote!(crate = ::elsewhere, max_attempts = 2, on_retry = log, exhausted = gave_up, clone(symbol));
    let item = quote! {
        #[circuit_breaker(fallback = cached)]
        #[bulkhead(max_concurrent = 2, max_wait = "1s")]
        #[timeout("1s", map_err = convert)]
        async fn quote(symbol: String) -> Result<Quote, QuoteError> {
            fetch(symbol).await
        }
    };
    let expanded = expand(Kind::Retry, arguments, item).to_string();
    assert!(expanded.contains(":: elsewhere :: __private"), "{expanded}");
    assert!(!expanded.contains(":: resilience"), "{expanded}");
}
