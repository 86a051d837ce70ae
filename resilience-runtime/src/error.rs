//! The one error of all policies.

use std::time::Duration;
use std::{fmt, io};

use crate::clock::Length;
use crate::name::Name;

/// Why a policy refused a call, or cut it short.
///
/// It reaches the function's own error type by `From<resilience::Error>`, or by `map_err = …` on the attribute.
/// Cloning it never allocates.
///
/// ```
/// use resilience::{CircuitBreaker, CircuitBreakerPolicy, ErrorKind};
///
/// let breaker = CircuitBreaker::new("quotes", CircuitBreakerPolicy::new())?;
/// breaker.force_open();
/// let error = breaker.try_acquire().unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::CircuitOpen);
/// assert_eq!(error.policy_name(), "quotes");
/// assert_eq!(error.to_string(), "circuit breaker `quotes` is open");
/// # Ok::<(), resilience::ConfigError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The circuit is open, or half-open with all its trial calls under way.
    #[non_exhaustive]
    CircuitOpen {
        /// The breaker.
        name: Name,
        /// How long until the breaker lets a trial call through; `None` where that is not known
        /// (forced open, or half-open and full).
        retry_after: Option<Duration>,
    },
    /// The call took longer than its limit.
    #[non_exhaustive]
    TimedOut {
        /// The timeout's name; the function's, where it has none of its own.
        name: Name,
        /// The limit that was exceeded.
        limit: Duration,
    },
    /// All slots were taken, and none came free within the time that a caller may wait.
    #[non_exhaustive]
    BulkheadFull {
        /// The bulkhead.
        name: Name,
        /// How many calls it lets run at once.
        max_concurrent: u32,
    },
    /// The rate is used up, or the call costs more than is ever let through at once.
    #[non_exhaustive]
    RateLimited {
        /// The rate limiter.
        name: Name,
        /// How long until the call would be let through; `None` where it never is.
        retry_after: Option<Duration>,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CircuitOpen { name, .. } => write!(f, "circuit breaker `{name}` is open")?,
            Self::TimedOut { name, limit } => write!(f, "`{name}` timed out after {}", Length(*limit))?,
            Self::BulkheadFull { name, max_concurrent } => {
                let are = if *max_concurrent == 1 { "call is" } else { "calls are" };
                write!(f, "bulkhead `{name}` is full: {max_concurrent} {are} under way")?;
            }
            Self::RateLimited { name, retry_after: Some(_) } => write!(f, "rate limit `{name}` is used up")?,
            Self::RateLimited { name, retry_after: None } => write!(
                f,
                "rate limit `{name}` never lets this call through: its cost is above the burst or is no cost at all, or what \
                 is used up never comes back"
            )?,
        }
        match self.retry_after() {
            Some(delay) => write!(f, "; retry after {}", Length(readable(delay))),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}

/// Nobody needs a wait to the nanosecond, unless it is shorter than a millisecond.
fn readable(delay: Duration) -> Duration {
    let millis = u32::try_from(delay.as_millis()).unwrap_or(0);
    if millis == 0 { delay } else { Duration::from_millis(millis.into()) }
}

/// The kinds of [`Error`].
///
/// ```
/// assert_eq!(resilience::ErrorKind::TimedOut.to_string(), "timed_out");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// See [`Error::CircuitOpen`].
    CircuitOpen,
    /// See [`Error::TimedOut`].
    TimedOut,
    /// See [`Error::BulkheadFull`].
    BulkheadFull,
    /// See [`Error::RateLimited`].
    RateLimited,
}

impl ErrorKind {
    /// The kind as the attributes' `rejected(..)` spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CircuitOpen => "circuit_open",
            Self::TimedOut => "timed_out",
            Self::BulkheadFull => "bulkhead_full",
            Self::RateLimited => "rate_limited",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Error {
    /// Which policy refused the call.
    #[inline]
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::CircuitOpen { .. } => ErrorKind::CircuitOpen,
            Self::TimedOut { .. } => ErrorKind::TimedOut,
            Self::BulkheadFull { .. } => ErrorKind::BulkheadFull,
            Self::RateLimited { .. } => ErrorKind::RateLimited,
        }
    }

    /// The name of the policy that refused the call.
    pub fn policy_name(&self) -> &str {
        match self {
            Self::CircuitOpen { name, .. }
            | Self::TimedOut { name, .. }
            | Self::BulkheadFull { name, .. }
            | Self::RateLimited { name, .. } => name,
        }
    }

    /// How long to wait before a new call has a chance; `None` where nothing is known.
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::CircuitOpen { retry_after, .. } | Self::RateLimited { retry_after, .. } => *retry_after,
            Self::TimedOut { .. } | Self::BulkheadFull { .. } => None,
        }
    }

    /// Whether a circuit breaker refused the call.
    pub const fn is_circuit_open(&self) -> bool {
        matches!(self, Self::CircuitOpen { .. })
    }

    /// Whether the call took longer than its limit.
    pub const fn is_timed_out(&self) -> bool {
        matches!(self, Self::TimedOut { .. })
    }

    /// Whether a bulkhead refused the call.
    pub const fn is_bulkhead_full(&self) -> bool {
        matches!(self, Self::BulkheadFull { .. })
    }

    /// Whether a rate limiter refused the call.
    pub const fn is_rate_limited(&self) -> bool {
        matches!(self, Self::RateLimited { .. })
    }
}

