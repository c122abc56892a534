//! Numbers of writes and queries that are no arrivals, so that they shift nobody else's luck.

use crate::pattern::workload::BY_HAND;

/// A change of a read store that is about no event.
const MOVED: u32 = 1 << 28;
/// A user asks once more because the first write is not shown.
const AGAIN: u32 = 1 << 29;
/// A query of the workload.
const QUERY: u32 = 0x3000_0000;
/// A write read back.
const BACK: u32 = 0x3400_0000;
/// A write read back once more.
const SECOND: u32 = 0x3800_0000;
/// A read before a write.
const FIRST: u32 = 0x3C00_0000;
/// The same about writes made by hand, and about second writes: these bits of the number above.
const HAND: u32 = 1 << 25;
const REPEATED: u32 = 1 << 24;
const LOW: u32 = REPEATED - 1;

fn fold(message: u32) -> u32 {
    let hand = if message & BY_HAND != 0 { HAND } else { 0 };
    let repeated = if is_again(message) { REPEATED } else { 0 };
    hand | repeated | message & (HAND | LOW)
}

/// Change number `sequence`, which is about no event.
pub fn moved(sequence: u32) -> u32 {
    MOVED | sequence & (MOVED - 1)
}

/// The second write because of write `message`.
pub fn again(message: u32) -> u32 {
    AGAIN | fold(message)
}

/// Whether this write is a second one.
pub fn is_again(message: u32) -> bool {
    message >> 29 == 1 && message < QUERY
}

/// Query number `n` of the workload, from 0.
pub fn query(n: u32) -> u32 {
    QUERY | n & LOW
}

/// The query that reads `message` back, first or second.
pub fn back(message: u32, second: bool) -> u32 {
    (if second { SECOND } else { BACK }) | fold(message)
}

/// The query before `message` is decided.
pub fn first(message: u32) -> u32 {
    FIRST | fold(message)
}

#[cfg(test)]
#[test]
fn no_two_questions_have_one_number() {
    use std::collections::BTreeSet;
    let plain = [1, 2, LOW, BY_HAND + 1, BY_HAND + 2];
    let writes: BTreeSet<u32> = plain.into_iter().chain(plain.map(again)).collect();
    let backs = writes.iter().map(|&write| back(write, false));
    let seconds = writes.iter().map(|&write| back(write, true));
    let firsts = writes.iter().map(|&write| first(write));
    let looks = [query(0), query(1), query(2), query(LOW)];
    let queries: BTreeSet<u32> = backs.chain(seconds).chain(firsts).chain(looks).collect();
    assert_eq!(writes.len(), 10);
    assert_eq!(queries.len(), 3 * 10 + 4);
    assert!(queries.iter().all(|query| (QUERY..BY_HAND).contains(query)));
    assert!(writes.iter().all(|write| !(QUERY..BY_HAND).contains(write)));
}
