//! What can be read off a type, as it is written.

use proc_macro2::{Ident, Span};
use syn::punctuated::Punctuated;
use syn::{
    AngleBracketedGenericArguments, AssocType, CapturedParam, GenericArgument, GenericParam, Lifetime,
    NamedArg, Path, PathArguments, PathSegment, ReturnType, Token, Type, TypeArray, TypeGroup, TypeImplTrait,
    TypeParamBound, TypeParen, TypePtr, TypeReference, TypeSlice, TypeTraitObject,
};

/// What a path names: the `Result<T, E>` of `std::io::Result<T, E>`.
pub(crate) fn named(ty: &Type) -> Option<&PathSegment> {
    match ty {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    }
}

pub(crate) fn is_one_of(name: &Ident, names: &[&str]) -> bool {
    names.iter().any(|one| name == one)
}

pub(crate) fn is_mut_ref(ty: &Type) -> bool {
    matches!(ty, Type::Reference(reference) if reference.mutability.is_some())
}

/// A borrow, or a type that is copied and never moved.
pub(crate) fn is_certainly_kept(ty: &Type) -> bool {
    let names = [
        "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64",
        "u128", "usize", "Duration", "Instant",
    ];
    matches!(ty, Type::Reference(_)) || named(ty).is_some_and(|last| is_one_of(&last.ident, &names))
}

/// Whether a type is one of those well known for not being `Copy`. Of others only the compiler knows.
pub(crate) fn is_certainly_moved(ty: &Type) -> bool {
    let names = [
        "String", "Vec", "Box", "Rc", "Arc", "PathBuf", "OsString", "CString", "HashMap", "HashSet",
        "BTreeMap", "BTreeSet", "VecDeque", "Bytes",
    ];
    named(ty).is_some_and(|last| is_one_of(&last.ident, &names))
}

/// Whether a type is one of those well known for being `Send`. Of others only the compiler knows.
pub(super) fn is_certainly_sent(ty: &Type) -> bool {
    let names = ["String", "PathBuf", "OsString", "CString", "Bytes"];
    is_certainly_kept(ty)
        || named(ty).is_some_and(|last| {
            is_one_of(&last.ident, &names)
                || is_certainly_moved(ty)
                    && last.ident != "Rc"
                    && type_arguments(last).into_iter().all(is_certainly_sent)
        })
}

/// Whether a type is one of those well known for not being `Send`.
pub(super) fn is_certainly_bound_to_its_thread(ty: &Type) -> bool {
    matches!(ty, Type::Ptr(_))
        || named(ty).is_some_and(|last| {
            last.ident == "Rc" || type_arguments(last).into_iter().any(is_certainly_bound_to_its_thread)
        })
}

/// Through the wrappers of a pinned box.
pub(super) fn innermost(ty: &Type) -> &Type {
    match ty {
        Type::Path(_) => match named(ty) {
            Some(last) if last.ident == "Pin" || last.ident == "Box" => {
                type_arguments(last).last().map_or(ty, |inner| innermost(inner))
            }
            _ => ty,
        },
        Type::Group(group) => innermost(&group.elem),
        Type::Paren(paren) => innermost(&paren.elem),
        _ => ty,
    }
}

/// The `T` and the `E` of `Result<T, E>`.
pub(super) fn type_arguments(named: &PathSegment) -> Vec<&Type> {
    let PathArguments::AngleBracketed(arguments) = &named.arguments else { return Vec::new() };
    let types = arguments.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    types.collect()
}

/// The first borrow in a type that is not `'static`.
pub(crate) fn borrow(ty: &Type) -> Option<Span> {
    let is_static =
        |lifetime: &Option<Lifetime>| lifetime.as_ref().is_some_and(|lifetime| lifetime.ident == "static");
    Lifetimes::of(ty).into_iter().find(|(_, lifetime)| !is_static(lifetime)).map(|(span, _)| span)
}

