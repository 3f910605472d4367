#!/usr/bin/env python3
"""What the matrix costs, beside what git and a plain shell script cost.

    cargo build --release && python3 benches/bench.py      (or: just bench)

Prints a table in Markdown. The method is told in docs/performance.md.
BENCH_ROUNDS sets how many rounds count (7); BENCH_DIR where lanes and clones
go (a new folder in /var/tmp): it must not be in a work tree.
"""

import itertools
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import consumer
import heavy
from measure import ENV, Disk, interleaved, load, machine, median, ratio, run

HERE = Path(__file__).resolve().parent
TARGET = HERE.parent / "target"
MATRIX = TARGET / "release/matrix"
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "7"))
STEPS = 200
STAGES = 40
MANY = 200
REFS = 100_000

STAGES_OF_HEAVY = 3
FOUR = ("clean", "violations", "mixed", "clean-0")

fresh = itertools.count()


def main():
    if not MATRIX.exists():
        sys.exit("build it first: cargo build --release")
    work = Path(tempfile.mkdtemp(prefix="matrix-bench-", dir=os.environ.get("BENCH_DIR", "/var/tmp")))
    print(*(f"- {line}" for line in machine(work)), sep="\n")
    try:
        bench = Bench(work)
        print("\n| what | ours | theirs | ratio | wanted | |\n|---|---|---|---|---|---|")
        for part in (bench.preflight, bench.clone, bench.refs, bench.cpu, bench.witness, bench.memory):
            part()
        for part in (bench.many, bench.reuse, bench.layers, bench.demo_gate, bench.lefthook, bench.heavy):
            part()
        bench.breakdown()
    finally:
        tell("removing what was made")
        shutil.rmtree(work, ignore_errors=True)
    print(f"\nload at the end: {load()}")


