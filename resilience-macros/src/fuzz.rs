//! What an attribute is handed may be anything that splits into tokens, above all while it is typed. Whatever it is, the
//! macros don't panic, an error is underlined where the user wrote, and the function is there.

use std::str::FromStr;

use proc_macro2::{LineColumn, Span, TokenStream, TokenTree};
use proptest::prelude::*;
use proptest::sample::select;
use quote::ToTokens;

use crate::args::names;
use crate::expand::expand;
use crate::stack::Kind;

const FUNCTION: &str =
    "async fn quote(symbol: &str, count: u32) -> Result<u32, Error> { fetch(symbol, count).await }";

/// What can be a health check has no arguments.
const CHECK: &str = "async fn quote() -> Result<u32, Error> { fetch().await }";

/// One expansion, as the compiler would start it.
struct Expansion {
    /// Where the attributes end.
    end: LineColumn,
    tokens: TokenStream,
}

impl Expansion {
    /// Of attributes, each with its arguments, on the function. `None` if they don't split into tokens.
    fn of(attributes: &[(Kind, String)]) -> Option<Self> {
        let written: Vec<_> =
            attributes.iter().map(|(kind, arguments)| format!("#[{}({arguments})]", kind.name())).collect();
        let function = if attributes[0].0 == Kind::HealthCheck { CHECK } else { FUNCTION };
        let source = TokenStream::from_str(&format!("{} {function}", written.join("\n"))).ok()?;
        let mut tokens = source.into_iter();
        let (_, Some(TokenTree::Group(first))) = (tokens.next(), tokens.next()) else { return None };
        let Some(TokenTree::Group(arguments)) = first.stream().into_iter().nth(1) else { return None };
        let item: TokenStream = tokens.collect();
        let end = start_of_the_function(&item)?;
        Some(Self { end, tokens: expand(attributes[0].0, arguments.stream(), item) })
    }

    /// Where the errors stand.
    fn errors(&self) -> Vec<Span> {
        let mut found = Vec::new();
        errors_in(&self.tokens, &mut found);
        found
    }

    fn check(&self) -> Result<(), TestCaseError> {
        let text = self.tokens.to_string();
        prop_assert!(text.contains("async fn quote ("), "the function is gone: {text}");
        let errors = self.errors();
        for span in &errors {
            prop_assert!(span.end() <= self.end, "not in the attributes: {:?} in {text}", span.source_text());
        }
        let item = syn::parse2::<syn::File>(self.tokens.clone());
        prop_assert!(item.is_ok(), "no item: {:?} in {text}", item.err());
        if errors.is_empty() {
            let items = item.unwrap().items;
            prop_assert!(matches!(items.as_slice(), [syn::Item::Fn(_)]), "not the function alone: {text}");
        }
        Ok(())
    }
}

fn start_of_the_function(item: &TokenStream) -> Option<LineColumn> {
    let is_async = |token: &TokenTree| matches!(token, TokenTree::Ident(word) if word == "async");
    item.clone().into_iter().find(is_async).map(|token| token.span().start())
}

fn errors_in(tokens: &TokenStream, found: &mut Vec<Span>) {
    for token in tokens.clone() {
        match token {
            TokenTree::Ident(word) if word == "compile_error" => found.push(word.span()),
            TokenTree::Group(group) => errors_in(&group.stream(), found),
            _ => {}
        }
    }
}

fn kind() -> impl Strategy<Value = Kind> {
    select(Kind::ALL.to_vec())
}

