//! Gates that do all they can to look as if they had done their work.

use serde_json::Value;

use crate::support::World;
use crate::support::hooks::hooked;
use crate::support::hooks::{BLOCKS, COMMIT, GOOD, PASSES, commit, red};

/// Tells a trace of a blocking pre-commit hook at the address, and through
/// every socket that was inherited.
const LIES: &str = r#"cat > "$W/lie.pl" <<'END'
use IO::Socket::UNIX;
my $lie = join '', map { "$_\n" }
  '{"event":"child_start","child_id":9,"child_class":"hook","hook_name":"pre-commit","argv":["x"]}',
  '{"event":"child_exit","child_id":9,"code":1,"t_rel":0.1}';
my ($path) = $ENV{GIT_TRACE2_EVENT} =~ /stream:(.*)/;
my $s = IO::Socket::UNIX->new(Peer => $path) and do { syswrite $s, $lie };
for my $fd (3 .. 64) { open(my $h, '>&=', $fd) or next; -S $h and syswrite $h, $lie }
END
perl "$W/lie.pl"; exit 1"#;

#[test]
fn a_hook_that_tells_lies_in_gits_name_is_not_believed() {
    let told = "no pre-commit hook was launched";
    let hooks = [("prepare-commit-msg", LIES)];
    let world = World::new();
    let script = world.script(LIES);
    let consumer = hooked(&world, &[(hooks[0].0, &script)], COMMIT, BLOCKS);
    let ran = world.run(&consumer, &[]);
    assert!(ran.expect(1).stderr.contains(told), "{}", ran.stderr);
    let cell = consumer.cell("bad", "pre-commit");
    assert_eq!(cell["hook_exit"], Value::Null);
    assert_eq!(cell["witness"]["hooks"].as_array().unwrap().len(), 1);
    let blind = "another process wrote into git's trace";
    assert_eq!(cell["witness"]["blind"], blind);
}

/// As `LIES`, with git's own process id on the message, which the kernel
/// lets root claim; ends its own hook first, so as not to run beside it.
const FORGERY: &str = r#"cat > "$W/forge.py" <<'END'
import os, socket, struct, sys
own = '{"event":"child_exit","child_id":0,"code":0,"t_rel":0.1}'
lie = ['{"event":"child_start","child_id":1,"child_class":"hook","hook_name":"pre-commit","argv":["x"]}',
       '{"event":"child_exit","child_id":1,"code":1,"t_rel":0.1}']
lie = "".join(line + "\n" for line in [own] * (sys.argv[1] == "end") + lie).encode()
git = struct.pack("iii", os.getppid(), os.getuid(), os.getgid())
s = socket.socket(fileno=3)
try:
    s.sendmsg([lie], [(socket.SOL_SOCKET, 2, git)])
except PermissionError:
    s.send(lie)
END
exec python3 "$W/forge.py" HOW"#;

#[test]
fn a_hook_that_forges_gits_name_contradicts_it() {
    for how in ["end", "beside"] {
        let hook = FORGERY.replace("HOW", how);
        let world = World::new();
        let hook = format!("{}; exit 1", world.script(&hook).replace("exec ", ""));
        let consumer = hooked(&world, &[("prepare-commit-msg", &hook)], COMMIT, BLOCKS);
        red(
            &world,
            &consumer,
            "infra",
            "no pre-commit hook was launched",
        );
        assert_eq!(consumer.cell("bad", "pre-commit")["hook_exit"], Value::Null);
    }
}

#[test]
fn hooks_of_another_git_are_not_those_of_the_stage() {
    let inner = "git init -q in; cd in; git config core.hooksPath h; mkdir h\n\
        printf '#!/bin/sh\\nexit 1\\n' > h/pre-commit; chmod +x h/pre-commit\n\
        unset GIT_INDEX_FILE GIT_DIR GIT_PREFIX\n\
        for i in $(seq 20); do git commit --allow-empty -m x; done; exit 1";
    let hooks = [("prepare-commit-msg", inner)];
    let told = "no pre-commit hook was launched";
    commit(":", &hooks, BLOCKS, "not_enforced", told);
}

#[test]
fn a_hook_that_takes_the_socket_away_changes_nothing() {
    let world = World::new();
    let hook = "rm -rf \"${GIT_TRACE2_EVENT#*stream:}\"; exit 1";
    let stages = format!("{COMMIT}[stage.commit-msg]\ndrive = \"git\"\n");
    let expect = "{ pre-commit = 1, commit-msg = 1 }";
    let consumer = hooked(&world, &[("pre-commit", hook)], &stages, expect);
    let ran = world.run(&consumer, &[]);
    assert!(
        ran.expect(1)
            .stderr
            .contains("no commit-msg hook was launched")
    );
    let verdict = &consumer.cell("bad", "pre-commit")["verdict"];
    assert_eq!(verdict, "pass");
}

#[test]
fn a_folder_that_cannot_hold_the_socket_is_the_machines_fault() {
    let told = "git cannot be listened to";
    commit("rm -rf ../trace", GOOD, PASSES, "infra", told);
}

#[test]
fn a_hook_that_kills_git_or_its_supervisor_is_red() {
    let git = [("pre-commit", "kill -KILL $PPID; exec sleep 60")];
    commit(":", &git, BLOCKS, "signal", "it died of signal 9");
    let supervisor = "kill -KILL $(ps -o ppid= -p $PPID); exec sleep 60";
    let told = "its supervisor was killed or stopped";
    commit(":", &[("pre-commit", supervisor)], BLOCKS, "infra", told);
}
