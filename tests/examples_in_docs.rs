//! The examples of the documentation show all that they need.
//!
//! That they compile and run is tested where they stand: `cargo test -p resilience-rs --doc` for the pages and the
//! README, `cargo test -p user-docs --doc` for the runtime's doc comments.

use std::fs;
use std::path::{Path, PathBuf};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// What an example may hide: the result of the test's own function, and the set-up of an async runtime.
const MAY_BE_HIDDEN: [&str; 9] = [
    "Ok::<",
    "Ok(())",
    "std::io::Result::Ok(())",
    "})",
    "let runtime = tokio::runtime::Builder::",
    "tokio::runtime::Builder::",
    "runtime.block_on(",
    "assert_eq!(runtime.block_on(",
    "assert!(runtime.block_on(",
];

/// A line of an example, with its place.
struct Line {
    at: String,
    text: String,
}

impl Line {
    /// What rustdoc compiles and doesn't show.
    fn hidden(&self) -> Option<&str> {
        let text = self.text.trim_start();
        if text == "#" { Some("") } else { text.strip_prefix("# ") }
    }
}

fn files(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, extension, found);
        } else if path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
}

/// The lines of the Rust examples in a page, or in the doc comments of a source file.
fn examples(path: &Path) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut language = None;
    for (line, number) in fs::read_to_string(path).unwrap().lines().zip(1..) {
        let text = if path.extension().is_some_and(|extension| extension == "rs") {
            let line = line.trim_start();
            let Some(text) = line.strip_prefix("///").or_else(|| line.strip_prefix("//!")) else { continue };
            text.strip_prefix(' ').unwrap_or(text)
        } else {
            line
        };
        if let Some(word) = text.trim_start().strip_prefix("```") {
            language = if language.is_none() { Some(word.trim().to_owned()) } else { None };
        } else if language.as_deref().is_some_and(is_rust) {
            let at = format!("{}:{number}", path.strip_prefix(ROOT).unwrap().display());
            lines.push(Line { at, text: text.to_owned() });
        }
    }
    lines
}

fn is_rust(language: &str) -> bool {
    !matches!(language, "text" | "toml" | "sh" | "json" | "yaml")
}

fn all_examples() -> Vec<Line> {
    let root = Path::new(ROOT);
    let mut paths = vec![root.join("README.md"), root.join("src/lib.rs")];
    files(&root.join("docs"), "md", &mut paths);
    files(&root.join("resilience-runtime/src"), "rs", &mut paths);
    let lines: Vec<_> = paths.iter().flat_map(|path| examples(path)).collect();
    assert!(lines.len() > 1_000, "only {} lines of examples were found", lines.len());
    lines
}

#[test]
fn hidden_lines_define_nothing() {
    for line in all_examples() {
        let Some(hidden) = line.hidden() else { continue };
        assert!(
            MAY_BE_HIDDEN.iter().any(|begin| hidden.trim_start().starts_with(begin)),
            "{}: a reader needs to see `{hidden}`",
            line.at
        );
    }
}

#[test]
fn the_readme_hides_nothing() {
    for line in examples(&Path::new(ROOT).join("README.md")) {
        assert!(line.hidden().is_none(), "{}: a package registry shows `{}` as it is", line.at, line.text);
    }
}

#[test]
fn examples_use_public_names_of_the_facade() {
    for line in all_examples() {
        for name in ["resilience_runtime", "resilience_macros", "__private"] {
            assert!(!line.text.contains(name), "{}: users can't use `{name}`: {}", line.at, line.text);
        }
    }
}
