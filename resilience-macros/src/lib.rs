//! The attribute macros of `resilience`.
//!
//! Users depend on the facade, `resilience-rs`, which re-exports and documents them. The way of an attribute:
//!
//! ```text
//! tokens ─ args ──┐
//!                 ├─ validate ─ plan ─ emit ─ tokens
//! item ── target ─┘      └─ all errors at once, and the function as it was
//! ```
//!
//! - `args`: what stands in the attributes, with its spans and without a rule;
//! - `target`: the function as a model;
//! - `validate`: the only phase that rejects; what it hands on has nothing left to interpret;
//! - `plan`: what one layer must know of the others;
//! - `emit`: the code, which can't fail.
//!
//! What stands at the macros is for editors only, which don't read the pages in `docs/attributes`: it is the beginning of
//! these. rustdoc would show it once more, at the end of the facade's pages. So the compiler doesn't see it: it sets
//! `cfg(proc_macro)` here, and editors don't. (They set `cfg(rust_analyzer)`, but not in crates from a registry.)

// But for editors there are none. All of them are written in one form.
#![allow(missing_docs, clippy::needless_raw_string_hashes)]

mod args;
mod diagnostics;
#[cfg(test)]
mod editors;
mod emit;
mod expand;
#[cfg(test)]
mod fuzz;
mod half_typed;
mod hygiene;
mod kinds;
mod paths;
mod plan;
mod policy;
#[cfg(test)]
mod snapshots;
mod spelling;
mod stack;
mod target;
mod validate;

use proc_macro::TokenStream;
use stack::Kind;

#[cfg_attr(
    not(proc_macro),
    doc = r#"
Makes a call once more beside itself when it takes long, and answers with whichever succeeds first.

# Parameters

| parameter | default | meaning |
|---|---|---|
| `after = "…"` | required | How long a call may take before a further one is made, and so long again before the next. Zero means at once. |
| `max = N` | `1` | Further calls, the first one not counted; 10 at the most. |
| `budget = "name"` or `budget(…)` | none | The retry budget that every further call takes a token out of; see below. |
| `clone(a, b)` | none | Arguments that the body consumes. Every call gets a clone. |
| `policy = PATH` | none | A `HedgePolicy` constant to start from. Other parameters override it. |
| `on(…)`, `except(…)`, `when = …`, `when_ok = …` | every error | Which results are not the answer as long as another call is under way. See below. |
| `rejected(…)` | all four | Which rejections of inner policies are not the answer as long as another call is under way. |
| `crate = path` | `::resilience` | Where the library is re-exported. |

`after` is a string such as `"50ms"` or any expression of type `Duration`. Literals and constants are checked at compile time; other expressions are evaluated once a call, with the arguments in scope.

Examples and more: <https://docs.rs/resilience-rs/latest/resilience/attr.hedge.html>
"#
)]
#[proc_macro_attribute]
pub fn hedge(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Kind::Hedge, arguments.into(), item.into()).into()
}

#[cfg_attr(
    not(proc_macro),
    doc = r#"
Runs the function again when it fails.

# Parameters

| parameter | default | meaning |
|---|---|---|
| `max_attempts = N` | `3` | Calls in all, the first one included; or `unlimited` beside `max_elapsed`. |
| `backoff = …` | `"exponential"` | How the delay grows: `"constant"`, `"linear"`, `"exponential"`, `"fibonacci"`, or the path of a `fn(u32) -> Duration`. |
| `base_delay = "…"` | `"1s"` | The delay that the backoff starts from. Zero means no waits. |
| `multiplier = X` | `2.0` exponential, `1.0` linear | Exponential: `base · mⁿ`. Linear: `base · (1 + m·n)`. An error beside the other backoffs. |
| `max_delay = "…"` | `"30s"` | No computed delay is longer, jitter included. Zero means no waits. |
| `jitter = …` | `"full"` | `"full"`: uniform in `0..=delay`. `"equal"`: in `delay/2..=delay`. `"decorrelated"`: between the base and three times the last wait. `"none"`. Or a factor `f` from `0.0` to `1.0`: in `delay·(1 − f)..=delay·(1 + f)`. |
| `max_elapsed = "…"` | none | Wall time for all attempts and waits. No wait is begun that it leaves no room for. |
| `retry_after = path` | none | `fn(&E) -> Option<Duration>`, a path or a closure. What it gives replaces the delay, above `max_delay` too. Zero leaves the computed delay. |
| `max_retry_after = "…"` | `"5m"` | A hint above it ends the retries. |
| `budget = "name"` or `budget(…)` | none | The retry budget that every retry takes a token out of; see below. |
| `on_retry = path` | none | `fn(&RetryEvent<'_, E>)`, called before each wait. |
| `exhausted = path` | none | `fn(RetryExhausted<E>) -> E`, maps the last error when the attempts are used up. |
| `clone(a, b)` | none | Arguments that the body consumes. Every attempt but the last gets a clone. |
| `policy = PATH` | none | A `RetryPolicy` constant to start from. Other parameters override it. |
| `on(…)`, `except(…)`, `when = …`, `when_ok = …` | every error | Which results count as failures. See below. |
| `rejected(…)` | `timed_out, bulkhead_full, rate_limited` | Which rejections of inner policies are retried. |
| `crate = path` | `::resilience` | Where the library is re-exported. |

