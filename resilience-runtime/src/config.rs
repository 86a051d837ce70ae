//! What is wrong with a policy's settings.

use std::fmt;

/// Why settings can't work.
///
/// Setters never fail and never panic; the settings are checked as a whole where they are put to use:
/// by the compiler in an attribute and in a constant that ends in `checked()`, by the constructor at run time.
///
/// ```
/// use resilience_runtime::{CircuitBreaker, CircuitBreakerPolicy};
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

/// `checked()` of a policy, with an example of settings that can work and one of those that can't.
macro_rules! checked {
    ($policy:ident: $works:literal, and never $fails:literal) => {
        /// The same settings, for constants: if they can't work, it doesn't compile.
        ///
        /// ```
        /// # use std::time::Duration;
        #[doc = concat!("use resilience_runtime::", stringify!($policy), ";")]
        ///
        #[doc = concat!("const SHARED: ", stringify!($policy), " = ", $works, ".checked();")]
        /// ```
        ///
        /// ```compile_fail,E0080
        /// # use std::time::Duration;
        #[doc = concat!("use resilience_runtime::", stringify!($policy), ";")]
        ///
        #[doc = concat!("const SHARED: ", stringify!($policy), " = ", $fails, ".checked();")]
        /// ```
        ///
        /// # Panics
        /// If they can't work; in a constant that is a compile error. For settings that a running program puts together
        /// there is [`validate`](Self::validate).
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

/// Whether a name is nothing but blanks.
pub(crate) const fn is_blank(name: &str) -> bool {
    name.as_bytes().trim_ascii().is_empty()
}

/// The name's check, the same for every policy that can be looked up.
pub(crate) fn check_name(name: &str) -> Result<(), ConfigError> {
    if name.trim().is_empty() {
        return Err(ConfigError::new(
            "name",
            "`name` must not be empty: it is what the policy is looked up by",
        ));
    }
    Ok(())
}
