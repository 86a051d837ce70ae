//! The one copy of the library in the program.

pub use resilience;
