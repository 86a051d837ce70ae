//! What needs a feature doesn't compile without it, and the compiler says that and nothing else.

#[test]
fn async_functions_that_wait_are_told_what_they_need() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/waits/*.rs");
}

#[test]
fn keys_are_told_what_they_need() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/keys/*.rs");
}