impl From<Error> for io::Error {
    /// A timeout becomes [`io::ErrorKind::TimedOut`], a full bulkhead or a used-up rate
    /// [`io::ErrorKind::ResourceBusy`], an open circuit [`io::ErrorKind::ConnectionRefused`].
    fn from(error: Error) -> Self {
        let kind = match error.kind() {
            ErrorKind::TimedOut => io::ErrorKind::TimedOut,
            ErrorKind::CircuitOpen => io::ErrorKind::ConnectionRefused,
            ErrorKind::BulkheadFull | ErrorKind::RateLimited => io::ErrorKind::ResourceBusy,
        };
        Self::new(kind, error)
    }
}

impl From<Error> for String {
    fn from(error: Error) -> Self {
        error.to_string()
    }
}

/// An error type that can carry a policy's rejection. Everything that is `From<resilience::Error>` can.
#[diagnostic::on_unimplemented(
    message = "a policy can refuse this call, and `{Self}` can't say so",
    label = "`{Self}` can't be made from a `resilience::Error`",
    note = "give the error type a variant for it: `impl From<resilience::Error> for {Self}` (with thiserror: \
            `#[error(transparent)] Resilience(#[from] resilience::Error)`)",
    note = "or convert by a `fn(resilience::Error) -> {Self}`: `map_err = path` at an attribute, `Pipeline::builder_with(path)` for a pipeline"
)]
pub trait FromRejection {
    /// The rejection as the function's own error.
    fn from_rejection(rejection: Error) -> Self;
}

// Without this the compiler would talk about `From` and hide the advice above.
#[diagnostic::do_not_recommend]
impl<E: From<Error>> FromRejection for E {
    #[inline]
    fn from_rejection(rejection: Error) -> Self {
        Self::from(rejection)
    }
}

/// A set of rejection kinds: what `rejected(..)` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kinds(u8);

impl Kinds {
    /// No kind counts.
    pub const NONE: Self = Self(0);

    /// Every kind counts.
    pub const ALL: Self = Self::NONE.timed_out().bulkhead_full().rate_limited().circuit_open();

    /// The kinds that count, a bit each: the lowest is `circuit_open`, then come `timed_out`, `bulkhead_full`, `rate_limited`.
    pub const fn of(counts: u8) -> Self {
        Self(counts)
    }

    pub(crate) const fn with(self, kind: ErrorKind) -> Self {
        Self(self.0 | (1 << kind as u8))
    }

    /// `timed_out` counts too.
    pub const fn timed_out(self) -> Self {
        self.with(ErrorKind::TimedOut)
    }

    /// `bulkhead_full` counts too.
    pub const fn bulkhead_full(self) -> Self {
        self.with(ErrorKind::BulkheadFull)
    }

    /// `rate_limited` counts too.
    pub const fn rate_limited(self) -> Self {
        self.with(ErrorKind::RateLimited)
    }

    /// `circuit_open` counts too.
    pub const fn circuit_open(self) -> Self {
        self.with(ErrorKind::CircuitOpen)
    }

    /// Whether this rejection counts.
    #[inline]
    pub const fn contains(self, rejection: &Error) -> bool {
        self.has(rejection.kind())
    }

    #[inline]
    pub(crate) const fn has(self, kind: ErrorKind) -> bool {
        self.0 & (1 << kind as u8) != 0
    }

    /// Those that are in the other set too.
    pub(crate) const fn both(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Those that aren't in the other set.
    pub(crate) const fn minus(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// One of them.
    pub(crate) fn first(self) -> Option<ErrorKind> {
        use ErrorKind::{BulkheadFull, CircuitOpen, RateLimited, TimedOut};
        [TimedOut, BulkheadFull, RateLimited, CircuitOpen].into_iter().find(|kind| self.has(*kind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_small_and_can_go_anywhere() {
        fn anywhere<T: Clone + Send + Sync + 'static>() {}
        anywhere::<Error>();
        assert!(size_of::<Error>() <= 48, "{}", size_of::<Error>());
    }

    #[test]
    fn every_rejection_names_its_policy_and_says_when_to_come_back() {
        let name = Name::from_static("quotes");
        let second = Some(Duration::from_secs(1));
        let open = Error::CircuitOpen { name: name.clone(), retry_after: second };
        let late = Error::TimedOut { name: name.clone(), limit: Duration::from_millis(5) };
        let full = Error::BulkheadFull { name: name.clone(), max_concurrent: 3 };
        let limited = Error::RateLimited { name, retry_after: second };
        for error in [&open, &late, &full, &limited] {
            assert_eq!(error.policy_name(), "quotes");
            assert!(error.to_string().contains("`quotes`"), "{error}");
        }
        assert_eq!((open.retry_after(), limited.retry_after()), (second, second));
        assert_eq!((late.retry_after(), full.retry_after()), (None, None));
        assert_eq!(open.to_string(), "circuit breaker `quotes` is open; retry after 1s");
        assert_eq!(io::Error::from(late).kind(), io::ErrorKind::TimedOut);
    }

    #[test]
    fn a_message_gives_waits_in_readable_form() {
        let cases = [
            (Duration::from_nanos(352_441_197), "352ms"),
            (Duration::from_nanos(7), "7ns"),
            (Duration::MAX, "forever"),
        ];
        for (delay, expected) in cases {
            assert_eq!(Length(readable(delay)).to_string(), expected);
        }
    }

    #[test]
    fn a_set_of_kinds_holds_what_it_names() {
        let full = Error::BulkheadFull { name: "b".into(), max_concurrent: 1 };
        assert!(Kinds::NONE.timed_out().bulkhead_full().contains(&full));
        assert!(!Kinds::NONE.timed_out().rate_limited().circuit_open().contains(&full));
    }
}
