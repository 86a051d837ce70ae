//! Arguments that every attempt consumes.

/// An argument named in `clone(..)`: cloned for each attempt, and given away to the last one. It is told how to clone,
/// so that what can't be cloned is reported once, where it is named.
#[derive(Debug)]
pub struct Reserve<T, F>(Option<T>, F);

const SPENT: &str = "no attempt follows the last one";

impl<T, F: Fn(&T) -> T> Reserve<T, F> {
    /// Keeps the argument for the attempts.
    #[inline]
    pub const fn new(argument: T, clone: F) -> Self {
        Self(Some(argument), clone)
    }

    /// The argument for one attempt.
    ///
    /// # Panics
    /// After a `last` one. The expansion leaves its loop there.
    #[inline]
    pub fn attempt(&mut self, last: bool) -> T {
        if last { self.0.take().expect(SPENT) } else { self.lend() }
    }

    /// A clone of the argument, which others may ask for as well.
    ///
    /// # Panics
    /// After a `last` attempt.
    #[inline]
    pub fn lend(&self) -> T {
        self.0.as_ref().map(&self.1).expect(SPENT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::rc::Rc;

    #[test]
    fn what_is_lent_is_lent_to_several_at_once() {
        let reserve = Reserve::new(Rc::new(()), Rc::clone);
        let (one, other) = (reserve.lend(), reserve.lend());
        assert_eq!(Rc::strong_count(&one), 3);
        assert!(Rc::ptr_eq(&one, &other));
    }

    #[test]
    fn the_last_attempt_gets_the_argument_itself() {
        let argument = Rc::new(());
        let mut reserve = Reserve::new(Rc::clone(&argument), Rc::clone);
        let first = reserve.attempt(false);
        assert_eq!(Rc::strong_count(&argument), 3);
        drop(first);
        let last = reserve.attempt(true);
        assert_eq!(Rc::strong_count(&argument), 2);
        assert!(Rc::ptr_eq(&last, &argument));
    }
}
