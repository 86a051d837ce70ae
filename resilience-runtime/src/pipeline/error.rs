//! What is wrong with a pipeline that can't work.

use std::fmt;
use std::time::Duration;

use crate::config::ConfigError;
use crate::error::ErrorKind;
use crate::kind::PolicyKind;

/// Why policies don't make a pipeline.
///
/// ```
/// use std::time::Duration;
/// use resilience::{Error, Pipeline, PipelineError};
///
/// let second = Duration::from_secs(1);
/// let twice = Pipeline::<u32, Error>::builder().timeout(second).timeout(second).build();
/// assert_eq!(twice.unwrap_err(), PipelineError::AdjacentTimeouts);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PipelineError {
    /// There is no policy in it.
    Empty,
    /// A policy stands in it twice; a timeout may, but not three times.
    #[non_exhaustive]
    Duplicate {
        /// Which.
        kind: PolicyKind,
    },
    /// Of two timeouts with nothing between them the shorter one is enough.
    AdjacentTimeouts,
    /// The limit of one attempt is above the limit of all attempts together, so that it could never be reached.
    #[non_exhaustive]
    AttemptOutlastsTotal {
        /// The inner limit.
        each: Duration,
        /// The outer limit.
        total: Duration,
    },
    /// A fallback inside of this policy answers every failure, so that the policy would never see one.
    #[non_exhaustive]
    Unreachable {
        /// The policy that would have nothing to do.
        policy: PolicyKind,
    },
    /// The retry's first wait takes as long as a timeout outside of it, or longer, so that nothing would ever be retried.
    #[non_exhaustive]
    NoRoomToRetry {
        /// What the first wait takes at least.
        wait: Duration,
        /// The outer limit.
        limit: Duration,
    },
    /// A policy's `rejected` names a kind of refusal that nothing inside of it refuses with.
    #[non_exhaustive]
    NeverRefused {
        /// The policy that waits for it in vain.
        policy: PolicyKind,
        /// What it waits for.
        refusal: ErrorKind,
    },
    /// A policy's own settings can't work, or the name.
    Settings(ConfigError),
    /// There is a pipeline of this name. Build one and clone it: each build has a circuit breaker and a bulkhead of its
    /// own, which have seen no calls.
    #[non_exhaustive]
    NameTaken {
        /// The name.
        name: &'static str,
    },
}

impl From<ConfigError> for PipelineError {
    fn from(error: ConfigError) -> Self {
        Self::Settings(error)
    }
}

impl fmt::Display for PipelineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the pipeline has no policies: add one before `build`"),
            Self::Duplicate { kind: PolicyKind::Timeout } => f.write_str(
                "the pipeline has a third `timeout`: there is one for all attempts together and one for each, keep two",
            ),
            Self::Duplicate { kind } => write!(f, "the pipeline has `{kind}` twice: keep one"),
            Self::AdjacentTimeouts => f.write_str(
                "of two timeouts with nothing between them the shorter one is enough: keep it, or put the retry between",
            ),
            Self::AttemptOutlastsTotal { each, total } => write!(
                f,
                "one attempt may take {each:?}, and all of them together {total:?}: the inner timeout could never be \
                 reached"
            ),
            Self::Unreachable { policy } => write!(
                f,
                "the fallback answers every failure, so the `{policy}` outside of it would never see one: add the \
                 fallback first, or let it answer some only, with `fallback_with`"
            ),
            Self::NoRoomToRetry { wait, limit } => write!(
                f,
                "the first wait takes {wait:?} or more, and the `timeout` outside ends all attempts after {limit:?}: \
                 nothing would ever be retried, give it a shorter `base_delay` or a longer timeout"
            ),
            Self::NeverRefused { policy, refusal } => write!(
                f,
                "nothing inside of `{policy}` refuses a call with `{refusal}`: leave it out of its `rejected`, or add the \
                 policy that does after it"
            ),
            Self::Settings(error) => error.fmt(f),
            Self::NameTaken { name } => {
                write!(f, "there is a pipeline `{name}` already: build it once and clone it")
            }
        }
    }
}

// What is wrong with settings is said by the message already: as a source it would be printed twice.
impl std::error::Error for PipelineError {}
