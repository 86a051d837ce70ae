//! The validated stack: nothing in it is left to interpret.

use core::time::Duration;

use proc_macro2::{Ident, Span, TokenStream};
use syn::{Expr, ExprPath, LitStr, Pat, Path};

use crate::kinds::{Rejection, Rejections};
use crate::spelling::source_of;

pub(crate) struct Stack {
    /// From the top.
    pub(crate) layers: Vec<Layer>,
    /// `crate = path`
    pub(crate) root: Option<Path>,
}

pub(crate) struct Layer {
    /// Of the attribute.
    pub(crate) span: Span,
    /// Of an absorbed attribute, as written.
    pub(crate) path: Option<Path>,
    pub(crate) policy: Policy,
    /// As written, those that become no setter.
    pub(crate) keys: Vec<Ident>,
}

#[allow(clippy::large_enum_variant)] // there are a handful of them, for as long as one expansion takes
pub(crate) enum Policy {
    Retry(Retry),
    CircuitBreaker(CircuitBreaker),
    Timeout(Timeout),
    Bulkhead(Bulkhead),
    Fallback(Fallback),
    RateLimit(RateLimit),
    Resilient(Resilient),
    Hedge(Hedge),
}

pub(crate) struct Retry {
    /// What the first wait takes at least, if that is known.
    pub(crate) least_wait: Option<Duration>,
    pub(crate) settings: Settings,
    pub(crate) retry_after: Option<Expr>,
    pub(crate) on_retry: Option<Expr>,
    pub(crate) exhausted: Option<Expr>,
    pub(crate) clones: Vec<Ident>,
    pub(crate) filter: Filter,
}

pub(crate) struct Hedge {
    pub(crate) settings: Settings,
    pub(crate) clones: Vec<Ident>,
    /// Which results are not the answer as long as another call is under way.
    pub(crate) filter: Filter,
}

pub(crate) struct CircuitBreaker {
    pub(crate) name: Option<LitStr>,
    /// `None`: one breaker for all calls.
    pub(crate) keys: Option<Keys>,
    /// `None`: declared elsewhere, under the same name.
    pub(crate) settings: Option<Settings>,
    pub(crate) retry_after: Option<Expr>,
    pub(crate) fallback: Option<Handler>,
    pub(crate) clones: Vec<Ident>,
    pub(crate) map_err: Option<Expr>,
    /// Errors that count as successes.
    pub(crate) success_on: Option<Errors>,
    pub(crate) filter: Filter,
}

/// One instance for each key.
pub(crate) struct Keys {
    /// Over the arguments.
    pub(crate) key: Expr,
    pub(crate) max_keys: Option<Value>,
    pub(crate) idle: Option<Value>,
    pub(crate) overflow: Option<Value>,
}

pub(crate) struct Timeout {
    pub(crate) name: Option<LitStr>,
    pub(crate) policy: Option<Value>,
    /// Absent only beside a policy.
    pub(crate) duration: Option<Value>,
    pub(crate) mode: Mode,
    /// Of the word, if it is there.
    pub(crate) covers_retries: Option<Span>,
    pub(crate) fallback: Option<Handler>,
    pub(crate) clones: Vec<Ident>,
    pub(crate) map_err: Option<Expr>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Async,
    Detached,
    Cooperative,
}

pub(crate) struct Bulkhead {
    pub(crate) name: Option<LitStr>,
    /// `None`: one bulkhead for all calls.
    pub(crate) keys: Option<Keys>,
    /// `None`: declared elsewhere, under the same name.
    pub(crate) settings: Option<Settings>,
    /// Whether a call may wait for its slot.
    pub(crate) waits: bool,
    pub(crate) map_err: Option<Expr>,
}

pub(crate) struct RateLimit {
    pub(crate) name: Option<LitStr>,
    /// `None`: one bucket for all calls.
    pub(crate) keys: Option<Keys>,
    /// Over the arguments; `None` for ordinary calls.
    pub(crate) cost: Option<Expr>,
    /// `None`: declared elsewhere, under the same name.
    pub(crate) settings: Option<Settings>,
    /// Whether a call may wait for its turn.
    pub(crate) waits: bool,
    pub(crate) map_err: Option<Expr>,
    /// Which results lower the rate; `None` where none does.
    pub(crate) failures: Option<Filter>,
}

/// A pipeline in the place of attributes.
pub(crate) struct Resilient {
    pub(crate) pipeline: Expr,
    pub(crate) clones: Vec<Ident>,
}

pub(crate) struct Fallback {
    /// In the order in which they are tried.
    pub(crate) handlers: Vec<Handler>,
    pub(crate) exhausted: Option<Expr>,
    pub(crate) clones: Vec<Ident>,
    pub(crate) filter: Filter,
}

/// `#[health_check]`, which is no layer.
pub(crate) struct HealthCheck {
    pub(crate) name: Option<LitStr>,
    pub(crate) timeout: Value,
    pub(crate) critical: Option<Expr>,
    /// As written.
    pub(crate) keys: Vec<Ident>,
    /// `crate = path`
    pub(crate) root: Option<Path>,
}