Durations are strings such as `"250ms"`, `"1.5s"` or `"1m30s"` (units ns, us, ms, s, m, h, d), or any expression of type `Duration`. Literals and constants are checked at compile time; other expressions are evaluated once a call, with the arguments in scope.

Examples and more: <https://docs.rs/resilience-rs/latest/resilience/attr.retry.html>
"#
)]
#[proc_macro_attribute]
pub fn retry(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Kind::Retry, arguments.into(), item.into()).into()
}

#[cfg_attr(
    not(proc_macro),
    doc = r#"
Stops calling what keeps failing, and tries again after a while.

# Parameters

What opens the circuit:

| parameter | default | meaning |
|---|---|---|
| `failure_threshold = N` | `5`, where no rate is given | Failures in a row; less than 16,777,215. |
| `failure_rate = 0.5` | none | Share of failures among the calls of the window, above 0.0 and at most 1.0. |
| `window = N`, `window = "10s"` | the last `100` calls | What a rate is a rate of: the last calls, or the calls of the last while. An expression is a `Window`. |
| `min_calls = N` | `10`, or `window` if that is less | The rates aren't judged before the window holds so many calls. |
| `slow_call = "2s"` | none | A call that takes at least so long is slow, whatever comes of it. |
| `slow_rate = 0.5` | `1.0` | Share of slow calls in the window. |

How it closes again:

| parameter | default | meaning |
|---|---|---|
| `reset_timeout = "…"` | `"30s"` | How long it stays open. |
| `reset_multiplier = 2.0` | `1.0` | What the open time grows by each time a trial fails. |
| `max_reset_timeout = "…"` | `"5m"`, or `reset_timeout` if that is more | The longest open time. |
| `reset_jitter = 0.1` | `0.0` | The share by which the open time is spread up and down, so that many processes don't send their trials at the same moment. |
| `retry_after = \|e\| …` | none | `fn(&E) -> Option<Duration>`: what a failure says about when to come back. If it opens the circuit, that is the open time, up to `max_reset_timeout`. |
| `half_open_max_calls = N` | `3` | Trials at a time while half-open. |
| `success_threshold = N` | `half_open_max_calls` | Successful trials that close the circuit. At most `half_open_max_calls`. |

Which breaker it is, and what counts:

| parameter | default | meaning |
|---|---|---|
| `name = "…"` | `module::function` | What `get_circuit_breaker` finds it by. One name is one breaker, whatever the functions' types are. |
| `key = EXPR` | none | One breaker for each value of this expression over the arguments. Needs the feature `keyed`. |
| `max_keys = N` | `10_000` | How many keys are kept. |
| `idle = "…"` | `"10m"` | After how long without a call a key may go. |
| `overflow = "…"` | `"unprotected"` | The calls of new keys while `max_keys` are in use: `"share"` one breaker, `"reject"`, or `"unprotected"`. |
| `fallback = path` | none | Answers the call when the circuit refuses it, and only then. |
| `clone(a, b)` | none | Arguments that the body consumes and the handler needs. Nothing is cloned unless another policy needs them too: a call is either made or refused. |
| `policy = PATH` | none | A `CircuitBreakerPolicy` constant to start from. Other parameters override it. |
| `success_on(PATTERN)` | none | Errors that prove the other side alive, a 404 for instance: they count as successes, whatever the filter says. What `except` leaves out counts as nothing. |
| `on(…)`, `except(…)`, `when = …`, `when_ok = …` | every error | Which results count as failures; as for `#[retry]`. |
| `rejected(…)` | `timed_out` | Which rejections of inner policies count as failures. |
| `map_err = path` | `From` | `fn(resilience::Error) -> E`, converts this policy's own rejection. |
| `crate = path` | `::resilience` | Where the library is re-exported. |

