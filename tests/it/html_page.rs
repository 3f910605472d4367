//! The page of a run: its bytes, and its use in a browser.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::gate::{Gate, Setup};
use crate::support::{Consumer, World, readers, tools};

const PLAYWRIGHT: &str = "playwright-core@1.65.1";
/// A file of the consumer.
const BEFORE: &str = "export const limit = 10;\n\n/** True for a value that fits. */\n\
    export function check(value) {\n  return value < limit;\n}\n";
/// The largest page of a run with 300 cells.
const LARGEST: usize = 1_000_000;

/// A gate that forgets a rule when it pushes, and breaks on a file that it does not know.
fn house_rules() -> Gate {
    let lint = "echo \"house-rules: looking at src/\"\n\
                grep -n debugger src/app.js /dev/null && { echo 'error: remove the debugger before you commit'; exit 1; }\n\
                exit 0";
    let push =
        "echo \"house-rules: looking at the push\"\ngrep -n FIXME src/app.js && exit 1\nexit 0";
    let ci = "echo \"house-rules: looking at every file\"\n\
              test ! -e notes.rst || { echo 'house-rules: notes.rst:1: no reader for .rst files'; exit 3; }\n\
              grep -n debugger src/app.js && exit 1; exit 0";
    World::gate("house-rules")
        .file("src/app.js", BEFORE)
        .hook("pre-commit", lint)
        .hook("pre-push", push)
        .stage("ci", ci)
        .scenario("clean", &[("src/app.js", &BEFORE.replace("10", "20"))])
        .scenario("notes", &[("notes.rst", "Notes\n=====\n")])
        .scenario(
            "debugger",
            &[(
                "src/app.js",
                &BEFORE
                    .replace("10", "20")
                    .replace("  return", "  debugger;\n  return"),
            )],
        )
        .blocked("debugger")
}

/// Text that would do something if it were more than text.
fn hostile_logs() -> Vec<String> {
    let payloads = [
        "<script>window.hacked = 1</script>",
        "</script><script>window.hacked = 1</script>",
        "<img src=x onerror=window.hacked=1>",
        "<svg onload=window.hacked=1>",
        "<iframe src=https://example.com></iframe>",
        "</li></ol></section><h1>PASS</h1>",
        "</title><script>window.hacked=1</script>",
        "<style>* { display: none }</style>",
        "</style><style>body{display:none}",
        "<a href=javascript:window.hacked=1>click</a>",
        "<link rel=stylesheet href=https://example.com/x.css>",
        "<meta http-equiv=refresh content=0;url=https://example.com>",
        "<base href=https://example.com/>",
        "<form action=https://example.com><button>x</button></form>",
        "<!-- ",
        "--> ]]> <![CDATA[",
        "&lt;b&gt; &amp; &#x3c;script&#x3e;",
        "\" onclick=\"window.hacked=1",
        "' autofocus onfocus='window.hacked=1",
        "\u{202e}drow kcab\u{202c}",
        "zero\u{200b}width \u{2066}isolate\u{2069}",
        "\u{1b}[31mred\u{1b}[0m \u{1b}]8;;https://example.com\u{7}link\u{1b}]8;;\u{7}",
        "\u{1b}[2J\u{1b}[H\u{8}\u{8}\u{b}\u{c}",
        "##[error]x ##vso[task.setvariable]y ::error::z",
        "<details open ontoggle=window.hacked=1><summary>x</summary></details>",
    ];
    let plain = payloads.iter().map(|it| format!("error: {it}"));
    let attribute = payloads.iter().map(|it| format!("FAIL x.js:1 '\"> {it}"));
    plain.chain(attribute).collect()
}

/// A run of 300 cells, in 50 of which the gate prints hostile text.
fn large() -> Setup {
    let mut gate = World::gate("large");
    for stage in 0..15 {
        let script = format!(
            "read -r n < file; f=logs/$n-{stage}\n\
             test -e $f || exit 0; echo \"checking $n\"; cat $f; exit 1"
        );
        gate = gate.stage(&format!("stage-{stage}"), &script);
    }
    for (at, text) in hostile_logs().iter().enumerate() {
        gate = gate.file(
            &format!("logs/{}-{}", at % 20, at % 15),
            &format!("{text}\n"),
        );
    }
    for scenario in 0..20 {
        let text = format!("{scenario}\n");
        gate = gate.scenario(&format!("scenario-{scenario}"), &[("file", &text)]);
    }
    gate.consumer()
}

