//! Pipeline: the policies by hand, in the order written.

mod builder;
mod directory;
mod error;
mod layer;
mod order;
mod run;
#[cfg(feature = "attributes")]
mod site;
#[cfg(feature = "tokio")]
mod within;

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

pub use builder::{PipelineBuilder, Source};
#[cfg(feature = "tokio")]
pub use directory::get_async_pipeline;
pub(crate) use directory::{Directory, entry, pipelines};
pub use directory::{PipelineInfo, get_pipeline};
pub use error::PipelineError;
pub use layer::{CircuitBreakerLayer, FallbackLayer, RateLimitLayer, RetryLayer};
pub use run::{Enter, Late, Leave, Run};
#[cfg(feature = "attributes")]
pub use site::{PipelineSite, run, run_async};

use crate::error::{Error, FromRejection};
use crate::fallback::{FallbackMetrics, SyncHandlers};
use crate::figures::Figures;
use crate::retry::RetryMetrics;
#[cfg(feature = "testing")]
use crate::testing::{Failure, Spot, attempt};
use crate::timeout::TimeoutMetrics;
use layer::Layer;

/// The policies for calls that no attribute can stand on: closures, and functions of other crates.
///
/// They take effect in the order in which they are added, the first one outermost, with the meaning that the
/// attributes of the same names have. Cloning a pipeline is cheap and shares its circuit breaker, its rate limiter and its bulkhead:
/// build it once, and keep it.
///
/// ```
/// use std::time::Duration;
/// use resilience::{BulkheadPolicy, CircuitBreakerPolicy, Error, Pipeline, RetryPolicy};
///
/// let quotes: Pipeline<u32, Error> = Pipeline::builder()
///     .name("quotes")
///     .fallback(|_| Ok(100))
///     .retry(RetryPolicy::new().max_attempts(4).base_delay(Duration::ZERO))
///     .circuit_breaker(CircuitBreakerPolicy::new().failure_threshold(5))
///     .bulkhead(BulkheadPolicy::new(32))
///     .timeout(Duration::from_millis(800))
///     .build()?;
///
/// assert_eq!(quotes.call(|| Ok(42)), Ok(42));
/// let breaker = resilience::get_circuit_breaker("quotes").expect("named after the pipeline");
/// assert_eq!(breaker.metrics().success, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// With a [`fallback_async`](PipelineBuilder::fallback_async) it has no [`call`](Self::call), only
/// [`call_async`](Self::call_async), and its type is `Pipeline<T, E, AsyncHandlers>`.
pub struct Pipeline<T, E, K = SyncHandlers>(Arc<Stack<T, E>>, PhantomData<fn() -> K>);

/// The layers, the outermost first.
pub struct Stack<T, E> {
    name: &'static str,
    convert: fn(Error) -> E,
    layers: Box<[Layer<T, E>]>,
    /// How many of the outermost layers every call is inside of from its beginning: those that do nothing on the way in.
    entrance: usize,
    /// Whether an `Ok` may be a failure to one of them.
    judges_values: bool,
    /// An error that a test injects, as `E`.
    #[cfg(feature = "testing")]
    made: fn(&Failure, Spot) -> E,
}

/// What a pipeline has done since the program began; see [`Pipeline::metrics`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PipelineMetrics {
    /// Of its retry.
    pub retry: RetryMetrics,
    /// Of its timeouts.
    pub timeout: TimeoutMetrics,
    /// Of its fallback.
    pub fallback: FallbackMetrics,
}

impl<T, E> Stack<T, E> {
    fn metrics(&self) -> PipelineMetrics {
        let figures = Figures::in_force();
        let mut sum = PipelineMetrics::default();
        for (_, counts) in figures.named(self.name) {
            sum.retry = sum.retry.add(counts);
            sum.timeout = sum.timeout.add(counts);
            sum.fallback = sum.fallback.add(counts);
        }
        sum
    }
}

/// Where the test kit counts, delays and fails the bodies.
#[cfg(feature = "testing")]
impl<T, E> Stack<T, E> {
    const fn spot(&self) -> Spot {
        Spot::Pipeline(self.name)
    }

    /// What runs in the place of a sync body.
    fn injected(&self) -> Option<Result<T, E>> {
        attempt::instead_or(self.spot(), |failure| Err((self.made)(failure, self.spot())))
    }