Durations are written as `"250ms"`, `"1.5s"` or `"1m30s"`, or are expressions of type `Duration`.

An attribute that gives only the name takes the settings that another one declares for it. Where two declare different ones, the first in the order of file and line counts, and `verify` reports it.

Examples and more: <https://docs.rs/resilience-rs/latest/resilience/attr.circuit_breaker.html>
"#
)]
#[proc_macro_attribute]
pub fn circuit_breaker(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Kind::CircuitBreaker, arguments.into(), item.into()).into()
}

#[cfg_attr(
    not(proc_macro),
    doc = r#"
Ends a call that takes too long.

# Parameters

| parameter | default | meaning |
|---|---|---|
| `"…"` or `duration = "…"` | required, unless `policy` gives it | The limit: a string, or an expression of type `Duration` in which the arguments are in scope. |
| `mode = "…"` | `"detached"` | Sync functions only: `"detached"` or `"cooperative"`. |
| `covers_retries` | off | Doesn't compile unless all attempts and waits of the `#[retry]` below fit into the limit. |
| `name = "…"` | `module::function` | What the error calls it, and what `get_timeout` finds it by. |
| `fallback = path` | none | Answers the call when this timeout ends it, and only then. |
| `clone(a, b)` | none | Arguments that the body consumes and the handler needs. |
| `policy = PATH` | none | A `TimeoutPolicy` constant to start from. |
| `map_err = path` | `From` | `fn(resilience::Error) -> E`, converts this policy's own rejection. |
| `crate = path` | `::resilience` | Where the library is re-exported. |

Examples and more: <https://docs.rs/resilience-rs/latest/resilience/attr.timeout.html>
"#
)]
#[proc_macro_attribute]
pub fn timeout(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Kind::Timeout, arguments.into(), item.into()).into()
}

#[cfg_attr(
    not(proc_macro),
    doc = r#"
Lets only so many calls run at once.

# Parameters

| parameter | default | meaning |
|---|---|---|
| `max_concurrent = N` | required, unless `policy` or another site gives it | Calls that may run at once. |
| `max_wait = "…"` | `"0s"` | How long a call may wait for a slot. Zero: it is refused at once. |
| `max_queue = N` | unbounded | Calls that may wait at once. Needs `max_wait`. |
| `name = "…"` | `module::function` | What `get_bulkhead` finds it by. One name is one bulkhead. |
| `key = expr` | none | One bulkhead for each key: `tenant`, `self.host`. Needs the feature `keyed`. |
| `max_keys = N` | `10_000` | How many keys are kept. |
| `idle = "…"` | `"10m"` | After how long without a call a key may go. |
| `overflow = "…"` | `"share"` | The calls of new keys while `max_keys` are in use: `"share"` one bulkhead, `"reject"`, or `"unprotected"`. |
| `policy = PATH` | none | A `BulkheadPolicy` constant to start from. Other parameters override it. |
| `map_err = path` | `From` | `fn(resilience::Error) -> E`, converts this policy's own rejection. |
| `crate = path` | `::resilience` | Where the library is re-exported. |

Examples and more: <https://docs.rs/resilience-rs/latest/resilience/attr.bulkhead.html>
"#
)]
#[proc_macro_attribute]
pub fn bulkhead(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Kind::Bulkhead, arguments.into(), item.into()).into()
}

#[cfg_attr(
    not(proc_macro),
    doc = r#"
Lets only so many calls through in a given time.

# Parameters

How many calls:

| parameter | default | meaning |
|---|---|---|
| `rate = N` | required, unless `policy` or another site gives it | Calls every `per`. |
| `per = "…"` | `"1s"` | What the rate is a rate of. `Duration::MAX` is for ever: the burst comes through, and nothing after it. |
| `burst = N` | `rate` | Calls that may come at once after a rest. |
| `cost = EXPR` | `1` | What this call costs, over the arguments: any number, with a fraction or without. |
| `max_wait = "…"` | `"0s"` | How long a call may wait for its turn. Zero: it is refused at once. |

What changes the rate, within `min_rate` and `rate`:

| parameter | default | meaning |
|---|---|---|
| `decrease = 0.5` | none | What the rate is multiplied by when a call fails. |
| `increase = 5` | a tenth of `rate` | By how much it grows every `per` after that. |
| `on(…)`, `except(…)`, `when = …`, `when_ok = …` | every error | Which results count as failures; as for `#[retry]`. |
| `rejected(…)` | `timed_out` | Which rejections of inner policies count as failures. |
| `min_rate = 1` | a hundredth of `rate` | The lowest rate that failures lead to. |
| `safety = 0.9` | `0.9` | The share that is used of what a server says is left. |

