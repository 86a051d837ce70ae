//! The static that `#[resilient]` leaves in a function.

use std::fmt;
use std::ops::Deref;

use super::Pipeline;
use super::run::Run;
use crate::fallback::{AsyncHandlers, SyncHandlers};
use crate::shape::Shape;

/// One `#[resilient]`.
#[derive(Debug)]
pub struct PipelineSite {
    function: &'static str,
    pipeline: &'static str,
}

impl PipelineSite {
    /// With the pipeline as the source spells it: it may not have been made yet.
    pub const fn new(function: &'static str, pipeline: &'static str) -> Self {
        Self { function, pipeline }
    }

    /// The function, as `module::function`.
    pub const fn function(&self) -> &'static str {
        self.function
    }
}

impl fmt::Display for PipelineSite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.pipeline)
    }
}

/// A pipeline that a function with the result `Result<T, E>` can go through, or what dereferences to one. `K` is what
/// the function is: a sync one goes through no async fallback.
#[diagnostic::on_unimplemented(
    message = "the function returns `Result<{T}, {E}>`, and `{Self}` is no pipeline for that",
    label = "not a `Pipeline<T, E>` with the function's own `T` and `E`",
    note = "a pipeline with an async fallback, a `Pipeline<T, E, AsyncHandlers>`, is for async functions only"
)]
pub trait PipelineFor<T, E, K> {
    /// Begins a call.
    fn begin(&self) -> Run<'_, T, E>;
}

impl<T, E> PipelineFor<T, E, SyncHandlers> for Pipeline<T, E> {
    #[inline]
    fn begin(&self) -> Run<'_, T, E> {
        self.run()
    }
}

impl<T, E, K> PipelineFor<T, E, AsyncHandlers> for Pipeline<T, E, K> {
    #[inline]
    fn begin(&self) -> Run<'_, T, E> {
        self.run()
    }
}

// A `static` is a `LazyLock`, a field may be an `Arc`.
#[diagnostic::do_not_recommend]
impl<P: Deref<Target: PipelineFor<T, E, K>>, T, E, K> PipelineFor<T, E, K> for P {
    #[inline]
    fn begin(&self) -> Run<'_, T, E> {
        (**self).begin()
    }
}

/// Begins a call of a sync function with this result. It comes first, because the pipeline is to fit it.
#[inline]
pub fn run<T, E, P: PipelineFor<T, E, SyncHandlers>>(_: Shape<Result<T, E>>, pipeline: &P) -> Run<'_, T, E> {
    pipeline.begin()
}

/// Begins a call of an async function with this result.
#[inline]
pub fn run_async<T, E, P: PipelineFor<T, E, AsyncHandlers>>(
    _: Shape<Result<T, E>>,
    pipeline: &P,
) -> Run<'_, T, E> {
    pipeline.begin()
}
