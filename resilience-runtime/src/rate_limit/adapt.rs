//! The rate in force: what is configured, less what failures and servers have taught.
//!
//! Additive increase, multiplicative decrease: Dah-Ming Chiu and Raj Jain, "Analysis of the Increase and Decrease
//! Algorithms for Congestion Avoidance in Computer Networks", 1989.

use std::time::Duration;

use super::policy::RateLimitPolicy;
use crate::clock::Instant;

/// What was learnt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Adaption {
    /// By failures; the configured rate where there were none.
    learnt: f64,
    decreased: Instant,
    /// When what was learnt grows next.
    grows: Instant,
    quota: Option<Held>,
}

/// A server's quota that is in force.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Held {
    rate: f64,
    /// The rate that uses up what the server states, of which a part may be in the bucket already.
    stated: f64,
    until: Instant,
    /// The server's time of the response that stated it.
    date: Option<Duration>,
}

/// Resets are stated in whole seconds, so that those of one window differ by up to a second.
const SAME_RESET: Duration = Duration::from_secs(1);

impl Adaption {
    pub(super) const fn none(policy: &RateLimitPolicy) -> Self {
        Self {
            learnt: policy.ceiling(),
            decreased: Instant::from_bits(0),
            grows: Instant::NEVER,
            quota: None,
        }
    }

    /// The rate in force.
    pub(super) fn rate(&self) -> f64 {
        self.quota.map_or(self.learnt, |quota| quota.rate.min(self.learnt))
    }

    /// When the rate changes next by the time alone.
    pub(super) fn next_change(&self) -> Instant {
        self.quota.map_or(self.grows, |quota| quota.until.min(self.grows))
    }

    /// Does what is due at the next change. Returns true if a server's quota has ended.
    pub(super) fn change(&mut self, policy: &RateLimitPolicy) -> bool {
        let at = self.next_change();
        let has_ended = self.quota.is_some_and(|quota| quota.until <= at);
        if has_ended {
            self.quota = None;
        }
        if self.grows <= at {
            self.learnt = (self.learnt + policy.step()).min(policy.ceiling());
            let is_whole = self.learnt >= policy.ceiling();
            self.grows = if is_whole { Instant::NEVER } else { at.after(policy.period()) };
        }
        has_ended
    }

    /// A call failed that was let through at `admitted`. Calls that were under way at a decrease say nothing about the
    /// rate after it: what they fail by was one overload, and is answered once.
    pub(super) fn failed(&mut self, policy: &RateLimitPolicy, admitted: Instant, now: Instant) {
        let Some(factor) = policy.decrease_factor() else { return };
        if admitted < self.decreased {
            return;
        }
        self.decreased = now;
        self.learnt = (self.rate() * factor).clamp(policy.floor(), policy.ceiling());
        self.grows = if self.learnt < policy.ceiling() { now.after(policy.period()) } else { Instant::NEVER };
    }

    /// Returns true for a quota that the one in force goes before: its response was sent earlier and arrived later, or
    /// it is the same window's and allows more, as an answer does that was overtaken.
    pub(super) fn is_outdated(&self, stated: f64, until: Instant, date: Option<Duration>) -> bool {
        let Some(held) = self.quota else { return false };
        let is_older = matches!((date, held.date), (Some(date), Some(held)) if date < held);
        is_older || (stated >= held.stated && until <= held.until.after(SAME_RESET))
    }

    /// A server allows this rate until then, which may be below the least that failures teach. With what the bucket
    /// holds it comes to `stated`.
    pub(super) fn heard(
        &mut self,
        policy: &RateLimitPolicy,
        rate: f64,
        stated: f64,
        until: Instant,
        date: Option<Duration>,
    ) {
        let rate = rate.max(0.0);
        self.quota = (rate < policy.ceiling()).then_some(Held { rate, stated, until, date });
    }

    /// Whether anything was learnt that is still in force.
    #[cfg(feature = "keyed")]
    pub(super) fn is_none(&self, policy: &RateLimitPolicy) -> bool {
        self.rate() >= policy.ceiling()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: RateLimitPolicy =
        RateLimitPolicy::new().rate(100).decrease(0.5).increase(20.0).min_rate(10.0);

    fn at(seconds: u64) -> Instant {
        Instant::from_bits(0).after(Duration::from_secs(seconds))
    }

    /// Does everything that is due by then.
    fn catch_up(adaption: &mut Adaption, now: Instant) {
        while adaption.next_change() <= now {
            adaption.change(&POLICY);
        }
    }

    fn assert_rate(adaption: &Adaption, rate: f64) {
        assert!((adaption.rate() - rate).abs() < 1.0e-9, "{} and not {rate}", adaption.rate());
    }

    #[test]
    fn a_failure_halves_the_rate_and_time_brings_it_back_in_steps() {
        let mut adaption = Adaption::none(&POLICY);
        adaption.failed(&POLICY, at(1), at(1));
        assert_rate(&adaption, 50.0);
        for (second, rate) in [(1, 50.0), (2, 70.0), (3, 90.0), (4, 100.0), (100, 100.0)] {
            catch_up(&mut adaption, at(second));
            assert_rate(&adaption, rate);
        }
        assert_eq!(adaption.next_change(), Instant::NEVER);
    }

    #[test]
    fn calls_that_were_under_way_at_a_decrease_are_one_overload() {
        let mut adaption = Adaption::none(&POLICY);
        adaption.failed(&POLICY, at(1), at(3));
        adaption.failed(&POLICY, at(2), at(3));
        assert_rate(&adaption, 50.0);
        adaption.failed(&POLICY, at(3), at(3));
        assert_rate(&adaption, 25.0);
    }

    #[test]
    fn the_rate_stays_between_its_bounds() {
        let mut adaption = Adaption::none(&POLICY);
        (0..100).for_each(|second| adaption.failed(&POLICY, at(second), at(second)));
        assert_rate(&adaption, 10.0);
        adaption.heard(&POLICY, 0.001, 0.001, at(200), None);
        assert_rate(&adaption, 0.001);
        adaption.heard(&POLICY, 1.0e9, 1.0e9, at(200), None);
        catch_up(&mut adaption, at(199));
        assert_rate(&adaption, 100.0);
    }

    #[test]
    fn a_quota_holds_until_its_reset() {
        let mut adaption = Adaption::none(&POLICY);
        adaption.heard(&POLICY, 30.0, 30.0, at(60), None);
        catch_up(&mut adaption, at(59));
        assert_rate(&adaption, 30.0);
        // A failure lowers what is in force, and not what would be without the quota.
        adaption.failed(&POLICY, at(59), at(59));
        assert_rate(&adaption, 15.0);
        catch_up(&mut adaption, at(60));
        assert_rate(&adaption, 35.0);
    }

    #[test]
    fn a_quota_is_outdated_if_it_was_sent_earlier_or_allows_more_in_the_same_window() {
        let mut adaption = Adaption::none(&POLICY);
        let sent = |second| Some(Duration::from_secs(second));
        assert!(!adaption.is_outdated(1.0, at(60), sent(7)));
        adaption.heard(&POLICY, 5.0, 5.0, at(60), sent(7));
        assert!(adaption.is_outdated(1.0, at(60), sent(6)), "sent earlier");
        assert!(adaption.is_outdated(50.0, at(61), sent(8)), "more in the same window");
        assert!(adaption.is_outdated(50.0, at(61), None), "more in the same window, without a date");
        assert!(!adaption.is_outdated(4.0, at(60), sent(7)), "less in the same window");
        assert!(!adaption.is_outdated(50.0, at(120), sent(8)), "the next window");
    }
}
