//! Writes the annotated functions of the binary `sites`, as many as `SITES` says.

use std::fmt::Write as _;
use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=SITES");
    if std::env::var_os("CARGO_FEATURE_SITES").is_none() {
        return;
    }
    let sites: u32 = std::env::var("SITES").ok().and_then(|sites| sites.parse().ok()).unwrap_or(1);
    let mut source = String::new();
    for site in 0..sites {
        let _ = writeln!(
            source,
            "#[resilience::circuit_breaker(name = \"service-{site}\")] fn site_{site}() -> Outcome {{ Ok(()) }}"
        );
    }
    let _ = writeln!(source, "pub const SITES: u32 = {sites};");
    let _ = writeln!(source, "pub const FIRST: fn() -> Outcome = site_0;");
    let _ = writeln!(source, "pub const LAST: fn() -> Outcome = site_{};", sites - 1);
    let folder = std::env::var_os("OUT_DIR").expect("set by cargo");
    std::fs::write(Path::new(&folder).join("sites.rs"), source).expect("cargo's own folder can be written");
}
