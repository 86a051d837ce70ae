//! The queue beside one that is obviously right: random histories of callers, of those who give up, and of sizes.

use std::collections::{BTreeSet, VecDeque};

use proptest::prelude::*;

use super::*;

#[derive(Clone, Copy, Debug)]
enum Step {
    /// Comes, and goes if there is no slot.
    Try,
    /// Comes, and stands in line, which is so long.
    Wait(usize),
    /// One of those in line, or handed a slot unknowingly, looks.
    Look(usize),
    /// The same one is dropped.
    Cancel(usize),
    /// The same one is out of time, and takes the slot if it came at the last moment.
    GiveUp(usize),
    /// One of those under way ends.
    End,
    Resize(u32),
    Watch(bool),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => Just(Step::Try),
        3 => (0..6_usize).prop_map(Step::Wait),
        2 => any::<usize>().prop_map(Step::Look),
        1 => any::<usize>().prop_map(Step::Cancel),
        1 => any::<usize>().prop_map(Step::GiveUp),
        4 => Just(Step::End),
        2 => (1..6_u32).prop_map(Step::Resize),
        1 => any::<bool>().prop_map(Step::Watch),
    ]
}

/// One caller after the other, without any word of bits.
#[derive(Default)]
struct Model {
    size: u32,
    // Under way, those included who don't know yet that they have a slot.
    active: u32,
    line: VecDeque<u32>,
    granted: BTreeSet<u32>,
    callers: u64,
}

impl Model {
    /// Everybody gets a slot whom there is one for, in the order of arrival.
    fn settle(&mut self) {
        while self.active < self.size
            && let Some(first) = self.line.pop_front()
        {
            self.active += 1;
            self.granted.insert(first);
        }
    }

    fn has_room(&self) -> bool {
        self.active < self.size && self.line.is_empty()
    }

    fn begin(&mut self) {
        self.active += 1;
        self.callers += 1;
    }

    fn end(&mut self) {
        self.active -= 1;
        self.settle();
    }

    fn figures(&self) -> Figures {
        let waiting = u32::try_from(self.line.len()).expect("a few");
        Figures { size: self.size, active: self.active, waiting, callers: self.callers }
    }
}

fn ready(place: &mut Place<'_>) -> bool {
    place.poll(&mut Context::from_waker(Waker::noop())).is_ready()
}

proptest! {
    #[test]
    #[cfg_attr(miri, ignore = "arithmetic of one thread, in more rounds than it has time for")]
    fn slots_are_neither_lost_nor_made_and_go_to_the_first_in_line(
        size in 1..5_u32,
        nearly_full: bool,
        steps in prop::collection::vec(step(), 1..80),
    ) {
        let queue = Queue::new(size);
        let mut model = Model { size, ..Model::default() };
        if nearly_full {
            // A few callers before the word has no room for more.
            queue.state.fetch_add(SLOWLY - 3 * CALLER, Ordering::Relaxed);
            model.callers = queue.figures().callers;
        }
        // Those in line, and those who don't know yet that they have a slot.
        let mut places: Vec<(u32, Place<'_>)> = Vec::new();
        let mut running = 0;
        for (number, step) in (0_u32..).zip(steps) {
            match step {
                Step::Try => {
                    let taken = queue.try_acquire() || queue.try_acquire_slowly();
                    prop_assert_eq!(taken, model.has_room());
                    if taken {
                        model.begin();
                        running += 1;
                    }
                }
                Step::Wait(max_queue) => match queue.enqueue(max_queue) {
                    Enqueued::Granted => {
                        prop_assert!(model.has_room());
                        model.begin();
                        running += 1;
                    }
                    Enqueued::Waiting(place) => {
                        prop_assert!(!model.has_room() && model.line.len() < max_queue);
                        model.line.push_back(number);
                        places.push((number, place));
                    }
                    Enqueued::Full => prop_assert!(!model.has_room() && model.line.len() >= max_queue),
                },
                Step::Look(_) | Step::Cancel(_) | Step::GiveUp(_) if places.is_empty() => {}
                Step::Look(which) => {
                    let at = which % places.len();
                    let is_granted = model.granted.remove(&places[at].0);
                    prop_assert_eq!(ready(&mut places[at].1), is_granted);
                    if is_granted {
                        places.remove(at);
                        model.callers += 1;
                        running += 1;
                    }
                }
                Step::Cancel(which) => {
                    let (number, place) = places.remove(which % places.len());
                    drop(place);
                    if model.granted.remove(&number) {
                        model.end();
                    }
                    model.line.retain(|other| *other != number);
                }
                Step::GiveUp(which) => {
                    let (number, place) = places.remove(which % places.len());
                    let is_granted = model.granted.remove(&number);
                    prop_assert_eq!(place.leave(Instant::now()), is_granted);
                    model.line.retain(|other| *other != number);
                    if is_granted {
                        model.callers += 1;
                        running += 1;
                    }
                }
                Step::End if running == 0 => {}
                Step::End => {
                    queue.release();
                    running -= 1;
                    model.end();
                }
                Step::Resize(size) => {
                    queue.resize(size).wake();
                    model.size = size;
                    model.settle();
                }
                Step::Watch(on) => queue.watch(on),
            }
            prop_assert_eq!(queue.figures(), model.figures());
            prop_assert_eq!(queue.free(), model.size.saturating_sub(model.active));
        }
        drop(places);
        (0..running).for_each(|_| queue.release());
        let figures = queue.figures();
        prop_assert_eq!((figures.active, figures.waiting, queue.free()), (0, 0, figures.size));
        prop_assert_eq!(!queue.is_watched() && queue.state.load(Ordering::Relaxed) >= SLOWLY, false);
    }
}
