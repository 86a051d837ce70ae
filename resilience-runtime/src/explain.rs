//! What one call of a function goes through at the worst.

use std::fmt;
use std::time::Duration;

use crate::clock::Length;
use crate::retry::RetrySite;
use crate::site::{Site, SitePolicy};
use crate::timeout::TimeoutPolicy;

/// What one call goes through at the worst, in words; see [`Site::explain`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    function: &'static str,
    // The outermost policy first.
    steps: Vec<String>,
    longest: Option<Duration>,
    answers: bool,
}

impl Explanation {
    /// The longest that a call can take, a fallback's own time left aside; `None` where nothing limits it.
    pub fn longest(&self) -> Option<Duration> {
        self.longest
    }
}

impl Site {
    /// Says what one call of the function goes through at the worst: attempts, waits, and the time in all.
    ///
    /// ```
    /// for site in resilience::catalog() {
    ///     println!("{}", site.explain());
    /// }
    /// ```
    #[inline]
    pub fn explain(&self) -> Explanation {
        let mut steps = Vec::new();
        let mut longest = None;
        for policy in self.policies().iter().rev() {
            let step;
            (step, longest) = at_worst(policy, longest);
            steps.push(format!("{}: {step}", policy.kind()));
        }
        steps.reverse();
        let answers = self.policies().iter().any(|policy| matches!(policy, SitePolicy::Fallback(_)));
        Explanation { function: self.function(), steps, longest, answers }
    }
}

/// What a policy does at the worst, and how long it takes with all that is inside of it.
#[inline]
fn at_worst(policy: &SitePolicy, inside: Option<Duration>) -> (String, Option<Duration>) {
    match policy {
        SitePolicy::Retry(site) => {
            let policy = site.policy();
            let (step, longest) = if site.of_each_call().is_empty() {
                (attempts(site), site.worst_case(inside))
            } else {
                let settings = site.of_each_call().join(", ");
                (format!("runs what follows by settings that each call works out, {settings}"), None)
            };
            let step =
                if site.waits_for_circuits() { format!("{step}, waits for open circuits") } else { step };
            let step = match policy.limit() {
                Some(limit) => format!("{step}, and begins no attempt after {}", Length(limit)),
                None => step,
            };
            let step = match site.budget() {
                Some(budget) => format!("{step}, as long as the budget `{}` lasts", budget.name()),
                None => step,
            };
            (step, longest)
        }
        SitePolicy::Hedge(site) => {
            let most = match (site.policy().further_calls(), site.delay()) {
                (_, None) => "further calls".to_owned(),
                (1, _) => "a further call".to_owned(),
                (most, Some(Duration::ZERO)) => format!("up to {most} further calls"),
                (most, _) => format!("up to {most} further calls, one by one,"),
            };
            let step = match site.delay() {
                None => format!("makes {most} beside a call that takes long"),
                Some(Duration::ZERO) => format!("makes {most} beside a call that has to wait"),
                Some(after) => format!("makes {most} beside a call that takes longer than {}", Length(after)),
            };
            let step = match site.budget() {
                Some(budget) => format!("{step}, as long as the budget `{}` lasts", budget.name()),
                None => step,
            };
            (step, site.worst_case(inside))
        }
        SitePolicy::CircuitBreaker(_) => ("refuses at once while the circuit is open".to_owned(), inside),
        SitePolicy::Bulkhead(site) => {
            let wait = site.policy().longest_wait();
            let step = if wait.is_zero() {
                "refuses at once while all slots are taken".to_owned()
            } else {
                format!("waits up to {} for a slot", Length(wait))
            };
            (step, site.policy().worst_case(inside))
        }
        SitePolicy::Pipeline(site) => (format!("goes through {site}"), None),
        SitePolicy::RateLimit(site) => {
            let wait = site.policy().longest_wait();
            let step = if wait.is_zero() {
                "refuses at once while the rate is used up".to_owned()
            } else {
                format!("waits up to {} for its turn", Length(wait))
            };
            (step, site.policy().worst_case(inside))
        }
        SitePolicy::Timeout(site) => {
            let Some(limit) = site.known_limit() else {
                return ("ends after a time that each call works out".to_owned(), inside);
            };
            if site.ends_the_call() {
                (format!("ends after {}", Length(limit)), Some(TimeoutPolicy::new(limit).worst_case(inside)))
            } else {
                (format!("fails after {}, once the body has come back", Length(limit)), inside)
            }
        }
        SitePolicy::Fallback(site) => (format!("answers what has failed by {site}"), inside),
    }
}

/// How often a retry runs what it stands around, and how long it waits.
#[inline]
fn attempts(site: &RetrySite) -> String {
    match site.policy().attempts() {
        Some(1) => "runs what follows once".to_owned(),
        Some(attempts) => {
            // None is begun that the limit leaves no room for.
            let waits =
                site.policy().limit().map_or(site.longest_waits(), |limit| limit.min(site.longest_waits()));
            format!("runs what follows {attempts} times, with waits of up to {} in all", Length(waits))
        }
        None => "runs what follows again and again".to_owned(),
    }
}

