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

/// A quote of the standard library's source is there only where the component rust-src is installed.
#[test]
fn recorded_outputs_quote_no_source_of_the_standard_library() {
    let mut folders = vec![std::path::PathBuf::from("tests/ui")];
    let (mut checked, mut quoting) = (0, Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the folder exists").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "stderr") {
                checked += 1;
                let output = std::fs::read_to_string(&path).expect("a recorded output is text");
                quoting.extend(output.contains("$RUST").then_some(path));
            }
        }
    }
    assert!(checked > 100, "{checked} recorded outputs");
    assert!(quoting.is_empty(), "let these point at types of the test's own: {quoting:?}");
}
