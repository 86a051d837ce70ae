//! Settings as plain values: read back from a policy, compared, printed, and with the feature `serde` written and read.
//!
//! A policy keeps its settings in such a value, so that no setter is without its field.

#[cfg(feature = "rate-limit")]
pub(crate) mod duration;
#[cfg(feature = "serde")]
pub(crate) mod form;

/// The conversions between a policy and its settings.
macro_rules! plain_settings {
    ($settings:ident of $policy:ident) => {
        impl $policy {
            /// Returns all settings as public fields, to read, compare or change.
            pub const fn settings(&self) -> $settings {
                // Without `..`: no other field may hold a setting.
                let Self { settings } = *self;
                settings
            }

            /// Makes a policy of settings.
            ///
            /// # Errors
            /// Settings that can't work; see [`validate`](Self::validate).
            pub const fn from_settings(settings: $settings) -> Result<Self, ConfigError> {
                let policy = Self { settings };
                match policy.validate() {
                    Ok(()) => Ok(policy),
                    Err(error) => Err(error),
                }
            }
        }

        impl TryFrom<$settings> for $policy {
            type Error = ConfigError;

            fn try_from(settings: $settings) -> Result<Self, ConfigError> {
                Self::from_settings(settings)
            }
        }

        impl From<$policy> for $settings {
            fn from(policy: $policy) -> Self {
                policy.settings()
            }
        }
    };
}
pub(crate) use plain_settings;
