//! A function's own mistakes are told as if the attributes weren't there: the same errors and warnings, on the same line.
//!
//! `ui.rs` proves what the compiler says of each file in `tests/ui/messages/own/`. Here it is compared with what the
//! compiler says of the same file without the attributes, which needs no library.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ui/messages/own");

const ATTRIBUTES: [&str; 5] = ["retry", "circuit_breaker", "timeout", "bulkhead", "fallback"];

/// Without the attributes, line for line.
fn bare(source: &str) -> String {
    let is_ours = |line: &str| {
        line.starts_with("use resilience::")
            || ATTRIBUTES.iter().any(|name| line.starts_with(&format!("#[{name}")))
    };
    source.lines().map(|line| if is_ours(line) { "\n".to_owned() } else { format!("{line}\n") }).collect()
}

/// What is said, and where: "error[E0308]: mismatched types, line 8". Within a line more may be underlined: what a body
/// ends with is compared as a whole.
fn told(output: &str) -> Vec<String> {
    let lines: Vec<_> = output.lines().collect();
    let headings = lines.iter().enumerate().filter(|(_, line)| {
        line.starts_with("error[") || line.starts_with("error:") || line.starts_with("warning:")
    });
    let mut told: Vec<_> = headings
        .filter_map(|(at, heading)| {
            let place = lines.get(at + 1)?.trim().strip_prefix("--> ")?;
            let mut place = place.rsplitn(3, ':');
            let line = place.nth(1)?;
            Some(format!("{heading}, line {line}"))
        })
        .collect();
    told.sort();
    told
}

fn compile(file: &Path) -> String {
    let out = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc)
        .args(["--edition", "2024", "--emit", "metadata", "--out-dir"])
        .arg(out)
        // As `ui.rs` compiles.
        .args(["--allow", "dead_code"])
        .arg(file)
        .output()
        .expect("rustc");
    String::from_utf8(output.stderr).expect("text")
}

#[test]
fn are_told_as_without_the_attributes() {
    let mut compared = 0;
    for entry in fs::read_dir(CASES).unwrap() {
        let file = entry.unwrap().path();
        if file.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let name = file.file_name().unwrap().to_str().unwrap();
        let with = told(&fs::read_to_string(file.with_extension("stderr")).expect("written by ui.rs"));
        let stripped = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::write(&stripped, bare(&fs::read_to_string(&file).unwrap())).unwrap();
        let without = told(&compile(&stripped));
        assert!(!without.is_empty(), "{name} has no mistakes");
        assert_eq!(with, without, "{name}: with the attributes, and without them");
        compared += without.len();
    }
    assert!(compared >= 15, "{compared}");
}
