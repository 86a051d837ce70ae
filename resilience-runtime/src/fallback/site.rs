//! What `#[fallback]` leaves in a function's list of policies.

use std::fmt;

/// One `#[fallback]`.
#[derive(Clone, Copy, Debug)]
pub struct FallbackSite {
    function: &'static str,
    handlers: &'static [&'static str],
}

impl FallbackSite {
    /// With the handlers as the source spells them.
    pub const fn new(function: &'static str, handlers: &'static [&'static str]) -> Self {
        Self { function, handlers }
    }

    /// The function, as `module::function`.
    pub const fn function(&self) -> &'static str {
        self.function
    }
}

impl fmt::Display for FallbackSite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, handler) in self.handlers.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", then " };
            write!(f, "{comma}{handler}")?;
        }
        Ok(())
    }
}