pub(crate) struct Handler {
    pub(crate) span: Span,
    /// As written, for the catalogue.
    pub(crate) source: String,
    pub(crate) kind: HandlerKind,
}

pub(crate) enum HandlerKind {
    Path {
        path: ExprPath,
        takes_self: bool,
    },
    Closure {
        /// `None`: the error is not asked for.
        error: Option<Box<Pat>>,
        body: Box<Expr>,
    },
    /// The success value.
    Value(Box<Expr>),
}

/// Which results count.
pub(crate) struct Filter {
    pub(crate) on: Option<Errors>,
    pub(crate) except: Option<Errors>,
    pub(crate) when: Option<Expr>,
    pub(crate) when_ok: Option<Expr>,
    pub(crate) rejected: Rejections,
    /// The kinds that count where nothing else is said.
    pub(crate) defaults: Rejections,
    /// The kinds that `rejected(..)` names.
    pub(crate) named: Vec<(Rejection, Span)>,
}

impl Filter {
    /// Whether every error counts, and no `Ok` does.
    pub(crate) fn takes_every_failure(&self) -> bool {
        self.on.is_none() && self.except.is_none() && self.when.is_none() && self.when_ok.is_none()
    }
}

/// A pattern of `on(..)` or `except(..)`.
pub(crate) struct Errors {
    pub(crate) pattern: Pat,
    pub(crate) guard: Option<Expr>,
}

/// A policy as a chain of setters.
pub(crate) struct Settings {
    /// `policy = …`
    pub(crate) base: Option<Value>,
    pub(crate) setters: Vec<Setter>,
}

pub(crate) struct Setter {
    pub(crate) name: &'static str,
    /// Of the parameter that it stands for, where that has the same name.
    pub(crate) key: Option<Span>,
    /// Absent for a setter without an argument.
    pub(crate) value: Option<Value>,
}

/// What a setter takes.
pub(crate) enum Value {
    Duration(Duration),
    /// A literal, in the form that the setter takes.
    Literal(TokenStream),
    /// A variant of one of the runtime's enums, as `Jitter::Full`, with what it holds.
    Variant {
        ty: &'static str,
        variant: &'static str,
        holds: Option<Box<Value>>,
    },
    Expression {
        expression: Box<Expr>,
        when: When,
    },
    /// A retry budget, with the settings that stand beside its name.
    Budget {
        name: LitStr,
        settings: Vec<Setter>,
    },
}

/// When an expression of the user's can be evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// At compile time, so that it can be a constant.
    Const,
    /// By a call, with its arguments in scope; for what is shared by all calls, by the first of them.
    Call,
}

impl Value {
    pub(crate) fn when(&self) -> When {
        match self {
            Self::Expression { when, .. } => *when,
            Self::Variant { holds: Some(value), .. } => value.when(),
            Self::Duration(_) | Self::Literal(_) | Self::Variant { .. } | Self::Budget { .. } => When::Const,
        }
    }

    /// What the user wrote, where that is an expression.
    pub(crate) fn expression(&self) -> Option<&Expr> {
        match self {
            Self::Expression { expression, .. } => Some(expression),
            Self::Variant { holds: Some(value), .. } => value.expression(),
            Self::Duration(_) | Self::Literal(_) | Self::Variant { .. } | Self::Budget { .. } => None,
        }
    }
}

impl Setter {
    pub(crate) fn new(name: &'static str, value: Option<Value>) -> Self {
        Self { name, key: None, value }
    }
}

impl Policy {
    /// Each setter learns where its parameter stands: that is what an editor looks up there. Gives the other keys.
    pub(crate) fn locate(&mut self, mut keys: Vec<Ident>) -> Vec<Ident> {
        let settings = match self {
            Self::Retry(Retry { settings, .. }) | Self::Hedge(Hedge { settings, .. }) => Some(settings),
            Self::CircuitBreaker(breaker) => breaker.settings.as_mut(),
            Self::Bulkhead(bulkhead) => bulkhead.settings.as_mut(),
            Self::RateLimit(rate_limit) => rate_limit.settings.as_mut(),
            Self::Timeout(_) | Self::Fallback(_) | Self::Resilient(_) => None,
        };
        let Some(settings) = settings else { return keys };
        for setter in &mut settings.setters {
            let found = keys.iter().position(|key| key == setter.name);
            setter.key = found.map(|found| keys.remove(found).span());
        }
        keys
    }
}

impl Settings {
    pub(crate) fn values(&self) -> Vec<&Value> {
        let mut values: Vec<_> = self.base.iter().collect();
        values.extend(self.setters.iter().filter_map(|setter| setter.value.as_ref()));
        values
    }

