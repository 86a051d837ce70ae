//! The pipelines of the program that have a name, for as long as they exist.

use std::any::Any;
use std::fmt;
#[cfg(feature = "testing")]
use std::sync::LazyLock;
use std::sync::{Arc, PoisonError, RwLock, Weak};

use super::layer::Layer;
use super::{Pipeline, PipelineError, PipelineMetrics, Stack};
use crate::bulkhead::Bulkhead;
use crate::circuit_breaker::CircuitBreaker;
#[cfg(feature = "tokio")]
use crate::fallback::AsyncHandlers;
use crate::kind::PolicyKind;
use crate::rate_limit::RateLimiter;
use crate::registry::with_registry;

/// The named pipelines of a registry, sorted by name.
#[derive(Default)]
pub(crate) struct Directory(RwLock<Vec<(&'static str, Weak<dyn Entry>)>>);

/// A pipeline without its types.
pub(crate) trait Entry: Any + Send + Sync {
    fn info(&self) -> PipelineInfo;
    fn circuit_breaker(&self) -> Option<CircuitBreaker>;
    fn rate_limiter(&self) -> Option<RateLimiter>;
    fn bulkhead(&self) -> Option<Bulkhead>;
}

impl<T: 'static, E: 'static> Entry for Stack<T, E> {
    fn info(&self) -> PipelineInfo {
        let policies = self.layers.iter().map(|layer| (layer.kind(), layer.to_string())).collect();
        PipelineInfo { name: self.name, policies, metrics: self.metrics() }
    }

    fn circuit_breaker(&self) -> Option<CircuitBreaker> {
        self.layers.iter().find_map(|layer| match layer {
            Layer::CircuitBreaker(layer) if layer.breaker.name() == self.name => Some(layer.breaker.clone()),
            _ => None,
        })
    }

    fn rate_limiter(&self) -> Option<RateLimiter> {
        self.layers.iter().find_map(|layer| match layer {
            Layer::RateLimit(layer) if layer.limiter.name() == self.name => Some(layer.limiter.clone()),
            _ => None,
        })
    }

    fn bulkhead(&self) -> Option<Bulkhead> {
        self.layers.iter().find_map(|layer| match layer {
            Layer::Bulkhead(bulkhead) if bulkhead.name() == self.name => Some(bulkhead.clone()),
            _ => None,
        })
    }
}

impl Directory {
    /// Says whether it was put in: it isn't if another one of its name exists.
    #[inline]
    fn enter(&self, name: &'static str, pipeline: &Arc<dyn Entry>) -> bool {
        let mut entries = self.0.write().unwrap_or_else(PoisonError::into_inner);
        // The dropped ones leave here: it is the only place where entries are added.
        entries.retain(|(_, entry)| entry.strong_count() > 0);
        let place = entries.binary_search_by_key(&name, |(name, _)| name);
        if let Err(place) = place {
            entries.insert(place, (name, Arc::downgrade(pipeline)));
        }
        place.is_err()
    }

    #[inline]
    fn get(&self, name: &str) -> Option<Arc<dyn Entry>> {
        let entries = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let place = entries.binary_search_by_key(&name, |(name, _)| name).ok()?;
        entries[place].1.upgrade()
    }
}

/// The pipelines of all registries, the first one of each name. One in a `static` is built by whichever isolated test
/// needs it first, and the others use it as well.
#[cfg(feature = "testing")]
static OF_ALL_TESTS: LazyLock<Directory> = LazyLock::new(Directory::default);

/// Puts a pipeline in, unless another one of its name exists.
pub(super) fn enter<T: 'static, E: 'static>(stack: &Arc<Stack<T, E>>) -> Result<(), PipelineError> {
    let (name, pipeline) = (stack.name, Arc::clone(stack) as Arc<dyn Entry>);
    if !with_registry(|registry| registry.pipelines.enter(name, &pipeline)) {
        return Err(PipelineError::NameTaken { name });
    }
    #[cfg(feature = "testing")]
    OF_ALL_TESTS.enter(name, &pipeline);
    Ok(())
}

#[inline]
pub(crate) fn entry(name: &str) -> Option<Arc<dyn Entry>> {
    let own = with_registry(|registry| registry.pipelines.get(name));
    #[cfg(feature = "testing")]
    return own.or_else(|| OF_ALL_TESTS.get(name));
    #[cfg(not(feature = "testing"))]
    own
}

/// The pipelines that exist, by name.
#[inline]
pub(crate) fn pipelines() -> Vec<PipelineInfo> {
    let entries: Vec<_> = with_registry(|registry| {
        let entries = registry.pipelines.0.read().unwrap_or_else(PoisonError::into_inner);
        entries.iter().filter_map(|(_, entry)| entry.upgrade()).collect()
    });
    entries.iter().map(|entry| entry.info()).collect()
}

/// The pipeline of this name, while somebody holds it. `None` too if it is one for other types, or has an async
/// fallback.
///
/// ```
/// use resilience::{Error, Pipeline, RetryPolicy, get_pipeline};
///
/// let quotes: Pipeline<u32, Error> = Pipeline::builder().name("quotes").retry(RetryPolicy::new()).build()?;
/// assert!(get_pipeline::<u32, Error>("quotes").is_some());
/// assert!(get_pipeline::<String, Error>("quotes").is_none());
/// drop(quotes);
/// assert!(get_pipeline::<u32, Error>("quotes").is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn get_pipeline<T: 'static, E: 'static>(name: &str) -> Option<Pipeline<T, E>> {
    stack(name).filter(|stack| !stack.layers.iter().any(Layer::is_async)).map(Pipeline::from)
}

/// The same for pipelines of which a fallback may be async: they make async calls only.
///
/// ```
/// use resilience::{Error, Pipeline, get_async_pipeline, get_pipeline};
///
/// let quotes = Pipeline::<u32, Error>::builder().name("quotes").fallback_async(async |_| Ok(100)).build()?;
/// assert!(get_async_pipeline::<u32, Error>("quotes").is_some());
/// assert!(get_pipeline::<u32, Error>("quotes").is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[cfg(feature = "tokio")]
pub fn get_async_pipeline<T: 'static, E: 'static>(name: &str) -> Option<Pipeline<T, E, AsyncHandlers>> {
    stack(name).map(Pipeline::from)
}

fn stack<T: 'static, E: 'static>(name: &str) -> Option<Arc<Stack<T, E>>> {
    let entry: Arc<dyn Any + Send + Sync> = entry(name)?;
    entry.downcast().ok()
}

/// A named pipeline as the [`catalog`](crate::catalog) lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PipelineInfo {
    /// Its name.
    pub name: &'static str,
    /// Its policies, the outermost first, each with its settings in words.
    pub policies: Vec<(PolicyKind, String)>,
    /// What its retry, its timeouts and its fallback have done.
    pub metrics: PipelineMetrics,
}

impl fmt::Display for PipelineInfo {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pipeline {}", self.name)?;
        for (kind, settings) in &self.policies {
            write!(f, "\n  {kind:<16}{settings}")?;
        }
        Ok(())
    }
}
