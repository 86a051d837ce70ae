//! The test kit, as the tests of a user have it.

mod instant;
mod scopes;
