//! Collects the examples of the runtime's doc comments.
//!
//! Each source file with an example becomes a module of this crate that holds the file's examples as its
//! documentation, every line at its line of the source. A failing example is then reported by file and line, as
//! `cargo test -p resilience-runtime --doc` would.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

fn main() {
    let sources = Path::new(&env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("../../resilience-runtime/src");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap());
    println!("cargo::rerun-if-changed={}", sources.display());

    let mut modules = String::new();
    for source in source_files(&sources) {
        let Some(documentation) = examples(&source) else { continue };
        let name = source.strip_prefix(&sources).unwrap();
        let page = out.join(name);
        fs::create_dir_all(page.parent().unwrap()).unwrap();
        fs::write(&page, documentation).unwrap();
        let module = name.with_extension("").display().to_string().replace(['/', '\\'], "_");
        writeln!(modules, "#[path = {:?}]\nmod {module}_rs;", page.to_str().unwrap()).unwrap();
    }
    fs::write(out.join("modules.rs"), modules).unwrap();
}

fn source_files(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    let files = |path: PathBuf| if path.is_dir() { source_files(&path) } else { vec![path] };
    entries.into_iter().flat_map(files).collect()
}

/// The file's examples as the documentation of a module, or `None` if there are none.
fn examples(source: &Path) -> Option<String> {
    let mut documentation = String::new();
    let mut has_examples = false;
    let mut in_example = false;
    for (line, number) in fs::read_to_string(source).unwrap().lines().zip(1..) {
        let at = || format!("{}:{number}", source.display());
        let line = line.trim_start();
        assert!(!line.starts_with("#[doc = concat!"), "{}: write examples out, where users read them", at());
        let text = line.strip_prefix("///").or_else(|| line.strip_prefix("//!"));
        let is_fence = text.is_some_and(|text| text.trim_start().starts_with("```"));
        if is_fence || in_example {
            let text = text.unwrap_or_else(|| panic!("{}: the example has no end", at()));
            documentation += "//!";
            documentation += text;
            has_examples = true;
            in_example ^= is_fence;
        } else {
            documentation += "//!";
        }
        documentation.push('\n');
    }
    has_examples.then_some(documentation)
}
