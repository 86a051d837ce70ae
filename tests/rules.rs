//! The rule book: `docs/attributes/rules.md` is made of the files in `tests/ui/fail/`, so that every rule has a test and
//! every test its rule.
//!
//! A file begins with the reason of its rule and the right form, which is compiled with the page's examples. What
//! follows is the wrong one, which `ui.rs` proves not to compile. After a change, `RULES=overwrite cargo test --test rules`
//! writes the page anew.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/attributes/rules.md");
const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ui/fail");

const INTRODUCTION: &str = "\
# Rules

What the attributes refuse to compile, and why. A rule is known by the attribute, or by what it is about, and a name: the
file `tests/ui/fail/<attribute>/<rule>.rs` has the wrong form and, beside it, what the compiler says. The right forms are
compiled with the documentation.
";

const RECIPE: &str = "a rule's file begins with its reason and the right form:\n\n\
    //! Why it is refused.\n//!\n//! ```\n//! #[retry(max_attempts = 1)]\n//! fn quote() -> Option<u32> {\n\
    //!     Some(1)\n//! }\n//! ```\n";

struct Rule {
    id: String,
    reason: String,
    right: String,
    wrong: String,
}

impl Rule {
    fn read(id: String, source: &str) -> Self {
        let is_front = |line: &&str| line.starts_with("//!");
        let front: Vec<_> = source.lines().take_while(is_front).map(comment).collect();
        let mut parts = front.split(|line| line.starts_with("```"));
        let reason = parts.next().unwrap_or_default().join("\n").trim().to_owned();
        let right = parts.next().unwrap_or_default().join("\n");
        assert!(!reason.is_empty() && !right.is_empty(), "tests/ui/fail/{id}.rs: {RECIPE}");
        let wrong = source.lines().skip_while(is_front).filter(|line| !is_scaffold(line));
        let wrong = wrong.collect::<Vec<_>>().join("\n").trim().to_owned();
        Self { id, reason, right, wrong: wrong.replace("\n\n\n", "\n\n") }
    }

    fn write(&self, page: &mut String) {
        let Self { id, reason, right, wrong } = self;
        write!(
            page,
            "\n### `{id}`\n\n{reason}\n\nWrong:\n\n```text\n{wrong}\n```\n\nRight:\n\n```no_run\nuse resilience::*;\n\n{right}\n```\n"
        )
        .unwrap();
    }
}

fn comment(line: &str) -> &str {
    let text = line.trim_start_matches("//!");
    text.strip_prefix(' ').unwrap_or(text)
}

/// What a file needs to be a program, and the rule is not about.
fn is_scaffold(line: &str) -> bool {
    line.starts_with("use resilience::") || line == "fn main() {}"
}

/// All of them, in order.
fn rules() -> Vec<Rule> {
    let mut rules = Vec::new();
    for group in names(Path::new(CASES)) {
        for file in names(&Path::new(CASES).join(&group)) {
            let Some(name) = file.strip_suffix(".rs") else { continue };
            let source = fs::read_to_string(format!("{CASES}/{group}/{file}")).unwrap();
            rules.push(Rule::read(format!("{group}/{name}"), &source));
        }
    }
    rules
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn page(rules: &[Rule]) -> String {
    let mut page = INTRODUCTION.to_owned();
    let mut last = "";
    for rule in rules {
        let (group, _) = rule.id.split_once('/').unwrap();
        if group != last {
            write!(page, "\n## {group}\n").unwrap();
            last = group;
        }
        rule.write(&mut page);
    }
    page
}

#[test]
fn the_rule_book_and_the_tests_are_the_same() {
    let page = page(&rules());
    if std::env::var_os("RULES").is_some_and(|mode| mode == "overwrite") {
        fs::write(PAGE, &page).unwrap();
    }
    let there = fs::read_to_string(PAGE).unwrap_or_default();
    let changed = page.lines().zip(there.lines()).find(|(new, old)| new != old);
    assert!(
        page == there,
        "docs/attributes/rules.md is not what tests/ui/fail says{}: run `RULES=overwrite cargo test --test rules`",
        changed.map(|(new, _)| format!(", from \"{new}\" on")).unwrap_or_default()
    );
}

#[test]
fn every_rule_has_its_message() {
    for rule in rules() {
        let expected = format!("{CASES}/{}.stderr", rule.id);
        assert!(Path::new(&expected).exists(), "{}: run `TRYBUILD=overwrite cargo test --test ui`", rule.id);
    }
}

#[test]
fn a_rule_without_its_reason_is_told_how_to_have_one() {
    let told = std::panic::catch_unwind(|| Rule::read("retry/new".to_owned(), "use resilience::retry;\n"));
    let told = told.err().and_then(|told| told.downcast::<String>().ok()).unwrap();
    assert!(told.contains("tests/ui/fail/retry/new.rs") && told.contains("//! Why"), "{told}");
}