    /// A value that stands in the attribute itself.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.setters.iter().find(|setter| setter.name == name)?.value.as_ref()
    }

    /// Whether a retry budget stands in the attribute itself.
    pub(crate) fn names_a_budget(&self) -> bool {
        self.setters.iter().any(|setter| setter.name.starts_with("budget"))
    }

    /// Whether some of them are worked out by each call.
    pub(crate) fn is_of_each_call(&self) -> bool {
        self.values().iter().any(|value| value.when() == When::Call)
    }

    /// What is worked out by each call, as the source spells it.
    pub(crate) fn of_each_call(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut look_at = |name, value: &Option<Value>| {
            if let Some(value) = value
                && value.when() == When::Call
                && let Some(expression) = value.expression()
            {
                found.push(format!("{name} = {}", source_of(expression)));
            }
        };
        look_at("policy", &self.base);
        for setter in &self.setters {
            look_at(setter.name, &setter.value);
        }
        found
    }
}

impl Layer {
    /// The spelling in the names of its statics and locals.
    pub(crate) fn kind(&self) -> &'static str {
        match self.policy {
            Policy::Retry(_) => "retry",
            Policy::CircuitBreaker(_) => "circuit_breaker",
            Policy::Timeout(_) => "timeout",
            Policy::Bulkhead(_) => "bulkhead",
            Policy::Fallback(_) => "fallback",
            Policy::RateLimit(_) => "rate_limit",
            Policy::Resilient(_) => "resilient",
            Policy::Hedge(_) => "hedge",
        }
    }

    /// The names that what is inside gets clones of.
    pub(crate) fn clones(&self) -> &[Ident] {
        match &self.policy {
            Policy::Retry(retry) => &retry.clones,
            Policy::Fallback(fallback) => &fallback.clones,
            Policy::CircuitBreaker(CircuitBreaker { clones, .. })
            | Policy::Timeout(Timeout { clones, .. }) => clones,
            Policy::Resilient(resilient) => &resilient.clones,
            Policy::Hedge(hedge) => &hedge.clones,
            Policy::Bulkhead(_) | Policy::RateLimit(_) => &[],
        }
    }

    /// What runs in the body's stead.
    pub(crate) fn handlers(&self) -> &[Handler] {
        match &self.policy {
            Policy::Fallback(fallback) => &fallback.handlers,
            Policy::CircuitBreaker(CircuitBreaker { fallback, .. })
            | Policy::Timeout(Timeout { fallback, .. }) => fallback.as_slice(),
            _ => &[],
        }
    }

    pub(crate) fn map_err(&self) -> Option<&Expr> {
        match &self.policy {
            Policy::CircuitBreaker(CircuitBreaker { map_err, .. })
            | Policy::Timeout(Timeout { map_err, .. })
            | Policy::Bulkhead(Bulkhead { map_err, .. })
            | Policy::RateLimit(RateLimit { map_err, .. }) => map_err.as_ref(),
            _ => None,
        }
    }

    /// Whether it has an instance for each key.
    pub(crate) fn is_keyed(&self) -> bool {
        self.key().is_some()
    }

    /// What tells its instances apart.
    pub(crate) fn key(&self) -> Option<&Expr> {
        match &self.policy {
            Policy::CircuitBreaker(CircuitBreaker { keys: Some(keys), .. })
            | Policy::Bulkhead(Bulkhead { keys: Some(keys), .. })
            | Policy::RateLimit(RateLimit { keys: Some(keys), .. }) => Some(&keys.key),
            _ => None,
        }
    }

    /// What a call costs here, over the arguments.
    pub(crate) fn cost(&self) -> Option<&Expr> {
        match &self.policy {
            Policy::RateLimit(rate_limit) => rate_limit.cost.as_ref(),
            _ => None,
        }
    }

    /// How long a timeout lets a call take, if it is written out.
    pub(crate) fn limit(&self) -> Option<Duration> {
        match &self.policy {
            Policy::Timeout(Timeout { duration: Some(Value::Duration(limit)), .. }) => Some(*limit),
            _ => None,
        }
    }

    /// Whether it waits for a body that is late.
    pub(crate) fn is_cooperative(&self) -> bool {
        matches!(&self.policy, Policy::Timeout(timeout) if timeout.mode == Mode::Cooperative)
    }

    /// Whether a call may take time in it that no timeout inside of it knows of.
    pub(crate) fn takes_time(&self) -> bool {
        self.may_queue() || !self.handlers().is_empty()
    }

    pub(crate) fn is_retry(&self) -> bool {
        matches!(self.policy, Policy::Retry(_))
    }

    pub(crate) fn is_hedge(&self) -> bool {
        matches!(self.policy, Policy::Hedge(_))
    }

    pub(crate) fn is_timeout(&self) -> bool {
        matches!(self.policy, Policy::Timeout(_))
    }

    /// Whether it may run what is inside more than once.
    pub(crate) fn comes_again(&self) -> bool {
        matches!(self.policy, Policy::Retry(_) | Policy::Resilient(_) | Policy::Hedge(_))
    }

    /// Whether calls may wait at it in a queue.
    pub(crate) fn may_queue(&self) -> bool {
        match &self.policy {
            Policy::Bulkhead(bulkhead) => bulkhead.waits,
            Policy::RateLimit(rate_limit) => rate_limit.waits,
            _ => false,
        }
    }

    /// Whether its body leaves the thread.
    pub(crate) fn is_detached(&self) -> bool {
        matches!(&self.policy, Policy::Timeout(timeout) if timeout.mode == Mode::Detached)
    }
}