impl fmt::Display for Explanation {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "one call of {}, at the worst:", self.function)?;
        for step in &self.steps {
            writeln!(f, "  {step}")?;
        }
        match self.longest {
            Some(longest) => write!(f, "  in all up to {}", Length(longest))?,
            None => f.write_str("  in all for as long as that takes")?,
        }
        if self.answers { f.write_str(", and the fallback's own time") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bulkhead::{BulkheadPolicy, BulkheadSite};
    use crate::retry::{Backoff, Jitter, RetryPolicy};
    use crate::timeout::TimeoutSite;

    const MS: Duration = Duration::from_millis(1);
    const POLICY: RetryPolicy = RetryPolicy::new().base_delay(Duration::from_millis(50));

    static RETRY: RetrySite = RetrySite::new("f", POLICY.max_attempts(4));
    static BULKHEAD: BulkheadSite =
        BulkheadSite::unnamed("f", || BulkheadPolicy::new(1).max_wait(Duration::from_millis(100)));
    static TIMEOUT: TimeoutSite = TimeoutSite::new("f", Duration::from_millis(800));

    #[test]
    fn the_times_of_the_layers_add_up() {
        static SITE: Site = Site::new(
            "f",
            "f.rs",
            1,
            1,
            &[SitePolicy::Retry(&RETRY), SitePolicy::Bulkhead(&BULKHEAD), SitePolicy::Timeout(&TIMEOUT)],
        );
        let explanation = SITE.explain();
        // 4 × (100 + 800), and waits of 50, 100 and 200.
        assert_eq!(explanation.longest(), Some(3_950 * MS));
        let expected = "one call of f, at the worst:\n  \
            retry: runs what follows 4 times, with waits of up to 350ms in all\n  \
            bulkhead: waits up to 100ms for a slot\n  \
            timeout: ends after 800ms\n  \
            in all up to 3.95s";
        assert_eq!(explanation.to_string(), expected);
    }

    #[test]
    fn nothing_limits_a_body_without_a_timeout() {
        static SITE: Site = Site::new("f", "f.rs", 1, 1, &[SitePolicy::Retry(&RETRY)]);
        assert_eq!(SITE.explain().longest(), None);
    }

    #[test]
    fn no_wait_is_longer_than_the_limit_of_all() {
        static LIMITED: RetrySite =
            RetrySite::new("f", POLICY.max_attempts(10).max_elapsed(Duration::from_millis(400)));
        static SITE: Site = Site::new("f", "f.rs", 1, 1, &[SitePolicy::Retry(&LIMITED)]);
        let said = SITE.explain().to_string();
        assert!(said.contains("waits of up to 400ms in all, and begins no attempt after 400ms"), "{said}");
    }

    #[test]
    fn open_circuits_are_waited_for_without_a_bound_of_their_own() {
        static WAITING: RetrySite = RetrySite::new("f", POLICY).waiting_for_circuits();
        static LIMITED: RetrySite =
            RetrySite::new("f", POLICY.max_elapsed(Duration::from_secs(5))).waiting_for_circuits();
        let said = |site| at_worst(&SitePolicy::Retry(site), Some(800 * MS));
        let expected = "runs what follows 3 times, with waits of up to 150ms in all, waits for open circuits";
        assert_eq!(said(&WAITING), (expected.to_owned(), None));
        assert_eq!(said(&LIMITED).1, Some(5_800 * MS));
    }

    #[test]
    fn what_each_call_works_out_is_not_guessed_at() {
        static SOME: RetrySite = RetrySite::new("f", POLICY).dynamic(&["max_attempts = 1 + more"]);
        let (step, longest) = at_worst(&SitePolicy::Retry(&SOME), Some(800 * MS));
        assert_eq!(step, "runs what follows by settings that each call works out, max_attempts = 1 + more");
        assert_eq!(longest, None);
    }

    #[test]
    fn waits_count_their_jitter() {
        let waits = |policy: RetryPolicy| (policy.attempts(), policy.longest_waits());
        let constant = POLICY.backoff(Backoff::Constant);
        assert_eq!(waits(constant), (Some(3), 100 * MS));
        assert_eq!(waits(constant.jitter(Jitter::Factor(0.5))), (Some(3), 150 * MS));
        assert_eq!(waits(constant.jitter(Jitter::Decorrelated)), (Some(3), (150 + 450) * MS));
        assert_eq!(waits(constant.max_attempts(u32::MAX - 1)).1, (50 * MS).saturating_mul(u32::MAX - 2));
        assert_eq!(waits(POLICY.unlimited_attempts()).0, None);
    }
}
