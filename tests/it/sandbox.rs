//! A hostile package against the walls that there are.

use crate::support::hostile::{ATTEMPTS, Attacked, Fate, Hostile, Mode, STAGES};

/// The modes, and whether the program knows them yet.
const MODES: [(Mode, bool); 2] = [(Mode::Open, true), (Mode::Closed, false)];

/// Each attempt was made in each stage and met its fate.
#[track_caller]
fn assert_fates(attacked: &Attacked, mode: Mode) {
    for stage in STAGES {
        let made = attacked.attempts.iter().filter(|(at, ..)| *at == stage);
        let made: Vec<(&str, bool)> = made.map(|(_, name, done)| (&**name, *done)).collect();
        let names: Vec<&str> = made.iter().map(|(name, _)| *name).collect();
        let known: Vec<&str> = ATTEMPTS.iter().map(|(name, ..)| *name).collect();
        assert_eq!(names, known, "{stage} did not try all\n{:?}", attacked.ran);
        let other: Vec<_> = made
            .iter()
            .zip(ATTEMPTS)
            .filter(|((_, done), (_, open, closed))| {
                let fate = if mode == Mode::Open { open } else { closed };
                match fate {
                    Fate::Done => !done,
                    Fate::Denied => *done,
                    Fate::Either => false,
                }
            })
            .map(|((name, done), _)| (name, if *done { "DONE" } else { "denied" }))
            .collect();
        assert!(other.is_empty(), "{mode:?}, {stage}: {other:?}");
    }
}

#[test]
fn a_hostile_package_does_what_the_walls_let_it() {
    for (mode, _) in MODES.into_iter().filter(|(_, known)| *known) {
        let hostile = Hostile::new();
        let attacked = hostile.attack(mode);
        attacked.ran.expect(0);
        attacked.consumer.passed("hostile");
        assert_fates(&attacked, mode);
    }
}
