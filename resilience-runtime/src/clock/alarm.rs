//! The end of a wait.

use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::Instant;
use super::timer::Timer;

pin_project! {
    /// A timer beside something that may be ready before. It is made when it is first needed.
    #[derive(Debug)]
    pub(crate) struct Alarm {
        #[pin]
        timer: Option<Timer>,
        // How often it was asked in vain since it last looked at the clock.
        asked: u8,
    }
}

/// Each time it was asked so often in vain, an alarm looks at the clock itself.
const LOOKS: u8 = 8;

impl Alarm {
    #[inline]
    pub(crate) const fn new() -> Self {
        Self { timer: None, asked: 0 }
    }

    /// Lets go of the timer, so that there may be one for another moment.
    pub(crate) fn reset(self: Pin<&mut Self>) {
        self.project().timer.set(None);
    }

    /// Ready once the moment has come.
    #[cold]
    #[inline(never)]
    pub(crate) fn poll(self: Pin<&mut Self>, until: Instant, cx: &mut Context<'_>) -> Poll<()> {
        if until == Instant::NEVER {
            return Poll::Pending;
        }
        #[cfg(feature = "testing")]
        if crate::testing::reaches(until) {
            return Poll::Ready(());
        }
        let mut this = self.project();
        #[cfg(feature = "testing")]
        if crate::testing::takes_no_time() {
            // Waits that were skipped in the meantime have brought the moment nearer.
            this.timer.set(None);
        }
        let is_new = this.timer.is_none();
        if is_new {
            this.timer.set(Some(timer_until(until)));
        }
        let polled = this.timer.as_pin_mut().map_or(Poll::Pending, |timer| timer.poll(cx));
        if is_new || polled.is_ready() {
            return polled;
        }
        // What was polled before it may have used up all that tokio lets a task do in one turn, and then a timer doesn't
        // say that its moment has come. Whoever does so each time is soon polled again, so that it is enough to look at
        // the clock every now and then.
        *this.asked = (*this.asked + 1) % LOOKS;
        if *this.asked == 0 && Instant::now() >= until { Poll::Ready(()) } else { Poll::Pending }
    }
}

#[inline(always)]
fn timer_until(until: Instant) -> Timer {
    // A test may have moved this clock against tokio's; what is left is the same by both.
    #[cfg(feature = "testing")]
    return Timer::after(until.since(Instant::now()));
    // Two readings of the clock less.
    #[cfg(not(feature = "testing"))]
    Timer::at(until.to_std())
}
