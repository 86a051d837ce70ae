//! What can be read off a type, as it is written.

use proc_macro2::Span;
use syn::visit::Visit;
use syn::{GenericArgument, GenericParam, Lifetime, PathArguments, Type};

pub(crate) fn is_mut_ref(ty: &Type) -> bool {
    matches!(ty, Type::Reference(reference) if reference.mutability.is_some())
}

/// A borrow, or a type that is copied and never moved.
pub(crate) fn is_certainly_kept(ty: &Type) -> bool {
    let names = [
        "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64",
        "u128", "usize", "Duration", "Instant",
    ];
    match ty {
        Type::Reference(_) => true,
        Type::Path(path) => {
            path.path.segments.last().is_some_and(|last| names.iter().any(|name| last.ident == name))
        }
        _ => false,
    }
}

/// Whether a type is one of those well known for not being `Copy`. Of others only the compiler knows.
pub(crate) fn is_certainly_moved(ty: &Type) -> bool {
    let names = [
        "String", "Vec", "Box", "Rc", "Arc", "PathBuf", "OsString", "CString", "HashMap", "HashSet",
        "BTreeMap", "BTreeSet", "VecDeque", "Bytes",
    ];
    match ty {
        Type::Path(path) => {
            path.path.segments.last().is_some_and(|last| names.iter().any(|name| last.ident == name))
        }
        _ => false,
    }
}

/// Whether a type is one of those well known for being `Send`. Of others only the compiler knows.
pub(super) fn is_certainly_sent(ty: &Type) -> bool {
    let names = ["String", "PathBuf", "OsString", "CString", "Bytes"];
    is_certainly_kept(ty)
        || matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| {
            names.iter().any(|name| last.ident == name)
                || is_certainly_moved(ty) && last.ident != "Rc" && type_arguments(&last.arguments).all(is_certainly_sent)
        }))
}

/// Whether a type is one of those well known for not being `Send`.
pub(super) fn is_certainly_bound_to_its_thread(ty: &Type) -> bool {
    match ty {
        Type::Ptr(_) => true,
        Type::Path(path) => path.path.segments.last().is_some_and(|last| {
            last.ident == "Rc" || type_arguments(&last.arguments).any(is_certainly_bound_to_its_thread)
        }),
        _ => false,
    }
}

/// Through the wrappers of a pinned box.
pub(super) fn innermost(ty: &Type) -> &Type {
    match ty {
        Type::Path(path) => match path.path.segments.last() {
            Some(last) if last.ident == "Pin" || last.ident == "Box" => {
                type_arguments(&last.arguments).last().map_or(ty, innermost)
            }
            _ => ty,
        },
        Type::Group(group) => innermost(&group.elem),
        Type::Paren(paren) => innermost(&paren.elem),
        _ => ty,
    }
}

pub(super) fn type_arguments(arguments: &PathArguments) -> impl Iterator<Item = &Type> {
    let arguments = match arguments {
        PathArguments::AngleBracketed(arguments) => Some(&arguments.args),
        _ => None,
    };
    arguments.into_iter().flatten().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// The first borrow in a type that is not `'static`.
pub(crate) fn borrow(ty: &Type) -> Option<Span> {
    let mut borrows = Lifetimes::default();
    borrows.visit_type(ty);
    let is_static =
        |lifetime: &Option<Lifetime>| lifetime.as_ref().is_some_and(|lifetime| lifetime.ident == "static");
    borrows.found.into_iter().find(|(_, lifetime)| !is_static(lifetime)).map(|(span, _)| span)
}

/// The lifetimes of a type, elided ones too. What `fn(&str)`, `Fn(&str)` and `for<'a> Trait<'a>` bring along is the
/// affair of their callers.
#[derive(Default)]
pub(super) struct Lifetimes {
    pub(super) found: Vec<(Span, Option<Lifetime>)>,
}

impl<'ast> Visit<'ast> for Lifetimes {
    fn visit_type_reference(&mut self, reference: &'ast syn::TypeReference) {
        self.found.push((reference.and_token.span, reference.lifetime.clone()));
        self.visit_type(&reference.elem);
    }
    fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
        self.found.push((lifetime.span(), Some(lifetime.clone())));
    }
    fn visit_trait_bound(&mut self, bound: &'ast syn::TraitBound) {
        let declared = bound.lifetimes.iter().flat_map(|bound| &bound.lifetimes);
        let declared: Vec<_> = declared
            .filter_map(|parameter| match parameter {
                GenericParam::Lifetime(parameter) => Some(&parameter.lifetime),
                _ => None,
            })
            .collect();
        let outer = self.found.len();
        self.visit_path(&bound.path);
        let inner = self.found.split_off(outer);
        let is_free = |lifetime: &Option<Lifetime>| {
            lifetime.as_ref().is_none_or(|lifetime| !declared.contains(&lifetime))
        };
        self.found.extend(inner.into_iter().filter(|(_, lifetime)| is_free(lifetime)));
    }
    fn visit_type_fn_ptr(&mut self, _: &'ast syn::TypeFnPtr) {}
    fn visit_parenthesized_generic_arguments(&mut self, _: &'ast syn::ParenthesizedGenericArguments) {}
}
