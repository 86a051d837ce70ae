//! What must not compile, and what the compiler says about it.
//!
//! One file is one rule, named by it. The messages are the interface that a user meets first: after a change,
//! `TRYBUILD=overwrite cargo test --test ui` writes them anew, and a person reads them.

#[test]
fn misconfigurations_are_told_at_their_token() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/fail/*/*.rs");
}

#[test]
fn what_is_allowed_stays_allowed() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass/*/*.rs");
}