/// The lifetimes of a type, elided ones too. What `fn(&str)`, `Fn(&str)` and `for<'a> Trait<'a>` bring along is the
/// affair of their callers.
#[derive(Default)]
pub(super) struct Lifetimes<'a> {
    found: Vec<(Span, Option<Lifetime>)>,
    /// Those of the `for<..>` that are open.
    declared: Vec<&'a Lifetime>,
}

impl<'a> Lifetimes<'a> {
    pub(super) fn of(ty: &'a Type) -> Vec<(Span, Option<Lifetime>)> {
        let mut lifetimes = Self::default();
        lifetimes.in_type(ty);
        lifetimes.found
    }

    fn in_type(&mut self, ty: &'a Type) {
        match ty {
            Type::Reference(reference) => {
                self.add(reference.and_token.span, reference.lifetime.as_ref());
                self.in_type(&reference.elem);
            }
            Type::Array(TypeArray { elem, .. })
            | Type::Group(TypeGroup { elem, .. })
            | Type::Paren(TypeParen { elem, .. })
            | Type::Ptr(TypePtr { elem, .. })
            | Type::Slice(TypeSlice { elem, .. }) => self.in_type(elem),
            Type::Tuple(tuple) => tuple.elems.iter().for_each(|ty| self.in_type(ty)),
            Type::ImplTrait(TypeImplTrait { bounds, .. })
            | Type::TraitObject(TypeTraitObject { bounds, .. }) => self.in_bounds(bounds),
            Type::Path(path) => {
                if let Some(owner) = &path.qself {
                    self.in_type(&owner.ty);
                }
                self.in_path(&path.path);
            }
            _ => {}
        }
    }