Which limiter it is:

| parameter | default | meaning |
|---|---|---|
| `name = "…"` | `module::function` | What `get_rate_limiter` finds it by. One name is one bucket. |
| `key = EXPR` | none | One bucket for each value of this expression over the arguments. Needs the feature `keyed`. |
| `max_keys = N` | `10_000` | How many keys are kept. |
| `idle = "…"` | `"10m"` | After how long without a call a key may go. |
| `overflow = "…"` | `"share"` | The calls of new keys while `max_keys` are in use: `"share"` one limiter, `"reject"`, or `"unprotected"`. |
| `policy = PATH` | none | A `RateLimitPolicy` constant to start from. Other parameters override it. |
| `map_err = path` | `From` | `fn(resilience::Error) -> E`, converts this policy's own rejection. |
| `crate = path` | `::resilience` | Where the library is re-exported. |

Durations are written as `"250ms"`, `"1.5s"` or `"1m30s"`, or are expressions of type `Duration`. An attribute that gives only the name takes the settings that another one declares for it. Where two declare different ones, the first in the order of file and line counts, and `verify` reports it.

Examples and more: <https://docs.rs/resilience-rs/latest/resilience/attr.rate_limit.html>
"#
)]
#[proc_macro_attribute]
pub fn rate_limit(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Kind::RateLimit, arguments.into(), item.into()).into()
}

#[cfg_attr(
    not(proc_macro),
    doc = r#"
Sends the function's calls through a `Pipeline`.

# Parameters

| parameter | default | meaning |
|---|---|---|
| a path, or another expression | required | The pipeline: a `static` in a `LazyLock`, say, or a function's answer. |
| `clone(a, b)` | none | Arguments that the body consumes; each attempt gets a clone. |
| `crate = path` | `::resilience` | Where the library is re-exported. |

Examples and more: <https://docs.rs/resilience-rs/latest/resilience/attr.resilient.html>
"#
)]
#[proc_macro_attribute]
pub fn resilient(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Kind::Resilient, arguments.into(), item.into()).into()
}

#[cfg_attr(
    not(proc_macro),
    doc = r#"
Answers in place of a function that failed.

# Parameters

One or more handlers, tried in order until one succeeds:

| handler | what it is |
|---|---|
| `path` | A function that takes the same arguments, and optionally the error last. Same return type, and async if the function is. `Self::method` gets `self` first. |
| `\|error\| expr` | A closure over the error, by value. The arguments are in scope, the expression has the function's return type, and may `.await` in an async function. |
| `value = expr` | A success value. It stands last. |

And:

| parameter | default | meaning |
|---|---|---|
| `on(…)`, `except(…)`, `when = …`, `when_ok = …` | every error | Which results the handlers answer; as for `#[retry]`. |
| `rejected(…)` | every kind | Which rejections of inner policies the handlers answer. |
| `exhausted = path` | none | `fn(FallbackExhausted<E>) -> E`, maps the error when the last handler failed too. The errors before it, the call's own first, are in `earlier`, if the error type is `Clone` and `Send`: the handlers were given the errors themselves. |
| `clone(a, b)` | none | Arguments that the body consumes and a handler needs. |
| `crate = path` | `::resilience` | Where the library is re-exported. |

Examples and more: <https://docs.rs/resilience-rs/latest/resilience/attr.fallback.html>
"#
)]
#[proc_macro_attribute]
pub fn fallback(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Kind::Fallback, arguments.into(), item.into()).into()
}

#[cfg_attr(
    not(proc_macro),
    doc = r#"
Makes a function a health check of the program.

# Parameters

| parameter | default | meaning |
|---|---|---|
| `timeout = "…"` | required | How long the check may take. A late one is unhealthy. A literal or a constant. |
| `name = "…"` | `module::function` | What the report calls it. |
| `critical = bool` | `true` | Whether the service is unhealthy without it. One that isn't critical degrades it at the most. |
| `crate = path` | `::resilience` | Where the library is re-exported. |

Examples and more: <https://docs.rs/resilience-rs/latest/resilience/attr.health_check.html>
"#
)]
#[proc_macro_attribute]
pub fn health_check(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Kind::HealthCheck, arguments.into(), item.into()).into()
}

/// Only an editor expands it, and finds the explanations of the keys in there.
#[doc(hidden)]
#[proc_macro]
pub fn explain(keys: TokenStream) -> TokenStream {
    emit::explained(keys.into()).into()
}
