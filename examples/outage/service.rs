//! The service that everybody calls: so many workers, a queue in front of them, and a bad quarter of a minute.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::rc::Rc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::{BROWNOUT, ms};

/// Twenty requests at a time, 20 ms each: a thousand in a second, twice what the clients ask for.
const WORKERS: usize = 20;
const USUAL: Duration = ms(20);
/// And fifty in a second while it browns out.
const SLOW: Duration = ms(400);
/// More than so many in the queue are turned away.
const QUEUE: usize = 5_000;

/// A request that was turned away.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Overloaded;

#[derive(Clone)]
pub struct Service(Rc<RefCell<State>>);

struct State {
    start: Instant,
    /// When each worker is free again.
    free: BinaryHeap<Reverse<Instant>>,
    /// When each request in the queue gets its worker, the last one first.
    queue: BinaryHeap<Reverse<Instant>>,
    requests: u32,
}

impl Service {
    pub fn start() -> Self {
        let start = Instant::now();
        let free = std::iter::repeat_n(Reverse(start), WORKERS).collect();
        Self(Rc::new(RefCell::new(State { start, free, queue: BinaryHeap::new(), requests: 0 })))
    }

    /// How many requests have arrived, whether anybody still waits for their answers or not.
    pub fn requests(&self) -> u32 {
        self.0.borrow().requests
    }

    /// One request. A client that goes away leaves it in the queue: the work is done all the same, as most servers do.
    pub async fn request(&self) -> Result<(), Overloaded> {
        let answered = self.0.borrow_mut().arrive().ok_or(Overloaded)?;
        sleep_until(answered).await;
        Ok(())
    }
}

impl State {
    /// When the request that arrives now will be answered. The queue is first come, first served, so that is known.
    fn arrive(&mut self) -> Option<Instant> {
        let now = Instant::now();
        self.requests += 1;
        while self.queue.peek().is_some_and(|begins| begins.0 <= now) {
            self.queue.pop();
        }
        if self.queue.len() >= QUEUE {
            return None;
        }
        let Reverse(free) = self.free.pop()?;
        let begins = free.max(now);
        let takes = if BROWNOUT.contains(&(begins - self.start)) { SLOW } else { USUAL };
        self.free.push(Reverse(begins + takes));
        self.queue.push(Reverse(begins));
        Some(begins + takes)
    }
}
