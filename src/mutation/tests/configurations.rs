use super::shown;

#[test]
fn lefthook() {
    let yaml = "\
colors: false
pre-commit:
  jobs:
    - name: lint
      run: lint {staged_files} # all
      glob: '*.js'
      file_types: text
    - group:
        jobs:
        - run: |
            set -e
            test
          glob:
          - a
          - b
        - {script: x.sh, runner: sh}
pre-push:
  files: git diff
  commands:
    a:
      run: lint || exit 1
";
    let lint = "- name: lint ⏎ run: lint {staged_files} # all ⏎ glob: '*.js' ⏎ file_types: text";
    let test = "- run: | ⏎ set -e ⏎ test";
    let globs = "glob: ⏎ - a ⏎ - b";
    let script = "- {script: x.sh, runner: sh}";
    let wrapped = "- {script: x.sh, runner: \"sh -c '\\\"$@\\\" || true' -- sh\"}";
    let plain = wrapped
        .replace("\"sh -c", "sh -c")
        .replace("sh\"}", "sh}")
        .replace('\\', "");
    assert_eq!(
        shown("lefthook.yml", yaml),
        [
            format!("4-drop-job: {lint} -> "),
            "5-pass-always: run: lint {staged_files} # all -> \
             run: lint {staged_files} || true # all"
                .to_owned(),
            "6-empty-glob: glob: '*.js' -> glob: 'matches-nothing/**'".to_owned(),
            "7-empty-glob: file_types: text -> file_types: [\"symlink\", \"not symlink\"]"
                .to_owned(),
            format!("8-drop-job: - group: ⏎ jobs: ⏎ {test} ⏎ {globs} ⏎ {script} -> "),
            format!("10-pass-always: {test} -> - run: \"(\\nset -e\\ntest\\n) || true\""),
            format!("10-drop-job: {test} ⏎ {globs} -> "),
            format!("13-empty-glob: {globs} -> glob: [\"matches-nothing/**\"]"),
            format!("16-drop-job: {script} -> "),
            format!("16-pass-always: {script} -> {plain}"),
            "18-empty-glob: files: git diff -> files: git ls-files matches-nothing".to_owned(),
            "20-drop-command: a: ⏎ run: lint || exit 1 -> {}".to_owned(),
            "21-pass-always: run: lint || exit 1 -> run: \"(\\nlint || exit 1\\n) || true\""
                .to_owned(),
        ]
    );
    assert_eq!(
        shown(
            "lefthook.toml",
            "[pre-commit.commands.a]\nrun = 'lint' # all\n"
        ),
        [
            "1-drop-command: [pre-commit.commands.a] ⏎ run = 'lint' # all -> ",
            "2-pass-always: run = 'lint' # all -> run = \"lint || true\" # all",
        ]
    );
}

#[test]
fn pre_commit_and_prek() {
    let yaml = "\
files: ^src/
repos:
- repo: https://example.com/a
  hooks:
  - id: a
    types_or: [python]
- repo: local
  hooks:
  - id: b
    language: script
    entry: b.sh
  - id: c
    language: pygrep
    entry: FIXME
    files: |
      a|b
";
    assert_eq!(
        shown(".pre-commit-config.yaml", yaml),
        [
            "1-empty-glob: files: ^src/ -> files: ^$",
            "5-drop-hook: - repo: https://example.com/a ⏎ hooks: ⏎ - id: a ⏎ types_or: [python] -> ",
            "6-empty-glob: types_or: [python] -> types_or: [\"socket\"]",
            "9-drop-hook: - id: b ⏎ language: script ⏎ entry: b.sh -> ",
            "11-pass-always: language: script ⏎ entry: b.sh -> \
             language: system ⏎ entry: sh -c '\"$@\" || true' -- ./b.sh",
            "12-drop-hook: - id: c ⏎ language: pygrep ⏎ entry: FIXME ⏎ files: | ⏎ a|b -> ",
            "15-empty-glob: files: | ⏎ a|b -> files: \"^$\"",
        ]
    );
    let only = "repos:\n- repo: local\n  hooks:\n  - id: a\n    entry: 'x y'\n";
    assert_eq!(
        shown(".pre-commit-config.yaml", only),
        [
            "4-drop-hook: repos: ⏎ - repo: local ⏎ hooks: ⏎ - id: a ⏎ entry: 'x y' -> \
             repos: [{\"repo\": \"meta\", \"hooks\": [{\"id\": \"identity\"}]}]",
            "5-pass-always: entry: 'x y' -> entry: 'sh -c ''\"$@\" || true'' -- x y'",
        ]
    );
    let toml = "\
[[repos]]
repo = 'local'
[[repos.hooks]]
id = 'a'
entry = 'x' # one
[[repos.hooks]]
id = 'b'
files = { glob = ['*.py'] }
";
    assert_eq!(
        shown("prek.toml", toml),
        [
            "3-drop-hook: id = 'a' ⏎ entry = 'x' # one ⏎ [[repos.hooks]] -> ",
            "5-pass-always: entry = 'x' # one -> entry = \"\"\"sh -c '\"$@\" || true' -- x\"\"\" # one",
            "6-drop-hook: [[repos.hooks]] ⏎ id = 'b' ⏎ files = { glob = ['*.py'] } -> ",
            "8-empty-glob: files = { glob = ['*.py'] } -> files = { glob = [\"matches-nothing/**\"] }",
        ]
    );
}

