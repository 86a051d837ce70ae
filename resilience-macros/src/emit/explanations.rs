//! What an editor shows of the keys that become no setter, which would show itself.

use proc_macro2::{Ident, TokenStream, TokenTree};

use crate::hygiene::code;
use crate::paths::Paths;

/// The file that has the parameters of each attribute, where an editor reads them.
const TABLES: &str = include_str!("../lib.rs");

/// Has an editor ask for the explanations of the keys. The compiler never does.
pub(super) fn explanations<'k>(
    paths: &Paths,
    attributes: impl IntoIterator<Item = (&'static str, &'k [Ident])>,
) -> Option<TokenStream> {
    let (names, keys): (Vec<_>, Vec<_>) = attributes
        .into_iter()
        .filter(|(_, keys)| !keys.is_empty())
        .map(|(name, keys)| (crate::hygiene::local(name), code!((#(#keys)*))))
        .unzip();
    let explain = paths.private("explain");
    (!keys.is_empty()).then(|| {
        code! {
            #[allow(unexpected_cfgs)]
            const _: () = {
                #[cfg(rust_analyzer)]
                { #explain!(#(#names #keys)*); }
            };
        }
    })
}

/// Each key as the name of an item that its row in the table documents: `retry(on except) timeout(mode)`.
pub(crate) fn explained(attributes: TokenStream) -> TokenStream {
    let mut attribute = String::new();
    let blocks = attributes.into_iter().map(|token| match token {
        TokenTree::Group(keys) => {
            let items = keys.stream().into_iter().map(|key| {
                let row = row(&attribute, &key.to_string());
                code!(#[doc = #row] mod #key {})
            });
            code!(const _: () = { #(#items)* };)
        }
        name => {
            attribute = name.to_string();
            TokenStream::new()
        }
    });
    blocks.collect()
}

/// The row of a key, as a table of its own.
pub(crate) fn row(attribute: &str, key: &str) -> String {
    let cells = [format!("`{key} "), format!("`{key}("), format!("`{key}`")];
    let (before, _) = TABLES.split_once(&format!("pub fn {attribute}(")).unwrap_or_default();
    let mut head = "";
    for line in before.rsplit_once("doc = r#").unwrap_or_default().1.lines() {
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
