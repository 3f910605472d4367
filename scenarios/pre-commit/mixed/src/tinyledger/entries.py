"""The entries of a ledger."""

from collections import namedtuple
from decimal import Decimal

Entry = namedtuple("Entry", "date account amount")


def parse(line):
    """Entry of a line such as ``2026-01-03 rent -820.00``; no field holds a space."""
    date, account, amount = line.split()
    return Entry(date, account, Decimal(amount))


def read(path):
    """Entries of a file; empty lines and lines that begin with ``#`` are skipped."""
    with open(path, encoding="utf-8") as ledger:
        lines = (line.strip() for line in ledger)
        return [parse(line) for line in lines if line and not line.startswith("#")]
