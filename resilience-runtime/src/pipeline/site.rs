//! The static that `#[resilient]` leaves in a function.

use std::fmt;

use super::Pipeline;
use super::run::Run;
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

/// Begins a call of a function with this result.
#[inline]
pub fn run<T, E>(pipeline: &Pipeline<T, E>, _: Shape<Result<T, E>>) -> Run<'_, T, E> {
    pipeline.run()
}