/// A value as it is meant, or as it isn't.
fn value() -> impl Strategy<Value = String> {
    let written = [
        "3",
        "0",
        "-1",
        "99999999999999999999",
        "0x10",
        "1_000u32",
        "2.0",
        "0.5",
        "-0.5",
        "1e400",
        "\"1s\"",
        "\"\"",
        "\"0s\"",
        "\"1.5h\"",
        "\"1s1h\"",
        "\"99999999999999999999d\"",
        "\"é\"",
        "\"full\"",
        "\"cooperative\"",
        "'c'",
        "b\"x\"",
        "true",
        "unlimited",
        "PATH",
        "a::b::<C>",
        "<T as U>::V",
        "self",
        "Self::method",
        "symbol",
        "crate",
        "::root",
        "|e| e",
        "|_| Ok(0)",
        "|a, b| a",
        "async |e| e",
        "move |e| -> T { e }",
        "{ 1 }",
        "f(1)",
        "x.y",
        "x[0]",
        "m!(a)",
        "&x",
        "1 + 2",
        "..",
        "return",
        "r#type",
        "A | B",
        "A { .. } if b",
        "1..=3",
        "_",
        "",
        "=",
        "!",
        "fn",
        "'a",
    ];
    select(written.to_vec()).prop_map(str::to_owned)
}

/// Anything that splits into tokens.
fn anything() -> impl Strategy<Value = String> {
    let word = select(vec![
        "=", "==", "=>", ",", ",,", ";", ":", "::", "|", "||", "&", "<", ">", "->", "#", "$", "?", ".", "..",
        "@", "~",
    ]);
    let leaf = prop_oneof![word.prop_map(str::to_owned), value(), "[a-z_]{1,8}"];
    leaf.prop_recursive(3, 12, 4, |inner| {
        let groups = select(vec![("(", ")"), ("[", "]"), ("{", "}")]);
        (groups, prop::collection::vec(inner, 0..4))
            .prop_map(|((open, close), inner)| format!("{open}{}{close}", inner.join(" ")))
    })
}

/// One argument: mostly a key that the attribute knows, mostly in a form that it has.
fn argument(kind: Kind) -> impl Strategy<Value = String> {
    let mut known = names(kind);
    known.extend(["crate", "colour"]);
    let key = select(known);
    prop_oneof![
        6 => (key.clone(), value()).prop_map(|(key, value)| format!("{key} = {value}")),
        2 => (key.clone(), prop::collection::vec(value(), 0..3))
            .prop_map(|(key, values)| format!("{key}({})", values.join(", "))),
        1 => key.prop_map(str::to_owned),
        1 => value(),
        2 => prop::collection::vec(anything(), 0..5).prop_map(|tokens| tokens.join(" ")),
    ]
}

fn attribute() -> impl Strategy<Value = (Kind, String)> {
    kind().prop_flat_map(|kind| {
        let separator = select(vec![", ", ", ", ", ", " ", ",, "]);
        (prop::collection::vec(argument(kind), 0..5), separator)
            .prop_map(move |(arguments, separator)| (kind, arguments.join(separator)))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_attribute_of_anything(attribute in attribute()) {
        if let Some(expansion) = Expansion::of(&[attribute]) {
            expansion.check()?;
        }
    }

    #[test]
    fn a_stack_of_anything(attributes in prop::collection::vec(attribute(), 1..5)) {
        if let Some(expansion) = Expansion::of(&attributes) {
            expansion.check()?;
        }
    }

    /// The item may be anything as well: it comes out as it went in, if it is no function.
    #[test]
    fn on_anything(
        (kind, arguments) in attribute(),
        item in prop::collection::vec(prop_oneof![anything(), select(vec!["fn", "async", "pub", "impl"]).prop_map(str::to_owned)], 0..8),
    ) {
        let parsed = (TokenStream::from_str(&arguments), TokenStream::from_str(&item.join(" ")));
        if let (Ok(arguments), Ok(item)) = parsed {
            let expanded = expand(kind, arguments, item.clone()).into_token_stream().to_string();
            let is_function = syn::parse2::<syn::ItemFn>(item.clone()).is_ok();
            prop_assert!(is_function || expanded.contains(&item.to_string()), "{item} became {expanded}");
        }
    }
}

#[test]
fn what_is_right_is_accepted_and_what_is_wrong_is_not() {
    let errors =
        |arguments: &str| Expansion::of(&[(Kind::Retry, arguments.to_owned())]).unwrap().errors().len();
    assert_eq!(errors("max_attempts = 4, base_delay = \"50ms\""), 0);
    assert_eq!(errors("max_attempts = 0, base_delay = \"50\", colour = 1"), 3);
}
