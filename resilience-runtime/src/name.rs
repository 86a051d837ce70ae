//! Names of policies: written in the source, or made at run time.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// The name of a policy, as errors and metrics give it.
///
/// Cloning one never allocates, so that a rejection costs nothing but its own few words.
///
/// ```
/// use resilience::Name;
///
/// let name = Name::from("quotes");
/// assert_eq!(name, "quotes");
/// assert_eq!(name.len(), 6);
/// ```
#[derive(Clone)]
pub struct Name(Text);

#[derive(Clone)]
enum Text {
    Static(&'static str),
    Shared(Arc<str>),
}

impl Name {
    /// A name that is known when the program is compiled.
    pub const fn from_static(name: &'static str) -> Self {
        Self(Text::Static(name))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Text::Static(name) => name,
            Text::Shared(name) => name,
        }
    }
}

impl Drop for Name {
    /// Most names are static. The others are let go out of the way, by value: whoever drops an error needs neither the
    /// code nor the error's address for it.
    #[inline]
    fn drop(&mut self) {
        if let Text::Shared(_) = &self.0
            && let Text::Shared(name) = std::mem::replace(&mut self.0, Text::Static(""))
        {
            let_go(name);
        }
    }
}

#[cold]
#[inline(never)]
fn let_go(name: Arc<str>) {
    drop(name);
}

impl From<&'static str> for Name {
    fn from(name: &'static str) -> Self {
        Self::from_static(name)
    }
}

impl From<String> for Name {
    fn from(name: String) -> Self {
        Self(Text::Shared(name.into()))
    }
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Name {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl std::borrow::Borrow<str> for Name {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Name {}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl std::hash::Hash for Name {
    // As `str` does, because the registry looks names up in their borrowed form.
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The function that a closure stands in, as `module::function`.
pub(crate) fn function_of<F>() -> &'static str {
    let name = std::any::type_name::<F>();
    name.find("::{{closure}}").map_or(name, |end| &name[..end])
}
