//! Packages are not always in the root: the gate's programs, and what sabotages break.

use std::os::unix::fs::PermissionsExt;

use crate::support::trials::row;
use crate::support::{Consumer, Ran, World, json};

/// A consumer whose gate is a script that `install.sh` puts somewhere; a hook runs the
/// first that it finds, and lets everything through if there is none.
fn consumer(world: &World, install: &str) -> Consumer {
    let config = r#"
        schema = 1
        gate = "lefthook"
        workdir = "packages/web"
        fresh_clone = false
        tools = ["sh"]
        programs = ["node_modules/gate-*/bin/gate.sh"]
        [[install]]
        step = "install_package"
        run = ["sh", "-e", "install.sh"]
        [[activate]]
        step = "gate_install"
        run = ["git", "config", "core.hooksPath", "packages/web/.husky/_"]
        [stage.pre-commit]
        drive = "git"
        [scenario.clean]
        overlay = "scenarios/clean"
        expect = { pre-commit = 0 }
        [scenario.violations]
        overlay = "scenarios/violations"
        expect = { pre-commit = 1 }
        "#;
    let shim = "#!/bin/sh\n[ ! -f packages/web/.husky/pre-commit ] || exec sh packages/web/.husky/pre-commit\n";
    let hook = "gate=$(find . -path '*/gate-linux/bin/gate.sh' | sort | head -n 1)\n[ -z \"$gate\" ] || exec sh \"$gate\"\n";
    let install = format!(
        "gate() {{ mkdir -p \"$1/gate-linux/bin\"; echo '! grep FIXME file' > \"$1/gate-linux/bin/gate.sh\"; }}\n{install}\n"
    );
    let files = [
        ("matrix.toml", config),
        (".gitignore", "node_modules\n.yarn\n"),
        ("file", "one\n"),
        (
            "packages/web/package.json",
            "{\n  \"lefthook\": \"1.0.0\"\n}\n",
        ),
        ("packages/web/install.sh", &install),
        ("packages/web/.husky/_/pre-commit", shim),
        ("packages/web/.husky/pre-commit", hook),
        ("scenarios/clean/file", "two\n"),
        ("scenarios/violations/file", "FIXME\n"),
    ];
    world.consumer("consumer", &files)
}

/// In the folder of the commands or above it, in each manager's own place.
#[test]
fn programs_are_found_where_a_package_manager_puts_packages() {
    for place in [
        "node_modules",
        "../../node_modules",
        "node_modules/.pnpm/gate-linux@1.0.0/node_modules",
        "../../node_modules/.bun/gate-linux@1.0.0/node_modules",
        "../../.yarn/unplugged/gate-linux-npm-1.0.0-0123456789/node_modules",
    ] {
        let world = World::new();
        let consumer = consumer(&world, &format!("gate {place}"));
        world.run(&consumer, &[]).expect(0);
        let witness = &consumer.cell("violations", "pre-commit")["witness"];
        let file = witness["programs"][0]["files"][0].as_str().unwrap();
        let name = place.trim_start_matches("../");
        assert!(
            file.contains(&format!("{name}/gate-linux/bin/gate.sh")),
            "{file}"
        );
    }
    // Elsewhere it is none of the gate's.
    let world = World::new();
    let consumer = consumer(&world, "gate vendor");
    world.run(&consumer, &[]).expect(1);
    let failure = consumer.last_failure("lefthook").unwrap();
    assert_eq!(failure["failure_class"], "not_enforced", "{failure:#}");
}

/// The one in the folder of the commands stands for the gate, not another above it.
#[test]
fn the_nearest_program_has_to_run() {
    let world = World::new();
    let consumer = consumer(&world, "gate node_modules; gate ../../node_modules");
    world.run(&consumer, &[]).expect(1);
    let failure = consumer.last_failure("lefthook").unwrap();
    assert_eq!(failure["failure_class"], "not_enforced", "{failure:#}");
}

/// Plays sabotages with a program on PATH that notes its words in the lane.
fn sabotage(world: &World, consumer: &Consumer, noted: &str, ids: &[&str]) -> Ran {
    let program = world.path().join("bin").join(noted);
    let script =
        format!("#!/bin/sh\necho \"$PWD: {noted} $*\" >../../../noted\nrm -r node_modules\n");
    std::fs::create_dir_all(program.parent().unwrap()).unwrap();
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = std::env::var_os("PATH").unwrap();
    let folders = std::env::split_paths(&path);
    let path = std::env::join_paths([world.path().join("bin")].into_iter().chain(folders));
    let only = ids.iter().flat_map(|id| ["--only", *id]);
    let args: Vec<&str> = only.chain(["--keep"]).collect();
    let mut command = world.trial_command("sabotage", consumer, &args);
    Ran::of(command.env("PATH", path.unwrap()).output().unwrap())
}

