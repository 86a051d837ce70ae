//! The test kit, as the tests of a user have it.

mod forced;
mod injection;
mod instant;
mod recorder;
mod scopes;