/// A gate that decides otherwise the second time.
fn flaky(folder: &Path) -> Setup {
    let turn = folder.join("turn").display().to_string();
    let lint = format!(
        "n=1; until mkdir {turn}-$n 2>/dev/null; do n=$((n + 1)); done\n\
         echo 'house-rules: looking at src/ with 4 workers'\n\
         test $n != 2 || {{ echo 'error: worker 3 did not answer within 50 ms'; exit 1; }}\n"
    );
    World::gate("house-rules")
        .file("lint.sh", &lint)
        .stage("ci", "sh lint.sh")
        .scenario("clean", &[("file", "two\n")])
        .consumer()
}

/// A gate with a violation beside a harmless edit.
fn vacuity() -> Setup {
    World::gate("fake")
        .stage("ci", "grep BAD file && exit 1; exit 0")
        .scenario("bad", &[("file", "one\nBAD\n"), ("other", "two\n")])
        .blocked("BAD")
        .consumer()
}

/// The pages of runs of every kind, each with its name.
struct Pages {
    out: tempfile::TempDir,
    named: Vec<(&'static str, PathBuf)>,
}

impl Pages {
    fn add(&mut self, name: &'static str, world: &World, consumer: &Consumer) -> String {
        let file = self.out.path().join(format!("{name}.html"));
        let run = consumer.run_folder();
        let words = format!("html={}", file.display());
        let report = ["report", run.to_str().unwrap(), &words];
        world.matrix(&report).expect(0);
        self.named.push((name, file.clone()));
        fs::read_to_string(file).unwrap()
    }

