//! What the kit's clocks do to timers.

use std::future::poll_fn;
use std::task::{Context, Poll};
use std::time::Duration;

use super::{Clock, latest, moved};
use crate::clock::Instant;
use crate::deadline;
use crate::testing::kit::parts;

/// Whether waits take no time here.
pub(crate) fn takes_no_time() -> bool {
    !parts::<Clock>().is_empty()
}

/// Lets a wait pass at once, where waits take no time.
pub(crate) async fn skip_async(mut wait: Duration) {
    poll_fn(|cx| poll_wait(&mut wait, cx).unwrap_or(Poll::Ready(()))).await;
}

/// Lets a wait pass at once, up to the deadline of the timeout around it, which is to end it then; `None` where waits
/// take their time.
pub(crate) fn poll_wait(left: &mut Duration, cx: &mut Context<'_>) -> Option<Poll<()>> {
    let clock = latest()?;
    let deadline = deadline::remaining().filter(|deadline| !deadline.is_zero() && *deadline <= *left);
    Some(if let Some(deadline) = deadline {
        clock.wait(deadline);
        *left = left.saturating_sub(deadline);
        // A deadline that nobody enforces is over the next time.
        cx.waker().wake_by_ref();
        Poll::Pending
    } else {
        clock.wait(*left);
        Poll::Ready(())
    })
}

/// Where a limit is reached as soon as something waits, lets the time pass up to it; says whether it is reached.
pub(crate) fn reaches(limit: Instant) -> bool {
    let clocks = parts::<Clock>();
    let Some(latest) = clocks.first() else { return false };
    let left = limit.since(Instant::now());
    let (_, stands_still) = moved(&clocks);
    if stands_still {
        latest.advance(left);
    }
    stands_still || left.is_zero()
}