fn outcome(consumer: &Consumer, id: &str) -> String {
    let card = json(&consumer.artifacts().join("lefthook-sabotage-summary.json")).unwrap();
    row(&card, id)["outcome"].as_str().unwrap().to_owned()
}

#[test]
fn sabotages_of_packages_find_those_of_a_workspace() {
    let world = World::new();
    let install = "gate node_modules; mkdir -p ../../node_modules/other; : > ../../pnpm-lock.yaml";
    let consumer = consumer(&world, install);
    let ids = ["node-modules-removed", "npm-uninstall"];
    sabotage(&world, &consumer, "pnpm", &ids).expect(0);
    for id in ids {
        assert_eq!(outcome(&consumer, id), "fails_open", "{id}");
    }
    let lane = world.kept_lane("node-modules-removed").join("clone");
    // What the gate is not in is left.
    assert!(lane.join("node_modules").exists());
    assert!(!lane.join("packages/web/node_modules").exists());
    let noted = std::fs::read_to_string(world.kept_lane("npm-uninstall").join("noted")).unwrap();
    assert!(
        noted.ends_with("/clone/packages/web: pnpm remove lefthook\n"),
        "{noted}"
    );
}

#[test]
fn a_sabotage_of_packages_that_are_not_there_cannot_be_applied() {
    let world = World::new();
    let consumer = consumer(&world, "gate vendor");
    let config = std::fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    let own = config.replace("node_modules/gate-*", "vendor/gate-*");
    consumer.write("matrix.toml", &own);
    consumer.commit("keep the gate elsewhere");
    sabotage(&world, &consumer, "npm", &["node-modules-removed"]).expect(0);
    assert_eq!(
        outcome(&consumer, "node-modules-removed"),
        "cannot_be_applied"
    );
}

#[test]
fn hooks_are_broken_wherever_they_are() {
    let world = World::new();
    let consumer = consumer(&world, "gate node_modules");
    let config = std::fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    consumer.write("matrix.toml", &config.replace("\"lefthook\"", "\"husky\""));
    consumer.commit("have husky for the gate");
    let ids = ["husky-hooks-deleted", "hook-emptied", "hook-not-executable"];
    let only = ids.iter().flat_map(|id| ["--only", *id]);
    world
        .try_out("sabotage", &consumer, &only.collect::<Vec<_>>())
        .expect(0);
    let card = consumer.found("sabotage");
    for id in ids {
        assert_eq!(row(&card, id)["outcome"], "fails_open", "{id}");
    }
}

/// As every command; its own `workdir` is another.
#[test]
fn a_sabotage_of_the_user_runs_in_the_folder_of_the_commands() {
    let words =
        "does = \"something\"\nwhy = \"it happens\"\nremedy = \"mend it\"\nat = \"before-stage\"";
    let own = |id: &str, run: &str, more: &str| {
        format!("[[sabotage]]\nid = \"{id}\"\n{words}\nrun = [\"sh\", \"-c\", \"{run}\"]\n{more}\n")
    };
    let world = World::new();
    let consumer = consumer(&world, "gate node_modules");
    let config = std::fs::read_to_string(consumer.root.join("matrix.toml")).unwrap();
    let table = own("below", "rm install.sh && rm -r node_modules", "")
        + &own(
            "root",
            "test -d packages && rm -r packages/web/node_modules",
            "workdir = \".\"",
        );
    consumer.write("matrix.toml", &format!("{config}\n{table}"));
    consumer.commit("describe sabotages");
    let args = ["--only", "below", "--only", "root"];
    world.try_out("sabotage", &consumer, &args).expect(0);
    let card = consumer.found("sabotage");
    for id in ["below", "root"] {
        assert_eq!(row(&card, id)["outcome"], "fails_open", "{id}");
    }
    let alone = format!(
        "{config}\n[[sabotage]]\nid = \"x\"\n{}\nskip = [\"activate\"]\nworkdir = \".\"\n",
        words.replace("at = \"before-stage\"", "")
    );
    consumer.write("matrix.toml", &alone);
    consumer.commit("forget the command");
    let ran = world.try_out("sabotage", &consumer, &["--only", "x"]);
    assert!(
        ran.expect(2).stderr.contains("`workdir` needs a command"),
        "{}",
        ran.stderr
    );
}
