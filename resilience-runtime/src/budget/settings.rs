//! The settings of a retry budget as a plain value, and the reference to a budget in other settings.

use std::fmt;

use super::policy::RetryBudgetPolicy;
use crate::config::{ConfigError, is_blank};
use crate::settings::plain_settings;

/// The settings of a [`RetryBudgetPolicy`] as public fields. Each is described at the setter of its name.
///
/// ```
/// use resilience::{RetryBudgetPolicy, RetryBudgetSettings};
///
/// const SPARING: RetryBudgetPolicy = RetryBudgetPolicy::new().ratio(0.1);
/// let settings = RetryBudgetSettings { min_per_second: 1, ..SPARING.settings() };
/// assert_eq!(RetryBudgetPolicy::from_settings(settings), Ok(SPARING.min_per_second(1)));
///
/// let above = RetryBudgetSettings { ratio: 1.5, ..RetryBudgetSettings::default() };
/// assert_eq!(RetryBudgetPolicy::from_settings(above).unwrap_err().setting(), "ratio");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RetryBudgetSettings {
    /// The number of retries that each call pays for.
    pub ratio: f64,
    /// The number of retries a second that need no calls to pay for them.
    pub min_per_second: u32,
}

impl Default for RetryBudgetSettings {
    fn default() -> Self {
        RetryBudgetPolicy::new().settings()
    }
}

plain_settings!(RetryBudgetSettings of RetryBudgetPolicy);

/// A retry budget by its name, in the settings of a retry or a hedge.
///
/// ```
/// use resilience::{NamedBudget, RetryPolicy, RetrySettings};
///
/// let shared = NamedBudget { name: "payments", settings: None };
/// let settings = RetrySettings { budget: Some(shared), ..RetrySettings::default() };
/// assert_eq!(RetryPolicy::from_settings(settings), Ok(RetryPolicy::new().budget("payments")));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NamedBudget {
    /// The name that the budget is shared by.
    pub name: &'static str,
    /// The settings for the name; `None` for those given elsewhere, or the defaults.
    pub settings: Option<RetryBudgetSettings>,
}

impl NamedBudget {
    /// Returns the policy for the name, where its settings are given.
    pub(crate) const fn policy(&self) -> Option<RetryBudgetPolicy> {
        match self.settings {
            Some(settings) => Some(RetryBudgetPolicy { settings }),
            None => None,
        }
    }

    pub(crate) const fn validate(&self) -> Result<(), ConfigError> {
        if is_blank(self.name) {
            return Err(ConfigError::new(
                "budget",
                "`budget` must not be empty: its name is what it is shared by",
            ));
        }
        match self.policy() {
            Some(policy) => policy.validate(),
            None => Ok(()),
        }
    }
}

impl fmt::Display for NamedBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.policy() {
            Some(policy) => write!(f, "budget `{}` of {policy}", self.name),
            None => write!(f, "budget `{}`", self.name),
        }
    }
}

#[cfg(feature = "serde")]
mod serialized {
    use std::collections::BTreeSet;
    use std::fmt;
    use std::sync::{Mutex, PoisonError};

    use serde::de::{Deserializer, Error, MapAccess, Visitor};
    use serde::ser::{SerializeStruct, Serializer};

    use super::{NamedBudget, RetryBudgetSettings};
    use crate::settings::form::{Form, check_given, read_field, serialized};

    serialized!(
        RetryBudgetSettings from RetryBudgetSettings::default(), required [],
        { ratio: f64, min_per_second: u32 }
    );

    /// The name, or a map of the name with the settings for it, as in `budget = "name"` and `budget(name = …)`.
    impl Form for NamedBudget {
        fn write<S: Serializer>(self, serializer: S) -> Result<S::Ok, S::Error> {
            let Some(RetryBudgetSettings { ratio, min_per_second }) = self.settings else {
                return serializer.serialize_str(self.name);
            };
            let mut fields = serializer.serialize_struct("NamedBudget", FIELDS.len())?;
            fields.serialize_field("name", self.name)?;
            fields.serialize_field("ratio", &ratio)?;
            fields.serialize_field("min_per_second", &min_per_second)?;
            fields.end()
        }

        fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_any(NameOrFields)
        }
    }

    const FIELDS: &[&str] = &["name", "ratio", "min_per_second"];

    struct NameOrFields;

    impl<'de> Visitor<'de> for NameOrFields {
        type Value = NamedBudget;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("the name of a budget, or its name and settings")
        }

        fn visit_str<E>(self, name: &str) -> Result<NamedBudget, E> {
            Ok(NamedBudget { name: kept(name), settings: None })
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<NamedBudget, A::Error> {
            let mut budget = NamedBudget { name: "", settings: None };
            let mut given = Vec::new();
            while let Some(field) = map.next_key::<String>()? {
                match field.as_str() {
                    "name" => budget.name = kept(&map.next_value::<String>()?),
                    "ratio" => budget.settings.get_or_insert_default().ratio = read_field(&mut map, &field)?,
                    "min_per_second" => {
                        budget.settings.get_or_insert_default().min_per_second =
                            read_field(&mut map, &field)?;
                    }
                    _ => return Err(A::Error::unknown_field(&field, FIELDS)),
                }
                given.push(field);
            }
            check_given(&mut given, &["name"])?;
            Ok(budget)
        }
    }

    /// Returns the name for the rest of the program's life, as a budget's name has to be. Each text is kept once.
    fn kept(name: &str) -> &'static str {
        static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
        let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = names.get(name) {
            return known;
        }
        let name: &'static str = name.to_owned().leak();
        names.insert(name);
        name
    }
}
