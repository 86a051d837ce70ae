//! What `HedgePolicy::new(..)` starts from, and what it may go up to.

/// One further call: the second answer cuts the tail, and each one after it costs as much and brings less. (Dean and
/// Barroso, "The Tail at Scale", Communications of the ACM 56(2), 2013.)
pub const HEDGE_MAX: u32 = 1;

/// Ten further calls at the most, as Polly has it: eleven times the load is no cure for a slow dependency any more.
pub const HEDGE_MAX_LIMIT: u32 = 10;