#[test]
fn lint_staged() {
    assert_eq!(
        shown(
            ".lintstagedrc.json",
            "{\n\"*.js\": [\"a\", \"b -c\"],\n\"*.md\": \"d\"\n}"
        ),
        [
            "2-drop-pattern: \"*.js\": [\"a\", \"b -c\"], -> ",
            "2-empty-glob: \"*.js\": [\"a\", \"b -c\"], -> \"matches-nothing/**\": [\"a\", \"b -c\"],",
            "2-pass-always: \"*.js\": [\"a\", \"b -c\"], -> \
             \"*.js\": [\"sh -c '\\\"$@\\\" || true' -- a\", \"b -c\"],",
            "2-pass-always-2: \"*.js\": [\"a\", \"b -c\"], -> \
             \"*.js\": [\"a\", \"sh -c '\\\"$@\\\" || true' -- b -c\"],",
            "3-pass-always: \"*.md\": \"d\" -> \"*.md\": \"sh -c '\\\"$@\\\" || true' -- d\"",
            "3-drop-pattern: \"*.js\": [\"a\", \"b -c\"], ⏎ \"*.md\": \"d\" -> \"*.js\": [\"a\", \"b -c\"]",
            "3-empty-glob: \"*.md\": \"d\" -> \"matches-nothing/**\": \"d\"",
        ]
    );
    // Without a pattern lint-staged refuses its configuration.
    assert_eq!(
        shown(".lintstagedrc", "'*.js': a\n")[1],
        "1-drop-pattern: '*.js': a -> '*.js': []"
    );
}

#[test]
fn hooks_by_name() {
    let json = "{\"simple-git-hooks\": {\n\"pre-commit\": \"a\",\n\"preserveUnused\": true}}";
    assert_eq!(
        shown("package.json", json),
        [
            "2-pass-always: \"pre-commit\": \"a\", -> \"pre-commit\": \"a || true\",",
            "2-drop-hook: \"pre-commit\": \"a\", -> ",
        ]
    );
    let husky = "{\"husky\": {\"hooks\": {\n\"pre-push\": \"a # b\"\n}}}";
    assert_eq!(
        shown("package.json", husky)[0],
        "2-pass-always: \"pre-push\": \"a # b\" -> \"pre-push\": \"(\\na # b\\n) || true\""
    );
}

#[test]
fn rules_and_severities() {
    let eslint = "\
rules:
  a: error
  b: [2, always]
  c: off
  d: 1
overrides:
- files: '*.ts'
  rules:
    e: 2
- files: '*.test.ts'
  rules: {f: off}
";
    assert_eq!(
        shown(".eslintrc.yml", eslint),
        [
            "2-drop-rule: a: error -> ",
            "2-lower-severity: a: error -> a: warn",
            "3-drop-rule: b: [2, always] -> ",
            "3-lower-severity: b: [2, always] -> b: [1, always]",
            "5-drop-rule: d: 1 -> ",
            "7-empty-glob: - files: '*.ts' -> - files: 'matches-nothing/**'",
            "9-drop-rule: e: 2 -> {}",
            "9-lower-severity: e: 2 -> e: 1",
        ]
    );
    // Without a rule commitlint refuses every message.
    assert_eq!(
        shown(
            ".commitlintrc.json",
            "{\"rules\": {\n\"a\": [2, \"never\"]\n}}"
        ),
        [
            "2-drop-rule: \"a\": [2, \"never\"] -> \"a\": [0, \"never\"]",
            "2-lower-severity: \"a\": [2, \"never\"] -> \"a\": [1, \"never\"]",
        ]
    );
    let biome = "\
{ // all
\"files\": {\"includes\": [\"**\"]},
\"linter\": {\"rules\": {\"recommended\": true, \"x\": {
\"a\": {\"level\": \"error\"},
\"b\": \"off\",
}}}}";
    assert_eq!(
        shown("biome.jsonc", biome),
        [
            "2-empty-glob: \"files\": {\"includes\": [\"**\"]}, -> \
             \"files\": {\"includes\": [\"matches-nothing/**\"]},",
            "4-drop-rule: \"a\": {\"level\": \"error\"}, -> ",
            "4-lower-severity: \"a\": {\"level\": \"error\"}, -> \"a\": {\"level\": \"warn\"},",
        ]
    );
    assert_eq!(
        shown(
            "pyproject.toml",
            "[tool.ruff]\ninclude = ['*.py']\n[tool.ruff.lint]\nselect = ['E', 'F']\n"
        ),
        [
            "2-empty-glob: include = ['*.py'] -> include = [\"matches-nothing/**\"]",
            "4-drop-rule: select = ['E', 'F'] -> select = [ 'F']",
            "4-drop-rule-2: select = ['E', 'F'] -> select = ['E']",
        ]
    );
}

#[test]
fn an_alias_is_weakened_where_it_is_used() {
    let yaml = "\
pre-commit: {commands: &all {a: {run: lint}}}
pre-push: {commands: *all}
";
    assert_eq!(
        shown("lefthook.yml", yaml)[2],
        "2-pass-always: pre-commit: {commands: &all {a: {run: lint}}} ⏎ \
         pre-push: {commands: *all} -> \
         {\"pre-commit\": {\"commands\": {\"a\": {\"run\": \"lint\"}}}, \
         \"pre-push\": {\"commands\": {\"a\": {\"run\": \"lint || true\"}}}}"
    );
}
