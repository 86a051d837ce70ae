//! The static that `#[bulkhead]` leaves in a function.

use super::Bulkhead;
use super::policy::BulkheadPolicy;
use super::slot::Slot;
use crate::config::ConfigError;
use crate::error::Error;
use crate::name::Name;
use crate::registry::{Instance, Registry, Table};
use crate::report;
use crate::site::{AtSite, InstanceSite, Location, PolicyKind, SiteName, SitePolicy};

/// One `#[bulkhead]`.
#[derive(Debug)]
pub struct BulkheadSite(pub(crate) InstanceSite<Bulkhead>);

impl BulkheadSite {
    /// Without settings, the site takes those that another site declares for the name.
    pub const fn new(name: SiteName, settings: Option<fn() -> BulkheadPolicy>, location: Location) -> Self {
        Self(InstanceSite::new(name, settings, location))
    }

    /// Takes a slot that is free. Apart from the waiting, so that a call which needn't wait makes no future.
    #[inline]
    pub fn try_acquire(&'static self) -> Option<Slot<AtSite<Bulkhead>>> {
        let bulkhead = self.0.instance();
        if bulkhead.0.queue.try_acquire() { Some(Slot::new(bulkhead)) } else { None }
    }

    /// Blocks the thread for up to `max_wait` until a slot is free.
    ///
    /// # Errors
    /// [`Error::BulkheadFull`].
    #[cold]
    #[track_caller]
    pub fn wait(&'static self) -> Result<Slot<AtSite<Bulkhead>>, Error> {
        let bulkhead = self.0.instance();
        if !bulkhead.0.policy.longest_wait().is_zero() {
            report::blocks_this_thread();
        }
        bulkhead.0.wait_for_slot()?;
        Ok(Slot::new(bulkhead))
    }

    /// Waits for up to `max_wait` until a slot is free.
    ///
    /// # Errors
    /// [`Error::BulkheadFull`].
    pub async fn wait_async(&'static self) -> Result<Slot<AtSite<Bulkhead>>, Error> {
        let bulkhead = self.0.instance();
        bulkhead.0.wait_for_slot_async().await?;
        Ok(Slot::new(bulkhead))
    }
}

impl Instance for Bulkhead {
    type Policy = BulkheadPolicy;

    const KIND: PolicyKind = PolicyKind::Bulkhead;

    fn make(name: Name, policy: Self::Policy) -> Self {
        Self::from_checked(name, policy)
    }

    /// A site must give `max_concurrent`, or share a name with one that does; with neither, one at a time is the
    /// safest reading.
    fn default_policy() -> Self::Policy {
        BulkheadPolicy::new(1)
    }

    fn validate(policy: &Self::Policy) -> Result<(), ConfigError> {
        policy.validate()
    }

    const NEEDS_SETTINGS: bool = true;

    fn repaired(policy: Self::Policy) -> Self::Policy {
        policy.repaired()
    }

    fn site(policy: &SitePolicy) -> Option<&'static InstanceSite<Self>> {
        match policy {
            SitePolicy::Bulkhead(site) => Some(&site.0),
            _ => None,
        }
    }

    fn of_pipeline(pipeline: &dyn crate::pipeline::Entry) -> Option<Self> {
        pipeline.bulkhead()
    }

    fn table(registry: &Registry) -> &Table<Self> {
        &registry.bulkheads
    }

    #[cfg(feature = "keyed")]
    fn has_nothing_to_remember(&self) -> bool {
        std::sync::Arc::strong_count(&self.0) == 1
    }
}
