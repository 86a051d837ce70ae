//! All that takes the lock: visits, the changes they make, and who is told of them.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::{Admission, CHANGE, Core, LOCKED, ONE_CHANGE, SPENT};
use crate::clock::{Instant, nanos};
use crate::event::{Emission, Event};
use crate::rate_limit::adapt::Adaption;
use crate::rate_limit::defaults::RATE_LIMIT_MAX_PAUSE;
use crate::rate_limit::event::{RateChangeCause, RateLimiterEvent};
use crate::rate_limit::gcra::{Bucket, MOST_SPENT, Scale};
use crate::rate_limit::headers::{Advice, Quota};
use crate::rate_limit::line::{Line, Waiter};
use crate::rate_limit::policy::RateLimitPolicy;
use crate::sync::MutexGuard;

#[derive(Debug)]
pub(super) struct Guarded {
    pub(super) policy: RateLimitPolicy,
    pub(super) bucket: Bucket,
    pub(super) adaption: Adaption,
    pub(super) line: Line,
    pub(super) latest: Instant,
}

/// A visit to what the lock guards. At its end the changes are shown, the lock is released, and then, by the order of the
/// fields, waiters are called and events delivered.
pub(super) struct Visit<'a> {
    pub(super) core: &'a Core,
    pub(super) guarded: MutexGuard<'a, Guarded>,
    pub(super) now: Instant,
    pub(super) after: After,
}

/// What is to be done once the lock is free.
pub(super) struct After {
    pub(super) wake: Vec<Arc<Waiter>>,
    pub(super) emission: Emission,
}

impl Guarded {
    /// With a full bucket, and nothing learnt. Another clock than before comes to that as well: what was counted by the
    /// old one means nothing on it.
    pub(super) fn begin_anew(&mut self, now: Instant) {
        self.bucket = Bucket { base: now, ..Bucket::new(self.bucket.scale) };
        // Nothing that was taken before is given back to it.
        self.line.moved(u64::MAX);
        self.adaption = Adaption::none(&self.policy);
    }

    pub(super) fn configure(&mut self, policy: RateLimitPolicy, now: Instant) {
        self.uncap(now);
        self.policy = policy;
        self.adaption = Adaption::none(&policy);
    }

    pub(super) fn heed(&mut self, Advice { pause, quota, date }: Advice, now: Instant) {
        let policy = self.policy;
        let mut until = pause.map(|pause| now.after(pause.min(RATE_LIMIT_MAX_PAUSE)));
        if let Some(Quota { remaining, reset }) = quota {
            let reset = reset.min(RATE_LIMIT_MAX_PAUSE);
            let left = remaining * policy.safe_share();
            if remaining < 1.0 {
                until = until.max(Some(now.after(reset)));
            } else {
                let periods = reset.as_secs_f64() / policy.period().as_secs_f64();
                let end = now.after(reset);
                let stated = left / periods;
                if self.adaption.is_outdated(stated, end, date) {
                    return self.pause_until(now, until);
                }
                self.uncap(now);
                let bucket = &mut self.bucket;
                // What has been saved up may be used as far as there is room for it. The rest is spread evenly.
                #[allow(
                    clippy::cast_possible_truncation,
                    clippy::cast_precision_loss,
                    clippy::cast_sign_loss
                )]
                bucket.cap(now, (left * bucket.scale.token as f64) as u64);
                let spread = left - bucket.scale.calls(bucket.available(now));
                self.adaption.heard(&policy, spread / periods, stated, end, date);
            }
        }
        self.pause_until(now, until);
    }

    /// Gives back what a server's quota withholds.
    fn uncap(&mut self, now: Instant) {
        let (given, after) = self.bucket.uncap(now);
        self.line.given_back(given, after);
    }

    fn pause_until(&mut self, now: Instant, until: Option<Instant>) {
        if let Some(until) = until {
            let moved = self.bucket.pause(now, until);
            self.line.moved(moved);
        }
    }
}

