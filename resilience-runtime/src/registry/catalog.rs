//! The list of all annotated functions and named pipelines.

use std::fmt;

use crate::pipeline::{self, PipelineInfo};
use crate::site::{self, Site};

/// Every annotated function of the program, in the order of the source, and every named pipeline.
///
/// Its [`Display`](fmt::Display) is a table for people.
///
/// ```
/// for site in &resilience::catalog() {
///     println!("{} ({}:{})", site.function(), site.file(), site.line());
/// }
/// ```
#[inline]
pub fn catalog() -> Catalog {
    Catalog { sites: site::sites(), pipelines: pipeline::pipelines() }
}

/// The annotated functions and the pipelines; see [`catalog`].
#[derive(Debug)]
pub struct Catalog {
    sites: Vec<&'static Site>,
    pipelines: Vec<PipelineInfo>,
}

impl Catalog {
    /// The functions, in the order of the source.
    pub fn iter(&self) -> std::slice::Iter<'_, &'static Site> {
        self.sites.iter()
    }

    /// How many functions there are.
    pub fn len(&self) -> usize {
        self.sites.len()
    }

    /// The named pipelines that exist at this moment, by name.
    pub fn pipelines(&self) -> &[PipelineInfo] {
        &self.pipelines
    }

    /// Whether no function is annotated.
    pub fn is_empty(&self) -> bool {
        self.sites.is_empty()
    }
}

impl<'a> IntoIterator for &'a Catalog {
    type Item = &'a &'static Site;
    type IntoIter = std::slice::Iter<'a, &'static Site>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl IntoIterator for Catalog {
    type Item = &'static Site;
    type IntoIter = std::vec::IntoIter<&'static Site>;

    fn into_iter(self) -> Self::IntoIter {
        self.sites.into_iter()
    }
}

impl fmt::Display for Catalog {
    /// One block a function: where it is, then its policies from the outermost to the innermost.
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, site) in self.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{}  {}:{}", site.function(), site.file(), site.line())?;
            for policy in site.policies() {
                write!(f, "\n  {:<16}", policy.kind())?;
                if policy.name() != site.function() {
                    write!(f, "`{}` ", policy.name())?;
                }
                f.write_str(&policy.settings())?;
            }
        }
        for (index, pipeline) in self.pipelines.iter().enumerate() {
            if index > 0 || !self.sites.is_empty() {
                writeln!(f)?;
            }
            pipeline.fmt(f)?;
        }
        Ok(())
    }
}
