//! Consumers with seeded weaknesses: `matrix mutate` names the rules that no scenario exercises,
//! and no other.

use std::fmt::Write as _;

use serde_json::Value;

use crate::support::{Consumer, Ran, World};

/// The rules of a gate, of which some have a scenario.
struct Seeded {
    rules: usize,
    untried: &'static [usize],
}

const TWENTY: Seeded = Seeded {
    rules: 20,
    untried: &[3, 7, 8, 14, 20],
};
const SIX: Seeded = Seeded {
    rules: 6,
    untried: &[2, 5],
};

impl Seeded {
    fn scenarios(&self) -> impl Iterator<Item = usize> {
        (1..=self.rules).filter(|rule| !self.untried.contains(rule))
    }

    /// A consumer of which the hook is the gate, with a scenario for each rule that has one.
    fn consumer(&self, world: &World, configuration: &str, files: &[(&str, &str)]) -> Consumer {
        let mut toml = format!(
            "schema = 1\ngate = \"fake\"\nconfiguration = [{configuration}]\n\
             [[activate]]\nstep = \"gate_install\"\nrun = [\"git\", \"config\", \"core.hooksPath\", \"hooks\"]\n\
             [stage.pre-commit]\ndrive = \"git\"\n"
        );
        let mut all: Vec<(String, String)> = Vec::new();
        for rule in self.scenarios() {
            let _ = write!(
                toml,
                "[scenario.case-{rule}]\noverlay = \"scenarios/case-{rule}\"\n\
                 expect = {{ pre-commit = 1 }}\nreason = \"W{rule:02}\"\n"
            );
            let path = format!("scenarios/case-{rule}/src/a.txt");
            all.push((path, format!("one\nW{rule:02}\n")));
        }
        all.push(("matrix.toml".to_owned(), toml));
        all.push(("src/a.txt".to_owned(), "one\n".to_owned()));
        let own = files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
        all.extend(own);
        let all: Vec<(&str, &str)> = all.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        world.consumer("consumer", &all)
    }
}

/// The rules that were named, by their words `W01`.
#[track_caller]
fn named(ran: &Ran, consumer: &Consumer) -> Vec<String> {
    let report = consumer.found("mutation");
    let mut all = Vec::new();
    for rule in report["rules"].as_array().unwrap() {
        let line = format!("  {}:{}  ", rule["file"].as_str().unwrap(), rule["line"]);
        assert!(ran.stdout.contains(&line), "{line}: {}", ran.stdout);
        all.push(rule["rule"].as_str().unwrap().to_owned());
    }
    all
}

/// Every mutation that was noticed names the scenario of its own rule.
#[track_caller]
fn noticed_by_their_own(consumer: &Consumer) {
    let report = consumer.found("mutation");
    for row in report["mutations"].as_array().unwrap() {
        let Value::Object(by) = &row["noticed_by"] else {
            continue;
        };
        let rule = row["rule"].as_str().unwrap();
        let case = by["scenario"].as_str().unwrap().trim_start_matches("case-");
        let word = format!("W{:02}", case.parse::<usize>().unwrap());
        assert!(rule.contains(&word), "{row:#}");
        assert_eq!(by["stage"], "pre-commit");
        assert_eq!(by["let_in"], true);
    }
}

#[test]
fn five_of_twenty_rules_of_a_script_are_named() {
    let world = World::new();
    let mut gate = "#!/bin/sh\n".to_owned();
    for rule in 1..=TWENTY.rules {
        let _ = writeln!(gate, "! grep -rn W{rule:02} src || exit 1");
    }
    let files = [("hooks/pre-commit", gate.as_str())];
    let consumer = TWENTY.consumer(&world, "\"hooks/*\"", &files);
    let ran = world.try_out("mutate", &consumer, &["--max-survivors", "4"]);
    assert!(ran.expect(1).stderr.contains("5 mutations survived, 4 may"));
    let mut words = Vec::new();
    for rule in named(&ran, &consumer) {
        words.extend(
            rule.split(' ')
                .find(|word| word.starts_with('W'))
                .map(ToOwned::to_owned),
        );
    }
    assert_eq!(words, ["W03", "W07", "W08", "W14", "W20"]);
    noticed_by_their_own(&consumer);
}

