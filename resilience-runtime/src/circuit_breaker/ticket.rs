//! What ties a call's verdict to the period that let it in.

/// What an admitted call gives back with its verdict: which period between two transitions admitted it, and which
/// trial of that period it is. One word, so that a permit travels in registers. The period's number wraps after
/// 2³² transitions, which no call outlives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ticket(u64);

impl Ticket {
    /// Sets a trial's ticket apart from the word that calls of a closed circuit compare theirs with.
    pub(super) const TRIAL: u32 = 1 << 31;

    pub(crate) const fn new(generation: u32) -> Self {
        Self((generation as u64) << 32)
    }

    pub(crate) const fn of_trial(generation: u32, trial: u32) -> Self {
        Self(((generation as u64) << 32) | (trial | Self::TRIAL) as u64)
    }

    /// For a call that finds the circuit closed: a word that holds nothing but the generation, in its upper half.
    #[inline]
    pub(crate) const fn bare(word: u64) -> Self {
        Self(word)
    }

    /// For a call that finds the circuit closed: the generation of a word that has it in its upper half.
    #[inline]
    pub(crate) const fn closed(word: u64) -> Self {
        Self(word & !(u32::MAX as u64))
    }

    pub(crate) const fn generation(self) -> u32 {
        (self.0 >> 32) as u32
    }

    #[allow(clippy::cast_possible_truncation)] // the lower half is what is meant
    pub(crate) const fn trial(self) -> u32 {
        self.0 as u32 & !Self::TRIAL
    }

    #[inline]
    pub(crate) const fn to_bits(self) -> u64 {
        self.0
    }
}
