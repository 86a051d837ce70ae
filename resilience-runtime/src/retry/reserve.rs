//! Arguments that every attempt consumes.

/// An argument named in `clone(..)`: cloned for each attempt, and given away to the last one. It is told how to clone,
/// so that what can't be cloned is reported once, where it is named.
#[derive(Debug)]
pub struct Reserve<T, F>(Option<T>, F);

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
        let argument = if last { self.0.take() } else { self.0.as_ref().map(&self.1) };
        argument.expect("no attempt follows the last one")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::rc::Rc;

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
