//! Calling a handler: a function of the annotated function's own arguments, with or without the error last.

use crate::error::{Error, FromRejection};

/// What a handler answers for.
#[derive(Debug)]
pub enum Failure<E> {
    /// The body's error.
    Own(E),
    /// Another policy's refusal.
    Rejected(Error),
}

impl<E> Failure<E> {
    /// The failure as the function's own error.
    #[inline]
    pub fn into_error<C: Convert<E>>(self, convert: C) -> E {
        match self {
            Self::Own(error) => error,
            Self::Rejected(rejection) => convert.convert(rejection),
        }
    }
}

/// How a refusal becomes the function's own error.
pub trait Convert<E> {
    /// Converts it.
    fn convert(self, rejection: Error) -> E;
}

/// By `From<resilience::Error>`.
#[derive(Clone, Copy, Debug)]
pub struct ByFrom;

impl<E: FromRejection> Convert<E> for ByFrom {
    #[inline]
    fn convert(self, rejection: Error) -> E {
        E::from_rejection(rejection)
    }
}

/// By `map_err = …`.
#[derive(Clone, Copy, Debug)]
pub struct MapWith<F>(pub F);

impl<E, F: FnOnce(Error) -> E> Convert<E> for MapWith<F> {
    #[inline]
    fn convert(self, rejection: Error) -> E {
        (self.0)(rejection)
    }
}

/// Where no refusal can arrive: the bound that `From` would put on the error is more than the function has to meet.
#[derive(Clone, Copy, Debug)]
pub struct NoRejection;

impl<E> Convert<E> for NoRejection {
    fn convert(self, rejection: Error) -> E {
        unreachable!("nothing inside of this fallback refuses calls: {rejection}")
    }
}

/// A handler takes the arguments only.
#[derive(Debug)]
pub struct WithoutError;

/// A handler takes the arguments, then the error.
#[derive(Debug)]
pub struct WithError;

/// A function that can answer in the place of another with these arguments and this error.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't stand in for the function",
    label = "must take the function's own arguments, and after them its error by value or nothing",
    note = "in a method, what is named by `Self::…` is given `self` first, and no other path is",
    note = "for anything else use a closure: `#[fallback(|error| ...)]`"
)]
pub trait Handler<Marker, Arguments, E, C> {
    /// What it returns: the result, or a future of it.
    type Output;

    /// Calls it.
    fn handle(self, arguments: Arguments, failure: Failure<E>, convert: C) -> Self::Output;
}

/// A function that can answer in the place of another with these arguments, where there is no error to give.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't stand in for the function here",
    label = "must take the function's own arguments and no error",
    note = "beside `when_ok` there may be no error to hand over: an `Ok` counts as the failure"
)]
pub trait PlainHandler<Arguments> {
    /// What it returns: the result, or a future of it.
    type Output;

    /// Calls it.
    fn handle_plain(self, arguments: Arguments) -> Self::Output;
}

/// What the handler of an async function returns: a future.
#[diagnostic::on_unimplemented(
    message = "the handler of an async function must be async",
    label = "this handler is not async",
    note = "write `async fn ...`, or call it from a closure: `|error| handler(...)`"
)]
pub trait AsyncAnswer: IntoFuture {}

// What is missing is to be told in the words above, and not in those of the standard library.
#[diagnostic::do_not_recommend]
impl<F: IntoFuture> AsyncAnswer for F {}

// The arguments and the failure come first: known before the handler is, they can't be inferred from one that takes others.

/// Calls an async handler.
#[inline]
pub fn handle_async<M, A, E, C, H>(arguments: A, failure: Failure<E>, handler: H, convert: C) -> H::Output
where
    H: Handler<M, A, E, C, Output: AsyncAnswer>,
{
    handler.handle(arguments, failure, convert)
}

/// Calls an async handler that there is no error for.
#[inline]
pub fn handle_plain_async<A, H>(arguments: A, handler: H) -> H::Output
where
    H: PlainHandler<A, Output: AsyncAnswer>,
{
    handler.handle_plain(arguments)
}

/// What the handler of a sync function returns: what the function does.
#[diagnostic::on_unimplemented(
    message = "the handler doesn't return what the function returns",
    label = "this handler returns `{Answer}`, and the function `{Self}`",
    note = "a function that isn't async can't await its handler: leave `async` out of the handler, or make the function \
            async too",
    note = "to convert what a handler returns, call it from a closure: `|error| handler(...)`"
)]
pub trait AnsweredBy<Answer> {
    /// The answer as what it is.
    fn answered(answer: Answer) -> Self;
}

// Asked of the function's type, which is known, so that a generic handler's is inferred from it.
#[diagnostic::do_not_recommend]
impl<T> AnsweredBy<T> for T {
    #[inline]
    fn answered(answer: T) -> T {
        answer
    }
}

/// Calls a handler.
#[inline]
pub fn handle<R, M, A, E, C, H>(arguments: A, failure: Failure<E>, handler: H, convert: C) -> R
where
    H: Handler<M, A, E, C>,
    R: AnsweredBy<H::Output>,
{
    R::answered(handler.handle(arguments, failure, convert))
}

/// Calls a handler that there is no error for.
#[inline]
pub fn handle_plain<R, A, H>(arguments: A, handler: H) -> R
where
    H: PlainHandler<A>,
    R: AnsweredBy<H::Output>,
{
    R::answered(handler.handle_plain(arguments))
}

macro_rules! handlers {
    ($($argument:ident)*) => {
        impl<H, O, E, C, $($argument),*> Handler<WithoutError, ($($argument,)*), E, C> for H
        where
            H: FnOnce($($argument),*) -> O,
        {
            type Output = O;

            #[inline]
            #[allow(non_snake_case)]
            fn handle(self, ($($argument,)*): ($($argument,)*), _: Failure<E>, _: C) -> O {
                self($($argument),*)
            }
        }

        impl<H, O, E, C, $($argument),*> Handler<WithError, ($($argument,)*), E, C> for H
        where
            H: FnOnce($($argument,)* E) -> O,
            C: Convert<E>,
        {
            type Output = O;

            #[inline]
            #[allow(non_snake_case)]
            fn handle(self, ($($argument,)*): ($($argument,)*), failure: Failure<E>, convert: C) -> O {
                self($($argument,)* failure.into_error(convert))
            }
        }

        impl<H, O, $($argument),*> PlainHandler<($($argument,)*)> for H
        where
            H: FnOnce($($argument),*) -> O,
        {
            type Output = O;

            #[inline]
            #[allow(non_snake_case)]
            fn handle_plain(self, ($($argument,)*): ($($argument,)*)) -> O {
                self($($argument),*)
            }
        }
    };
}

handlers!();
handlers!(A1);
handlers!(A1 A2);
handlers!(A1 A2 A3);
handlers!(A1 A2 A3 A4);
handlers!(A1 A2 A3 A4 A5);
handlers!(A1 A2 A3 A4 A5 A6);
handlers!(A1 A2 A3 A4 A5 A6 A7);
handlers!(A1 A2 A3 A4 A5 A6 A7 A8);
handlers!(A1 A2 A3 A4 A5 A6 A7 A8 A9);
handlers!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10);
handlers!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11);
handlers!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12);
