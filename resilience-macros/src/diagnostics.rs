//! The collected errors, and the wording that several of them share.

use proc_macro2::{Span, TokenStream};

/// All that is wrong with a stack, each at its own token.
#[derive(Default)]
pub(crate) struct Diagnostics {
    found: Vec<syn::Error>,
}

impl Diagnostics {
    pub(crate) fn at(&mut self, span: Span, message: impl core::fmt::Display) {
        self.found.push(syn::Error::new(span, message));
    }

    /// Underlines all of what is given, and not only its first token.
    pub(crate) fn on(&mut self, tokens: impl quote::ToTokens, message: impl core::fmt::Display) {
        self.found.push(syn::Error::new_spanned(tokens, message));
    }

    pub(crate) fn push(&mut self, error: syn::Error) {
        self.found.push(error);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    pub(crate) fn count(&self) -> usize {
        self.found.len()
    }

    pub(crate) fn into_compile_error(self) -> TokenStream {
        let mut tokens = TokenStream::new();
        for error in self.found {
            tokens.extend(error.into_compile_error());
        }
        tokens
    }
}

/// "a, b and c", each as code.
pub(crate) fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [only] => format!("`{only}`"),
        [start @ .., last] => format!("`{}` and `{last}`", start.join("`, `")),
    }
}

/// ": did you mean `x`?", if something is near.
pub(crate) fn did_you_mean(written: &str, known: &[&str]) -> String {
    nearest(written, known).map(|near| format!(": did you mean `{near}`?")).unwrap_or_default()
}

/// Names from other libraries, and what they are here.
const HABITS: [(&str, &str); 85] = [
    ("attempts", "max_attempts"),
    ("retries", "max_attempts"),
    ("max_retries", "max_attempts"),
    ("times", "max_attempts"),
    ("delay", "base_delay"),
    ("initial_delay", "base_delay"),
    ("initial_interval", "base_delay"),
    ("max_interval", "max_delay"),
    ("factor", "multiplier"),
    ("if", "when"),
    ("retry_if", "when"),
    ("limit", "duration"),
    ("timeout", "duration"),
    ("threshold", "failure_threshold"),
    ("max_failures", "failure_threshold"),
    ("recovery_timeout", "reset_timeout"),
    ("open_duration", "reset_timeout"),
    ("cooldown", "reset_timeout"),
    ("error_rate", "failure_rate"),
    ("failure_rate_threshold", "failure_rate"),
    ("failure_ratio", "failure_rate"),
    ("window_size", "window"),
    ("sliding_window_size", "window"),
    ("sliding_window", "window"),
    ("sampling_duration", "window"),
    ("minimum_calls", "min_calls"),
    ("minimum_number_of_calls", "min_calls"),
    ("minimum_throughput", "min_calls"),
    ("min_requests", "min_calls"),
    ("slow_call_duration", "slow_call"),
    ("slow_call_threshold", "slow_call"),
    ("slow_call_rate", "slow_rate"),
    ("max_open_duration", "max_reset_timeout"),
    ("half_open_max_requests", "half_open_max_calls"),
    ("max_size", "max_keys"),
    ("ttl", "idle"),
    ("max_concurrency", "max_concurrent"),
    ("max_concurrent_calls", "max_concurrent"),
    ("limit", "max_concurrent"),
    ("permits", "max_concurrent"),
    ("queue", "max_queue"),
    ("queue_size", "max_queue"),
    ("default", "value"),
    ("limit", "rate"),
    ("requests", "rate"),
    ("calls", "rate"),
    ("quota", "rate"),
    ("max_requests", "rate"),
    ("limit_for_period", "rate"),
    ("permits_per_second", "rate"),
    ("period", "per"),
    ("interval", "per"),
    ("window", "per"),
    ("limit_refresh_period", "per"),
    ("refill", "rate"),
    ("capacity", "burst"),
    ("burst_size", "burst"),
    ("max_burst", "burst"),
    ("timeout", "max_wait"),
    ("timeout_duration", "max_wait"),
    ("weight", "cost"),
    ("tokens", "cost"),
    ("delay", "after"),
    ("hedging_delay", "after"),
    ("max_attempts", "max"),
    ("max_hedged_attempts", "max"),
    ("times", "max"),
    ("rps", "rate"),
    ("qps", "rate"),
    ("per_second", "rate"),
    ("expo", "exponential"),
    ("exp", "exponential"),
    ("fixed", "constant"),
    ("fib", "fibonacci"),
    ("infinite", "unlimited"),
    ("infinity", "unlimited"),
    ("forever", "unlimited"),
    ("unbounded", "unlimited"),
    ("open", "circuit_open"),
    ("circuit_breaker", "circuit_open"),
    ("timeout", "timed_out"),
    ("bulkhead", "bulkhead_full"),
    ("full", "bulkhead_full"),
    ("rate_limit", "rate_limited"),
    ("throttled", "rate_limited"),
];

fn nearest<'a>(written: &str, known: &[&'a str]) -> Option<&'a str> {
    let written = written.to_lowercase();
    for (habit, name) in &HABITS {
        if *habit == written && known.contains(name) {
            return Some(name);
        }
    }
    let near = known.iter().filter(|name| distance(&written, name) <= (name.len() / 3).max(1));
    near.min_by_key(|name| distance(&written, name)).copied()
}

/// Edits between two words.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<_> = to.chars().collect();
    let mut row: Vec<_> = (0..=to.len()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_what_is_near_and_nothing_else() {
        let known = ["max_attempts", "base_delay", "on"];
        assert_eq!(did_you_mean("max_atempts", &known), ": did you mean `max_attempts`?");
        assert_eq!(did_you_mean("delay", &known), ": did you mean `base_delay`?");
        assert_eq!(did_you_mean("forever", &["unlimited"]), ": did you mean `unlimited`?");
        assert_eq!(did_you_mean("colour", &known), "");
    }

    #[test]
    fn lists_read_as_prose() {
        assert_eq!(listed(&["a"]), "`a`");
        assert_eq!(listed(&["a", "b", "c"]), "`a`, `b` and `c`");
    }
}