impl Visit<'_> {
    /// Does what has become due since the last visit, each at its time.
    pub(super) fn catch_up(&mut self) {
        let before = self.guarded.adaption.rate();
        while self.guarded.adaption.next_change() <= self.now {
            let guarded = &mut *self.guarded;
            let at = guarded.adaption.next_change();
            if guarded.adaption.change(&guarded.policy) {
                guarded.uncap(at);
            }
            self.rescale(at);
        }
        self.rate_changed(before, RateChangeCause::Recovery);
        let guarded = &mut *self.guarded;
        if self.now.since(guarded.bucket.base) > Duration::from_nanos(guarded.bucket.horizon()) {
            let moved = guarded.bucket.move_to(self.now);
            guarded.line.moved(moved);
        }
        self.advance(self.now);
    }

    /// Those behind move up.
    pub(super) fn leave(&mut self, ticket: u64) {
        let guarded = &mut *self.guarded;
        guarded.line.leave(ticket, &mut guarded.bucket, self.now, &mut self.after.wake);
        self.advance(self.now);
    }

    pub(super) fn advance(&mut self, now: Instant) {
        let guarded = &mut *self.guarded;
        guarded.line.advance(&mut guarded.bucket, now, &mut self.after.wake);
    }

    /// Counts in units of the rate in force, from that moment on.
    pub(super) fn rescale(&mut self, at: Instant) {
        let guarded = &mut *self.guarded;
        let rate = guarded.adaption.rate();
        let scale = Scale::new(rate, guarded.policy.period(), guarded.policy.burst_in_force());
        if scale == guarded.bucket.scale {
            return;
        }
        let moved = guarded.bucket.move_to(at);
        guarded.line.moved(moved);
        guarded.line.rescale(&guarded.bucket, &scale, &mut self.after.wake);
        guarded.bucket.rescale(scale);
    }

    #[allow(clippy::float_cmp)] // the same number, or another one
    pub(super) fn rate_changed(&mut self, from: f64, cause: RateChangeCause) {
        let to = self.guarded.adaption.rate();
        if from == to {
            return;
        }
        let (core, emission) = (self.core, &mut self.after.emission);
        let event = Event::RateChanged { name: core.name.clone(), from, to, cause };
        emission.queue_change(|| core.listeners.get_or_init(Box::default), event);
        core.queue(emission, |name| RateLimiterEvent::RateChanged { name, from, to, cause });
    }

    pub(super) fn allow(&mut self, at: Instant, since: Instant) -> Admission {
        self.core.allowed.fetch_add(1, Ordering::Relaxed);
        let waited = at.since(since);
        self.core.queue(&mut self.after.emission, |name| RateLimiterEvent::Allowed { name, waited });
        Admission { at }
    }

    /// Shows what has changed to the calls that take no lock.
    fn publish(&self) {
        let Guarded { policy, bucket, adaption, line, .. } = &*self.guarded;
        // The next change is due in a visit.
        let until_change =
            adaption.next_change().to_bits().saturating_sub(bucket.base.to_bits()).saturating_sub(1);
        let numbers = [
            (&self.core.base, bucket.base.to_bits()),
            (&self.core.horizon, bucket.horizon().min(until_change)),
            (&self.core.speed, bucket.scale.speed << SPENT),
            (&self.core.token, bucket.scale.token << SPENT),
            (&self.core.rest, bucket.scale.rest() << SPENT),
            (&self.core.longest_wait, nanos(policy.longest_wait())),
        ];
        let mut word = self.core.word.load(Ordering::Relaxed) & CHANGE;
        let changed = numbers.iter().filter(|(number, value)| number.load(Ordering::Relaxed) != *value);
        if changed.inspect(|(number, value)| number.store(*value, Ordering::Release)).count() > 0 {
            word = word.wrapping_add(ONE_CHANGE) & CHANGE;
            self.core.change.store(word, Ordering::Release);
        }
        word |= bucket.spent.min(MOST_SPENT) << SPENT;
        if !line.is_idle() || self.core.listeners().is_some() {
            word |= LOCKED;
        }
        // A swap, and not a store: loom lets a store come before the exchanges that it overwrites.
        self.core.word.swap(word, Ordering::AcqRel);
    }
}

impl Drop for Visit<'_> {
    fn drop(&mut self) {
        self.publish();
    }
}

impl Drop for After {
    fn drop(&mut self) {
        for waiter in self.wake.drain(..) {
            waiter.call();
        }
        std::mem::take(&mut self.emission).deliver();
    }
}
