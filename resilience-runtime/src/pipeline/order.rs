//! What policies mean for each other, by where they stand.

use super::PipelineError;
use super::builder::Part;
use crate::error::Kinds;
use crate::kind::PolicyKind;

/// The kinds of refusals that come out of these, the innermost last.
fn refusals<T, E>(parts: &[Part<T, E>]) -> Kinds {
    parts.iter().rev().fold(Kinds::NONE, |inside, part| match part {
        Part::Fallback(layer) => inside.minus(layer.filter.rejected),
        Part::Retry(_) => inside,
        Part::CircuitBreaker(..) => inside.circuit_open(),
        Part::RateLimit(..) => inside.rate_limited(),
        Part::Bulkhead(_) => inside.bulkhead_full(),
        Part::Timeout(_) => inside.timed_out(),
    })
}

/// The rules that attributes keep, for policies that only the program's run puts together.
pub(super) fn check_order<T, E>(parts: &[Part<T, E>]) -> Result<(), PipelineError> {
    if parts.is_empty() {
        return Err(PipelineError::Empty);
    }
    for (at, part) in parts.iter().enumerate() {
        let kind = part.kind();
        let before = || parts[..at].iter().filter(|other| other.kind() == kind);
        match part {
            Part::Timeout(_) if before().count() > 1 => return Err(PipelineError::Duplicate { kind }),
            Part::Timeout(_) if at > 0 && parts[at - 1].kind() == kind => {
                return Err(PipelineError::AdjacentTimeouts);
            }
            Part::Timeout(each) => {
                for part in &parts[..at] {
                    if let Part::Timeout(total) = part
                        && each.duration() > total.duration()
                    {
                        let (each, total) = (each.duration(), total.duration());
                        return Err(PipelineError::AttemptOutlastsTotal { each, total });
                    }
                }
            }
            _ if before().count() > 0 => return Err(PipelineError::Duplicate { kind }),
            Part::Fallback(layer) if layer.filter.takes_everything() => {
                let blind =
                    |kind: &PolicyKind| matches!(kind, PolicyKind::Retry | PolicyKind::CircuitBreaker);
                if let Some(policy) = parts[..at].iter().rev().map(Part::kind).find(blind) {
                    return Err(PipelineError::Unreachable { policy });
                }
            }
            _ => {}
        }
        check_reach(part, &parts[..at], refusals(&parts[at + 1..]))?;
    }
    Ok(())
}

/// What stands in vain where it stands. `refused`: by what is inside.
fn check_reach<T, E>(part: &Part<T, E>, outside: &[Part<T, E>], refused: Kinds) -> Result<(), PipelineError> {
    if let Some(refusal) = part.filter().and_then(|filter| filter.named.minus(refused).first()) {
        return Err(PipelineError::NeverRefused { policy: part.kind(), refusal });
    }
    let Part::Retry(layer) = part else { return Ok(()) };
    let timeouts = outside.iter().filter_map(|part| match part {
        Part::Timeout(policy) => Some(policy.duration()),
        _ => None,
    });
    match (layer.least_wait(refused), timeouts.min()) {
        (Some(wait), Some(limit)) if wait >= limit => Err(PipelineError::NoRoomToRetry { wait, limit }),
        _ => Ok(()),
    }
}
