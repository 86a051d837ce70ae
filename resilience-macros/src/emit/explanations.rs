//! What an editor shows of the keys that become no setter, which would show itself.

use proc_macro2::{Ident, TokenStream, TokenTree};

use crate::hygiene::{code, local};
use crate::paths::Paths;

/// The file that has the parameters of each attribute, where an editor reads them.
const TABLES: &str = include_str!("../lib.rs");

/// Has an editor ask for the explanations of the keys. The compiler never does.
pub(super) fn explanations(paths: &Paths, attributes: &[(&str, &[Ident])]) -> Option<TokenStream> {
    let mut asked = TokenStream::new();
    for (name, keys) in attributes {
        if !keys.is_empty() {
            let name = local(name);
            asked.extend(code!(#name (#(#keys)*)));
        }
    }
    let explain = paths.private("explain");
    (!asked.is_empty()).then(|| {
        code! {
            #[allow(unexpected_cfgs)]
            const _: () = {
                #[cfg(rust_analyzer)]
                { #explain!(#asked); }
            };
        }
    })
}

/// Each key as the name of an item that its row in the table documents: `retry(on except) timeout(mode)`.
pub(crate) fn explained(attributes: TokenStream) -> TokenStream {
    let (mut attribute, mut explained) = (String::new(), TokenStream::new());
    for token in attributes {
        let TokenTree::Group(keys) = token else {
            attribute = token.to_string();
            continue;
        };
        let mut items = TokenStream::new();
        for key in keys.stream() {
            let row = row(&attribute, &key.to_string());
            items.extend(code!(#[doc = #row] mod #key {}));
        }
        explained.extend(code!(const _: () = { #items };));
    }
    explained
}

/// The row of a key, as a table of its own.
pub(crate) fn row(attribute: &str, key: &str) -> String {
    let cells = [format!("`{key} "), format!("`{key}("), format!("`{key}`")];
    let (before, _) = TABLES.split_once(&format!("pub fn {attribute}(")).unwrap_or_default();
    let mut head = "";
    for line in before.split("doc = r#").last().unwrap_or_default().lines() {
        if !line.starts_with('|') {
            head = "";
        } else if head.is_empty() {
            head = line;
        } else if cells.iter().any(|cell| line.contains(cell.as_str())) {
            let columns = "|---".repeat(head.matches(" |").count());
            return format!("{head}\n{columns}|\n{line}");
        }
    }
    String::new()
}
