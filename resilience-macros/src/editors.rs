//! What an editor sees while a function is typed: whatever there is of it still expands, to the function and, where the
//! attributes are whole, to nothing else.

use proc_macro2::{Group, Ident, LineColumn, TokenStream, TokenTree};

use crate::args::keys;
use crate::emit::{explained, row};
use crate::expand::expand;
use crate::stack::Kind;

const FUNCTIONS: [&str; 7] = [
    "#[retry(max_attempts = 4, on(E::Busy | E::Lost(_) if self.counts), clone(request))]
     /// Asks for a quote.
     async fn quote(&self, request: Request) -> Result<u32, E> { let reply = self.ask(request).await?; Ok(reply.0) }",
    "#[fallback(cached, |error| Err(error), value = 0)]
     #[retry(base_delay = \"50ms\", jitter = 0.5, when = |error| error.is_busy())]
     #[circuit_breaker(name = \"quotes\", failure_rate = 0.5, window = \"10s\")]
     #[bulkhead(max_concurrent = 8, max_wait = \"100ms\")]
     #[timeout(\"1s\")]
     /// Asks for a quote.
     pub(crate) async fn quote<T: Clone>(symbol: &str, more: [T; 2]) -> Result<u32, Error> where T: Send {
         match fetch(symbol).await { Ok(quote) if quote > 0 => Ok(quote), other => return other }
     }",
    "#[timeout(limit, mode = \"cooperative\", map_err = Error::from)]
     fn quote(limit: Duration) -> Result<u32, Error> { Ok(if limit.is_zero() { 0 } else { 1 }) }",
    "#[circuit_breaker(key = host, max_keys = 100)] /// Asks for a quote.
     fn quote(&mut self, host: &str) -> impl Future<Output = Option<u32>> + use<> { async move { Some(1) } }",
    "#[retry(budget(name = \"b\", ratio = 0.5))] #[hedge(after = LATE, max = 2, clone(symbol), except(E::Gone))] /// Asks for a quote.
     async fn quote(&self, mut symbol: String) -> Option<u32> { symbol.push('x'); self.ask(symbol).await }",
    "#[bulkhead(max_concurrent = N)] unsafe extern \"C\" fn quote() -> Option<u32> { #![allow(unused)] None }",
    "#[health_check(name = \"quotes\", timeout = LIMIT, critical = false)] /// Asks for a quote.
     pub async fn quote() -> Result<(), Error> { #![allow(unused)] let reply = ask().await?; reply.check() }",
];

/// The tokens up to each of them, with the groups closed that are open there.
fn prefixes(tokens: &TokenStream) -> Vec<TokenStream> {
    let mut found = Vec::new();
    let mut before: Vec<TokenTree> = Vec::new();
    for token in tokens.clone() {
        found.push(before.iter().cloned().collect());
        if let TokenTree::Group(group) = &token {
            for inner in prefixes(&group.stream()) {
                let mut closed = Group::new(group.delimiter(), inner);
                closed.set_span(group.span());
                found.push(before.iter().cloned().chain([TokenTree::Group(closed)]).collect());
            }
        }
        before.push(token);
    }
    found.push(before.into_iter().collect());
    found
}

/// What the compiler would call, if the attribute is there: its kind, its arguments and the item.
fn call(tokens: TokenStream) -> Option<(Kind, TokenStream, TokenStream)> {
    let mut tokens = tokens.into_iter();
    let (Some(TokenTree::Punct(_)), Some(TokenTree::Group(attribute))) = (tokens.next(), tokens.next())
    else {
        return None;
    };
    let mut attribute = attribute.stream().into_iter();
    let Some(TokenTree::Ident(name)) = attribute.next() else { return None };
    let kind = Kind::ALL.into_iter().find(|kind| name == kind.name())?;
    let arguments = match attribute.next() {
        Some(TokenTree::Group(arguments)) => arguments.stream(),
        _ => TokenStream::new(),
    };
    Some((kind, arguments, tokens.collect()))
}

fn words(tokens: &TokenStream) -> Vec<Ident> {
    let words = tokens.clone().into_iter().flat_map(|token| match token {
        TokenTree::Ident(word) => vec![word],
        TokenTree::Group(group) => words(&group.stream()),
        _ => Vec::new(),
    });
    words.collect()
}

/// The function's name behind `fn`, and where it stands.
fn name(item: &TokenStream) -> Option<LineColumn> {
    let mut tokens =
        item.clone().into_iter().skip_while(|token| !matches!(token, TokenTree::Ident(word) if word == "fn"));
    match tokens.nth(1) {
        Some(TokenTree::Ident(word)) => Some(word.span().start()),
        _ => None,
    }
}

#[test]
fn whatever_there_is_of_a_function_is_in_its_expansion() {
    let mut expanded = 0;
    for source in FUNCTIONS {
        for prefix in prefixes(&source.parse().unwrap()) {
            let Some((kind, arguments, item)) = call(prefix.clone()) else { continue };
            let expansion = expand(kind, arguments, item.clone());
            // Go to definition: the name stands where it was written.
            if let Some(name) = name(&item) {
                let is_there =
                    words(&expansion).iter().any(|word| *word == "quote" && word.span().start() == name);
                assert!(is_there, "`fn quote` of {prefix} is not in {expansion}");
            }
            let documented = item.to_string().contains("Asks for a quote");
            assert_eq!(expansion.to_string().contains("Asks for a quote"), documented, "{prefix}");
            expanded += 1;
        }
    }
    assert!(expanded > 300, "{expanded}");
}

#[test]
fn a_half_typed_body_is_no_error_of_ours() {
    for source in FUNCTIONS {
        let tokens: TokenStream = source.parse().unwrap();
        let mut signature: Vec<_> = tokens.into_iter().collect();
        let Some(TokenTree::Group(body)) = signature.pop() else { panic!("no body: {source}") };
        for half in prefixes(&body.stream()) {
            let typed = half.to_string();
            let mut half = Group::new(body.delimiter(), half);
            half.set_span(body.span());
            let item = signature.iter().cloned().chain([TokenTree::Group(half)]).collect();
            let (kind, arguments, item) = call(item).unwrap();
            let expansion = expand(kind, arguments, item).to_string();
            assert!(!expansion.contains("compile_error"), "{typed} in {expansion}");
            assert!(typed.starts_with("#!") || expansion.contains(&typed), "{typed} is not in {expansion}");
        }
    }
}

/// Up to the word that is typed, what an editor expands with the word in it must be what it has expanded without.
#[test]
fn a_place_where_a_word_may_follow_is_in_the_expansion_before_and_after() {
    // `$` is the word: `missing` before it is begun.
    let places = [
        ("#[retry($)]", "max_attempts"),
        ("#[retry(max_attempts = 4, $)]", "on"),
        ("#[retry] #[circuit_breaker(name = \"quotes\", $)]", "failure_rate"),
        ("#[timeout(\"1s\", $)]", "mode"),
        ("#[resilient(QUOTES, $)]", "clone"),
        ("#[hedge(after = LATE, rejected($))]", "timed_out"),
        ("#[retry(clone(symbol, $))]", "symbol"),
        ("#[retry(budget(name = \"reads\", $))]", "ratio"),
        ("#[bulkhead($)]", "max_concurrent"),
        ("#[health_check(timeout = LIMIT, $)]", "critical"),
    ];
    for (attributes, choice) in places {
        let expanded = |word: &str| {
            let source = format!(
                "{} async fn quote(symbol: String) -> Option<u32> {{ None }}",
                attributes.replace('$', word)
            );
            let (kind, arguments, item) = call(source.parse().unwrap()).unwrap();
            expand(kind, arguments, item)
        };
        let (before, after) = (expanded(""), expanded("wor"));
        let text = after.to_string();
        let (upto, _) = text.split_once("wor").expect(attributes);
        assert!(before.to_string().starts_with(upto), "{attributes}: {before} and {text}");
        assert!(upto.contains("# [cfg (rust_analyzer)]") && upto.ends_with("use parameters :: { "), "{upto}");
        assert!(words(&after).iter().any(|word| word == choice), "{choice} in {text}");
    }
}

#[test]
fn a_half_typed_word_stands_where_it_was_written() {
    let source = "#[retry(max_attempts = 4, bas)] #[timeout(\"1s\", fall = 1)] async fn quote() -> Option<u32> { None }";
    let (kind, arguments, item) = call(source.parse().unwrap()).unwrap();
    let typed = words(&arguments).into_iter().find(|word| word == "bas").unwrap();
    let expansion = expand(kind, arguments, item);
    let text = expansion.to_string();
    assert!(text.contains("parameters :: { bas }") && text.contains("parameters :: { fall }"), "{text}");
    let completed = words(&expansion).into_iter().filter(|word| *word == "bas");
    assert!(completed.into_iter().any(|word| word.span().start() == typed.span().start()), "{text}");
}

/// What is looked up at a key is the setter that it becomes.
#[test]
fn a_setter_stands_where_its_key_does() {
    let source = "#[retry(max_attempts = 4)] #[circuit_breaker(failure_rate = 0.5)] fn quote() -> Option<u32> { None }";
    let tokens: TokenStream = source.parse().unwrap();
    let written = words(&tokens);
    let (kind, arguments, item) = call(tokens).unwrap();
    let expansion = words(&expand(kind, arguments, item));
    for key in ["max_attempts", "failure_rate"] {
        let place = written.iter().find(|word| *word == key).unwrap().span().start();
        assert!(expansion.iter().any(|word| *word == key && word.span().start() == place), "{key}");
    }
}

/// What is shown at a key that becomes no setter.
#[test]
fn every_key_has_its_row_in_the_table_of_its_attribute() {
    for kind in Kind::ALL {
        for key in keys(kind) {
            let row = row(kind.name(), key.name);
            assert!(row.contains(&format!("`{}", key.name)), "`{}` of `{}`: {row}", key.name, kind.name());
            let columns: Vec<_> =
                row.lines().map(|line| line.replace("\\|", "").matches('|').count()).collect();
            assert!(matches!(columns[..], [head, line, row] if head == line && line == row), "{row}");
        }
    }
}

#[test]
fn a_key_that_becomes_no_setter_is_explained_where_it_stands() {
    let source = "#[retry(max_attempts = 4, on(E::Busy))] #[timeout(\"1s\", name = \"quotes\")] fn quote() -> Option<u32> { None }";
    let tokens: TokenStream = source.parse().unwrap();
    let written = words(&tokens);
    let (kind, arguments, item) = call(tokens).unwrap();
    let expansion = expand(kind, arguments, item);
    let text = expansion.to_string();
    for key in ["on", "name"] {
        let place = written.iter().find(|word| *word == key).unwrap().span().start();
        assert!(words(&expansion).iter().any(|word| *word == key && word.span().start() == place), "{key}");
    }
    assert!(text.contains("explain ! (retry (on) timeout (name))"), "{text}");
    let explained = explained("retry(on) timeout(name)".parse().unwrap()).to_string();
    assert!(
        explained.contains("What the error calls it") && explained.contains("mod name { }"),
        "{explained}"
    );
}