def tell(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def row(what, ours, theirs="", factor="", wanted="", held=None):
    word = {True: "held", False: "**not held**", None: ""}[held]
    print(f"| {what} | {ours} | {theirs} | {factor} | {wanted} | {word} |", flush=True)


class Bench:
    def __init__(self, work):
        self.work = work
        self.cache = work / "cache"
        self.steps = {}
        (TARGET / "bench").mkdir(parents=True, exist_ok=True)
        tell("making the consumer of 50,000 files and 5,000 commits, unless it is there")
        self.big = consumer.make(TARGET / "bench/consumer")

    def folder(self):
        """A new one each time: removing 50,000 files would slow down whoever
        makes files next."""
        folder = self.work / str(next(fresh))
        folder.mkdir()
        return folder

    def matrix(self, repo, *options, weigh=False):
        """A run; what it cost, its events, and what it recorded."""
        folder = self.folder()
        # Installers keep what they fetched, as they do for a user.
        work = self.work / "matrix"
        words = self.words(repo, folder, *options, work=work)
        watch = Disk(work) if weigh else None
        cost = run(words, repo)
        cost.disk = watch.end() if weigh else None
        cost.events = [json.loads(line) for line in cost.output.splitlines()]
        cost.record = json.loads(next((folder / "artifacts/runs").glob("*/run.json")).read_text())
        return cost

    @staticmethod
    def words(repo, folder, *options, work=None):
        places = ["--artifacts", folder / "artifacts", "--work-dir", work or folder / "work"]
        return [MATRIX, "run", "--repo", repo, "--sandbox", "off", "--format", "jsonl", *places, *options]

    def until_started(self):
        """Seconds from the program's start to its first event: all of the
        preflight is behind it, no lane has begun."""
        os.sync()
        words = self.words(self.big, self.folder())
        begun = time.perf_counter()
        child = subprocess.Popen(words, env=ENV, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        first = json.loads(child.stdout.readline())
        took = time.perf_counter() - begun
        child.send_signal(signal.SIGINT)
        child.communicate()
        assert first["kind"] == "run_started", first
        return took

    def preflight(self):
        tell("preflight")
        status = lambda: run(["git", "status"], self.big).wall
        seconds = interleaved(
            ROUNDS,
            run=self.until_started,
            status=status,
            check=lambda: run([MATRIX, "check"], self.big).wall,
            again=status,
        )
        for name, what in (("run", "preflight of `matrix run`"), ("check", "`matrix check`")):
            other = seconds["status" if name == "run" else "again"]
            factor = ratio(seconds[name], other, float)
            ours, theirs = (median(s, float) * 1000 for s in (seconds[name], other))
            row(f"{what} : `git status`", f"{ours:.0f} ms", f"{theirs:.0f} ms", f"{factor:.2f}", "≤ 2.5", factor <= 2.5)

    def clone(self):
        tell("clone")
        only = ["--jobs", "1", "--scenario", "clean"]
        costs = interleaved(
            ROUNDS,
            ours=lambda: self.matrix(self.big, *only, "--keep", "--fresh"),
            theirs=lambda: run(["git", "clone", "--no-hardlinks", self.big, self.folder() / "clone"], self.work),
        )
        took = lambda cost: steps_of(cost)["git_clone"][0] / 1000 if hasattr(cost, "events") else cost.wall
        ours, theirs = median(costs["ours"], took), median(costs["theirs"])
        factor = ratio(costs["ours"], costs["theirs"], took)
        row("step `git_clone` : `git clone --no-hardlinks`", f"{ours:.2f} s", f"{theirs:.2f} s", f"{factor:.2f}", "≤ 1.25", factor <= 1.25)
        self.steps["50,000 files, one lane"] = costs["ours"]

    def refs(self):
        """A small consumer of 100,000 tags: ours is all up to the end of the clone."""
        tell("refs")
        repo = self.demo()
        head = subprocess.check_output(["git", "rev-parse", "HEAD"], cwd=repo, text=True).strip()
        made = "".join(f"create refs/tags/t{number} {head}\n" for number in range(REFS))
        subprocess.run(["git", "update-ref", "--stdin"], cwd=repo, input=made, text=True, check=True)
        subprocess.run(["git", "pack-refs", "--all"], cwd=repo, check=True)
        only = ["--jobs", "1", "--scenario", "clean", "--fresh"]
        clone = lambda: ["git", "clone", "--no-hardlinks", repo, self.folder() / "clone"]
        costs = interleaved(
            ROUNDS,
            check=lambda: run([MATRIX, "check"], repo),
            ours=lambda: self.matrix(repo, *only),
            listed=lambda: run(["git", "for-each-ref"], repo),
            cloned=lambda: run(clone(), self.work),
        )
        step = lambda cost: steps_of(cost)["git_clone"][0] / 1000
        ours = median(costs["check"]) + median(costs["ours"], step)
        theirs = median(costs["listed"]) + median(costs["cloned"])
        factor = ours / theirs
        what = "100,000 refs: `matrix check` and step `git_clone` : `git for-each-ref` and `git clone`"
        row(what, f"{ours:.2f} s", f"{theirs:.2f} s", f"{factor:.2f}", "≤ 2", factor <= 2)

    def cpu(self):
        """CPU of a lane with many steps, less that of the same lane without
        them, less that of a shell that runs the same commands."""
        tell("own CPU a step")
        loop = f'i=0; while [ $i -lt {STEPS} ]; do i=$((i+1)); /bin/true >"$0/$i" 2>&1 </dev/null; done'
        with_steps, without = (self.trivial(count) for count in (STEPS, 0))
        only = ["--jobs", "1", "--scenario", "clean", "--stage", "ci"]
        costs = interleaved(
            ROUNDS,
            many=lambda: self.matrix(with_steps, *only),
            none=lambda: self.matrix(without, *only),
            shell=lambda: run(["sh", "-c", loop, self.folder()], self.work),
        )
        rounds = zip(costs["many"], costs["none"], costs["shell"])
        own = statistics.median((many.cpu - none.cpu - shell.cpu) / STEPS * 1000 for many, none, shell in rounds)
        theirs = median(costs["shell"], lambda cost: cost.cpu) / STEPS * 1000
        row("our own CPU a step of one command", f"{own:.2f} ms", f"{theirs:.2f} ms for the command", "", "< 5 ms", own < 5)
        # Steps of our own take several commands, each under a supervisor.
        commands, steps = self.commands()
        each = own * commands / steps
        row(f"… a step of the demo ({commands / steps:.1f} commands)", f"{each:.2f} ms", "", "", "< 5 ms", each < 5)

    def witness(self):
        """CPU of a lane whose stages are watched, less that of the same lane
        with the witness's eyes closed, a stage."""
        tell("the witness")
        run(["cargo", "build", "--quiet", "--release", "--features", "faults", "--target-dir", TARGET / "bench"], HERE)
        matrix = TARGET / "bench/release/matrix"
        stages = [f"s{n}" for n in range(STAGES)]
        expect = ", ".join(f"{name} = 0" for name in ("pre-commit", "pre-push", "ci", *stages))
        more = "".join(f'[stage.{name}]\ndrive = "git"\non = "commit"\n' for name in stages)
        repo = self.demo(
            lambda text: text
            + 'programs = ["gate/gate.sh"]\n'
            + more
            + f'[scenario.watched]\noverlay = "scenarios/clean"\nexpect = {{ {expect} }}\n'
            + "".join(f"[scenario.{name}.expect]\n" + "".join(f"{s} = 0\n" for s in stages) for name in ("clean", "violations", "mixed"))
        )
        only = ["--jobs", "1", "--scenario", "watched"]
        play = lambda **env: run([matrix, *self.words(repo, self.folder(), *only)[1:]], repo, (0, 1), env)
        costs = interleaved(ROUNDS, watched=play, blind=lambda: play(MATRIX_FAULT="witness=EIO"))
        own = statistics.median((w.cpu - b.cpu) / STAGES * 1000 for w, b in zip(costs["watched"], costs["blind"]))
        theirs = median(costs["blind"], lambda cost: cost.cpu) / STAGES * 1000
        row("CPU of the witness a stage", f"{own:.2f} ms", f"{theirs:.2f} ms for the stage without", "", "< 5 ms", own < 5)

    def commands(self):
        """How many commands a run of the demo starts, and in how many steps."""
        folder = self.folder()
        run([MATRIX, "demo", "--into", folder / "demo", "--work-dir", folder / "work"], folder)
        logs = (folder / "demo/artifacts/runs").glob("*/logs/*/*.log")
        of_ours = sum(line.startswith(b"$ ") for log in logs for line in log.read_bytes().splitlines())
        record = json.loads(next((folder / "demo/artifacts/runs").glob("*/run.json")).read_text())
        lanes = [lane["steps"] for lane in record["lanes"].values()]
        of_profile = sum(step["command"] is not None for lane in lanes for step in lane)
        return of_ours + of_profile, sum(map(len, lanes))

    def trivial(self, count):
        steps = "".join(f'[[activate]]\nstep = "s{n}"\nrun = ["/bin/true"]\n' for n in range(count))
        return self.demo(lambda text: text + "hooks = []\n" + (steps or "activate = []\n"))

    def demo(self, change=lambda text: text):
        """A consumer of the demo gate, its configuration changed."""
        folder = self.folder() / "consumer"
        places = ["--artifacts", folder.parent / "artifacts", "--work-dir", folder.parent / "work"]
        run([MATRIX, "demo", "--into", folder, *places], self.work)
        file = folder / "matrix.toml"
        file.write_text(change(file.read_text()))
        name = ["-c", "user.name=bench", "-c", "user.email=bench@example.invalid"]
        commit = ["git", *name, "commit", "--quiet", "--allow-empty", "--all", "--no-verify", "-m", "bench"]
        run(commit, folder)
        return folder

    def memory(self):
        tell(f"memory, up to {MANY} scenarios")
        demo = self.demo()
        many = self.demo(lambda text: text + more_scenarios(MANY - 3))
        peaks = {
            "3 lanes, 1 at a time": self.matrix(demo, "--jobs", "1").peak,
            "3 lanes, 3 at a time": self.matrix(demo, "--jobs", "3").peak,
            f"{MANY} lanes, 1 at a time": self.matrix(many, "--jobs", "1").peak,
            f"{MANY} lanes, 16 at a time": self.matrix(many, "--jobs", "16").peak,
        }
        for what, peak in peaks.items():
            row(f"peak memory of the runner: {what}", f"{peak:.1f} MiB", "", "", "< 100 MiB", peak < 100)
        few, _, all_of_them, _ = peaks.values()
        row("… each further lane", f"{(all_of_them - few) / (MANY - 3) * 1024:.0f} KiB", "", "", "flat")

    def many(self):
        """Lanes cost the same, however many there are."""
        tell(f"{MANY} scenarios, one after the other")
        repo = self.demo(lambda text: text + more_scenarios(MANY - 3))
        costs = [self.matrix(repo, "--jobs", "1") for _ in range(3)]
        weighed = self.matrix(repo, "--jobs", "1", weigh=True).disk
        halves = []
        for cost in costs:
            took = [event["duration_ms"] for event in cost.events if event["kind"] == "lane_finished"]
            first, last = took[1 : MANY // 2], took[MANY // 2 :]
            halves.append(statistics.mean(last) / statistics.mean(first))
        factor = statistics.median(halves)
        row(f"{MANY} lanes: the last half : the first", f"{median(costs):.1f} s in all", "", f"{factor:.2f}", "0.9 to 1.1", 0.9 <= factor <= 1.1)
        four = self.matrix(repo, "--jobs", "1", "--fresh", "--keep", *itertools.chain(*(("--scenario", name) for name in FOUR)), weigh=True)
        row(f"{MANY} lanes: disk at most : 4 lanes", f"{weighed / 1024:.1f} MiB", f"{four.disk / 1024:.1f} MiB", f"{weighed / four.disk:.2f}", "≤ 1", weighed <= four.disk)

    def reuse(self):
        """Taking every lane over from the run before."""
        tell(f"taking over {MANY} lanes")
        repo = self.demo(lambda text: text + more_scenarios(MANY - 3))
        folder = self.folder()
        run(self.words(repo, folder), repo)
        costs = [run(self.words(repo, folder, "--reuse"), repo) for _ in range(ROUNDS)]
        taken = costs[-1].output.count('"kind":"lane_reused"')
        took = median(costs)
        row(f"{MANY} lanes, {taken} of them taken over (`--reuse`)", f"{took:.2f} s", "", "", "< 0.3 s", took < 0.3 and taken == MANY)

    def layers(self):
        """What a further lane of the big consumer costs before it begins,
        beside cloning it once more."""
        tell("setting up a further lane of 50,000 files")
        two = ["--jobs", "1", "--scenario", "clean", "--scenario", "mixed", "--stage", "ci"]
        costs = [self.matrix(self.big, *two) for _ in range(ROUNDS)]
        further = lambda cost: cost.record["lanes"]["mixed"]["set_up"]["duration_ms"] / 1000
        clone = lambda cost: steps_of(cost)["git_clone"][0] / 1000
        factor = statistics.median(further(cost) / clone(cost) for cost in costs)
        row("setting up a further lane : the step `git_clone`", f"{median(costs, further) * 1000:.0f} ms", f"{median(costs, clone):.2f} s", f"{factor:.3f}", "≤ 0.1", factor <= 0.1)

    def demo_gate(self):
        repo = self.folder() / "consumer"
        run([MATRIX, "demo", "--into", repo, "--work-dir", self.folder() / "work"], self.work)
        self.plain("demo", repo, 1.0, None)

    def lefthook(self):
        repo = self.folder() / "consumer"
        run([MATRIX, "demo", "lefthook", "--into", repo, "--work-dir", self.folder() / "work"], self.work)
        self.plain("lefthook", repo, 0.5, None)

    def heavy(self):
        repo = heavy.make(self.folder() / "consumer", commit_all)
        costs = self.plain("heavy", repo, 1 / 2.5, 1 / 1.5)
        jobs = os.cpu_count()
        for what, some, jobs in (("lanes side by side", costs["ours"], jobs), ("`--jobs 1`", costs["one"], 1)):
            floors = [floor(cost, jobs) for cost in some]
            factor = statistics.median(cost.wall / least for cost, least in zip(some, floors))
            row(f"heavy, {what} : the floor", f"{median(some):.2f} s", f"{statistics.median(floors):.2f} s", f"{factor:.2f}", "≤ 1.25", factor <= 1.25)

    def plain(self, gate, repo, wanted, wanted_of_one):
        tell(f"plain shell runner, {gate}")
        npm = {"npm_config_cache": str(self.work / "npm")}
        costs = interleaved(
            ROUNDS,
            ours=lambda: self.matrix(repo),
            theirs=lambda: run(["sh", HERE / "plain.sh", gate, repo, self.folder()], self.work, env=npm),
            one=lambda: self.matrix(repo, "--jobs", "1"),
        )
        ours, theirs, one = costs["ours"], costs["theirs"], costs["one"]
        for what, some, least in (("lanes side by side", ours, wanted), ("`--jobs 1`", one, wanted_of_one)):
            factor = ratio(some, theirs)
            demand = (f"≤ {least:.2f}", factor <= least) if least else ()
            row(f"{gate}, {what} : plain shell, time", f"{median(some):.2f} s", f"{median(theirs):.2f} s", f"{factor:.2f}", *demand)
        cpu = lambda cost: cost.cpu
        row(f"{gate}: plain shell, CPU", f"{median(ours, cpu):.2f} s", f"{median(theirs, cpu):.2f} s", f"{ratio(ours, theirs, cpu):.2f}")
        peak = lambda cost: cost.peak
        row(f"{gate}: plain shell, peak memory of the runner", f"{median(ours, peak):.1f} MiB", f"{median(theirs, peak):.1f} MiB")
        self.steps[f"{gate}, `--jobs 1`"] = one
        return costs

    def breakdown(self):
        """Where the time of a lane goes: medians over all lanes and rounds."""
        tables = {name: [steps_of(cost) for cost in costs] for name, costs in self.steps.items()}
        ids = dict.fromkeys(step for table in tables.values() for costs in table for step in costs)
        print(f"\n| step, ms | {' | '.join(tables)} |\n|---|{'---|' * len(tables)}")
        for step in ids:
            durations = [[ms for costs in table for ms in costs.get(step, ())] for table in tables.values()]
            cells = (f"{statistics.median(d):.0f}" if d else "" for d in durations)
            print(f"| `{step}` | {' | '.join(cells)} |")


def floor(cost, jobs):
    """The least that a run could take: its one installation, the setting up
    of its lanes, and its stages on these jobs as if they could be cut."""
    lanes = cost.record["lanes"].values()
    seconds = lambda lane, wanted: sum(step["duration_ms"] for step in lane["steps"] if wanted(step["step"])) / 1000
    stages = [seconds(lane, lambda step: step.startswith("stage_")) for lane in lanes]
    # Stages that ran beside others took longer than they burn.
    burnt = [min(took, STAGES_OF_HEAVY * heavy.SECONDS) for took in stages]
    install = sum(seconds(lane, lambda step: step == "npm_install_package") for lane in lanes)
    copies = sum(lane["set_up"]["duration_ms"] for lane in lanes) / 1000
    return max(sum(burnt) / jobs, *burnt) + install + copies


def commit_all(folder):
    name = ["-c", "user.name=bench", "-c", "user.email=bench@example.invalid"]
    for words in (["init", "--quiet", "--initial-branch=main"], ["add", "--all"], [*name, "commit", "--quiet", "-m", "bench"]):
        run(["git", *words], folder)


def steps_of(cost):
    steps = {}
    for event in cost.events:
        if event["kind"] == "step_finished":
            steps.setdefault(event["step"], []).append(event["duration_ms"])
    return steps


def more_scenarios(count):
    kinds = {"clean": 0, "violations": 1, "mixed": 1}
    named = zip(range(count), itertools.cycle(kinds.items()))
    return "".join(
        f'[scenario.{kind}-{n}]\noverlay = "scenarios/{kind}"\n'
        f"expect = {{ pre-commit = {code}, pre-push = {code}, ci = {code} }}\n"
        for n, (kind, code) in named
    )


if __name__ == "__main__":
    main()
