//! What must not compile, and what the compiler says about it.
//!
//! One file is one rule, named by it, and begins with its reason and the right form: `rules.rs` makes the rule book of
//! them. The messages are the interface that a user meets first: after a change,
//! `TRYBUILD=overwrite cargo test --test ui` writes them anew, and a person reads them.

#[test]
fn misconfigurations_are_told_at_their_token() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/fail/*/*.rs");
}

/// What the errors of a function look like, whatever it is that is wrong.
#[test]
fn errors_are_complete_and_local() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/messages/*.rs");
    // Compared in `own_mistakes.rs` with what is said without the attributes.
    cases.compile_fail("tests/ui/messages/own/*.rs");
}

#[test]
fn what_is_allowed_stays_allowed() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass/*/*.rs");
}
