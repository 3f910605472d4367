"""A gate of 60 MB and 3,700 files on npm's scale, the same on every machine.

Its program burns two seconds of CPU at each stage and then looks for FIXME, so
what a runner costs beside its gate can be told from what the gate costs.
"""

import gzip
import hashlib
import io
import json
import random
import shutil
import tarfile
from pathlib import Path

FILES = 3_700
BYTES = 60 * 2**20
SECONDS = 2
DEMO = Path(__file__).parent.parent / "scenarios/demo"

GATE = """#!/usr/bin/env node
const { execFileSync } = require("node:child_process");
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");

const stage = process.argv[2];
if (stage === "install") {
  for (const name of ["pre-commit", "pre-push"]) {
    const hook = path.join(".git/hooks", name);
    fs.writeFileSync(hook, `#!/bin/sh\\nexec "${process.argv[1]}" ${name}\\n`, { mode: 0o755 });
  }
  process.exit(0);
}
const block = Buffer.alloc(1 << 16);
while (process.cpuUsage().user < SECONDS * 1e6) createHash("sha256").update(block).digest();
const range = stage === "pre-commit" ? ["--cached"] : ["@{upstream}", "HEAD"];
const added = execFileSync("git", ["diff", "--unified=0", ...range], { encoding: "utf8" });
if (/^\\+.*FIXME/m.test(added)) {
  console.log("heavy: FIXME");
  process.exit(1);
}
"""

MATRIX = """schema = 1
gate = "heavy"
package = "../{tarball}"
tools = ["npm", "node"]
hooks = ["pre-commit", "pre-push"]

[[install]]
step = "npm_install_package"
run = ["npm", "install", "--save-exact", "{{package_spec}}"]

[[activate]]
step = "gate_install"
run = ["node_modules/.bin/heavy", "install"]

[stage.pre-commit]
drive = "git"
[stage.pre-push]
drive = "git"
[stage.ci]
drive = "command"
run = ["node_modules/.bin/heavy", "ci"]
"""


def make(folder: Path, commit) -> Path:
    """A consumer, and beside it the gate's tarball; made anew."""
    shutil.copytree(DEMO / "consumer", folder)
    tarball = "heavy-1.0.0.tgz"
    (folder.parent / tarball).write_bytes(package())
    text = MATRIX.format(tarball=tarball)
    for name, code in (("clean", 0), ("violations", 1), ("mixed", 1)):
        shutil.copytree(DEMO / name, folder / "scenarios" / name)
        text += f'[scenario.{name}]\noverlay = "scenarios/{name}"\n'
        text += f"expect = {{ pre-commit = {code}, pre-push = {code}, ci = {code} }}\n"
    (folder / "matrix.toml").write_text(text)
    (folder / "package.json").write_text('{"name": "consumer", "private": true}\n')
    with (folder / ".gitignore").open("a") as ignore:
        ignore.write("node_modules\nartifacts\n")
    commit(folder)
    return folder


def package() -> bytes:
    """What `npm pack` would make of it; text that packs as code does."""
    random.seed(1)
    words = [hashlib.sha256(str(n).encode()).hexdigest()[:8] for n in range(4096)]
    manifest = {"name": "heavy", "version": "1.0.0", "bin": {"heavy": "bin/heavy.js"}}
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=1, mtime=0) as zipped:
        with tarfile.open(fileobj=zipped, mode="w") as tar:

            def add(name, data, mode=0o644):
                entry = tarfile.TarInfo(f"package/{name}")
                entry.size, entry.mode = len(data), mode
                tar.addfile(entry, io.BytesIO(data))

            add("package.json", json.dumps(manifest).encode())
            add("bin/heavy.js", GATE.replace("SECONDS", str(SECONDS)).encode(), 0o755)
            for n in range(FILES - 2):
                size = BYTES // FILES
                text = " ".join(random.choices(words, k=size // 9 + 1))[:size]
                add(f"lib/{n % 60}/{n}.js", f"// {text}\n".encode())
    return packed.getvalue()
