//! Fallbacks by hand: a list of handlers, made at run time and shared by calls.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use super::FallbackExhausted;
use crate::counter::Counter;
use crate::event::{self, Event};
use crate::name::Name;

/// Answers for calls that fail: handlers that are tried in the order in which they were added, then a default.
///
/// A handler is a function of the error before it. It may be sync, or with [`add_async`](Self::add_async) async; a
/// chain with an async handler has no [`call`](Self::call), only [`call_async`](Self::call_async). Cloning a chain is
/// cheap, and shares its handlers and figures.
///
/// ```
/// use resilience::FallbackChain;
///
/// let quotes = FallbackChain::new("quotes")
///     .add(|error: &String| Err(format!("no cache after {error}")))
///     .add(|_| Ok(101.5));
///
/// assert_eq!(quotes.call(|| Ok(99.0)), Ok(99.0));
/// assert_eq!(quotes.call(|| Err("down".to_owned())), Ok(101.5));
/// ```
///
/// Where no handler succeeds and there is no [`default`](Self::default), every error comes out:
///
/// ```
/// use resilience::FallbackChain;
///
/// let quotes: FallbackChain<f64, String> =
///     FallbackChain::new("quotes").add(|error: &String| Err(format!("no cache after {error}")));
/// let story = quotes.call(|| Err("down".to_owned())).unwrap_err();
/// assert_eq!((story.tried, story.last.as_str()), (1, "no cache after down"));
/// assert_eq!(story.errors().collect::<Vec<_>>(), ["down", "no cache after down"]);
/// ```
pub struct FallbackChain<T, E, K = SyncHandlers> {
    shared: Arc<Shared>,
    handlers: Arc<[Handler<T, E>]>,
    default: Option<Arc<dyn Fn() -> T + Send + Sync>>,
    kind: PhantomData<fn() -> K>,
}

/// All handlers of a [`FallbackChain`] are sync.
#[derive(Debug)]
pub enum SyncHandlers {}

/// Some handlers of a [`FallbackChain`] are async.
#[derive(Debug)]
pub enum AsyncHandlers {}

/// How often the handlers of a [`FallbackChain`] were asked since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FallbackMetrics {
    /// Failed calls that a handler or the default answered.
    pub answered: u64,
    /// Failed calls that nothing answered.
    pub exhausted: u64,
}

struct Shared {
    name: Name,
    answered: Counter,
    exhausted: Counter,
}

type Call<E, A> = Arc<dyn Fn(&E) -> A + Send + Sync>;
type Answer<T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send>>;

enum Handler<T, E> {
    Sync(Call<E, Result<T, E>>),
    Async(Call<E, Answer<T, E>>),
}

impl<T, E> Clone for Handler<T, E> {
    fn clone(&self) -> Self {
        match self {
            Self::Sync(handler) => Self::Sync(Arc::clone(handler)),
            Self::Async(handler) => Self::Async(Arc::clone(handler)),
        }
    }
}

impl<T, E, K> Clone for FallbackChain<T, E, K> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            handlers: Arc::clone(&self.handlers),
            default: self.default.clone(),
            kind: PhantomData,
        }
    }
}

impl<T, E> FallbackChain<T, E> {
    /// A chain without handlers: each error comes out as it is.
    pub fn new(name: impl Into<Name>) -> Self {
        let shared = Shared { name: name.into(), answered: Counter::new(), exhausted: Counter::new() };
        Self { shared: Arc::new(shared), handlers: Arc::new([]), default: None, kind: PhantomData }
    }

    /// Makes a call, and asks the handlers if it fails.
    ///
    /// # Errors
    /// Every error, the call's and the handlers', if all of them failed and there is no default.
    pub fn call(&self, call: impl FnOnce() -> Result<T, E>) -> Result<T, FallbackExhausted<E>> {
        call().or_else(|error| self.answer(error))
    }

    #[cold]
    fn answer(&self, error: E) -> Result<T, FallbackExhausted<E>> {
        let mut story = FallbackExhausted::untried(error);
        for (number, handler) in (1..).zip(&*self.handlers) {
            // A chain of this kind has no others.
            let Handler::Sync(handler) = handler else { continue };
            self.asks(number);
            match handler(&story.last) {
                Ok(value) => return Ok(self.answered(value)),
                Err(error) => story.add(error),
            }
        }
        self.end(story)
    }
}

impl<T, E, K> FallbackChain<T, E, K> {
    /// One more handler, which is tried if those before it fail. It gets the last error.
    #[allow(clippy::should_implement_trait)] // a chain and a function have no sum to be confused with
    pub fn add(self, handler: impl Fn(&E) -> Result<T, E> + Send + Sync + 'static) -> Self {
        self.with(Handler::Sync(Arc::new(handler)))
    }

