//! `fallback = …` of `#[timeout]` and `#[circuit_breaker]`: what the handler is given.

use std::future::pending;
use std::rc::Rc;

use resilience::{circuit_breaker, get_circuit_breaker, retry, timeout};

use crate::support::{Fault, Runs, ms};

async fn eat(text: String) -> Result<String, Fault> {
    pending::<()>().await;
    Ok(text)
}

async fn ask(text: String) -> Result<String, Fault> {
    Ok(format!("no {text}"))
}

#[tokio::test(start_paused = true)]
async fn a_timeout_clones_what_the_body_consumes() {
    #[timeout("1s", fallback = ask, clone(text))]
    async fn call(text: String) -> Result<String, Fault> {
        eat(text).await
    }
    #[timeout(ms(10), clone(text), fallback = |_| Ok(text))]
    async fn by_closure(mut text: String) -> Result<String, Fault> {
        text.push('!');
        eat(text).await
    }
    assert_eq!(call("bread".to_owned()).await, Ok("no bread".to_owned()));
    assert_eq!(by_closure("bread".to_owned()).await, Ok("bread".to_owned()));
}

#[test]
fn a_detached_timeout_clones_what_the_body_consumes() {
    fn ask(text: String) -> Result<String, Fault> {
        Ok(text)
    }
    #[timeout("1m", fallback = ask, clone(text))]
    fn call(text: String) -> Result<String, Fault> {
        drop(text);
        Ok("eaten".to_owned())
    }
    assert_eq!(call("bread".to_owned()), Ok("eaten".to_owned()));
}

#[test]
fn a_circuit_breaker_gives_the_argument_to_the_body_or_to_the_handler() {
    fn count(text: Rc<str>) -> Result<usize, Fault> {
        Ok(Rc::strong_count(&text) + 10)
    }
    #[circuit_breaker(name = "own handlers: either", fallback = count, clone(text))]
    fn call(text: Rc<str>) -> Result<usize, Fault> {
        let count = Rc::strong_count(&text);
        drop(text);
        Ok(count)
    }
    assert_eq!(call("bread".into()), Ok(1));
    get_circuit_breaker("own handlers: either").unwrap().force_open();
    assert_eq!(call("bread".into()), Ok(11));
}

#[tokio::test(start_paused = true)]
async fn a_circuit_breaker_around_a_retry_clones_for_each_attempt() {
    #[circuit_breaker(name = "own handlers: retry", fallback = ask, clone(text))]
    #[retry(max_attempts = 3)]
    async fn call(text: String, runs: &Runs) -> Result<String, Fault> {
        drop(text);
        runs.fail().map(|_| String::new())
    }
    async fn ask(text: String, _: &Runs) -> Result<String, Fault> {
        Ok(text)
    }
    let runs = Runs::new();
    assert_eq!(call("bread".to_owned(), &runs).await, Err(Fault::Transient(3)));
    get_circuit_breaker("own handlers: retry").unwrap().force_open();
    assert_eq!(call("bread".to_owned(), &runs).await, Ok("bread".to_owned()));
    assert_eq!(runs.count(), 3);
}
