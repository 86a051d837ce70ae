//! What is in a program, and what isn't.

/// Looks for the kit's functions by the name that both manglings give their module. These tests are compiled with the
/// kit and, in `tests/as_shipped`, without.
#[test]
fn holds_the_test_kit_only_with_its_feature() {
    let program = std::fs::read(std::env::current_exe().unwrap()).unwrap();
    // Put together here, so that it isn't in the program by itself.
    let holds = |module: &str| {
        let name = ["18resilience_runtime", &module.len().to_string(), module].concat();
        program.windows(name.len()).any(|window| window == name.as_bytes())
    };
    assert!(holds("registry"), "names are found at all");
    assert_eq!(holds("testing"), cfg!(feature = "testing"));
}
