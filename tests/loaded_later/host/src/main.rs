//! A library that is loaded later gets the settings that it declares, and `verify` knows them.

use shared::resilience::{
    NameProblem, bulkhead, circuit_breaker, get_bulkhead, get_bulkhead_for, get_circuit_breaker,
    get_circuit_breaker_for, verify,
};

#[bulkhead(name = "both", max_concurrent = 5, crate = ::shared::resilience)]
fn both() -> Option<()> {
    Some(())
}

#[circuit_breaker(name = "named by the host", crate = ::shared::resilience)]
fn named() -> Option<()> {
    Some(())
}

#[circuit_breaker(name = "keyed by the host", key = key, crate = ::shared::resilience)]
fn keyed(key: u32) -> Option<u32> {
    Some(key)
}

fn main() {
    assert_eq!((both(), named(), keyed(1)), (Some(()), Some(()), Some(1)));
    assert!(get_bulkhead("plugin").is_none(), "nothing declares it yet");
    verify().expect("the host agrees with itself");

    let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let folder = std::env::current_exe().expect("a program has a path");
    let path = folder.with_file_name(format!("{prefix}plugin{suffix}"));
    // SAFETY: the library is built of this workspace, with the same compiler.
    let plugin = unsafe { libloading::Library::new(path) }.expect("the plugin is built");
    // SAFETY: this is the signature that the plugin gives the function.
    let call = unsafe { plugin.get::<fn(bool) -> bool>(b"plugin_call") }.expect("the plugin exports it");

    assert_eq!(get_bulkhead("plugin").map(|bulkhead| bulkhead.available_slots()), Some(3));
    let rejected = [call(true), call(false), call(false), call(false)];
    assert_eq!(rejected, [false, false, false, true], "two failures open the circuit");

    assert_eq!(get_bulkhead_for("keys", &1_u32).map(|bulkhead| bulkhead.available_slots()), Some(4));
    assert_eq!(get_bulkhead("both").map(|bulkhead| bulkhead.available_slots()), Some(5));
    let breaker = get_circuit_breaker("named by the host").expect("the host names it");
    assert_eq!(breaker.policy().to_string(), declared().to_string(), "the plugin's settings came into force");
    keyed(2);
    for key in [1_u32, 2] {
        let breaker = get_circuit_breaker_for("keyed by the host", &key).expect("called above");
        assert_eq!(breaker.policy().to_string(), declared().to_string(), "{key}");
    }

    let problems = verify().expect_err("host and plugin disagree about `both`");
    let [NameProblem::Conflict { name: "both", first, .. }] = &problems[..] else { panic!("{problems}") };
    assert!(first.contains("host"), "{problems}");
    println!("{problems}");
}

fn declared() -> shared::resilience::CircuitBreakerPolicy {
    shared::resilience::CircuitBreakerPolicy::new().failure_threshold(2)
}
