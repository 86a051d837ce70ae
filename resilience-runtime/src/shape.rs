//! What the result of a function looks like to the policies: a `Result`, an `Option`, or a plain value.
//!
//! A `Shape<R>` is chosen by method resolution: the inherent methods for `Result` and `Option` win over those of
//! [`PlainShape`], which every type has. So any alias of `Result` works, and a plain type needs no annotation.

// A `Result` here is the function's own, seen from outside; there is nothing to say about its errors.
#![allow(clippy::missing_errors_doc)]

use std::convert::Infallible;
use std::marker::PhantomData;

use crate::attempt::{self, Body};
use crate::circuit_breaker::{Settle, Verdict};
use crate::error::{Error, FromRejection, Kinds};
use crate::fallback::{Failure, MapWith, Story, Untold};
use crate::retry::{Attempts, Step};
use crate::site::Site;

/// The witness of a result type. Contravariant: where the type borrows, a method may see it as one that borrows for
/// longer, which is how an error that the test kit makes can stand for one that borrows.
#[derive(Debug)]
pub struct Shape<R>(PhantomData<fn(R)>);

impl<R> Clone for Shape<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Shape<R> {}

impl<R> Default for Shape<R> {
    fn default() -> Self {
        Self::new()
    }
}

impl<R> Shape<R> {
    /// Witnesses the type.
    #[inline]
    pub const fn new() -> Self {
        Self(PhantomData)
    }

    /// For a type that can't be named, `impl Trait` say: it is plain.
    #[inline]
    pub const fn plain() -> Plain<R> {
        Plain(PhantomData)
    }
}

/// A value of the user's. In a field, one of another type is told as just that, and not as the argument of a method that
/// nobody wrote.
#[derive(Debug)]
pub struct Given<T> {
    /// As it is written.
    pub value: T,
}

#[allow(clippy::unused_self)] // the receiver is what selects the methods
impl<T, E> Shape<Result<T, E>> {
    /// A failure is an `Err`.
    #[inline]
    pub const fn can_fail(self) {}

    /// The value or the error.
    #[inline]
    pub fn view(self, result: &Result<T, E>) -> Result<&T, &E> {
        result.as_ref()
    }

    /// The error of a failed result, or the result.
    #[inline]
    pub fn into_error(self, result: Result<T, E>) -> Result<E, Result<T, E>> {
        match result {
            Ok(value) => Err(Ok(value)),
            Err(error) => Ok(error),
        }
    }

    /// Says what the outcome says about the callee's health, where every failure counts and of the rejections these.
    #[inline(always)]
    pub fn settle(self, permit: impl Settle, outcome: &Result<Result<T, E>, Error>, counted: u8) {
        permit.settle(verdict(outcome.as_ref().map(Result::is_ok), counted));
    }

    /// What the outcome asks of a retry, where every failure counts and of the rejections these.
    #[inline(always)]
    pub fn step(
        self,
        outcome: &Result<Result<T, E>, Error>,
        attempts: &mut Attempts<'_>,
        counted: u8,
    ) -> Step {
        step(outcome.as_ref().map(Result::is_ok), attempts, counted)
    }

    /// What a handler answers for, where it answers for every failure and rejection; or the success.
    #[inline(always)]
    pub fn failure(self, outcome: Result<Result<T, E>, Error>) -> Result<Failure<E>, Result<T, E>> {
        match outcome {
            Ok(result) => self.into_error(result).map(Failure::Own),
            Err(rejection) => Ok(Failure::Rejected(rejection)),
        }
    }

    /// A value as a result.
    #[inline]
    pub fn success(self, given: Given<T>) -> Result<T, E> {
        Ok(given.value)
    }

    /// An error as a result.
    #[inline]
    pub fn fail(self, error: E) -> Result<T, E> {
        Err(error)
    }

    /// The error that a function of the user's makes of something.
    #[inline]
    pub fn error_by<A>(self, argument: A, error: impl FnOnce(A) -> E) -> E {
        error(argument)
    }

    /// How handlers get a rejection, where the user says it.
    #[inline]
    pub fn map_with<F: FnOnce(Error) -> E>(self, map: F) -> MapWith<F> {
        MapWith(map)
    }

    /// A rejection as a result.
    #[inline]
    pub fn reject(self, rejection: Error) -> Result<T, E>
    where
        E: FromRejection,
    {
        Err(E::from_rejection(rejection))
    }
}

