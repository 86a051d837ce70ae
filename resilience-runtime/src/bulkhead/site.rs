//! The static that `#[bulkhead]` leaves in a function.

use super::Bulkhead;
use super::policy::BulkheadPolicy;
use super::slot::Slot;
use crate::error::Error;
use crate::name::Name;
use crate::registry::{Instance, Registry, Table};
use crate::site::{AtSite, InstanceSite, Location, SiteName, SitePolicy};

/// One `#[bulkhead]`.
#[derive(Debug)]
pub struct BulkheadSite(pub(crate) InstanceSite<Bulkhead>);

impl BulkheadSite {
    /// Without settings, the site takes those that another site declares for the name.
    pub const fn new(name: SiteName, settings: Option<fn() -> BulkheadPolicy>, location: Location) -> Self {
        Self(InstanceSite::new(name, settings, location))
    }

    /// Takes a slot, and blocks the thread for up to `max_wait` if none is free.
    ///
    /// # Errors
    /// [`Error::BulkheadFull`].
    #[inline]
    pub fn acquire(&'static self) -> Result<Slot<AtSite<Bulkhead>>, Error> {
        let bulkhead = self.0.instance();
        bulkhead.0.acquire()?;
        Ok(Slot::new(bulkhead))
    }

    /// Takes a slot, and waits for up to `max_wait` if none is free.
    ///
    /// # Errors
    /// [`Error::BulkheadFull`].
    #[inline]
    pub async fn acquire_async(&'static self) -> Result<Slot<AtSite<Bulkhead>>, Error> {
        let bulkhead = self.0.instance();
        if !bulkhead.0.queue.try_acquire() {
            bulkhead.0.wait_for_slot_async().await?;
        }
        Ok(Slot::new(bulkhead))
    }
}

impl Instance for Bulkhead {
    type Policy = BulkheadPolicy;

    fn make(name: Name, policy: Self::Policy) -> Self {
        Self::from_checked(name, policy)
    }

    /// A site must give `max_concurrent`, or share a name with one that does; with neither, one at a time is the
    /// safest reading.
    fn default_policy() -> Self::Policy {
        BulkheadPolicy::new(1)
    }

    fn site(policy: &SitePolicy) -> Option<&'static InstanceSite<Self>> {
        match policy {
            SitePolicy::Bulkhead(site) => Some(&site.0),
            _ => None,
        }
    }

    fn table(registry: &Registry) -> &Table<Self> {
        &registry.bulkheads
    }
}