    fn in_bounds(&mut self, bounds: &'a Punctuated<TypeParamBound, Token![+]>) {
        for bound in bounds {
            match bound {
                TypeParamBound::Lifetime(lifetime) => self.add(lifetime.span(), Some(lifetime)),
                TypeParamBound::Trait(bound) => {
                    let outer = self.declared.len();
                    for parameter in bound.lifetimes.iter().flat_map(|declared| &declared.lifetimes) {
                        if let GenericParam::Lifetime(parameter) = parameter {
                            self.declared.push(&parameter.lifetime);
                        }
                    }
                    self.in_path(&bound.path);
                    self.declared.truncate(outer);
                }
                TypeParamBound::PreciseCapture(capture) => {
                    for captured in &capture.params {
                        if let CapturedParam::Lifetime(lifetime) = captured {
                            self.add(lifetime.span(), Some(lifetime));
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn in_path(&mut self, path: &'a Path) {
        for segment in &path.segments {
            if let PathArguments::AngleBracketed(arguments) = &segment.arguments {
                self.in_arguments(arguments);
            }
        }
    }

    fn in_arguments(&mut self, arguments: &'a AngleBracketedGenericArguments) {
        for argument in &arguments.args {
            match argument {
                GenericArgument::Lifetime(lifetime) => self.add(lifetime.span(), Some(lifetime)),
                GenericArgument::Type(ty) => self.in_type(ty),
                GenericArgument::AssocType(associated) => {
                    associated.generics.iter().for_each(|arguments| self.in_arguments(arguments));
                    self.in_type(&associated.ty);
                }
                GenericArgument::Constraint(constraint) => {
                    constraint.generics.iter().for_each(|arguments| self.in_arguments(arguments));
                    self.in_bounds(&constraint.bounds);
                }
                _ => {}
            }
        }
    }

    fn add(&mut self, span: Span, lifetime: Option<&'a Lifetime>) {
        if lifetime.is_none_or(|lifetime| !self.declared.contains(&lifetime)) {
            self.found.push((span, lifetime.cloned()));
        }
    }
}

/// Where a value is named, `impl Trait` can't be written.
pub(super) fn infer_impl_trait(ty: &mut Type) {
    match ty {
        Type::ImplTrait(_) => *ty = syn::parse_quote!(_),
        Type::Array(TypeArray { elem, .. })
        | Type::Group(TypeGroup { elem, .. })
        | Type::Paren(TypeParen { elem, .. })
        | Type::Ptr(TypePtr { elem, .. })
        | Type::Reference(TypeReference { elem, .. })
        | Type::Slice(TypeSlice { elem, .. }) => infer_impl_trait(elem),
        Type::Tuple(tuple) => tuple.elems.iter_mut().for_each(infer_impl_trait),
        Type::FnPtr(pointer) => infer_in_signature(&mut pointer.inputs, &mut pointer.output),
        Type::Path(path) => infer_in_path(&mut path.path),
        Type::TraitObject(object) => {
            for bound in &mut object.bounds {
                if let TypeParamBound::Trait(bound) = bound {
                    infer_in_path(&mut bound.path);
                }
            }
        }
        _ => {}
    }
}

fn infer_in_path(path: &mut Path) {
    for segment in &mut path.segments {
        match &mut segment.arguments {
            PathArguments::AngleBracketed(arguments) => {
                for argument in &mut arguments.args {
                    if let GenericArgument::Type(ty) | GenericArgument::AssocType(AssocType { ty, .. }) =
                        argument
                    {
                        infer_impl_trait(ty);
                    }
                }
            }
            PathArguments::Parenthesized(arguments) => {
                infer_in_signature(&mut arguments.inputs, &mut arguments.output);
            }
            PathArguments::None => {}
        }
    }
}

/// The compiler refuses it there, and is to say so once.
fn infer_in_signature(inputs: &mut Punctuated<NamedArg, Token![,]>, output: &mut ReturnType) {
    inputs.iter_mut().for_each(|input| infer_impl_trait(&mut input.ty));
    if let ReturnType::Type(_, ty) = output {
        infer_impl_trait(ty);
    }
}

#[cfg(test)]
mod tests {
    use quote::ToTokens;

    use super::*;

    fn parsed(text: &str) -> Type {
        syn::parse_str(text).expect("a type")
    }

    #[test]
    fn a_borrow_is_found_wherever_it_stands() {
        for text in [
            "&str",
            "(u8, [&str; 2])",
            "*const &'a u8",
            "Cow<'a, str>",
            "Result<Vec<&str>, Error>",
            "<&'a str as ToOwned>::Owned",
            "Box<dyn Read + 'a>",
            "impl Iterator<Item = &'a str>",
            "impl Iterator<Item: Into<&'a str>>",
            "impl for<'b> Handler<'b, &'a str>",
            "impl Iterator<Item = u8> + use<'a>",
            "impl Lend<Item<'a> = u8>",
            "impl Lend<Item<'a>: Copy>",
        ] {
            assert!(borrow(&parsed(text)).is_some(), "{text}");
        }
    }

    #[test]
    fn what_callers_bring_along_is_no_borrow() {
        for text in [
            "String",
            "Cow<'static, str>",
            "&'static [&'static str]",
            "fn(&str) -> &str",
            "impl Fn(&str) -> &str",
            "Box<dyn for<'a> Handler<'a, &'a str> + 'static>",
        ] {
            assert!(borrow(&parsed(text)).is_none(), "{text}");
        }
    }

    #[test]
    fn impl_trait_is_inferred_wherever_it_stands() {
        for (text, inferred) in [
            ("impl Read", "_"),
            ("Result<impl Read, Error>", "Result<_, Error>"),
            ("(u8, [impl Read; 2], &'a [impl Read])", "(u8, [_; 2], &'a [_])"),
            ("Box<dyn Iterator<Item = impl Read>>", "Box<dyn Iterator<Item = _>>"),
            ("Box<dyn Fn() -> impl Read>", "Box<dyn Fn() -> _>"),
            ("Box<dyn Fn(impl Read)>", "Box<dyn Fn(_)>"),
            ("fn(impl Read) -> impl Read", "fn(_) -> _"),
        ] {
            let mut ty = parsed(text);
            infer_impl_trait(&mut ty);
            let text = |ty: &Type| ty.to_token_stream().to_string();
            assert_eq!(text(&ty), text(&parsed(inferred)));
        }
    }
}
