//! Sets of rejections, as the plan reckons with them.

/// What a policy refuses a call with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rejection {
    CircuitOpen,
    TimedOut,
    BulkheadFull,
    RateLimited,
}

impl Rejection {
    pub(crate) const ALL: [Self; 4] =
        [Self::CircuitOpen, Self::TimedOut, Self::BulkheadFull, Self::RateLimited];

    /// The attribute that refuses calls with it.
    pub(crate) fn by(self) -> &'static str {
        match self {
            Self::TimedOut => "timeout",
            Self::BulkheadFull => "bulkhead",
            Self::RateLimited => "rate_limit",
            Self::CircuitOpen => "circuit_breaker",
        }
    }

    /// All names.
    pub(crate) fn names() -> Vec<&'static str> {
        Self::ALL.iter().map(|kind| kind.name()).collect()
    }

    /// The spelling in `rejected(..)`, and of the setter in the runtime.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::TimedOut => "timed_out",
            Self::BulkheadFull => "bulkhead_full",
            Self::RateLimited => "rate_limited",
            Self::CircuitOpen => "circuit_open",
        }
    }
}

/// A set of [`Rejection`]s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rejections(u8);

impl Rejections {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const ALL: Self = Self(0b1111);

    pub(crate) fn of(kinds: &[Rejection]) -> Self {
        kinds.iter().fold(Self::NONE, |set, kind| set.with(*kind))
    }

    pub(crate) fn with(self, kind: Rejection) -> Self {
        Self(self.0 | 1 << kind as u8)
    }

    pub(crate) fn contains(self, kind: Rejection) -> bool {
        self.0 & 1 << kind as u8 != 0
    }

    /// A bit for each kind, the first of [`Rejection::ALL`] the lowest.
    pub(crate) fn bits(self) -> u8 {
        self.0
    }

    pub(crate) fn minus(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(crate) fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn both(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = Rejection> {
        Rejection::ALL.iter().copied().filter(move |kind| self.contains(*kind))
    }
}
