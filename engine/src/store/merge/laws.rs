//! A13 for each rule: which of the laws of merging hold, over states that two databases can reach.
//!
//! | rule | commutative, associative, idempotent | why |
//! |---|---|---|
//! | last writer wins, field merge | yes with a tie-break | the larger of a total order: stamp, site, version |
//! | the same without tie-break | not commutative | of equal stamps each side keeps its own |
//! | counter | yes | the union of two sets, shown by their largest member |
//! | version vector | where no conflict waits | the larger of two sets of which one includes the other; else a person says |
//! | source wins | commutative, idempotent | two sides agree who wins, but what wins may depend on the order of three |

use super::*;
use proptest::prelude::*;

const MERGING: [Rule; 3] = [Rule::LastWriterWins, Rule::FieldMerge, Rule::Counter];

/// What a database has after it was offered a value; nothing new while a person must say.
fn merged(rule: Rule, tie_break: bool, own: &Cell, offered: &Cell) -> Cell {
    match decide(rule, tie_break, own, offered) {
        Outcome::Same | Outcome::Keep | Outcome::Conflict => own.clone(),
        Outcome::Take => offered.clone(),
        Outcome::Join => join(own, offered),
    }
}

/// Every value that two databases have at any time, if they do this: write with this stamp, or be
/// offered what the other has.
fn reached(rule: Rule, steps: &[(u8, bool, i64)]) -> Vec<Cell> {
    let mut sites = [Cell::default(), Cell::default()];
    let mut all = Vec::new();
    for (number, &(site, writes, stamp)) in (1..).zip(steps) {
        let (place, own) = (usize::from(site), sites[usize::from(site)].clone());
        sites[place] = if writes {
            let mut history = own.history.clone();
            history.insert(number);
            // As the room does: a clock that is behind loses against what is there.
            let stamp = stamp.max(own.stamp);
            Cell {
                version: number,
                message: number,
                stamp,
                site,
                deleted: false,
                history,
            }
        } else {
            merged(rule, true, &own, &sites[1 - place])
        };
        if sites[place].version > 0 {
            all.push(sites[place].clone());
        }
    }
    all
}

/// Few stamps, so that many are equal.
fn steps() -> impl Strategy<Value = Vec<(u8, bool, i64)>> {
    prop::collection::vec((0..2_u8, any::<bool>(), 0..4_i64), 3..24)
}

proptest! {
    #[test]
    fn merging_is_commutative_associative_and_idempotent(
        steps in steps(),
        picks in prop::array::uniform3(any::<prop::sample::Index>()),
    ) {
        for rule in MERGING {
            let all = reached(rule, &steps);
            prop_assume!(!all.is_empty());
            let [a, b, c] = picks.map(|pick| pick.get(&all));
            let merge = |own: &Cell, offered: &Cell| merged(rule, true, own, offered);
            prop_assert_eq!(merge(a, b), merge(b, a), "{:?}", rule);
            prop_assert_eq!(merge(&merge(a, b), c), merge(a, &merge(b, c)), "{:?}", rule);
            prop_assert_eq!(merge(a, a), a.clone(), "{:?}", rule);
        }
    }

    /// Three replicas that offer each other what they have, in any order, until each has been
    /// offered everything: they have the same.
    #[test]
    fn three_replicas_converge_in_any_order(
        steps in steps(),
        picks in prop::array::uniform3(any::<prop::sample::Index>()),
        order in prop::collection::vec((0..3_usize, 1..3_usize), 0..12),
    ) {
        for rule in MERGING {
            let all = reached(rule, &steps);
            prop_assume!(!all.is_empty());
            let mut replicas = picks.map(|pick| pick.get(&all).clone());
            let rounds = [(0, 1), (1, 1), (2, 1), (0, 1), (1, 1), (2, 1)];
            for (to, step) in order.iter().copied().chain(rounds) {
                let offered = replicas[(to + step) % 3].clone();
                replicas[to] = merged(rule, true, &replicas[to], &offered);
            }
            prop_assert_eq!(&replicas[0], &replicas[1], "{:?}", rule);
            prop_assert_eq!(&replicas[1], &replicas[2], "{:?}", rule);
        }
    }

    /// Two sides always agree about two values: that is all that these rules promise.
    #[test]
    fn source_wins_and_version_vector_agree_about_two(
        steps in steps(),
        picks in prop::array::uniform2(any::<prop::sample::Index>()),
    ) {
        for rule in [Rule::SourceWins, Rule::VersionVector] {
            let all = reached(rule, &steps);
            prop_assume!(!all.is_empty());
            let [a, b] = picks.map(|pick| pick.get(&all));
            let waits = decide(rule, true, a, b) == Outcome::Conflict;
            prop_assert_eq!(waits, decide(rule, true, b, a) == Outcome::Conflict);
            let concurrent = !a.history.includes(&b.history) && !b.history.includes(&a.history);
            prop_assert_eq!(waits, concurrent && rule == Rule::VersionVector);
            if !waits {
                prop_assert_eq!(merged(rule, true, a, b), merged(rule, true, b, a));
            }
            prop_assert_eq!(&merged(rule, true, a, a), a);
        }
    }
}

fn cell(version: u32, site: u8, stamp: i64, history: &[u32]) -> Cell {
    let mut set = History::default();
    history.iter().for_each(|&known| set.insert(known));
    Cell {
        version,
        message: version,
        stamp,
        site,
        deleted: false,
        history: set,
    }
}

/// Equal stamps without a tie-break: each side keeps its own, for ever.
#[test]
fn without_a_tie_break_the_order_matters() {
    let (a, b) = (cell(1, 0, 7, &[1]), cell(2, 1, 7, &[2]));
    for rule in [Rule::LastWriterWins, Rule::FieldMerge] {
        assert_eq!(merged(rule, false, &a, &b), a);
        assert_eq!(merged(rule, false, &b, &a), b);
        assert_eq!(merged(rule, true, &a, &b), merged(rule, true, &b, &a));
    }
}

/// Source wins, three values: the source's beats another's, but loses to what was made on top of
/// it; so what is left depends on who meets first.
#[test]
fn source_wins_depends_on_the_order_of_three() {
    let rule = Rule::SourceWins;
    let merge = |own: &Cell, offered: &Cell| merged(rule, true, own, offered);
    let source = cell(1, 0, 0, &[1]);
    let (upon, beside) = (cell(2, 1, 0, &[1, 2]), cell(3, 1, 0, &[3]));
    assert_eq!(merge(&merge(&source, &upon), &beside), beside);
    assert_eq!(merge(&merge(&source, &beside), &upon), upon);
}
