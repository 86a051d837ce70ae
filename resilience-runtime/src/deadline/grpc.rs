//! A deadline on its way to the next service and back: the header `grpc-timeout`.
//!
//! Its form is that of the document "gRPC over HTTP/2": one to eight digits, then a unit, `H`, `M`, `S`, `m`, `u` or
//! `n`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::Deadline;

/// Units from the finest, with their nanoseconds.
const UNITS: [(char, u64); 6] = [
    ('n', 1),
    ('u', 1_000),
    ('m', 1_000_000),
    ('S', 1_000_000_000),
    ('M', 60_000_000_000),
    ('H', 3_600_000_000_000),
];

/// More than eight digits don't fit.
const MOST: u32 = 99_999_999;

/// The time that is left, in the form of the header `grpc-timeout`.
///
/// Made from a duration it is as exact as eight digits can be, and never longer. Its [`Display`](fmt::Display) is the
/// header's value.
///
/// ```
/// use std::time::Duration;
/// use resilience::GrpcTimeout;
///
/// assert_eq!(GrpcTimeout::from(Duration::from_millis(250)).to_string(), "250000u");
/// let timeout: GrpcTimeout = "2S".parse()?;
/// assert_eq!(timeout.duration(), Duration::from_secs(2));
/// # Ok::<(), resilience::InvalidGrpcTimeout>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GrpcTimeout {
    value: u32,
    unit: (char, u64),
}

impl GrpcTimeout {
    /// As a duration.
    #[inline]
    pub fn duration(&self) -> Duration {
        // 99,999,999 hours are more nanoseconds than fit a word.
        let (whole, part) = (self.unit.1 / 1_000_000_000, self.unit.1 % 1_000_000_000);
        Duration::from_secs(u64::from(self.value) * whole)
            .saturating_add(Duration::from_nanos(u64::from(self.value) * part))
    }
}

impl From<Duration> for GrpcTimeout {
    #[inline]
    fn from(duration: Duration) -> Self {
        for unit in UNITS {
            let value = duration.as_nanos() / u128::from(unit.1);
            if let Ok(value) = u32::try_from(value)
                && value <= MOST
            {
                return Self { value, unit };
            }
        }
        Self { value: MOST, unit: UNITS[UNITS.len() - 1] }
    }
}

impl fmt::Display for GrpcTimeout {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.value, self.unit.0)
    }
}

impl FromStr for GrpcTimeout {
    type Err = InvalidGrpcTimeout;

    #[inline]
    fn from_str(text: &str) -> Result<Self, InvalidGrpcTimeout> {
        let unit =
            UNITS.into_iter().find(|(letter, _)| text.ends_with(*letter)).ok_or(InvalidGrpcTimeout(()))?;
        let digits = &text[..text.len() - 1];
        // The number's own reader would take a sign.
        if digits.len() > 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(InvalidGrpcTimeout(()));
        }
        let value = digits.parse().map_err(|_| InvalidGrpcTimeout(()))?;
        Ok(Self { value, unit })
    }
}

/// A text that is no value of the header `grpc-timeout`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidGrpcTimeout(());

impl fmt::Display for InvalidGrpcTimeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a `grpc-timeout` is one to eight digits and a unit, H, M, S, m, u or n, as in `250m`")
    }
}

impl std::error::Error for InvalidGrpcTimeout {}

impl Deadline {
    /// The time that is left, for the header `grpc-timeout` of a request to the next service: never later than this
    /// deadline, zero once it is over.
    ///
    /// ```
    /// use std::time::Duration;
    /// use resilience::Deadline;
    ///
    /// let header = Deadline::after(Duration::ZERO).to_grpc_timeout().to_string();
    /// assert_eq!(header, "0n");
    /// ```
    #[inline]
    pub fn to_grpc_timeout(&self) -> GrpcTimeout {
        self.remaining().into()
    }

    /// The deadline of a request with this value in its header `grpc-timeout`. Its time begins now.
    ///
    /// # Errors
    /// A text that is no such value.
    ///
    /// ```
    /// use std::time::Duration;
    /// use resilience::Deadline;
    ///
    /// let deadline = Deadline::from_grpc_timeout("250m")?;
    /// assert!(deadline.remaining() <= Duration::from_millis(250));
    /// assert!(Deadline::from_grpc_timeout("250").is_err());
    /// # Ok::<(), resilience::InvalidGrpcTimeout>(())
    /// ```
    #[inline]
    pub fn from_grpc_timeout(value: &str) -> Result<Self, InvalidGrpcTimeout> {
        value.parse().map(|timeout: GrpcTimeout| Self::after(timeout.duration()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(duration: Duration) -> String {
        GrpcTimeout::from(duration).to_string()
    }

    #[test]
    fn a_duration_is_written_in_the_finest_unit_that_holds_it() {
        let hour = Duration::from_secs(3_600);
        let cases = [
            (Duration::ZERO, "0n"),
            (Duration::from_nanos(99_999_999), "99999999n"),
            (Duration::from_nanos(100_000_999), "100000u"),
            (Duration::from_millis(250), "250000u"),
            (Duration::from_secs(100), "100000m"),
            (Duration::from_secs(100_000), "100000S"),
            (Duration::from_secs(100_000_019), "1666666M"),
            (hour * 1_700_000, "1700000H"),
            (Duration::MAX, "99999999H"),
        ];
        for (duration, expected) in cases {
            assert_eq!(written(duration), expected);
        }
    }

    #[test]
    fn what_is_no_such_value_is_refused() {
        let texts = [
            "",
            "1",
            "S",
            "1s",
            "-1S",
            "+1S",
            " 1S",
            "1 S",
            "1S ",
            "1.5S",
            "123456789n",
            "1é",
            "é",
            "1SS",
            "0x1S",
        ];
        for text in texts {
            assert_eq!(text.parse::<GrpcTimeout>(), Err(InvalidGrpcTimeout(())), "{text:?}");
        }
        let second = Duration::from_secs(1);
        let texts = ["1S", "00000001S", "1000m", "1000000u"];
        assert!(texts.iter().all(|text| text.parse().map(|of: GrpcTimeout| of.duration()) == Ok(second)));
    }

    proptest! {
        #[test]
        fn the_way_there_and_back_loses_less_than_a_unit_and_gains_nothing(
            seconds in prop_oneof![0..100_u64, any::<u64>()],
            nanos in 0..1_000_000_000_u32,
        ) {
            let duration = Duration::new(seconds, nanos);
            let there = GrpcTimeout::from(duration);
            let text = there.to_string();
            prop_assert!((2..=9).contains(&text.len()));
            let back: GrpcTimeout = text.parse().expect("what was written can be read");
            prop_assert_eq!(back, there);
            prop_assert!(back.duration() <= duration);
            if there.value < MOST {
                prop_assert!(duration.saturating_sub(back.duration()) < Duration::from_nanos(there.unit.1));
            }
        }
    }
}
