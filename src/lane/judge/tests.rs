//! Each way to be red has its word.

use indexmap::IndexMap;

use super::*;
use crate::model::ExitSet;
use crate::model::Proof;
use crate::model::command::CommandTemplate;
use crate::model::stage::Drive;
use crate::model::witness::{MoveEvidence, ProgramEvidence};

/// A stage that went as it should, to be changed in one respect.
struct Case {
    drive: Drive,
    ending: Ending,
    expected: Expectation,
    witness: Witness,
    commit: Option<Commit>,
    reason: Option<(&'static str, bool)>,
    vacuous: Option<&'static str>,
    nothing_is_left: bool,
    strict: bool,
}

/// A commit that exits so, with a hook that does.
fn commit(exit: i32, hook: i32) -> Case {
    let after = if exit == 0 { "b" } else { "a" };
    Case {
        drive: Drive::Git(On::Commit),
        ending: Ending::Exited(exit),
        expected: Expectation::exit(exit),
        witness: Witness {
            hooks: vec![HookEvidence {
                name: "pre-commit".to_owned(),
                configured: false,
                argv: Vec::new(),
                exit: Some(hook),
                duration_ms: 0,
                remote: false,
            }],
            moved: Some(MoveEvidence {
                what: "HEAD".to_owned(),
                before: Some("a".to_owned()),
                after: Some(after.to_owned()),
                deletes: false,
            }),
            ..Witness::default()
        },
        commit: (exit == 0).then_some(Commit::Change),
        reason: None,
        vacuous: None,
        nothing_is_left: false,
        strict: false,
    }
}

fn class(case: Case, change: impl Fn(&mut Case)) -> Option<FailureClass> {
    problem(case, change).map(|problem| problem.class)
}

fn problem(mut case: Case, change: impl Fn(&mut Case)) -> Option<CellFailure> {
    change(&mut case);
    let name: StageName = "pre-commit".parse().unwrap();
    let stage = Stage {
        drive: case.drive,
        before_commit: true,
        command: CommandTemplate {
            env: IndexMap::new(),
            ..CommandTemplate::from_words(&[])
        },
        args: Vec::new(),
        network: false,
        programs: Vec::new(),
        proof: Proof::default(),
    };
    let facts = StageFacts {
        name: &name,
        stage: &stage,
        ending: &case.ending,
        witness: &case.witness,
        expected: &case.expected,
        commit: case.commit,
        from_package: true,
        tools: &[],
        reason: case.reason,
        proof: None,
        vacuous: case.vacuous,
        nothing_is_left: case.nothing_is_left,
        strict: case.strict,
        limit: Duration::from_secs(1),
    };
    facts.problem(|| "why not".to_owned())
}

fn no_hook(case: &mut Case) {
    case.witness.hooks.clear();
}

#[test]
fn a_cell_as_it_should_be_is_green() {
    assert_eq!(class(commit(0, 0), |_| {}), None);
    assert_eq!(class(commit(1, 1), |_| {}), None);
}

#[test]
fn the_exit_code_comes_first() {
    let expect = |code| move |c: &mut Case| c.expected = Expectation::exit(code);
    assert_eq!(class(commit(1, 1), expect(0)), Some(FailureClass::Contract));
    assert_eq!(class(commit(0, 0), expect(1)), Some(FailureClass::Contract));
    // A clean change for which the hook lacks a program is stopped against the contract.
    assert_eq!(
        class(commit(1, 127), expect(0)),
        Some(FailureClass::Contract)
    );
    for (ending, class_) in [
        (Ending::Signaled(11), FailureClass::Signal),
        (Ending::NotStarted("x".into()), FailureClass::WrongReason),
        (Ending::TimedOut, FailureClass::Timeout),
        (Ending::Lost, FailureClass::Infra),
    ] {
        let change = |c: &mut Case| c.ending = ending.clone();
        assert_eq!(class(commit(1, 1), change), Some(class_));
    }
}

#[test]
fn the_hook_must_have_decided() {
    assert_eq!(
        class(commit(0, 0), no_hook),
        Some(FailureClass::NotEnforced)
    );
    assert_eq!(
        class(commit(1, 1), no_hook),
        Some(FailureClass::NotEnforced)
    );
    assert_eq!(class(commit(1, 0), |_| {}), Some(FailureClass::NotEnforced));
    for (code, what) in [
        (126, "could not run a program (126)"),
        (127, "did not find a program (127)"),
        (128, "exited 128, as git does when it gives up"),
        (129, "exited 129, as git does with an option"),
        (137, "was killed by signal 9"),
        (139, "was killed by signal 11"),
        (255, "exited 255, as crashes do"),
        (-1, "could not be started"),
    ] {
        let failure = problem(commit(1, code), |_| {}).unwrap();
        assert_eq!(failure.class, FailureClass::WrongReason);
        let text = format!("git commit returned 1 as expected, but its pre-commit hook {what}");
        assert!(failure.message.starts_with(&text), "{}", failure.message);
    }
    let wanted = |c: &mut Case| {
        c.expected.hook_exit = Some(ExitSet::OneOf(vec![200]));
    };
    assert_eq!(class(commit(1, 200), wanted), None);
    assert_eq!(class(commit(1, 1), wanted), Some(FailureClass::Contract));
}

#[test]
fn what_git_says_must_have_happened() {
    let moved = |after: &'static str| {
        move |c: &mut Case| {
            let moved = c.witness.moved.as_mut();
            moved.unwrap().after = Some(after.to_owned());
        }
    };
    let not_enforced = Some(FailureClass::NotEnforced);
    assert_eq!(class(commit(0, 0), moved("a")), not_enforced);
    assert_eq!(class(commit(1, 1), moved("b")), not_enforced);
    let empty = |c: &mut Case| c.commit = Some(Commit::Empty);
    assert_eq!(class(commit(0, 0), empty), not_enforced);
    let elsewhere = |c: &mut Case| c.commit = Some(Commit::Elsewhere);
    assert_eq!(class(commit(0, 0), elsewhere), not_enforced);
}

#[test]
fn the_gate_must_have_run_and_said_why() {
    let idle = |c: &mut Case| {
        c.witness.programs = vec![ProgramEvidence {
            program: "gate".to_owned(),
            files: Vec::new(),
            ran: false,
        }];
    };
    assert_eq!(class(commit(0, 0), idle), Some(FailureClass::NotEnforced));
    assert_eq!(class(commit(1, 1), idle), Some(FailureClass::WrongReason));
    let without_a_change = |c: &mut Case| {
        idle(c);
        c.nothing_is_left = true;
    };
    assert_eq!(class(commit(0, 0), without_a_change), None);
    let reason = |found| move |c: &mut Case| c.reason = Some(("x", found));
    assert_eq!(class(commit(1, 1), reason(true)), None);
    assert_eq!(
        class(commit(1, 1), reason(false)),
        Some(FailureClass::WrongReason)
    );
}

#[test]
fn nothing_to_look_at_is_red_where_asked() {
    let vacuous =
        |strict| move |c: &mut Case| (c.vacuous, c.strict) = (Some("nothing changes"), strict);
    assert_eq!(class(commit(0, 0), vacuous(false)), None);
    assert_eq!(
        class(commit(0, 0), vacuous(true)),
        Some(FailureClass::Vacuous)
    );
}
