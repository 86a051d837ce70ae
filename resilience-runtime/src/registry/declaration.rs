//! What sites say of their instances, of whatever kind: compiled once, not for each kind.

use std::any::Any;

use super::Instance;
#[cfg(feature = "keyed")]
use crate::keyed::KeySettings;
use crate::site::{InstanceSite, Location, PolicyKind, Site, SiteName, SitePolicy};

/// What a site says of its instance.
#[derive(Clone, Copy)]
pub(super) struct Declaration {
    pub(super) kind: PolicyKind,
    pub(super) name: SiteName,
    /// Of the function.
    pub(super) location: Location,
    pub(super) gives_settings: bool,
    /// Whether a name that no site gives settings to is a mistake.
    pub(super) needs_settings: bool,
    pub(super) is_keyed: bool,
    #[cfg(feature = "keyed")]
    pub(super) keys: Option<KeySettings>,
    site: &'static dyn AnySite,
}

impl Declaration {
    /// Of a policy that has an instance.
    pub(super) fn of(function: &'static Site, policy: &SitePolicy) -> Option<Self> {
        let at = function.location();
        match policy {
            SitePolicy::CircuitBreaker(site) => Some(Self::new(at, site)),
            SitePolicy::Bulkhead(site) => Some(Self::new(at, site)),
            SitePolicy::RateLimit(site) => Some(Self::new(at, site)),
            SitePolicy::Retry(site) => site.budget().map(|budget| Self::new(at, budget)),
            SitePolicy::Hedge(site) => site.budget().map(|budget| Self::new(at, budget)),
            SitePolicy::Timeout(_) | SitePolicy::Fallback(_) | SitePolicy::Pipeline(_) => None,
        }
    }

    fn new<I: Instance>(location: Location, site: &'static InstanceSite<I>) -> Self {
        Self {
            kind: I::KIND,
            name: site.name,
            location,
            gives_settings: site.settings.is_some(),
            needs_settings: I::NEEDS_SETTINGS,
            is_keyed: site.is_keyed(),
            #[cfg(feature = "keyed")]
            keys: site.keys,
            site,
        }
    }

    /// The site itself, if it is of this kind.
    pub(super) fn site<I: Instance>(&self) -> Option<&'static InstanceSite<I>> {
        let site: &'static dyn Any = self.site;
        site.downcast_ref()
    }

    /// Whether it gives other settings than the site does whose settings are in force.
    pub(super) fn contradicts(&self, first: &Self) -> bool {
        self.gives_settings && !std::ptr::addr_eq(self.site, first.site) && self.site.differs_from(first.site)
    }
}

/// An [`InstanceSite`] without its type.
trait AnySite: Any + Sync {
    /// Whether its settings are others than those of a site of the same kind.
    fn differs_from(&self, other: &dyn Any) -> bool;
}

impl<I: Instance> AnySite for InstanceSite<I> {
    fn differs_from(&self, other: &dyn Any) -> bool {
        let settings = |site: &Self| site.settings.map(|settings| settings());
        other.downcast_ref().is_some_and(|other| settings(self) != settings(other))
    }
}