    /// One more handler, whose answer is awaited. It gets the last error, of which the future can't keep a borrow.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// use resilience::FallbackChain;
    ///
    /// async fn cached(reason: String) -> Result<f64, String> {
    ///     if reason == "down" { Ok(101.5) } else { Err(reason) }
    /// }
    ///
    /// let quotes = FallbackChain::new("quotes").add_async(|error: &String| cached(error.clone())).default(0.0);
    /// assert_eq!(quotes.call_async(async || Err("down".to_owned())).await, Ok(101.5));
    /// assert_eq!(quotes.call_async(async || Err("closed".to_owned())).await, Ok(0.0));
    /// # });
    /// ```
    pub fn add_async<F>(
        self,
        handler: impl Fn(&E) -> F + Send + Sync + 'static,
    ) -> FallbackChain<T, E, AsyncHandlers>
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        self.with(Handler::Async(Arc::new(move |error| Box::pin(handler(error)))))
    }

    /// The answer where every handler fails. With it no call of the chain fails.
    ///
    /// ```
    /// use resilience::FallbackChain;
    ///
    /// let depth = FallbackChain::new("depth").default(0);
    /// assert_eq!(depth.call(|| Err("down")), Ok(0));
    /// ```
    pub fn default(self, value: T) -> Self
    where
        T: Clone + Send + Sync + 'static,
    {
        self.default_with(move || value.clone())
    }

    /// The same for a value that is made anew each time.
    pub fn default_with(self, value: impl Fn() -> T + Send + Sync + 'static) -> Self {
        Self { default: Some(Arc::new(value)), ..self }
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.shared.name
    }

    /// How often handlers were asked since the chain was made.
    pub fn metrics(&self) -> FallbackMetrics {
        FallbackMetrics { answered: self.shared.answered.get(), exhausted: self.shared.exhausted.get() }
    }

    /// Makes a call, and asks the handlers if it fails.
    ///
    /// # Errors
    /// Every error, the call's and the handlers', if all of them failed and there is no default.
    pub async fn call_async(
        &self,
        call: impl AsyncFnOnce() -> Result<T, E>,
    ) -> Result<T, FallbackExhausted<E>> {
        let error = match call().await {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        let mut story = FallbackExhausted::untried(error);
        for (number, handler) in (1..).zip(&*self.handlers) {
            self.asks(number);
            let answer = match handler {
                Handler::Sync(handler) => handler(&story.last),
                Handler::Async(handler) => {
                    let answer = handler(&story.last);
                    answer.await
                }
            };
            match answer {
                Ok(value) => return Ok(self.answered(value)),
                Err(error) => story.add(error),
            }
        }
        self.end(story)
    }

    fn with<L>(self, handler: Handler<T, E>) -> FallbackChain<T, E, L> {
        let handlers = self.handlers.iter().cloned().chain([handler]).collect();
        FallbackChain { shared: self.shared, handlers, default: self.default, kind: PhantomData }
    }

    fn asks(&self, handler: u32) {
        event::emit(|| Event::ChainFellBack { name: self.shared.name.clone(), handler });
    }

    fn answered(&self, value: T) -> T {
        self.shared.answered.increment();
        value
    }

    fn end(&self, story: FallbackExhausted<E>) -> Result<T, FallbackExhausted<E>> {
        if let Some(default) = &self.default {
            self.asks(u32::try_from(self.handlers.len()).unwrap_or(u32::MAX).saturating_add(1));
            return Ok(self.answered(default()));
        }
        self.shared.exhausted.increment();
        event::emit(|| Event::FallbackExhausted { name: self.shared.name.clone() });
        Err(story)
    }
}

impl<T, E, K> fmt::Debug for FallbackChain<T, E, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FallbackChain")
            .field("name", &self.name())
            .field("handlers", &self.handlers.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handlers_are_tried_in_order_and_each_gets_the_error_before_it() {
        let chain = FallbackChain::new("numbers")
            .add(|error: &u32| Err(error + 1))
            .add(|error| if *error == 2 { Ok("two") } else { Err(error + 1) })
            .add(|error| if *error == 7 { Ok("seven") } else { Err(error + 1) });
        assert_eq!(chain.call(|| Ok("own")), Ok("own"));
        assert_eq!(chain.metrics(), FallbackMetrics::default());
        assert_eq!(chain.call(|| Err(1)), Ok("two"));
        assert_eq!(chain.call(|| Err(5)), Ok("seven"));
        let story = chain.call(|| Err(10)).unwrap_err();
        assert_eq!((story.tried, story.last), (3, 13));
        assert_eq!(story.errors().copied().collect::<Vec<_>>(), [10, 11, 12, 13]);
        assert_eq!(chain.clone().metrics(), FallbackMetrics { answered: 2, exhausted: 1 });
        assert_eq!(chain.name(), "numbers");
    }

    #[test]
    fn a_default_stands_last_wherever_it_is_given() {
        let chain = FallbackChain::new("numbers")
            .default(0)
            .add(|error: &u32| if *error > 1 { Ok(9) } else { Err(1) });
        assert_eq!((chain.call(|| Err(2)), chain.call(|| Err(1))), (Ok(9), Ok(0)));
        let empty: FallbackChain<u8, &str> = FallbackChain::new("empty");
        let story = empty.call(|| Err("as it is")).unwrap_err();
        assert_eq!((story.tried, story.last), (0, "as it is"));
    }

    #[test]
    fn async_chains_mix_both_kinds_and_their_futures_can_go_to_other_threads() {
        fn assert_send<T: Send>(value: T) -> T {
            value
        }
        let chain = FallbackChain::new("mixed")
            .add(|error: &String| Err(format!("{error}, then sync")))
            .add_async(|error| {
                let error = error.clone();
                async move {
                    tokio::task::yield_now().await;
                    if error.starts_with("mild") { Ok(1) } else { Err(format!("{error}, then async")) }
                }
            });
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let mild = chain.call_async(async || Err("mild".to_owned()));
            assert_eq!(assert_send(mild).await, Ok(1));
            let story = chain.call_async(async || Err("bad".to_owned())).await.unwrap_err();
            assert_eq!(story.last, "bad, then sync, then async");
            assert_eq!((story.tried, story.errors().count()), (2, 3));
        });
    }
}