#[allow(clippy::unused_self)]
impl<T, E: Clone + Send> Shape<Result<T, E>> {
    /// Keeps the errors that the handlers of a fallback are given.
    pub const fn story(self) -> Story<E> {
        Story::new()
    }
}

#[allow(clippy::unused_self)]
impl<T> Shape<Option<T>> {
    /// A failure is a `None`.
    #[inline]
    pub const fn can_fail(self) {}

    /// The value, or nothing.
    #[inline]
    pub fn view(self, option: &Option<T>) -> Result<&T, &()> {
        option.as_ref().ok_or(&())
    }

    /// The failure, or the option.
    #[inline]
    pub fn into_error(self, option: Option<T>) -> Result<(), Option<T>> {
        if option.is_some() { Err(option) } else { Ok(()) }
    }

    /// Says what the outcome says about the callee's health, where every failure counts and of the rejections these.
    #[inline(always)]
    pub fn settle(self, permit: impl Settle, outcome: &Result<Option<T>, Error>, counted: u8) {
        permit.settle(verdict(outcome.as_ref().map(Option::is_some), counted));
    }

    /// What the outcome asks of a retry, where every failure counts and of the rejections these.
    #[inline(always)]
    pub fn step(self, outcome: &Result<Option<T>, Error>, attempts: &mut Attempts<'_>, counted: u8) -> Step {
        step(outcome.as_ref().map(Option::is_some), attempts, counted)
    }

    /// What a handler answers for, where it answers for every failure and rejection; or the success.
    #[inline(always)]
    pub fn failure(self, outcome: Result<Option<T>, Error>) -> Result<Failure<()>, Option<T>> {
        match outcome {
            Ok(result) => self.into_error(result).map(Failure::Own),
            Err(rejection) => Ok(Failure::Rejected(rejection)),
        }
    }

    /// A value as an option.
    #[inline]
    pub fn success(self, given: Given<T>) -> Option<T> {
        Some(given.value)
    }

    /// A failure as an option.
    #[inline]
    pub fn fail(self, (): ()) -> Option<T> {
        None
    }

    /// There is no error to make of something: a function of the user's may look at it.
    #[inline]
    pub fn error_by<A>(self, argument: A, told: impl FnOnce(A)) {
        told(argument);
    }

    /// How handlers get a rejection, where the user says it.
    #[inline]
    pub fn map_with<F: FnOnce(Error)>(self, map: F) -> MapWith<F> {
        MapWith(map)
    }

    /// A rejection as an option.
    #[inline]
    pub fn reject(self, _rejection: Error) -> Option<T> {
        None
    }
}

#[inline(always)]
fn verdict(outcome: Result<bool, &Error>, counted: u8) -> Verdict {
    match outcome {
        Ok(true) => Verdict::Success,
        Ok(false) => Verdict::Failure,
        Err(rejection) if Kinds::of(counted).contains(rejection) => Verdict::Failure,
        Err(_) => Verdict::Ignored,
    }
}

#[inline(always)]
fn step(outcome: Result<bool, &Error>, attempts: &mut Attempts<'_>, counted: u8) -> Step {
    match outcome {
        Ok(false) => attempts.after_failure(None),
        Err(rejection) if Kinds::of(counted).contains(rejection) => attempts.after_rejection(rejection),
        Ok(true) => attempts.succeeded(),
        Err(_) => attempts.not_retried(),
    }
}

/// A function's result that a rejection can be turned into.
#[diagnostic::on_unimplemented(
    message = "a policy can refuse this call, and `{Self}` has no room for the refusal",
    label = "neither a `Result` nor an `Option`",
    note = "return a `Result` or an `Option`, or put `#[fallback(..)]` above the other attributes: it answers in their place"
)]
pub trait CarriesRejection {}

/// A function's result that a policy may find to be a failure.
#[diagnostic::on_unimplemented(
    message = "there is nothing to do for this policy: `{Self}` is neither a `Result` nor an `Option`",
    label = "never sees a failure",
    note = "return one, or say with `when_ok = |value| …` which value is a failure",
    note = "a future is told by `impl Future<Output = …>`, `Pin<Box<dyn Future<Output = …>>>` or `BoxFuture<…>` in the signature, \
            or by a body that ends in `Box::pin(…)`"
)]
pub trait CanFail {}

/// The methods of every type that is neither a `Result` nor an `Option`: it can't fail.
pub trait PlainShape<R>: Sized {
    /// Doesn't compile: there is no failure.
    fn can_fail(self)
    where
        R: CanFail,
    {
        // No type implements the bound, so this is never compiled into a program.
        unreachable!()
    }

