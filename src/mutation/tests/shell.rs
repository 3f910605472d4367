use super::of;

/// The weakened forms of a hook with one command after the first line.
fn hook(command: &str) -> Vec<String> {
    let text = format!("#!/bin/sh\n{command}\n");
    let (found, unread) = of("hooks/pre-push", &text);
    assert_eq!(unread, [], "{command}");
    found
        .iter()
        .map(|one| {
            let new = String::from_utf8(one.content.clone()).unwrap();
            new["#!/bin/sh\n".len()..].trim_end_matches('\n').to_owned()
        })
        .collect()
}

#[test]
fn a_command_that_decides_always_succeeds() {
    for (command, weak) in [
        ("npm test", "npm test || true"),
        ("npm test # all of them", "npm test || true # all of them"),
        ("a && b", "a && b || true"),
        ("a &&\n  b", "a &&\n  b || true"),
        ("grep \\é", "grep \\é || true"),
        ("grep \\😀 && exit 1", "grep \\😀 && exit 0"),
        ("a \\\n  -b", "a \\\n  -b || true"),
        (
            "grep x <<EOF\nnpm test\nEOF",
            "grep x <<EOF || true\nnpm test\nEOF",
        ),
        (
            "echo 'a\nb # c' | grep \"$(x \"d\")\"",
            "echo 'a\nb # c' | grep \"$(x \"d\")\" || true",
        ),
        ("a `b`#c", "a `b`#c || true"),
        ("a `# b\n`", "a `# b\n` || true"),
        ("a b\\\n#c", "a b\\\n#c || true"),
        ("a \\\n# b\n", "a || true \\\n# b"),
        ("*.js) lint \"$f\" ;;", "*.js) lint \"$f\" || true ;;"),
        ("then npm test;", "then npm test || true;"),
        ("if a; then npm test; fi", "if a; then npm test; fi || true"),
        ("( cd x\n  lint )", "( cd x\n  lint ) || true"),
        ("CI=1 lint >&2", "CI=1 lint >&2 || true"),
        ("exec lint \"$@\"", "lint \"$@\" || true; exit 0"),
        (
            "[ -n \"$CI\" ] && exec lint",
            "[ -n \"$CI\" ] && { lint || true; exit 0; }",
        ),
    ] {
        assert_eq!(hook(command), [weak], "{command}");
    }
}

#[test]
fn an_exit_that_blocks_ends_with_success() {
    for (command, weak) in [
        ("exit 1", "exit 0"),
        ("exit", "exit 0"),
        ("exit \"$status\"", "exit 0"),
        ("exit \"$a\nb\"", "exit 0"),
        ("exit $a<<B\n(\nB", "exit 0<<B\n(\nB"),
        ("exit <<B\n(\nB", "exit 0 <<B\n(\nB"),
        ("f && return 2", "f && return 0"),
        ("lint || exit 1", "lint || exit 0"),
        (
            "lint || { echo no; exit 1; }",
            "lint || { echo no; exit 0; }",
        ),
        ("*) exit 2 ;; # other", "*) exit 0 ;; # other"),
    ] {
        assert_eq!(hook(command), [weak], "{command}");
    }
}

#[test]
fn what_cannot_decide_is_left_alone() {
    for command in [
        "# npm test",
        "base=$(git merge-base a b)",
        "exit 0",
        "[ -f x ] || exit 0",
        "if lint; then",
        "if lint",
        "elif lint",
        "for f in a b; do",
        "for f in a b",
        "while read -r f",
        "case $x in",
        "*.md) ;;",
        "fi",
        "done <list",
        "} >&2",
        "else",
        "check() {",
        "check() { lint; }",
        "x=1 y=2",
        "echo lint >&2",
        "set -eu",
        ". \"$(dirname \"$0\")/_/husky.sh\"",
        "exec 3>&1",
        "lint &",
        "lint || true",
        "lint || found=$?",
        "lint || echo no",
    ] {
        assert_eq!(hook(command), [""; 0], "{command}");
    }
    assert_eq!(hook("lint\ncase $? in"), [""; 0]);
}

#[test]
fn hooks_are_known_by_their_folder_or_first_line() {
    for name in [
        ".husky/pre-commit",
        "hooks/x",
        ".githooks/y",
        ".lefthook/pre-push/z.sh",
    ] {
        assert_eq!(of(name, "lint\n").0.len(), 1, "{name}");
    }
    for line in [
        "#!/bin/sh",
        "#!/usr/bin/env bash",
        "#!/usr/bin/env -S A=1 zsh -e",
    ] {
        assert_eq!(of("gate", &format!("{line}\nlint\n")).0.len(), 1, "{line}");
    }
}
