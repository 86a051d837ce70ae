//! What `cargo publish` would upload; docs/adr/0016 has the reasons.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The published crates, each with its folder and more files than it should need.
const PACKAGES: [(&str, &str, usize); 4] = [
    ("resilience-rs", ".", 30),
    ("resilience-macros", "resilience-macros", 100),
    ("resilience-runtime", "resilience-runtime", 220),
    ("resilience-versions", "resilience-versions", 10),
];

fn files(package: &str) -> BTreeSet<String> {
    let cargo = env!("CARGO");
    let mut list = Command::new(cargo);
    list.args(["package", "--list", "--allow-dirty", "--offline", "--package", package]).current_dir(ROOT);
    let output = list.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// The targets of the page's links that name a file.
fn relative_links(page: &str) -> impl Iterator<Item = &str> {
    let targets = page.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
    targets.filter(|target| !target.is_empty() && !target.contains("://"))
}

#[test]
fn packages_hold_only_what_users_need() {
    for (package, _, at_most) in PACKAGES {
        let files = files(package);
        assert!(files.len() <= at_most, "{package} has {} files: {files:#?}", files.len());
        let strays = files.iter().filter(|file| file.starts_with("tests") || file.contains("snapshots/"));
        assert_eq!(strays.collect::<Vec<_>>(), [] as [&str; 0], "{package}");
    }
}

#[test]
fn packages_hold_their_licences() {
    for (package, folder, _) in PACKAGES {
        let files = files(package);
        for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
            assert!(files.contains(licence), "{package} lacks {licence}");
            let text = fs::read_to_string(Path::new(ROOT).join(folder).join(licence)).unwrap();
            assert_eq!(
                text,
                fs::read_to_string(Path::new(ROOT).join(licence)).unwrap(),
                "{package}: {licence}"
            );
        }
    }
}

#[test]
fn the_readme_links_to_files_of_the_package() {
    let files = files("resilience-rs");
    let readme = fs::read_to_string(format!("{ROOT}/README.md")).unwrap();
    let mut links = relative_links(&readme).peekable();
    assert!(links.peek().is_some(), "no links were found");
    for link in links {
        assert!(files.contains(link), "README.md links to {link}, which the package doesn't hold");
    }
}

#[test]
fn the_package_holds_the_pages_that_its_documentation_includes() {
    let files = files("resilience-rs");
    let source = fs::read_to_string(format!("{ROOT}/src/lib.rs")).unwrap();
    for included in source.split("include_str!(\"../").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(files.contains(included), "src/lib.rs includes {included}, which the package doesn't hold");
    }
}

#[test]
fn links_without_a_scheme_are_relative() {
    let page = "[a](docs/a.md#part) and [b](https://b.example/), [c](#below) ![d](docs/d.svg)";
    assert_eq!(relative_links(page).collect::<Vec<_>>(), ["docs/a.md", "docs/d.svg"]);
}