    /// The value.
    #[inline]
    fn view(self, value: &R) -> Result<&R, &Infallible> {
        Ok(value)
    }

    /// The value again.
    #[inline]
    fn into_error(self, value: R) -> Result<Infallible, R> {
        Err(value)
    }

    /// Says what the outcome says about the callee's health, where every failure counts and of the rejections these.
    #[inline(always)]
    fn settle(self, permit: impl Settle, outcome: &Result<R, Error>, counted: u8) {
        permit.settle(verdict(outcome.as_ref().map(|_| true), counted));
    }

    /// What the outcome asks of a retry, where every failure counts and of the rejections these.
    #[inline(always)]
    fn step(self, outcome: &Result<R, Error>, attempts: &mut Attempts<'_>, counted: u8) -> Step {
        step(outcome.as_ref().map(|_| true), attempts, counted)
    }

    /// What a handler answers for, where it answers for every failure and rejection; or the success.
    #[inline(always)]
    fn failure(self, outcome: Result<R, Error>) -> Result<Failure<Infallible>, R> {
        match outcome {
            Ok(result) => self.into_error(result).map(Failure::Own),
            Err(rejection) => Ok(Failure::Rejected(rejection)),
        }
    }

    /// The value.
    #[inline]
    fn success(self, given: Given<R>) -> R {
        given.value
    }

    /// Can't be called.
    #[inline]
    fn fail(self, error: Infallible) -> R {
        match error {}
    }

    /// There is no error, and no function that makes one.
    #[inline]
    fn error_by<A>(self, argument: A, error: impl FnOnce(A) -> Infallible) -> Infallible {
        error(argument)
    }

    /// How handlers get a rejection, where the user says it.
    #[inline]
    fn map_with<F: FnOnce(Error) -> Infallible>(self, map: F) -> MapWith<F> {
        MapWith(map)
    }

    /// Keeps nothing: these errors can't be kept.
    fn story(self) -> Untold {
        Untold
    }

    /// What the test kit has in the place of a sync body. `fail` makes a result of an error.
    #[inline(always)]
    fn instead<E>(self, site: &'static Site, _fail: impl FnOnce(E) -> R) -> Option<R> {
        attempt::instead(site)
    }

    /// An async body, or what the test kit has in the place of it.
    #[cfg(feature = "testing")]
    fn attempt_async<E, F: Future<Output = R>>(
        self,
        site: &'static Site,
        body: F,
        _fail: impl FnOnce(E) -> R,
    ) -> Body<F> {
        attempt::future(site, || body)
    }

    /// The same for a body that returns a future.
    #[inline(always)]
    fn attempt_future<E, F: Future<Output = R>>(
        self,
        site: &'static Site,
        body: impl FnOnce() -> F,
        _fail: impl FnOnce(E) -> R,
    ) -> Body<F> {
        attempt::future(site, body)
    }

    /// Doesn't compile: there is no room for a rejection.
    fn reject(self, rejection: Error) -> R
    where
        R: CarriesRejection,
    {
        // No type implements the bound, so this is never compiled into a program.
        unreachable!("{rejection}")
    }
}

impl<R> PlainShape<R> for Shape<R> {}

/// The witness of a type that can't be named.
#[derive(Debug)]
pub struct Plain<R>(PhantomData<fn(R)>);

impl<R> Clone for Plain<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Plain<R> {}

impl<R> PlainShape<R> for Plain<R> {}

#[cfg(test)]
mod tests {
    use super::*;

    type Alias<T> = Result<T, String>;

    #[test]
    fn the_shape_is_found_through_aliases() {
        let shape = Shape::<Alias<u8>>::new();
        assert_eq!(shape.view(&Ok(1)), Ok(&1));
        assert_eq!(shape.into_error(Err("e".into())), Ok("e".to_owned()));
        let shape = Shape::<Option<u8>>::new();
        assert_eq!(shape.view(&None), Err(&()));
        let shape = Shape::<u8>::new();
        assert_eq!(shape.view(&1), Ok(&1));
    }

    #[test]
    fn a_bare_type_parameter_is_plain() {
        fn generic<T: Copy>(value: T) -> T {
            let shape = Shape::<T>::new();
            shape.success(Given { value })
        }
        assert_eq!(generic(Some(1)), Some(1));
    }
}
