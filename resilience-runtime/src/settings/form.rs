//! Settings as serde reads and writes them: a map of fields, each in the form that an attribute takes it in. Without the
//! derive, which would bring `syn` below the runtime.

use std::fmt;
use std::time::Duration;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};

use super::duration;

/// A setting's value in the form that an attribute takes it in.
pub(crate) trait Form: Copy {
    fn write<S: Serializer>(self, serializer: S) -> Result<S::Ok, S::Error>;

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

/// A value that serde reads and writes in its [`Form`].
pub(crate) struct As<T>(pub(crate) T);

impl<T: Form> Serialize for As<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.write(serializer)
    }
}

impl<'de, T: Form> Deserialize<'de> for As<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::read(deserializer).map(Self)
    }
}

impl Form for u32 {
    fn write<S: Serializer>(self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(self)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }
}

impl Form for f64 {
    fn write<S: Serializer>(self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }
}

impl Form for Duration {
    fn write<S: Serializer>(self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&text_of(self))
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Scalar::read(deserializer, "a duration such as \"250ms\"")?.duration()
    }
}

impl<T: Form> Form for Option<T> {
    fn write<S: Serializer>(self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Some(value) => serializer.serialize_some(&As(value)),
            None => serializer.serialize_none(),
        }
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<As<T>>::deserialize(deserializer)?.map(|value| value.0))
    }
}

/// Returns a duration as attributes spell it: exact, in one unit.
pub(crate) fn text_of(time: Duration) -> String {
    format!("{time:?}").replace('µ', "u")
}

/// A text or a number, for settings that are written as either.
pub(crate) enum Scalar {
    Text(String),
    Whole(u64),
    Number(f64),
}

impl Scalar {
    pub(crate) fn read<'de, D: Deserializer<'de>>(
        deserializer: D,
        expected: &'static str,
    ) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneScalar { expected })
    }

    pub(crate) fn duration<E: serde::de::Error>(self) -> Result<Duration, E> {
        let text = match self {
            Self::Text(text) => text,
            Self::Whole(number) => number.to_string(),
            Self::Number(number) => number.to_string(),
        };
        duration::parse(&text).map_err(E::custom)
    }
}

struct OneScalar {
    expected: &'static str,
}

impl Visitor<'_> for OneScalar {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_str<E>(self, text: &str) -> Result<Scalar, E> {
        Ok(Scalar::Text(text.to_owned()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Scalar, E> {
        Ok(Scalar::Whole(number))
    }

    #[allow(clippy::cast_precision_loss)] // negative, which no setting is
    fn visit_i64<E>(self, number: i64) -> Result<Scalar, E> {
        Ok(u64::try_from(number).map_or(Scalar::Number(number as f64), Scalar::Whole))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Scalar, E> {
        Ok(Scalar::Number(number))
    }
}

/// Reads the value of one field, and names the field in the error.
pub(crate) fn read_field<'de, T: Form, A: MapAccess<'de>>(map: &mut A, name: &str) -> Result<T, A::Error> {
    match map.next_value::<As<T>>() {
        Ok(value) => Ok(value.0),
        Err(error) => Err(A::Error::custom(format_args!("`{name}`: {error}"))),
    }
}

/// Fails if a field is missing that has no default, or is there twice.
pub(crate) fn check_given<E: serde::de::Error>(
    given: &mut [String],
    required: &[&'static str],
) -> Result<(), E> {
    if let Some(missing) = required.iter().find(|name| !given.iter().any(|given| given == *name)) {
        return Err(E::missing_field(missing));
    }
    given.sort_unstable();
    match given.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(E::custom(format_args!("duplicate field `{}`", pair[0]))),
        None => Ok(()),
    }
}

/// `Serialize` and `Deserialize` of settings. Each field is named with the type whose [`Form`] it has. A field that is
/// left out keeps its value of `$start`, unless it is required.
macro_rules! serialized {
    ($settings:ident from $start:expr, required [$($required:ident),*], { $($field:ident: $form:ty),* $(,)? }) => {
        const _: () = {
            use std::fmt;

            use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
            use serde::ser::{Serialize, SerializeStruct, Serializer};

            use crate::settings::form::{As, check_given, read_field};

            const FIELDS: &[&str] = &[$(stringify!($field)),*];

            impl Serialize for $settings {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    // Without `..`: no setting is left out.
                    let Self { $($field),* } = *self;
                    let mut fields = serializer.serialize_struct(stringify!($settings), FIELDS.len())?;
                    $(fields.serialize_field(stringify!($field), &As(<$form>::from($field)))?;)*
                    fields.end()
                }
            }

            impl<'de> Deserialize<'de> for $settings {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    struct Fields;

                    impl<'de> Visitor<'de> for Fields {
                        type Value = $settings;

                        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                            f.write_str(concat!("the fields of `", stringify!($settings), "`"))
                        }

                        #[allow(clippy::useless_conversion)] // most fields are their own form
                        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<$settings, A::Error> {
                            let mut settings: $settings = $start;
                            let mut given = Vec::new();
                            while let Some(name) = map.next_key::<String>()? {
                                match name.as_str() {
                                    $(stringify!($field) => {
                                        settings.$field = read_field::<$form, A>(&mut map, &name)?.into();
                                    })*
                                    _ => return Err(A::Error::unknown_field(&name, FIELDS)),
                                }
                                given.push(name);
                            }
                            check_given(&mut given, &[$(stringify!($required)),*])?;
                            Ok(settings)
                        }
                    }

                    deserializer.deserialize_struct(stringify!($settings), FIELDS, Fields)
                }
            }
        };
    };
}
pub(crate) use serialized;
