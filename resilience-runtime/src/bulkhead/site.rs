//! The static that `#[bulkhead]` leaves in a function.

use super::future::Place;
use super::policy::BulkheadPolicy;
use super::slot::Slot;
use super::{Bulkhead, Core};
use crate::config::ConfigError;
use crate::error::Error;
use crate::name::Name;
use crate::registry::Instance;
use crate::site::{AtSite, InstanceSite, OfKey, PolicyKind};

/// One `#[bulkhead]`.
pub type BulkheadSite = InstanceSite<Bulkhead>;

impl BulkheadSite {
    /// Takes a slot. Where none is free, blocks the thread for up to `max_wait`.
    ///
    /// # Errors
    /// [`Error::BulkheadFull`].
    #[inline]
    #[track_caller]
    pub fn acquire(&'static self) -> Result<Slot<AtSite<Bulkhead>>, Error> {
        Slot::acquire(self.instance())
    }

    /// The same for a call that is rejected if the circuit around it has opened while it waited.
    ///
    /// # Errors
    /// [`Error::BulkheadFull`], or what `recheck` says.
    #[inline]
    #[track_caller]
    pub fn acquire_asking(
        &'static self,
        recheck: impl FnOnce() -> Result<(), Error>,
    ) -> Result<Slot<AtSite<Bulkhead>>, Error> {
        Slot::acquire_asking(self.instance(), recheck)
    }
}

#[inline(always)]
fn place<B: AsRef<Core> + Send + Sync + 'static>(bulkhead: B) -> Place<B> {
    if bulkhead.as_ref().queue.try_acquire() { Place::Slot(Slot::new(bulkhead)) } else { in_line(bulkhead) }
}

/// In line for a slot, or turned away.
#[cold]
#[inline(never)]
fn in_line<B: AsRef<Core> + Send + Sync + 'static>(bulkhead: B) -> Place<B> {
    if let Some(full) = bulkhead.as_ref().full(None) {
        return Place::Refused(bulkhead, full);
    }
    Place::Line(Box::pin(async move {
        let core = bulkhead.as_ref();
        core.wait_for_slot_async(None).await?;
        Ok(Slot::new(bulkhead))
    }))
}

impl BulkheadSite {
    /// A slot, a place in line for one, or none. Before the future is made that it is for, which then is made where it
    /// stays.
    #[inline(always)]
    pub fn place(&'static self) -> Place<AtSite<Bulkhead>> {
        place(self.instance())
    }
}

impl OfKey<Bulkhead> {
    /// Takes a slot. Where none is free, blocks the thread for up to `max_wait`.
    ///
    /// # Errors
    /// [`Error::BulkheadFull`].
    #[inline]
    #[track_caller]
    pub fn acquire(self) -> Result<Slot<Bulkhead>, Error> {
        Slot::acquire(self.0)
    }

    /// The same for a call that is rejected if the circuit around it has opened while it waited.
    ///
    /// # Errors
    /// [`Error::BulkheadFull`], or what `recheck` says.
    #[inline]
    #[track_caller]
    pub fn acquire_asking(
        self,
        recheck: impl FnOnce() -> Result<(), Error>,
    ) -> Result<Slot<Bulkhead>, Error> {
        Slot::acquire_asking(self.0, recheck)
    }

    /// A slot, a place in line for one, or none.
    #[inline(always)]
    pub fn place(self) -> Place<Bulkhead> {
        place(self.0)
    }
}

impl Instance for Bulkhead {
    type Policy = BulkheadPolicy;

    const KIND: PolicyKind = PolicyKind::Bulkhead;

    fn make(name: Name, policy: Self::Policy) -> Self {
        Self::from_checked(name, policy)
    }

    fn policy(&self) -> Self::Policy {
        self.policy()
    }

    fn reconfigured(&self, policy: Self::Policy) -> bool {
        self.reconfigure(policy).is_ok()
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

    #[cfg(feature = "keyed")]
    fn has_nothing_to_remember(&self, pattern: &Self) -> bool {
        crate::last_use::has_one_owner(&self.0) && self.0.is_like_new(&pattern.policy())
    }

    #[cfg(feature = "keyed")]
    fn make_rejecting(name: Name) -> Self {
        Self::make(name, BulkheadPolicy::new(0))
    }
}