/// A gate that is configured as lefthook is: each job looks at the files of its glob.
const JOBS: &str = r#"#!/usr/bin/perl
my (@jobs, $job);
open my $in, "<", "lefthook.yml" or die;
while (<$in>) {
    push @jobs, $job = {} if s/^\s*- /  /;
    next unless $job && /^\s+(name|glob|run): (["']?)(.*?)\2$/;
    my ($key, $quote, $text) = ($1, $2, $3);
    $text =~ s/''/'/g if $quote eq "'";
    $job->{$key} = $text;
}
my @files = split /\n/, `git diff --cached --name-only`;
for my $job (@jobs) {
    my $like = join ".*", map { quotemeta } split /\*+/, $job->{glob}, -1;
    next unless grep { m{^(.*/)?$like$} } @files;
    next unless system("sh", "-c", $job->{run});
    print "$job->{name}\n";
    exit 1;
}
"#;

#[test]
fn the_rules_of_jobs_are_named_once_whatever_was_weakened_of_them() {
    let world = World::new();
    let mut yml = "pre-commit:\n  jobs:\n".to_owned();
    for rule in 1..=SIX.rules {
        let _ = write!(
            yml,
            "    - name: no-W{rule:02}\n      glob: \"*.txt\"\n      run: \"! grep -rn W{rule:02} src\"\n"
        );
    }
    let files = [("lefthook.yml", yml.as_str()), ("hooks/pre-commit", JOBS)];
    let consumer = SIX.consumer(&world, "\"lefthook.yml\"", &files);
    let ran = world.try_out("mutate", &consumer, &[]);
    ran.expect(0);
    let jobs = ["pre-commit › jobs › no-W02", "pre-commit › jobs › no-W05"];
    assert_eq!(named(&ran, &consumer), jobs);
    let report = consumer.found("mutation");
    assert_eq!(report["counts"]["noticed"], 12, "{report:#}");
    assert_eq!(report["counts"]["survived"], 6, "{report:#}");
    noticed_by_their_own(&consumer);
    let wanted = "    | overlay = \"scenarios/no-w02\"  # a copy of a file that matches `*.txt`";
    assert!(ran.stdout.contains(wanted), "{}", ran.stdout);
}

/// lint-staged as its configuration in `package.json` says, of the files that are staged.
const LINT_STAGED: &str = r#"#!/usr/bin/env node
const { execSync, spawnSync } = require("node:child_process");
const rules = JSON.parse(require("node:fs").readFileSync("package.json"))["lint-staged"];
const staged = execSync("git diff --cached --name-only").toString().trim().split("\n");
for (const [glob, commands] of Object.entries(rules)) {
  const files = staged.filter((file) => file.endsWith(glob.slice(1)));
  for (const command of [commands].flat()) {
    if (!files.length) continue;
    const ran = spawnSync("sh", ["-c", `${command} ${files.join(" ")}`], { stdio: "inherit" });
    if (ran.status) process.exit(1);
  }
}
"#;

#[test]
fn rules_in_package_json_are_named_and_those_of_a_workspace_are_not_passed_over() {
    let world = World::new();
    let rules: Vec<_> = (1..=SIX.rules)
        .map(|rule| format!("\"sh scripts/lacks W{rule:02}\""))
        .collect();
    let package = format!("{{\"lint-staged\": {{\"*.txt\": [{}]}}}}", rules.join(", "));
    let files = [
        ("package.json", package.as_str()),
        ("scripts/lacks", "w=$1; shift; ! grep -n \"$w\" \"$@\"\n"),
        ("hooks/pre-commit", LINT_STAGED),
        (
            "packages/web/package.json",
            "{\"lint-staged\": {\"*.md\": \"true\"}}",
        ),
        ("packages/api/package.json", "{\"name\": \"api\"}"),
        (
            "packages/api/.eslintrc.json",
            "{\"rules\": {\"no-debugger\": \"error\"}}",
        ),
    ];
    let consumer = SIX.consumer(&world, "\"package.json\"", &files);
    let ran = world.try_out("mutate", &consumer, &["--max-survivors", "2"]);
    let told = "packages/api/.eslintrc.json configures ESLint, and no pattern of `configuration` covers it";
    assert!(ran.expect(1).stderr.contains(told), "{}", ran.stderr);
    let named = named(&ran, &consumer);
    let ends: Vec<_> = named.iter().map(|rule| &rule[rule.len() - 9..]).collect();
    assert_eq!(ends, ["lacks W02", "lacks W05"]);
    let report = consumer.found("mutation");
    let uncovered = serde_json::json!([
        {"file": "packages/api/.eslintrc.json", "gate": "ESLint"},
        {"file": "packages/web/package.json", "gate": "lint-staged"},
    ]);
    assert_eq!(report["uncovered"], uncovered);
}

/// What lefthook's file extends configures it as well, whatever its name is.
#[test]
fn rules_in_files_that_lefthook_extends_are_named() {
    let world = World::new();
    let job = |rule: usize| {
        format!(
            "    - name: no-W{rule:02}\n      glob: \"*.txt\"\n      run: \"! grep -rn W{rule:02} src\"\n"
        )
    };
    let jobs = |rules: std::ops::RangeInclusive<usize>| {
        "pre-commit:\n  jobs:\n".to_owned() + &rules.map(job).collect::<String>()
    };
    let main = "extends: [\"./ci/*.yml\"]\n".to_owned() + &jobs(1..=2);
    let base = "extends: [other/more.yml]\n".to_owned() + &jobs(3..=4);
    let more = jobs(5..=6);
    let all = "\"cat lefthook.yml ci/base.yml other/more.yml |\"";
    let gate = JOBS.replace("\"<\", \"lefthook.yml\"", all);
    let files = [
        ("lefthook.yml", main.as_str()),
        ("ci/base.yml", base.as_str()),
        ("other/more.yml", more.as_str()),
        (
            "other/unrelated.yml",
            "pre-commit:\n  jobs:\n    - run: \"true\"\n",
        ),
        ("hooks/pre-commit", gate.as_str()),
    ];
    let consumer = SIX.consumer(&world, "\"lefthook.yml\"", &files);
    let ran = world.try_out("mutate", &consumer, &[]);
    ran.expect(0);
    let jobs = ["pre-commit › jobs › no-W02", "pre-commit › jobs › no-W05"];
    assert_eq!(named(&ran, &consumer), jobs);
    assert_eq!(
        consumer.found("mutation")["uncovered"],
        serde_json::json!([])
    );
}
