"""Running a program and seeing what it costs."""

import os
import statistics
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

# What is measured sees no configuration of the user's.
ENV = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "MATRIX_"))}
ENV |= {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}


@dataclass
class Cost:
    """Seconds, seconds of all processes together, MiB of the program itself."""

    wall: float
    cpu: float
    peak: float
    output: str


def run(words, cwd, codes=(0,), env=()):
    """Runs a program to its end; its children's CPU counts, their memory not."""
    os.sync()  # nobody pays for what another one wrote
    begun = time.perf_counter()
    child = subprocess.Popen(
        [str(word) for word in words],
        cwd=cwd,
        env=ENV | dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    watch = Watch(child.pid)
    output = []
    reader = threading.Thread(target=lambda: output.append(child.stdout.read()))
    reader.start()
    errors = child.stderr.read()
    reader.join()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - begun
    child.returncode = os.waitstatus_to_exitcode(status)
    watch.end()
    if child.returncode not in codes:
        raise SystemExit(f"{words} exited {child.returncode}:\n{errors.decode()}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, watch.peak, output[0].decode())


class Watch(threading.Thread):
    """Reads a process's own peak (VmHWM), which never falls, while it lives:
    what wait4 tells is the largest of it and its children."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.status = Path(f"/proc/{pid}/status")
        self.peak = 0.0
        self.over = threading.Event()
        self.start()

    def run(self):
        while not self.over.wait(0.01):
            try:
                text = self.status.read_text()
            except OSError:
                return
            line = next((line for line in text.splitlines() if line.startswith("VmHWM")), None)
            if line:
                self.peak = max(self.peak, int(line.split()[1]) / 1024)

    def end(self):
        self.over.set()
        self.join()


class Disk(threading.Thread):
    """The most that a folder held, in KiB, as far as looks every 50 ms tell."""

    def __init__(self, folder):
        super().__init__(daemon=True)
        self.folder = folder
        self.most = 0
        self.over = threading.Event()
        self.start()

    def run(self):
        while not self.over.wait(0.05):
            told = subprocess.run(["du", "-sk", "--exclude=cache", self.folder], capture_output=True, text=True).stdout
            self.most = max(self.most, int(told.split()[0]) if told else 0)

    def end(self):
        self.over.set()
        self.join()
        return self.most


def interleaved(rounds, **contenders):
    """Each contender once a round, so that all meet the same weather; the
    first round is not counted. The results, by contender."""
    results = {name: [] for name in contenders}
    for number in range(rounds + 1):
        for name, contender in contenders.items():
            result = contender()
            if number:
                results[name].append(result)
    return results


def median(results, what=lambda cost: cost.wall):
    return statistics.median(what(result) for result in results)


def ratio(ours, theirs, what=lambda cost: cost.wall):
    """The median of the pairs' ratios: load that comes and goes hits both of
    a pair."""
    return statistics.median(what(a) / what(b) for a, b in zip(ours, theirs))


def machine(folder):
    """Where this was measured, without a name."""
    memory = int(Path("/proc/meminfo").read_text().split()[1]) / 2**20
    mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
    below = [mount for mount in mounts if Path(mount[1]) in (folder, *folder.parents)]
    kind = max(below, key=lambda mount: len(mount[1]))[2]
    tool = lambda *words: subprocess.run(words, capture_output=True, text=True).stdout.strip()
    cpu = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        os.uname().machine,
    )
    return [
        f"{os.cpu_count()} cores ({cpu}), {memory:.0f} GiB",
        f"Linux {os.uname().release}, {kind}",
        tool("git", "--version"),
        f"load (1, 5, 15 minutes) at the start: {load()}",
    ]


def load():
    return ", ".join(f"{value:.1f}" for value in os.getloadavg())
