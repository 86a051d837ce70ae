//! What is wrong with a policy's settings.

use std::fmt;

/// Why settings can't work.
///
/// Setters never fail and never panic; the settings are checked as a whole where they are put to use:
/// by the compiler in an attribute and in a constant that ends in `checked()`, by the constructor at run time.
///
/// ```
/// use resilience::{CircuitBreaker, CircuitBreakerPolicy};
///
/// let error = CircuitBreaker::new("quotes", CircuitBreakerPolicy::new().failure_threshold(0)).unwrap_err();
/// assert_eq!(error.setting(), "failure_threshold");
/// assert_eq!(error.to_string(), "`failure_threshold` must be above zero");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConfigError {
    setting: &'static str,
    // A whole sentence, because constant evaluation can print one text but can't put two together.
    reason: &'static str,
}

impl ConfigError {
    pub(crate) const fn new(setting: &'static str, reason: &'static str) -> Self {
        Self { setting, reason }
    }

    /// The setting at fault, as attributes and builders spell it.
    pub const fn setting(&self) -> &'static str {
        self.setting
    }

    /// Stops constant evaluation, which shows the reason as the compile error.
    #[track_caller]
    pub(crate) const fn panic(self) -> ! {
        panic!("{}", self.reason)
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason)
    }
}

impl std::error::Error for ConfigError {}

/// `checked()` of a policy. Takes its examples: settings that can work and settings that can't.
macro_rules! checked {
    ($(#[$examples:meta])*) => {
        /// Returns the settings unchanged. In a constant, settings that can't work are a compile error.
        ///
        $(#[$examples])*
        ///
        /// # Panics
        /// If the settings can't work. [`validate`](Self::validate) returns an error instead, for settings that a
        /// running program puts together.
        // What stops the compiler is the user's own line, and nothing in here.
        #[track_caller]
        pub const fn checked(self) -> Self {
            self.assert_valid();
            self
        }

        /// What the attributes assert of constants.
        #[doc(hidden)]
        #[track_caller]
        pub const fn assert_valid(&self) {
            if let Err(error) = self.validate() {
                error.panic();
            }
        }
    };
}
pub(crate) use checked;

/// Whether a name is nothing but blanks, as Unicode has them: what `name.trim().is_empty()` would say, in a constant too.
pub(crate) const fn is_blank(name: &str) -> bool {
    let mut rest = name.as_bytes();
    loop {
        rest = match rest {
            [] => return true,
            // In UTF-8, up to U+007F, U+07FF and U+FFFF.
            [b'\t'..=b'\r' | b' ', rest @ ..]
            | [0xC2, 0x85 | 0xA0, rest @ ..]
            | [0xE1, 0x9A, 0x80, rest @ ..]
            | [0xE2, 0x80, 0x80..=0x8A | 0xA8 | 0xA9 | 0xAF, rest @ ..]
            | [0xE2, 0x81, 0x9F, rest @ ..]
            | [0xE3, 0x80, 0x80, rest @ ..] => rest,
            _ => return false,
        };
    }
}

/// The name's check, the same for every policy that can be looked up.
pub(crate) fn check_name(name: &str) -> Result<(), ConfigError> {
    if is_blank(name) {
        return Err(ConfigError::new(
            "name",
            "`name` must not be empty: it is what the policy is looked up by",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg_attr(miri, ignore = "arithmetic of one thread, in more rounds than it has time for")]
    fn constants_call_blank_what_the_attributes_do() {
        for character in char::MIN..=char::MAX {
            assert_eq!(
                is_blank(character.encode_utf8(&mut [0; 4])),
                character.is_whitespace(),
                "{character:?}"
            );
        }
        for name in ["", "\u{a0} \u{3000}\t", " \u{a0}a", "a\u{2003}"] {
            assert_eq!(is_blank(name), name.trim().is_empty(), "{name:?}");
        }
    }
}
