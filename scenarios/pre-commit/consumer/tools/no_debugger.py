"""Refuses files that would stop in a debugger.

usage: python3 tools/no_debugger.py FILE...
"""

import ast
import sys

MODULES = {"pdb", "ipdb", "pudb"}


def findings(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "breakpoint":
            yield node.lineno, "breakpoint()"
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name in MODULES:
                    yield node.lineno, f"import {alias.name}"


def main(paths):
    found = False
    for path in paths:
        with open(path, "rb") as source:
            tree = ast.parse(source.read(), path)
        for line, word in sorted(findings(tree)):
            found = True
            print(f"{path}:{line}: {word}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