    fn all() -> Self {
        let mut pages = Self {
            out: tempfile::tempdir().unwrap(),
            named: Vec::new(),
        };
        let red = house_rules().consumer();
        red.world.run(&red.consumer, &[]).expect(1);
        pages.add("red", &red.world, &red.consumer);
        let flaky = flaky(pages.out.path());
        let often = ["--repeat", "3", "--jobs", "1", "--sandbox", "off"];
        flaky.world.run(&flaky.consumer, &often).expect(1);
        pages.add("flaky", &flaky.world, &flaky.consumer);
        for (name, verb) in [("sabotage", "sabotage"), ("mutation", "mutate")] {
            let world = World::new();
            let consumer = world.gated_consumer();
            world.try_out(verb, &consumer, &[]).expect(0);
            pages.add(name, &world, &consumer);
        }
        let vacuity = vacuity();
        vacuity.matrix(&["check", "--vacuity"]).expect(0);
        pages.add("vacuity", &vacuity.world, &vacuity.consumer);
        let big = large();
        big.world
            .run(&big.consumer, &["--sandbox", "off"])
            .expect(1);
        let html = pages.add("large", &big.world, &big.consumer);
        assert!(html.len() <= LARGEST, "{} bytes", html.len());
        pages
    }
}

#[test]
fn in_a_browser() {
    let pages = Pages::all();
    let pictures = pages.out.path().join("pictures");
    let kept = std::env::var_os("MATRIX_PICTURES").map(PathBuf::from);
    let named: Vec<PathBuf> = pages
        .named
        .iter()
        .map(|(name, file)| format!("{name}={}", file.display()).into())
        .collect();
    let browser = tools::browser();
    let mut args: Vec<&Path> = vec![&browser, &pictures];
    args.extend(named.iter().map(|one| &**one));
    fs::create_dir(&pictures).unwrap();
    let told = readers::node(&[PLAYWRIGHT], "page.mjs", &args);
    let paint = told["paint"].as_f64().unwrap();
    assert!(paint < 1.0, "the first paint of 300 cells takes {paint} s");
    assert_only_text(&told);
    for entry in fs::read_dir(&pictures).unwrap().flatten() {
        if let Some(kept) = &kept {
            let to = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join(kept)
                .join(entry.file_name());
            fs::copy(entry.path(), to).unwrap();
        }
        let size = entry.metadata().unwrap().len();
        assert!(
            (10_000..150_000).contains(&size),
            "{:?}: {size} bytes",
            entry.path()
        );
    }
}

/// Hostile logs are text, and there is no element or attribute that a page does not have itself.
fn assert_only_text(told: &Value) {
    let text = told["shown"].as_str().unwrap();
    for expected in [
        "error: <script>window.hacked = 1</script>",
        "FAIL x.js:1 '\"> </li></ol></section><h1>PASS</h1>",
        "error: &lt;b&gt; &amp; &#x3c;script&#x3e;",
        "error: red link",
    ] {
        assert!(text.contains(expected), "{expected}");
    }
    for bad in [
        "\u{1b}", "\u{202e}", "\u{200b}", "\u{2066}", "\u{8}", "##[", "##vso[",
    ] {
        assert!(!text.contains(bad), "{bad:?}");
    }
    let names = told["elements"]["names"].as_array().unwrap();
    for bad in ["img", "iframe", "form", "base", "link"] {
        assert!(!names.contains(&bad.into()), "{bad}");
    }
    let attributes = told["elements"]["attributes"].as_array().unwrap();
    let acts = |name: &Value| {
        name.as_str().unwrap().starts_with("on") || *name == "style" || *name == "src"
    };
    assert!(!attributes.iter().any(acts), "{attributes:?}");
}

#[test]
fn a_page_says_what_ran_and_names_no_place_to_load_from() {
    let setup = house_rules().consumer();
    let file = setup.world.path().join("out/run.html");
    let words = format!("html={}", file.display());
    setup
        .world
        .run(&setup.consumer, &["--report", &words])
        .expect(1);
    let html = fs::read_to_string(&file).unwrap();
    let run = setup.consumer.run_folder();
    let again = setup
        .world
        .matrix(&["report", run.to_str().unwrap(), "html"]);
    assert_eq!(again.expect(0).stdout, html);
    let id = run.file_name().unwrap().to_str().unwrap();
    let commit = setup.consumer.git(&["rev-parse", "HEAD"]);
    for text in [
        "<dt>gate</dt><dd>house-rules</dd>",
        "<dt>sandbox</dt><dd>",
        &format!("<dt>run</dt><dd>{id}</dd>"),
        &format!("<dt>commit</dt><dd>{}</dd>", commit.trim()),
        "<h3>See it again</h3><div class=\"command\"><code>matrix replay ",
    ] {
        assert!(html.contains(text), "{text}: {html}");
    }
    for outside in ["http://", "https://", "src=", "url(", "@import"] {
        assert!(!html.contains(outside), "{outside}");
    }
}

#[test]
fn a_red_run_is_compared_with_the_last_pass_before_it() {
    let setup = World::gate("fake")
        .stage("ci", "! grep BAD file")
        .scenario("clean", &[("other", "one\n")])
        .consumer();
    let Setup { world, consumer } = &setup;
    let page = |id: &str, code| {
        let file = world.path().join("run.html");
        let words = format!("html={}", file.display());
        let args = ["--run-id", id, "--report", &words];
        world.run(consumer, &args).expect(code);
        fs::read_to_string(&file).unwrap()
    };
    let heading = "Compared with the last pass";
    assert!(!page("first", 0).contains(heading));
    let commit = || consumer.git(&["rev-parse", "HEAD"]).trim().to_owned();
    let then = commit();
    consumer.write("file", "BAD\n");
    consumer.commit("break it");
    let now = commit();
    let red = page("second", 1);
    // A later pass is none before it.
    consumer.write("file", "one\n");
    consumer.commit("mend it");
    assert!(!page("third", 0).contains(heading));
    let runs = consumer.artifacts().join("runs/second");
    let again = world.matrix(&["report", runs.to_str().unwrap(), "html"]);
    assert_eq!(again.expect(0).stdout, red);
    for part in [
        heading,
        "run first, ended ",
        &format!("<th scope=\"row\">commit</th><td><code>{then}</code></td><td><code>{now}</code>"),
        &format!("log --oneline {then}..{now}"),
    ] {
        assert!(red.contains(part), "{part}: {red}");
    }
}

#[test]
fn a_message_of_several_lines_keeps_them() {
    let world = World::new();
    let consumer = world.consumer("consumer", &[("matrix.toml", "schema = 1\nx = [\n")]);
    world.run(&consumer, &[]).expect(2);
    let run = consumer.run_folder();
    let page = world.matrix(&["report", run.to_str().unwrap(), "html"]);
    let told = "<dd class=\"so bad quoted\">matrix.toml:2:6: unclosed array, expected `]`\n  2 | x = [\n    |      ^";
    assert!(page.expect(0).stdout.contains(told), "{}", page.stdout);
}
