"""A consumer of 50,000 files and 5,000 commits, the same on every machine.

Written as one stream for `git fast-import`; what is built is kept below
target/ and made again only when this script changes.
"""

import hashlib
import shutil
import subprocess
from pathlib import Path

FILES = 50_000
COMMITS = 5_000
FOLDERS = 1_000  # 25 × 40, of 50 files each
DEMO = Path(__file__).parent.parent / "scenarios/demo"


def make(folder: Path) -> Path:
    """The consumer, made unless it is there already."""
    stamp = folder.with_suffix(".sha256")
    wanted = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    git = ["git", "-C", str(folder)]
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", folder], check=True)
    importer = subprocess.Popen([*git, "fast-import", "--quiet"], stdin=subprocess.PIPE)
    for part in stream():
        importer.stdin.write(part)
    importer.stdin.close()
    if importer.wait() != 0:
        raise SystemExit("git fast-import failed")
    # As a consumer looks that git has had its hands on: packed, and with an
    # index that is younger than the files.
    subprocess.run([*git, "gc", "--quiet"], check=True)
    subprocess.run([*git, "reset", "--quiet", "--hard"], check=True)
    subprocess.run([*git, "status", "--short"], check=True)
    stamp.write_text(wanted)
    return folder


def stream():
    """Every commit adds some files and edits a few earlier ones; the last one
    brings the demo gate."""
    per_commit = FILES // (COMMITS - 1) + 1
    files = 0
    for number in range(1, COMMITS):
        changes = [blob(at, 1) for at in range(files, min(files + per_commit, FILES))]
        changes += [blob(at * 7 % files, number) for at in range(number, number + 2) if files]
        files = min(files + per_commit, FILES)
        yield commit(number, changes)
    yield commit(COMMITS, list(gate()))


def blob(at, revision):
    folder = at % FOLDERS
    path = f"area-{folder // 40:02}/part-{folder % 40:02}/file-{at // FOLDERS:02}.txt"
    lines = (f"line {n} of file {at}: {(at * 31 + n * revision) % 9973}\n" for n in range(at % 60 + 5))
    return "100644", path, "".join(lines).encode()


def gate():
    """The demo's consumer, its configuration and its overlays."""
    places = {"consumer": ".", "matrix.toml": "matrix.toml"}
    places |= {name: f"scenarios/{name}" for name in ("clean", "violations", "mixed")}
    for source, place in places.items():
        source = DEMO / source
        files = [source] if source.is_file() else sorted(p for p in source.rglob("*") if p.is_file())
        for file in files:
            mode = "100755" if file.parent.name == "hooks" else "100644"
            yield mode, (Path(place) / file.relative_to(source)).as_posix(), file.read_bytes()


def commit(number, changes):
    parts = [
        b"commit refs/heads/main\n",
        b"committer Bench <bench@example.invalid> %d +0000\n" % (1_600_000_000 + number * 600),
        data(b"commit %d\n" % number),
    ]
    for mode, path, content in changes:
        parts += [f"M {mode} inline {path}\n".encode(), data(content)]
    return b"".join(parts)


def data(content):
    return b"data %d\n%s\n" % (len(content), content)
