//! The pages of the attributes, `docs/attributes/<attribute>.md`, and what an editor shows of them where the pointer
//! rests on an attribute: the beginning of its page, with all parameters.
//!
//! An editor doesn't read the pages, so that their beginnings stand once more at the macros, in
//! `resilience-macros/src/lib.rs`. The pages are what is written by hand: after a change,
//! `PAGES=overwrite cargo test --test pages` writes the other place anew.

use std::fs;

const PAGES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/attributes");
const MACROS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/resilience-macros/src/lib.rs");
const BEFORE: &str = "#[cfg_attr(\n    not(proc_macro),\n    doc = r#\"\n";
const AFTER: &str = "\"#\n)]\n#[proc_macro_attribute]\npub fn ";

/// The attributes, with their pages.
fn pages() -> Vec<(String, String)> {
    let files = fs::read_dir(PAGES).unwrap().map(|entry| entry.unwrap().path());
    let mut pages: Vec<_> = files
        .map(|file| {
            let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, fs::read_to_string(file).unwrap())
        })
        .filter(|(name, _)| name != "rules")
        .collect();
    pages.sort();
    pages
}

/// Up to what follows the parameters: a heading or an example.
fn beginning(page: &str) -> String {
    let (above, below) = page.split_once("# Parameters\n").expect("# Parameters");
    let is_over = |line: &&str| line.starts_with('#') || line.starts_with("```");
    let below: Vec<_> = below.lines().take_while(|line| !is_over(line)).collect();
    format!("{above}# Parameters\n{}\n", below.join("\n").trim_end())
}

/// `[text](target)` as `text`: the targets are not in reach of the macros.
fn without_links(text: &str) -> String {
    let mut parts = text.split("](");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let begin = plain.rfind('[').expect("the begin of a link");
        plain.remove(begin);
        plain.push_str(part.split_once(')').expect("the end of a link").1);
    }
    plain
}

/// What stands at the macro.
fn shown(name: &str, page: &str) -> String {
    let shown = without_links(&beginning(page));
    assert!(!shown.contains("\"#"), "{name}: `\"#` would end the text");
    format!(
        "{shown}\nExamples and more: <https://docs.rs/resilience-rs/latest/resilience/attr.{name}.html>\n"
    )
}

#[test]
fn what_an_editor_shows_of_an_attribute_is_the_beginning_of_its_page() {
    let mut macros = fs::read_to_string(MACROS).unwrap();
    for (name, page) in pages() {
        let shown = shown(&name, &page);
        let after = format!("{AFTER}{name}(");
        let end = macros.find(&after).unwrap_or_else(|| panic!("`{name}` needs `{BEFORE}{AFTER}{name}`"));
        let begin = macros[..end].rfind(BEFORE).unwrap() + BEFORE.len();
        if std::env::var_os("PAGES").is_some_and(|mode| mode == "overwrite") {
            macros.replace_range(begin..end, &shown);
            fs::write(MACROS, &macros).unwrap();
        } else {
            assert!(
                macros[begin..end] == shown,
                "resilience-macros/src/lib.rs doesn't say of `{name}` what docs/attributes/{name}.md says: \
                 run `PAGES=overwrite cargo test --test pages`"
            );
        }
    }
}

#[test]
fn the_page_of_an_attribute_begins_with_its_parameters() {
    for (name, page) in pages() {
        let (above, below) = page.split_once("# Parameters\n").unwrap_or_default();
        let table = below.split("\n|").next().unwrap();
        let begins = above.lines().count() == 2 && !table.contains("```");
        assert!(begins, "{name}: a line of what it does, then `# Parameters`, then the rest");
    }
}

#[test]
fn a_link_is_shown_as_its_text() {
    let text = "The [budget](macro@crate::retry#budgets) of a [`Policy`](crate::Policy); `#[retry]`.";
    assert_eq!(without_links(text), "The budget of a `Policy`; `#[retry]`.");
}