    /// An async body, or what runs in its place.
    #[cfg(feature = "tokio")]
    fn attempt<F: Future<Output = Result<T, E>>>(&self, body: F) -> impl Future<Output = Result<T, E>> {
        attempt::Attempt::new(self.spot(), body, |failure: &Failure, spot| Err((self.made)(failure, spot)))
    }
}

impl<T, E> Pipeline<T, E> {
    /// An empty pipeline to add policies to. A refusal becomes `E` by `From<resilience::Error>`.
    pub fn builder() -> PipelineBuilder<T, E>
    where
        E: FromRejection,
    {
        PipelineBuilder::new(E::from_rejection)
    }

    /// The same for errors that aren't made from a [`Error`] by `From`.
    ///
    /// ```
    /// use resilience::{Error, Pipeline, RetryPolicy};
    ///
    /// fn refused(error: Error) -> u16 {
    ///     if error.is_rate_limited() { 429 } else { 503 }
    /// }
    ///
    /// let pipeline: Pipeline<(), u16> = Pipeline::builder_with(refused).retry(RetryPolicy::new()).build()?;
    /// assert_eq!(pipeline.call(|| Ok(())), Ok(()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn builder_with(map_err: fn(Error) -> E) -> PipelineBuilder<T, E> {
        PipelineBuilder::new(map_err)
    }

    /// Makes one call. A retry runs the body again; a timeout replaces a result that comes too late, and tells the
    /// body by [`deadline`](crate::deadline) how much time it has.
    ///
    /// # Errors
    /// The body's own, or a refusal as `E`.
    #[track_caller]
    #[inline]
    pub fn call(&self, mut body: impl FnMut() -> Result<T, E>) -> Result<T, E> {
        let mut run = self.run();
        crate::__drive!(run, Replaced, pause wait within ask, [&mut body], [])
    }
}

impl<T, E, K> Pipeline<T, E, K> {
    /// The name; "pipeline", if it was given none.
    pub fn name(&self) -> &'static str {
        self.0.name
    }

    /// Returns what the retry, the timeouts and the fallback of this pipeline have done. Its circuit breaker, its rate
    /// limiter and its bulkhead have their own.
    ///
    /// Counts are kept by name: pipelines without a name count together.
    ///
    /// ```
    /// use std::time::Duration;
    /// use resilience::{Error, Pipeline, RetryPolicy};
    ///
    /// let quotes: Pipeline<u32, Error> = Pipeline::builder()
    ///     .name("metrics example")
    ///     .fallback(|_| Ok(100))
    ///     .retry(RetryPolicy::new().max_attempts(2).base_delay(Duration::ZERO))
    ///     .build()?;
    /// let late = || Err(resilience::Deadline::after(Duration::ZERO).check().unwrap_err());
    /// assert_eq!(quotes.call(late), Ok(100));
    /// let metrics = quotes.metrics();
    /// assert_eq!((metrics.retry.second_attempts, metrics.retry.attempts), (1, 1));
    /// assert_eq!((metrics.fallback.answered, metrics.fallback.exhausted), (1, 0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn metrics(&self) -> PipelineMetrics {
        self.0.metrics()
    }

    #[inline]
    fn run(&self) -> Run<'_, T, E> {
        Run::new(&self.0)
    }

    /// Makes one call. A retry makes a new future; a timeout drops the one that takes too long.
    ///
    /// # Errors
    /// The body's own, or a refusal as `E`.
    #[cfg(feature = "tokio")]
    pub async fn call_async<F>(&self, mut body: impl FnMut() -> F) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>>,
    {
        let mut run = self.run();
        crate::__drive!(run, Stands, pause_async wait_async within_async ask_async, [body()], [.await])
    }
}

impl<T, E, K> From<Arc<Stack<T, E>>> for Pipeline<T, E, K> {
    fn from(stack: Arc<Stack<T, E>>) -> Self {
        Self(stack, PhantomData)
    }
}

impl<T, E, K> Clone for Pipeline<T, E, K> {
    fn clone(&self) -> Self {
        Arc::clone(&self.0).into()
    }
}

impl<T, E, K> fmt::Debug for Pipeline<T, E, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds = self.0.layers.iter().map(Layer::kind);
        f.debug_struct("Pipeline")
            .field("name", &self.name())
            .field("policies", &kinds.collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
