//! What an expansion asserts of settings that are constants, together. Each is
//! `#[track_caller]`, so that the compiler shows the user's own line and nothing in here.

use std::time::Duration;

use crate::hedge::HedgePolicy;
use crate::retry::RetryPolicy;

/// All attempts and waits fit into the timeout around them.
///
/// # Panics
/// In constant evaluation, if they don't.
#[track_caller]
pub const fn assert_covers(limit: Duration, longest: Option<Duration>) {
    let Some(longest) = longest else {
        panic!("nothing bounds the attempts and waits together, so that no timeout covers them");
    };
    if longest.as_nanos() > limit.as_nanos() {
        Text::new()
            .text("all attempts and waits together may take ")
            .duration(longest)
            .text(", and this timeout ends them after ")
            .duration(limit)
            .text(": allow more, or make the attempts, the waits or their number less")
            .panic();
    }
}

/// The first wait of a retry can end before the timeout around it does.
///
/// # Panics
/// In constant evaluation, if it can't.
#[track_caller]
pub const fn assert_room(limit: Duration, policy: &RetryPolicy) {
    if let Some(wait) = policy.shortest_first_wait()
        && wait.as_nanos() >= limit.as_nanos()
    {
        Text::new()
            .text("the first wait takes at least ")
            .duration(wait)
            .text(", and the `#[timeout]` above ends the call after ")
            .duration(limit)
            .text(": nothing would ever be retried")
            .panic();
    }
}

/// A timeout can be reached inside of another one.
///
/// # Panics
/// In constant evaluation, if it can't.
#[track_caller]
pub const fn assert_nested(total: Duration, each: Duration) {
    if each.as_nanos() > total.as_nanos() {
        Text::new()
            .text("one attempt may take ")
            .duration(each)
            .text(" here, and all of them together ")
            .duration(total)
            .text(" by the `#[timeout]` above: this one could never be reached")
            .panic();
    }
}

/// A further call can begin before the timeout ends all calls, or the one beside it.
///
/// # Panics
/// In constant evaluation, if it can't.
#[track_caller]
pub const fn assert_hedged(limit: Duration, policy: &HedgePolicy) {
    let after = policy.delay();
    if after.as_nanos() >= limit.as_nanos() {
        Text::new()
            .text("a further call would be made after ")
            .duration(after)
            .text(", and the `#[timeout]` beside this ends the call after ")
            .duration(limit)
            .text(": none would ever be made")
            .panic();
    }
}

/// A text that is put together in a constant, where `format!` isn't.
struct Text {
    bytes: [u8; 256],
    length: usize,
}

impl Text {
    const fn new() -> Self {
        Self { bytes: [0; 256], length: 0 }
    }

    const fn byte(mut self, byte: u8) -> Self {
        self.bytes[self.length] = byte;
        self.length += 1;
        self
    }

    const fn text(mut self, text: &str) -> Self {
        let mut at = 0;
        while at < text.len() {
            self = self.byte(text.as_bytes()[at]);
            at += 1;
        }
        self
    }

    const fn number(mut self, number: u64) -> Self {
        if number > 9 {
            self = self.number(number / 10);
        }
        self.byte(digit(number))
    }

    /// In seconds, with as many decimals as it takes.
    const fn duration(self, duration: Duration) -> Self {
        let mut text = self.number(duration.as_secs());
        let mut rest = duration.subsec_nanos() as u64;
        if rest > 0 {
            text = text.byte(b'.');
        }
        let mut unit = 100_000_000;
        while rest > 0 {
            text = text.byte(digit(rest / unit));
            rest %= unit;
            unit /= 10;
        }
        text.byte(b's')
    }

    #[track_caller]
    const fn panic(&self) -> ! {
        let (bytes, _) = self.bytes.split_at(self.length);
        match std::str::from_utf8(bytes) {
            Ok(text) => panic!("{}", text),
            Err(_) => panic!("these settings can't work together"),
        }
    }
}

const fn digit(number: u64) -> u8 {
    // The remainder is below ten.
    #[allow(clippy::cast_possible_truncation)]
    let digit = (number % 10) as u8;
    b'0' + digit
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn message(assertion: fn()) -> String {
        let payload = catch_unwind(assertion).expect_err("it holds");
        payload.downcast_ref::<String>().cloned().unwrap_or_default()
    }

    #[test]
    fn times_are_given_in_seconds() {
        let text = message(|| assert_covers(10_050 * MS, Some(Duration::new(3_600, 1))));
        assert!(
            text.contains(" may take 3600.000000001s, and this timeout ends them after 10.05s: "),
            "{text}"
        );
        let text = message(|| assert_nested(Duration::ZERO, Duration::MAX));
        assert!(text.starts_with("one attempt may take 18446744073709551615.999999999s here"), "{text}");
    }

    #[test]
    fn what_fits_exactly_fits() {
        assert_covers(MS, Some(MS));
        assert_nested(MS, MS);
        assert_hedged(2 * MS, &HedgePolicy::new(MS));
        assert!(catch_unwind(|| assert_hedged(MS, &HedgePolicy::new(MS))).is_err());
        let policy = RetryPolicy::new().base_delay(MS).jitter(crate::retry::Jitter::None);
        assert_room(2 * MS, &policy);
        assert_room(MS, &policy.max_attempts(1));
        assert!(catch_unwind(|| assert_room(MS, &policy)).is_err());
    }
}
