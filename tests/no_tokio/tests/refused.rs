//! What needs a timer doesn't compile, and the compiler says that and nothing else.

#[test]
fn async_functions_that_wait_are_told_what_they_need() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/waits/*.rs");
}
