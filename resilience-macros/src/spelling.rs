//! Tokens of the user's as text, for messages and for the catalogue.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use quote::ToTokens;

/// Tokens as the user wrote them, on one line. In unit tests no compiler says where they stand: near enough.
pub(crate) fn source_of(tokens: &impl ToTokens) -> String {
    let text = text_of(tokens.to_token_stream());
    text.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

fn text_of(tokens: TokenStream) -> String {
    #[cfg(test)]
    if !proc_macro::is_available() {
        return spread_out(&tokens);
    }
    let mut source = Source::default();
    source.add(tokens);
    source.text
}

/// The compiler's rendering of parsed tokens, which is generous with blanks.
#[cfg(test)]
fn spread_out(tokens: &TokenStream) -> String {
    let text = tokens.to_string().replace(" :: ", "::");
    match text.strip_prefix('|').and_then(|rest| rest.split_once('|')) {
        Some((parameters, body)) => format!("|{}| {}", parameters.trim(), body.trim_start()),
        None => text,
    }
}

/// A line and a column.
type Place = (usize, usize);

#[derive(Default)]
struct Source {
    text: String,
    /// Where the last token ends.
    end: Option<Place>,
    /// The next one belongs to it, as in `::`.
    is_joint: bool,
}

impl Source {
    fn add(&mut self, tokens: TokenStream) {
        for token in tokens {
            let (start, end) = ends(&token);
            let TokenTree::Group(group) = token else {
                self.write(&token.to_string(), start, end);
                self.is_joint = matches!(token, TokenTree::Punct(sign) if sign.spacing() == Spacing::Joint);
                continue;
            };
            let (open, close) = match group.delimiter() {
                Delimiter::Parenthesis => ("(", ")"),
                Delimiter::Brace => ("{", "}"),
                Delimiter::Bracket => ("[", "]"),
                Delimiter::None => {
                    self.add(group.stream());
                    continue;
                }
            };
            // One that was parsed knows no more than where the whole of it stands.
            self.write(open, start, (start.0, start.1 + 1));
            self.add(group.stream());
            self.write(close, (end.0, end.1.saturating_sub(1)), end);
        }
    }

    fn write(&mut self, token: &str, start: Place, end: Place) {
        let before = self.end.replace(end);
        let is_wrapped = before.is_some_and(|before| before.0 < start.0)
            && (self.text.ends_with(['(', '[']) || token.starts_with([')', ']', '.', '?']));
        let is_apart = before.is_some_and(|before| before < start) && !is_wrapped;
        // Tokens of a macro may stand anywhere.
        let is_word = |character: char| character.is_alphanumeric() || character == '_';
        let would_melt = self.text.ends_with(is_word) && token.starts_with(is_word);
        if (is_apart || would_melt) && !self.is_joint {
            self.text.push(' ');
        }
        self.text.push_str(token);
        self.is_joint = false;
    }
}

fn ends(token: &TokenTree) -> (Place, Place) {
    let span = token.span().unwrap();
    let place = |point: proc_macro::Span| (point.line(), point.column());
    (place(span.start()), place(span.end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_source_of_a_handler_stands_on_one_line() {
        let handler: TokenStream = "|_| r\"a\n    b\"".parse().expect("tokens");
        assert_eq!(source_of(&handler), "|_| r\"a b\"");
        let text = proc_macro2::Literal::string("a  b");
        assert_eq!(source_of(&text), "\"a  b\"");
    }
}
